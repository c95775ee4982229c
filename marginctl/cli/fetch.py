"""``marginctl fetch``: what the exchange answers, printed for the other commands to read."""

import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from marginctl.cli import completion
from marginctl.cli.options import Debug, argument, command, option

if TYPE_CHECKING:
    from marginctl.fetch.http import Endpoint

_LONGEST_TIMEOUT = 600

_EXIT_CODES = "0 success, 2 wrong usage or input, 3 internal error, 4 the exchange does not answer"

Address = Annotated[
    str, argument("ADDRESS", "Address of the account: 0x and 40 hexadecimal digits.")
]
Network = Annotated[
    str,
    typer.Option(
        metavar="NETWORK",
        help="mainnet or testnet.",
        autocompletion=completion.words("mainnet", "testnet"),
    ),
]
Url = Annotated[
    str | None, option("--url", metavar="URL", help="Another server with the same API.")
]
Dexes = Annotated[
    list[str] | None,
    option(
        "--dex",
        metavar="NAME",
        help="Only this builder-deployed (HIP-3) dex, such as xyz; repeatable (default: all).",
    ),
]
Timeout = Annotated[
    str, typer.Option(metavar="SECONDS", help="Time limit for one request, in seconds.")
]


@command(
    "marginctl fetch account 0x... | marginctl show -", exit_codes=_EXIT_CODES, page="accounts"
)
def account(
    address: Address,
    *,
    network: Network = "mainnet",
    url: Url = None,
    dex: Dexes = None,
    timeout: Timeout = "10",
    debug: Debug = False,  # noqa: ARG001 - looked for where errors are reported
) -> int:
    """Print an account as the exchange answers it, for show, add and the others to read.

    marginctl fetch account 0x... | marginctl show -
    """
    from marginctl.fetch.hyperliquid import account_file, is_address
    from marginctl.load.problems import InputError, Place

    if not is_address(address):
        raise InputError.of(
            f"{address!r} is not the address of an account",
            "give 0x and 40 hexadecimal digits, as the exchange shows it",
            Place(path="ADDRESS"),
        )
    return _print_answer(
        lambda endpoint, step: account_file(endpoint, address, dex or (), step),
        network,
        url,
        timeout,
    )


@command(
    "marginctl fetch tiers | marginctl tiers diff tiers.yaml -",
    exit_codes=_EXIT_CODES,
    page="accounts",
)
def tiers(
    *,
    network: Network = "mainnet",
    url: Url = None,
    dex: Dexes = None,
    timeout: Timeout = "10",
    debug: Debug = False,  # noqa: ARG001 - looked for where errors are reported
) -> int:
    """Print the margin tables of all dexs, for tiers diff and tiers import to read.

    marginctl fetch tiers | marginctl tiers diff tiers.yaml -
    """
    from marginctl.fetch.hyperliquid import tier_metas

    return _print_answer(
        lambda endpoint, step: tier_metas(endpoint, dex or (), step), network, url, timeout
    )


def _print_answer(
    ask: "Callable[[Endpoint, Callable[[int, int], object]], str]",
    network: str,
    url: str | None,
    timeout: str,
) -> int:
    """Print what the exchange answers, whole or not at all, and return the exit code."""
    from marginctl.cli.messages import ProgressLine, print_error
    from marginctl.cli.run import OK, UNREACHABLE
    from marginctl.fetch.http import Endpoint, FetchError
    from marginctl.fetch.hyperliquid import UnknownDexError

    def step(number: int, count: int) -> None:
        # the count is 0 while it is not known how many requests it takes
        of = f" of {count}" if count else ""
        progress.show(f"asking the exchange, request {number}{of}")

    endpoint = Endpoint(_address_of(network, url), _seconds(timeout))
    progress = ProgressLine()
    try:
        text = ask(endpoint, step)
    except FetchError as error:
        progress.clear()
        print_error(error.message, error.hint)
        return UNREACHABLE
    except UnknownDexError as error:
        raise _unknown_dex(error.name, error.known) from None
    finally:
        progress.clear()
    sys.stdout.write(text)
    return OK


def _address_of(network: str, url: str | None) -> str:
    from marginctl.fetch.http import check_url
    from marginctl.fetch.hyperliquid import URLS
    from marginctl.load.problems import InputError, Place, known_hint

    if network not in URLS:
        hint = known_hint(network, URLS)
        raise InputError.of(f"there is no network {network!r}", hint, Place(path="--network"))
    if url is None:
        return URLS[network]
    if wrong := check_url(url):
        hint = f"such as {URLS['mainnet']}"
        raise InputError.of(f"{url!r} cannot be used: {wrong}", hint, Place(path="--url"))
    return url


def _seconds(timeout: str) -> float:
    """Return a time limit in seconds: no money, so a float does."""
    from marginctl.load.numbers import read_decimal
    from marginctl.load.problems import InputError, Place

    try:
        seconds = read_decimal(timeout)
    except ValueError as error:
        raise InputError.of(str(error), "such as --timeout 30", Place(path="--timeout")) from None
    if not Decimal(0) < seconds <= _LONGEST_TIMEOUT:
        raise InputError.of(
            f"{timeout} is not between 0 and {_LONGEST_TIMEOUT} seconds",
            "such as --timeout 30",
            Place(path="--timeout"),
        )
    return float(seconds)


def _unknown_dex(name: str, known: Sequence[str]) -> Exception:
    from marginctl.load.problems import InputError, Place, known_hint

    hint = known_hint(name, known) if known else None
    return InputError.of(f"the exchange has no dex {name!r}", hint, Place(path="--dex"))
