"""Binance's ``positionRisk``, versions 2 and 3 of its API: positions with the exchange's prices.

What the fields mean was established on recorded answers: ``isolatedWallet`` is the margin posted,
``isolatedMargin`` is that and the unrealized PnL, a ``liquidationPrice`` of 0 is none. Version 3
states neither mode nor leverage: an isolated wallet makes a position isolated, and its leverage is
notional / initial margin, whole as all of Binance's are. The wallet behind cross positions is not
in it. Source: Binance documentation (USD-M futures, position information), read in 2026.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from marginctl.core.notices import Notice
from marginctl.core.numbers import ZERO, exactly, quotient
from marginctl.load.exchange_answer import ExchangeAnswer
from marginctl.load.inputs import AccountInput, PositionInput, RecordedAccount
from marginctl.load.problems import InputError, Problem, Source, stop_at_most

RULES_NAME = "binance"
"""The rules under which these positions are held."""
FEWEST_DECIMALS = -2
"""The exponent of the last digit of a price that is printed without decimals."""
WALLET_STEP = Decimal("0.00000001")
"""Amounts are printed to eight decimals."""

_CURRENCIES = ("USDT", "USDC")
"""The currencies that end a symbol of version 2, which does not state the margin's."""
_MODES = {"isolated": "isolated", "cross": "cross", "crossed": "cross"}
_NAMES = {
    "asset": ("symbol",),
    "size": ("positionAmt",),
    "entry_price": ("entryPrice",),
    "mark_price": ("markPrice",),
    "margin_mode": ("marginType",),
    "margin": ("isolatedWallet",),
}


def read_position_risk(value: Sequence[Any], source: Source) -> AccountInput:
    """Return the positions of an answer. Rows of size zero are no positions, and passed over.

    Raises:
        InputError: with every problem of form, and its place; two positions of one symbol (hedge
            mode) share margin in a way that is not documented.
    """
    problems: list[Problem] = []
    position_inputs, sources, prices = [], [], []
    rounding = ZERO
    seen: set[str] = set()
    wallets: dict[str, None] = {}
    for index, item in enumerate(value):
        row = ExchangeAnswer(item, source.inside(index), problems)
        stop_at_most(problems, len(value) - index, row.place)
        size = row.number("positionAmt")
        if not size:
            continue
        position_input = _position_input(row, size)
        if position_input.asset in seen:
            row.wrong(
                f"a second position in {position_input.asset}: in hedge mode a long and a short "
                "share margin, and how they are liquidated together is not documented",
                "positionSide",
                hint="give one of the two rows to see it by itself",
            )
        seen.add(position_input.asset or "")
        if position_input.margin_mode == "cross":
            wallets.update(_wallet_currencies(row, position_input.asset or ""))
        price = row.maybe_number("liquidationPrice") or None
        position_inputs.append(position_input)
        sources.append(source.inside(index).naming(_NAMES))
        prices.append(price)
        rounding = max(rounding, _rounding(size, price))
    if problems:
        raise InputError(problems)
    if not position_inputs:
        raise InputError.of("every row is flat: there are no positions", None, source.place())
    return AccountInput(
        tuple(position_inputs),
        tuple(sources),
        source,
        recorded=RecordedAccount(
            prices=tuple(prices),
            notices=_wallet_notices(wallets),
            rounding=rounding,
            rules=RULES_NAME,
        ),
    )


def _wallet_currencies(row: ExchangeAnswer, symbol: str) -> dict[str, None]:
    """Return the currency of the wallet behind a cross position, where it is known."""
    if row.has("marginAsset"):
        return {row.text("marginAsset"): None}
    return {currency: None for currency in _CURRENCIES if symbol.endswith(currency)}


def _wallet_notices(wallets: Mapping[str, None]) -> tuple[Notice, ...]:
    """Say that wallets of several currencies are one in multi-assets mode only."""
    if len(wallets) <= 1:
        return ()
    message = (
        f"cross positions in {' and '.join(wallets)} are taken to share one wallet, as in "
        "multi-assets mode; without it, give those of each currency by themselves"
    )
    return (Notice("several_wallets", None, message),)


@exactly
def _position_input(row: ExchangeAnswer, size: Decimal) -> PositionInput:
    wallet = _posted_margin(row)
    mode = _margin_mode(row, wallet)
    return PositionInput(
        asset=row.text("symbol"),
        side="short" if size < 0 else "long",
        size=size.copy_abs(),
        entry_price=row.number("entryPrice"),
        mark_price=row.number("markPrice"),
        leverage=_leverage(row),
        margin_mode=mode,
        margin=wallet if mode == "isolated" else None,
    )


def _posted_margin(row: ExchangeAnswer) -> Decimal:
    """Return the margin posted to an isolated position, zero where there is none.

    Without it nothing about an isolated position is known: zero would make it liquidatable.
    """
    if row.has("isolatedWallet"):
        return row.number("isolatedWallet")
    equity = row.maybe_number("isolatedMargin")
    if equity is None and str(row.value("marginType")).casefold() == "isolated":
        row.wrong("an isolated position's isolatedWallet is missing: its margin is unknown")
    return equity - row.number("unRealizedProfit") if equity else ZERO


def _margin_mode(row: ExchangeAnswer, wallet: Decimal) -> str:
    if not row.has("marginType"):
        alone = wallet or row.maybe_number("isolatedMargin")
        return "isolated" if alone else "cross"
    written = row.text("marginType")
    if written.casefold() not in _MODES:
        row.wrong(f"{written[:40]!r} is not one of isolated, cross", "marginType")
    return _MODES.get(written.casefold(), "cross")


def _leverage(row: ExchangeAnswer) -> Decimal | None:
    """Return the leverage as stated, else the whole one that the initial margin was made with."""
    if row.has("leverage"):
        return row.number("leverage")
    key = "positionInitialMargin" if row.has("positionInitialMargin") else "initialMargin"
    initial = row.number(key)
    if initial <= 0:
        row.wrong("an initial margin must be above zero: it determines the leverage", key)
        return None
    notional = row.number("positionAmt").copy_abs() * row.number("markPrice")
    # the initial margin is rounded to eight decimals, so that the quotient is near a whole number
    return max(Decimal(1), quotient(notional, initial).to_integral_value(ROUND_HALF_EVEN))


def _rounding(size: Decimal, price: Decimal | None) -> Decimal:
    """Return the amount that the last digits of a price and a wallet leave open."""
    if price is None:
        return WALLET_STEP
    exponent = price.as_tuple().exponent
    assert isinstance(exponent, int)
    last_digit = Decimal(1).scaleb(min(exponent, FEWEST_DECIMALS))
    return size.copy_abs() * last_digit + WALLET_STEP
