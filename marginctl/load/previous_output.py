"""Our own answers as input, so that commands chain by pipe.

An answer is recognised by its ``schema``, a position that stands on a line of its own by figures
that only we put beside each other. Derived figures are dropped and computed again. Two are kept
where nobody has edited the prices since: the notional and the cost, which are exact even where a
price is a quotient or was rounded by the exchange. What has no finite decimal form, such as the
margin 25,000 / 3, stands as a fraction under ``exact`` and is taken from there.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly
from marginctl.core.pool import ONE_DEX, AccountMode, Pool
from marginctl.core.position import Asset, AssetMode
from marginctl.core.report import PositionReport
from marginctl.core.tiers import TierSpec, TierTable
from marginctl.load.inputs import CrossTotals, PositionInput, RecordedAccount, RecordedTerms
from marginctl.load.keys import POSITION
from marginctl.load.numbers import read_own_decimal
from marginctl.load.problems import InputError, Problem, Source

SCHEMA = "marginctl/"
_SIGNATURE = frozenset({"notional", "initial_margin", "maintenance_margin", "liquidatable"})
_RECORDED = "exchange_liquidation_price"
_INPUTS = frozenset(POSITION) - {"equity"}
"""What is kept of a position: the margin decides, and the equity follows from it."""
_DERIVED = frozenset(PositionReport._fields) - _INPUTS | {_RECORDED}
_BY_RECORD = frozenset({"recorded_leverage", "recorded_cross", "unknown_asset"})
"""The warnings which say that an asset's tiers are not those of the tier file."""
_LASTING = frozenset({"answers_differ", "collateral_at_todays_prices", "debt", "portfolio_margin"})
"""The warnings about a pool that hold of whatever is computed from it."""
_DIVIDED = frozenset({"initial_margin", "maintenance_margin"})
"""Totals that need not have a finite decimal form."""
_STEP = "maintenance_step"
_TOTALS = ("account_value", "notional", "initial_margin", "maintenance_margin")
_EXACT = "exact"
_POOL_FIGURES = ("residue", "other_collateral", "unusable", "unremovable")
_EXEMPT = "exempt_initial_margin"
_FRACTION = re.compile(r"-?[0-9]{1,500}(/[0-9]{1,500})?")
_QUOTIENT_NOISE = Decimal("1e-40")
"""Two figures that differ by less, relatively, are one: a mark price may be a quotient."""
_ENTRY_NOISE = Decimal("1e-4")
"""The part of the entry price that an exchange's record may round away."""


class PreviousOutput(NamedTuple):
    """What an answer says of an account: the same as an input, and what was recorded of it."""

    account: dict[str, Any]
    items: Sequence[Any]
    sources: tuple[Source, ...]
    recorded: RecordedAccount


def is_previous_output(value: Mapping[str, Any]) -> bool:
    """Whether an object is previous output."""
    schema = value.get("schema")
    return isinstance(schema, str) and schema.startswith(SCHEMA)


def read_previous_output(value: Mapping[str, Any], source: Source) -> list[PreviousOutput]:
    """Return what an answer goes on with, as `_read_one_account` does; of several accounts each.

    Raises:
        InputError: it holds no position, or its totals cannot be read.
    """
    answer = _read_one_account(value, source)
    accounts = value.get("accounts")
    if not isinstance(accounts, list) or not accounts:
        return [answer]
    recorded = answer.recorded._replace(account_file=source.place("accounts"))
    answer = answer._replace(recorded=recorded)
    if len(accounts) == 1:
        return [answer]
    return [
        _part_of_account(answer, account, source.inside("accounts", index), first=not index)
        for index, account in enumerate(accounts)
        if isinstance(account, dict)
    ]


def _part_of_account(
    answer: PreviousOutput, account: Mapping[str, Any], source: Source, *, first: bool
) -> PreviousOutput:
    """Return the part of an answer that is about one of its accounts; the first has its notices."""
    names = account.get("positions")
    named = names if isinstance(names, list) else []
    places = [
        index
        for index, item in enumerate(answer.items)
        if isinstance(item, dict) and item.get("asset") in named
    ]
    recorded = answer.recorded
    prices = recorded.prices
    return answer._replace(
        items=[answer.items[index] for index in places],
        sources=tuple(answer.sources[index] for index in places),
        recorded=recorded._replace(
            totals=_totals(account, source),
            prices=None if prices is None else tuple(prices[index] for index in places),
            notices=recorded.notices if first else (),
            pool=read_pool(account),
        ),
    )


def _read_one_account(value: Mapping[str, Any], source: Source) -> PreviousOutput:
    """Return what an answer goes on with: the positions shown, or the one after a change.

    Raises:
        InputError: it holds no position, or its totals cannot be read.
    """
    items, sources, cross_path = _continued_positions(value, source)
    cross = value.get(cross_path)
    if not items and cross is None:
        raise InputError.of("the input has no positions", None, source.place("positions"))
    account = {key: value[key] for key in ("venue", "collateral") if key in value}
    has_prices = any(isinstance(item, dict) and _RECORDED in item for item in items)
    recorded = RecordedAccount(
        _totals(cross, source.inside(cross_path)),
        _recorded_terms(value, items),
        tuple(_maybe_number(item, _RECORDED) for item in items) if has_prices else None,
        (*_lasting_notices(value), *_refusal_notices(value)),
        read_pool(cross),
        _assets(value),
        made_with=_fingerprint(value),
    )
    return PreviousOutput(account, items, sources, recorded)


def _continued_positions(
    value: Mapping[str, Any], source: Source
) -> tuple[list[Any], tuple[Source, ...], str]:
    """Return the positions that an answer goes on with, their places, and its cross account's key.

    After a change, that is what came out of it; of a target that nothing reaches, or for which
    nothing has to change, what it began with.
    """
    positions, before = value.get("positions"), value.get("before")
    if isinstance(value.get("after"), dict):
        return [value["after"]], (source.inside("after"),), "cross_after"
    if "possible" in value and isinstance(before, dict):
        return [before], (source.inside("before"),), "cross_before"
    changed = "after" in value
    alone = before is None and value.get("cross_after") is not None
    if isinstance(positions, list) and (positions or alone or not changed):
        items, sources = _shown_or_changed(positions, source)
        return items, sources, "cross" if "cross" in value else "cross_after"
    message = f"this {value['schema']} has no position to continue from"
    hint = "use the output of show -o json, or of a change to one position"
    if isinstance(before, dict):
        message, hint = "the position is closed in this answer", "there is nothing to continue from"
    raise InputError.of(message, hint, source.place("schema"))


def _shown_or_changed(
    positions: Sequence[Any], source: Source
) -> tuple[list[Any], tuple[Source, ...]]:
    """Return positions and their places: those shown, or of pairs the ones after a change.

    A pair may have its venue beside it.
    """
    items, sources = [], []
    for index, item in enumerate(positions):
        changed = isinstance(item, dict) and "after" in item
        found = item["after"] if changed else item
        if changed and found is None:
            continue  # closed
        if changed and isinstance(found, dict) and "venue" in item:
            found = {**found, "venue": item["venue"]}
        items.append(found)
        sources.append(source.inside("positions", index, *(("after",) if changed else ())))
    return items, tuple(sources)


def is_previous_position(item: Any) -> bool:
    """Whether an item that stands by itself is a position that we wrote."""
    return isinstance(item, dict) and item.keys() >= _SIGNATURE


def given_fields(position: Mapping[str, Any]) -> dict[str, Any]:
    """Return a position that we wrote without the figures that we derived."""
    return {
        key: value
        for key, value in position.items()
        if key.partition(".")[0] not in _DERIVED and key != _EXACT
    }


@exactly
def with_exact_figures(position_input: PositionInput, item: Any) -> PositionInput:
    """Return an own position with its exact notional, cost and margin.

    Where they contradict what is printed beside them, somebody has edited that, and it wins.
    """
    if position_input.margin is not None:
        position_input = position_input._replace(
            exact_margin=_exact_fraction(item, "margin", position_input.margin)
        )
    size, entry = position_input.size, position_input.entry_price
    notional, pnl = _maybe_number(item, "notional"), _maybe_number(item, "unrealized_pnl")
    if size is None or entry is None or position_input.mark_price is None or notional is None:
        return position_input
    size = abs(size)
    if abs(notional - size * position_input.mark_price) > _QUOTIENT_NOISE * notional:
        return position_input
    if pnl is None:
        return position_input._replace(notional=notional)
    cost = notional + pnl if position_input.side == "short" else notional - pnl
    last_digit = Decimal((0, (1,), int(entry.as_tuple().exponent)))
    difference = abs(cost - size * entry)
    if difference >= size * last_digit or difference > _ENTRY_NOISE * cost:
        return position_input._replace(notional=notional)
    return position_input._replace(notional=notional, cost=cost)


def _exact_fraction(item: Any, key: str, printed: Decimal) -> Fraction | None:
    """Return the exact form of a printed number, None where there is none or it is edited."""
    fractions = item.get(_EXACT) if isinstance(item, dict) else None
    text = fractions.get(key) if isinstance(fractions, dict) else None
    if not isinstance(text, str) or _FRACTION.fullmatch(text) is None:
        return None
    top, _, bottom = text.partition("/")
    if not int(bottom or 1):
        return None
    exact, shown = Fraction(int(top), int(bottom or 1)), Fraction(printed)
    return exact if abs(exact - shown) <= abs(shown) * Fraction(_QUOTIENT_NOISE) else None


def _maybe_number(item: Any, key: str) -> Decimal | None:
    value = item.get(key) if isinstance(item, dict) else None
    try:
        return None if value is None else read_own_decimal(value)
    except (ValueError, TypeError):
        return None


def _totals(cross: Any, source: Source) -> CrossTotals | None:
    if cross is None:
        return None
    found: dict[str, Any] = {}
    problems = []
    missing = [key for key in _TOTALS if isinstance(cross, dict) and key not in cross]
    if missing:
        message = f"the account's {', '.join(missing)} are missing: only some fields were printed"
        hint = "print it with -o json, without --fields"
        problems.append(Problem(message, hint, source.place()))
    for key in (key for key in _TOTALS if key not in missing):
        number = _maybe_number(cross, key)
        if number is None:
            problems.append(Problem("expected a number", None, source.place(key)))
        elif key in _DIVIDED:
            found[key] = _exact_fraction(cross, key, number) or Fraction(number)
        else:
            found[key] = number
    if problems:
        raise InputError(problems)
    step = _maybe_number(cross, _STEP)
    totals = CrossTotals(
        **found,
        maintenance_step=step if step and step > 0 else None,
        order_margin=max(ZERO, _maybe_number(cross, "order_margin") or ZERO),
    )
    figures = cross.get("pool")
    if not isinstance(figures, dict):
        return totals
    exempt = _maybe_number(figures, _EXEMPT) or ZERO
    return totals._replace(
        order_margin=_maybe_number(figures, "held_back") or ZERO,
        exempt_notional=_maybe_number(figures, "exempt_notional") or ZERO,
        exempt_initial=_exact_fraction(cross, _EXEMPT, exempt) or Fraction(exempt),
    )


def read_pool(cross: Any) -> Pool:
    """Return what holds the collateral, by the figures of a cross account."""
    if not isinstance(cross, dict):
        return ONE_DEX
    modes = [mode.value for mode in AccountMode]
    mode = AccountMode(cross["account_mode"]) if cross.get("account_mode") in modes else None
    dexes, token, figures = cross.get("dexes"), cross.get("token"), cross.get("pool")
    named = tuple(dex for dex in dexes if isinstance(dex, str)) if isinstance(dexes, list) else ()
    if mode is None or mode is AccountMode.STANDARD or not isinstance(figures, dict):
        return Pool(dexes=named)
    return Pool(
        mode,
        token if isinstance(token, str) else None,
        named,
        *(_maybe_number(figures, key) or ZERO for key in _POOL_FIGURES),
    )


def _assets(value: Mapping[str, Any]) -> tuple[Asset, ...]:
    """Return the assets that the tier file did not know and the exchange's metas did."""
    listed = value.get("assets")
    found = []
    for item in listed if isinstance(listed, list) else ():
        tiers = item.get("tiers") if isinstance(item, dict) else None
        specs = [
            (_maybe_number(tier, "lower_bound"), _maybe_number(tier, "max_leverage"))
            for tier in (tiers if isinstance(tiers, list) else ())
        ]
        known = [
            TierSpec(bound, leverage)
            for bound, leverage in specs
            if bound is not None and leverage is not None and leverage >= 1
        ]
        modes = [mode.value for mode in AssetMode]
        if known and isinstance(item.get("asset"), str) and item.get("margin_mode") in modes:
            decimals = _maybe_number(item, "size_decimals")
            found.append(
                Asset(
                    item["asset"],
                    TierTable.build(known),
                    AssetMode(item["margin_mode"]),
                    None if decimals is None else int(decimals),
                    item.get("delisted") is True,
                )
            )
    return tuple(found)


def _recorded_terms(value: Mapping[str, Any], items: Sequence[Any]) -> tuple[RecordedTerms, ...]:
    """Return the assets that were margined by what an exchange's record has of them."""
    warned = value.get("warnings")
    stated = {
        warning.get("asset"): _maybe_number(warning, "max_leverage")
        for warning in (warned if isinstance(warned, list) else ())
        if isinstance(warning, dict)
        and isinstance(warning.get("asset"), str)
        and str(warning.get("code")) in _BY_RECORD
    }
    terms = []
    for item in items:
        name = item.get("asset") if isinstance(item, dict) else None
        leverage = stated.get(name) if isinstance(name, str) else None
        if isinstance(name, str) and leverage is not None and leverage >= 1:
            terms.append(RecordedTerms(name, leverage, item.get("margin_mode") == "cross"))
    return tuple(terms)


def _lasting_notices(value: Mapping[str, Any]) -> tuple[Notice, ...]:
    """Return what an answer warned of that still holds of what is computed from it."""
    warned = value.get("warnings")
    return tuple(
        Notice(warning["code"], None, warning["message"])
        for warning in (warned if isinstance(warned, list) else ())
        if isinstance(warning, dict)
        and str(warning.get("code")) in _LASTING
        and isinstance(warning.get("message"), str)
    )


def _refusal_notices(value: Mapping[str, Any]) -> tuple[Notice, ...]:
    """Return the notice about an answer that was a no."""
    if value.get("allowed") is False:
        message = "continues from a change that the venue would refuse"
        return (Notice("after_refused", None, message),)
    if value.get("possible") is False:
        message = "continues from the nearest possible result: the target cannot be reached"
        if not isinstance(value.get("after"), dict):
            message = "continues from the unchanged position: the target cannot be reached"
        return (Notice("not_reached", None, message),)
    return ()


def _fingerprint(value: Mapping[str, Any]) -> str | None:
    tiers = value.get("tiers", value.get("new"))
    found = tiers.get("sha256") if isinstance(tiers, dict) else None
    return found if isinstance(found, str) else None
