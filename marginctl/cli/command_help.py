"""The help of a command: usage, flags in groups in the order of use, examples, what else counts.

Typer's plain help is used, not the one it draws with rich: it costs no import, looks the same in
a pipe, and its parts can be said in one's own words.
"""

from typing import Any

EXAMPLES: dict[str, tuple[str, ...]] = {
    "show": (
        "marginctl show -a ETH -q 10 -e 2500 -m 2400 -l 10",
        "marginctl show positions.json --fail-if 'liquidation_distance < 10%'",
        "marginctl fetch account 0x... | marginctl show -",
    ),
    "add": ("marginctl add 1000 -a ETH -q 10 -e 2500 -m 2400 -l 10",),
    "remove": (
        "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10",
        "marginctl remove max -a ETH -q 10 -e 2500 -m 2600 -l 10 --cushion 1%",
        "marginctl remove 500 account.json -a ETH",
    ),
    "whatif": (
        "marginctl whatif -a ETH -q 10 -e 2500 -m 2400 -l 10 --move -3%",
        "marginctl whatif -a ETH -q 10 -e 2500 -l 10 --funding-rate 0.01% --hours 24",
        "marginctl whatif account.json --move-all -10%",
        "marginctl whatif account.json -a ETH --trade -5",
    ),
    "solve": (
        "marginctl solve -a ETH -q 10 -e 2500 -m 2400 -l 10 --liquidation-price 2000",
        "marginctl solve -a ETH -q 10 -e 2500 -m 2400 -l 10 --distance 10%",
        "marginctl solve -a ETH -e 2500 -l 10 --margin 1000 --max-size",
        "marginctl solve -a ETH -e 2500 -l 10 --risk 100 --stop 2400",
    ),
    "sweep": (
        "marginctl sweep -a ETH -q 10 -e 2500 -m 2400 -l 10 --over mark=2200..2500",
        "marginctl sweep account.json --over move=-20%..20%",
    ),
    "fields": ("marginctl fields liquidation_price",),
    "tiers check": ("marginctl tiers check tiers.yaml",),
    "tiers test": ("marginctl tiers test tiers-test.yaml",),
    "tiers diff": ("marginctl tiers diff old.yaml new.yaml --positions account.json",),
    "tiers init": ("marginctl tiers init --rules binance --venue binance",),
    "tiers import": (
        "marginctl tiers import meta.json --into tiers.yaml --venue hyperliquid",
        "marginctl tiers import page-1.json page-2.json --only '*USDT'",
    ),
    "tiers show": ("marginctl tiers show ETH",),
    "fetch account": ("marginctl fetch account 0x... | marginctl show -",),
    "fetch tiers": ("marginctl fetch tiers | marginctl tiers diff tiers.yaml -",),
}
"""Lines that can be run as they are, by command."""

STREAMS = "Streams (NDJSON in, -o ndjson out)"

_LAST = ("Position", STREAMS, "Common")
"""The groups of flags that every command has come after its own, in this order."""
_ALWAYS = (
    ("MARGINCTL_TIERS, MARGINCTL_VENUE, MARGINCTL_OUTPUT", "stand in for --tiers, --venue, -o"),
    ("exit codes", "0 answered, 1 the answer is no, 2 wrong input, 3 a fault of marginctl"),
    ("manual", "marginctl help"),
)
_OF_FETCH = (
    ("exit codes", "0 answered, 2 wrong input, 4 the exchange cannot be reached or fails"),
    ("manual", "marginctl help accounts"),
)


class PlainGroupHelp:
    """How a group lists its commands: each with its whole first sentence."""

    def format_commands(self: Any, ctx: Any, formatter: Any) -> None:
        """Write the commands in the order of the help."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            sentence = " ".join((command.help or "").split("\n\n")[0].split())
            rows.append((name, sentence))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class PlainHelp:
    """How a command words its help; goes before the class of Typer that it is mixed into."""

    def collect_usage_pieces(self: Any, ctx: Any) -> list[str]:
        """Return the words of the usage line: arguments as one types them."""
        pieces = [self.options_metavar] if self.options_metavar else []
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = param.display_name_raw.strip("[].")
                name = name if param.required else f"[{name}]"
                pieces.append(f"{name}..." if param.nargs != 1 else name)
        return pieces

    def format_options(self: Any, ctx: Any, formatter: Any) -> None:
        """Write arguments and flags, the command's own before those that all have."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = param.display_name_raw.strip("[].")
                groups.setdefault("Arguments", []).append((name, param.help or ""))
                continue
            record = param.get_help_record(ctx)
            if record is not None:
                panel = getattr(param, "rich_help_panel", None) or "Common"
                groups.setdefault(panel, []).append(record)
        own = [name for name in groups if name not in _LAST]
        for name in [*own, *(name for name in _LAST if name in groups)]:
            title = "Options" if set(groups) <= {"Arguments", "Common"} and name in _LAST else name
            with formatter.section(title):
                formatter.write_dl(groups[name])

    def format_epilog(self: Any, ctx: Any, formatter: Any) -> None:
        """Write examples, and what holds for every command."""
        path = ctx.command_path.partition(" ")[2]
        examples = EXAMPLES.get(path, ())
        if examples:
            with formatter.section("Examples"):
                for line in examples:
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        with formatter.section("Also"):
            formatter.write_dl(_OF_FETCH if path.startswith("fetch") else _ALWAYS)
