"""A line of a stream is the position's object, written without making it."""

import json
from decimal import Decimal

import pytest

from marginctl.core.account import Account
from marginctl.core.evaluation import evaluate
from marginctl.core.position import MarginMode, Position, Side
from marginctl.load.tier_source import load_tiers
from marginctl.render.data import PositionView, position_data
from marginctl.render.figures import fields_of, flattened, pick
from marginctl.render.position_lines import PositionLines
from tests.support import TIERS

HYPERLIQUID = load_tiers(str(TIERS), "option").file.venue("hyperliquid").venue
FIELDS = fields_of({"fees", "record"})


def shown(side: Side, leverage: str, mode: MarginMode = MarginMode.ISOLATED) -> PositionView:
    position = Position.at_prices(
        "ETH", side, Decimal(100_000), Decimal(1800), Decimal(leverage), margin_mode=mode
    )
    account = Account((position,), cash=Decimal(10) ** 9)
    return PositionView(evaluate(account, HYPERLIQUID).positions[0], True, Decimal("1E+3"))


@pytest.mark.parametrize(
    "view",
    [
        shown(Side.LONG, "25"),
        shown(Side.SHORT, "1"),  # a long's one equals True, and must not be taken for it
        shown(Side.LONG, "1"),
        shown(Side.LONG, "3", MarginMode.CROSS),
    ],
)
def test_a_line_is_the_object(view: PositionView) -> None:
    for fields in (FIELDS, flattened(FIELDS), pick(["tier.index", "side"], FIELDS), FIELDS[:1]):
        line = PositionLines(fields).line(view)
        data = position_data(view, fields)
        assert json.loads(line) == data
        assert list(json.loads(line)) == list(data)
        assert line == json.dumps(data, ensure_ascii=False, separators=(",", ":"))
