"""The venues' rules, by the name that tier files call them."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module

from marginctl.core.rules import Rules

MakeRules = Callable[..., Rules]


class _ByName(Mapping[str, MakeRules]):
    """Rules by name, each a class in a module of its name, imported when it is asked for."""

    def __init__(self, *names: str) -> None:
        self._names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> MakeRules:
        if name not in self._names:
            raise KeyError(name)
        make: MakeRules = getattr(import_module(f"marginctl.venues.{name}"), name.capitalize())
        return make

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


VENUE_RULES: Mapping[str, MakeRules] = _ByName(
    "binance", "bybit", "hyperliquid", "lighter", "tiered", "trado"
)
"""Each makes a venue's rules; ``closing_fee_rate`` is the one setting of a tier file."""
