"""What is wrong with the words of a command, and what was meant by them."""

import re
from typing import Any

from marginctl.checks.text import did_you_mean


def wrong_usage(error: Exception) -> tuple[str, str | None]:
    """Return what is wrong with the words of the command, and how to put it right."""
    option = getattr(error, "option_name", None)
    message = getattr(error, "format_message", error.__str__)()
    if isinstance(option, str) and option.lstrip("-")[:1].isdigit():
        return (
            "an amount must be above zero",
            "marginctl add puts margin in, marginctl remove takes it out",
        )
    context = getattr(error, "ctx", None)
    hint = None if context is None else f"see: {context.command_path} --help"
    own = None
    if context is not None and message.startswith("No such command"):
        own = _command_meant(message, context)
    if isinstance(option, str) and type(error).__name__ == "NoSuchOption":
        message = f"there is no option {option}"
        own = _option_meant(option, context)
    # Typer knows words that are spelled alike, and not what another program means by them
    message = re.sub(r"'\((\w+)\)'", r"'\1'", message)  # it shows an argument that repeats so
    message, asks, meant = message.partition(" Did you mean ")
    if asks:
        hint = f"did you mean {meant.replace(chr(39), '')}"
    return message[:1].lower() + message[1:].rstrip("."), own or hint


_MEANT = {
    "--amount": "--size, -q",
    "--coin": "--asset, -a",
    "--colour": "--color",
    "--csv": "-o csv",
    "--exchange": "--venue",
    "--format": "--output, -o",
    "--json": "-o json",
    "--lev": "--leverage, -l",
    "--markdown": "-o md",
    "--no-color": "--color never",
    "--price": "--entry, -e, or --mark, -m",
    "--qty": "--size, -q",
    "--quantity": "--size, -q",
    "--symbol": "--asset, -a",
    "--ticker": "--asset, -a",
    "--wallet": "--collateral",
    "-v": "--version, -V",
}
"""What an option is called here that others call so."""


_MEANT_BY = {
    "sweep": {
        "--add": "--over margin=LOW..HIGH",
        "--move": "--over move=LOW..HIGH",
        "--range": "--over mark=LOW..HIGH",
    },
    "whatif": {
        "--add": "--fund AMOUNT",
        "--buy": "--trade SIZE",
        "--close": "--trade -SIZE",
        "--price": "--set-mark",
        "--remove": "--fund -AMOUNT",
        "--sell": "--trade -SIZE",
    },
    "solve": {"--liq": "--liquidation-price", "--liquidation": "--liquidation-price"},
}
"""What an option is called in one command that others call so."""

_COMMANDS = {
    "account": "fetch account",
    "check": "tiers check",
    "diff": "tiers diff",
    "import": "tiers import",
    "init": "tiers init",
    "liq": "show",
    "liquidation": "show",
    "max": "remove max",
    "plot": "sweep --plot",
    "position": "show",
    "positions": "show",
    "report": "show",
    "test": "tiers test",
    "version": "--version",
}
"""Where a command is that others call so."""


def _command_meant(message: str, context: Any) -> str | None:
    word = message.partition("'")[2].partition("'")[0]
    if re.fullmatch("0x[0-9a-fA-F]{40}", word):
        return f"did you mean marginctl fetch account {word}?"
    if context.command_path == "marginctl" and word in _COMMANDS:
        return f"did you mean marginctl {_COMMANDS[word]}?"
    return None


def _option_meant(option: str, context: object) -> str | None:
    command = getattr(context, "command", None)
    meant = _MEANT_BY.get(getattr(command, "name", None) or "", {}).get(option, _MEANT.get(option))
    if meant is not None:
        return f"did you mean {meant}?"
    names = [name for param in getattr(command, "params", ()) for name in param.opts]
    near = did_you_mean(option, [name.lstrip("-") for name in names if name.startswith("--")])
    return (
        None
        if near is None
        else near.replace("did you mean ", "did you mean --").replace(" or ", " or --")
    )
