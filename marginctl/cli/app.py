"""The commands by name."""

from typing import Annotated

import typer

from marginctl import __version__
from marginctl.cli.change import add, remove
from marginctl.cli.fields import fields
from marginctl.cli.show import show
from marginctl.cli.solve import solve
from marginctl.cli.sweep import sweep
from marginctl.cli.tiers import tiers
from marginctl.cli.whatif import whatif

app = typer.Typer(
    name="marginctl",
    help="Exact margin, liquidation price and transfer limits of perpetual futures positions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)
app.command()(show)
app.command()(add)
app.command()(remove)
app.command()(whatif)
app.command()(solve)
app.command()(fields)
app.command()(sweep)
app.add_typer(tiers, name="tiers")


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
