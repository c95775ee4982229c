"""The commands by name."""

from typing import Annotated

import typer

from marginctl import __version__
from marginctl.cli.commands import group_of

COMMANDS = {
    "show": "marginctl.cli.show:show",
    "add": "marginctl.cli.change:add",
    "remove": "marginctl.cli.change:remove",
    "whatif": "marginctl.cli.whatif:whatif",
    "solve": "marginctl.cli.solve:solve",
    "sweep": "marginctl.cli.sweep:sweep",
    "tiers": "marginctl.cli.tiers:tiers",
    "fetch": "marginctl.cli.fetch:fetch",
    "fields": "marginctl.cli.fields:fields",
    "help": "marginctl.cli.help:show_help",
}
"""Where each command is, in the order of the help."""

app = typer.Typer(
    name="marginctl",
    help="Exact margin, liquidation price and transfer limits of perpetual futures positions.",
    cls=group_of(COMMANDS),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"marginctl {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", help="Show the version.", callback=_show_version),
    ] = False,
) -> None:
    pass
