"""A figure is declared once: its label, its formula and its rounding stand nowhere else."""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from marginctl.render.figures import (
    BELOW_ONE,
    CROSS_FIELDS,
    GIVEN,
    POSITION_FIELDS,
    TIER_PARTS,
    Field,
)
from tests.support import ROOT, invoke

FIELDS = [*POSITION_FIELDS, *CROSS_FIELDS, *TIER_PARTS]
DECLARED = {ROOT / "marginctl" / path for path in ("render/figures.py", "core/formulas.py")}


def texts_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_labels_and_formulas_stand_nowhere_else() -> None:
    declared = {text for field in FIELDS for text in (field.label, field.formula) if text}
    again = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in (ROOT / "marginctl").rglob("*.py")
        if path not in DECLARED
        for text in texts_of(path)
        if text in declared
    }
    assert not again


@pytest.mark.parametrize("fields", [POSITION_FIELDS, CROSS_FIELDS, TIER_PARTS])
def test_a_label_means_one_figure(fields: tuple[Field, ...]) -> None:
    labels = [field.label for field in fields if field.label]
    assert len(set(labels)) == len(labels)


def test_only_ratios_stay_below_one_and_only_what_is_given_has_no_formula() -> None:
    assert {field.name for field in FIELDS if field.rounding == BELOW_ONE} == {
        "margin_ratio",
        "portfolio_margin_ratio",
    }
    assert all(field.formula is None for field in FIELDS if field.rounding == GIVEN)


def test_what_can_be_removed_is_rounded_down_wherever_it_is_shown() -> None:
    flags = ("-a", "ETH", "-q", "1", "-e", "2500", "-m", "2600", "-l", "9")
    exact = Decimal(invoke("show", *flags, "--raw", "--fields", "max_removable").stdout)
    for words in (
        ("show", *flags),
        ("show", *flags, "--fields", "max_removable"),
        ("add", "0.01", *flags),
    ):
        shown = re.search(r"(?:Removable|max_removable) +([\d.]+)", invoke(*words).stdout)
        assert shown is not None
        step = Decimal(1).scaleb(-len(shown[1].partition(".")[2]))
        # to the nearest, it would be shown larger than it is
        assert step / 2 < exact - Decimal(shown[1]) < step, words
