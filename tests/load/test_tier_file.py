"""A tier file whose root is broken is refused, however right the venue that is asked for."""

from pathlib import Path

import pytest

from tests.support import invoke

VENUES = """\
venues:
  a:
    rules: hyperliquid
    quote: USDC
    assets:
      ETH: {max_leverage: 25}
"""
POSITION = ("show", "-a", "ETH", "-q", "1", "-e", "2500", "-l", "5")


@pytest.mark.parametrize("named", [(), ("--venue", "a")], ids=["by default", "by name"])
@pytest.mark.parametrize(
    ("root", "message", "place"),
    [
        ("venue: a\n", "unknown key 'venue'", "1:1, venue"),
        ("default_venue: b\n", "the default venue 'b' is not defined", "1:16, default_venue"),
        ("default_venue: [a]\n", "expected a string", "1:16, default_venue"),
        (
            "default_venue: a\ndefault_venue: a\n",
            "the key 'default_venue' appears twice",
            "2:1, default_venue",
        ),
    ],
    ids=["a key that is unknown", "no such venue", "no text", "a key twice"],
)
def test_a_broken_root_is_refused_by_show(
    root: str, message: str, place: str, named: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "tiers.yaml"
    path.write_text(VENUES, encoding="utf-8")
    assert invoke(*POSITION, *named, "--tiers", str(path)).code == 0
    path.write_text(root + VENUES, encoding="utf-8")
    answer = invoke(*POSITION, *named, "--tiers", str(path))
    assert (answer.code, answer.stdout) == (2, "")
    assert f"error: {message}" in answer.stderr
    assert f"{path}:{place}" in answer.stderr
