"""Records: named tuples in every way but their help and what they equal."""

import pickle
from decimal import Decimal
from typing import NamedTuple

from marginctl.core.changes import AddMargin, SetLeverage
from marginctl.core.position import Position, Side
from marginctl.core.records import Record


class Pair(Record):
    """Two numbers."""

    first: int
    second: int = 2

    @property
    def total(self) -> int:
        return self.first + self.second


class Plain(NamedTuple):
    first: int
    second: int = 2


def test_a_record_is_made_taken_apart_and_changed_as_a_named_tuple_is() -> None:
    pair = Pair(1)
    first, second = pair
    assert (first, second, pair.total) == (1, 2, 3)
    assert repr(pair) == "Pair(first=1, second=2)"
    assert pair._replace(first=5) == Pair(5)
    assert pair._asdict() == {"first": 1, "second": 2}
    assert Pair._fields == Plain._fields
    assert Pair.__match_args__ == ("first", "second")
    assert pickle.loads(pickle.dumps(pair)) == pair  # noqa: S301 - our own bytes
    assert len({pair, Pair(1, 2), Pair(2)}) == 2


def test_a_record_equals_only_its_own_kind() -> None:
    assert Pair(1) == Pair(1, 2)
    others: list[object] = [Pair(2), Plain(1), (1, 2)]
    assert all(Pair(1) != other and not Pair(1) == other for other in others)  # noqa: SIM201
    removal: object = AddMargin(Decimal(5))
    assert removal != SetLeverage(Decimal(5))


def test_what_dir_names_is_what_a_class_says_of_itself() -> None:
    assert dir(Pair) == ["first", "second", "total"]
    assert "at_prices" in dir(Position)
    assert "count" not in dir(Position)
    assert dir(Side) == ["LONG", "SHORT", "word"]
    assert {"first", "second", "total"} <= set(dir(Pair(1)))
