"""``marginctl tiers``: the tier files themselves."""

from typing import Annotated

import typer

from marginctl.cli import completion
from marginctl.cli.lazy import QuickCommand, QuickGroup
from marginctl.cli.options import OutputFlags, TierFlags, command
from marginctl.cli.tiers_check import check
from marginctl.cli.tiers_diff import diff
from marginctl.cli.tiers_import import import_file
from marginctl.cli.tiers_schema import schema
from marginctl.cli.tiers_test import run_cases

tiers = typer.Typer(
    help="Show and check tier tables.",
    cls=QuickGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="ASSET",
        help="Asset, such as ETH.",
        show_default=False,
        autocompletion=completion.assets,
    ),
]


@tiers.command("list", cls=QuickCommand)
@command
def list_assets(flags: TierFlags, output: OutputFlags) -> int:
    """List the assets of a venue with their tiers."""
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.output import Out
    from marginctl.cli.tiers_printing import print_assets

    out = Out(output)
    loaded = Tiers(flags)
    print_assets(*loaded.venue(), loaded.source.file.venue_names, out)
    return 0


@tiers.command("show", cls=QuickCommand)
@command
def show_asset(asset: Name, flags: TierFlags, output: OutputFlags) -> int:
    """Show the tiers of one asset, and how its maintenance margin grows with notional."""
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.output import Out
    from marginctl.cli.tiers_printing import print_asset
    from marginctl.load.drafts import known_asset
    from marginctl.load.problems import Place

    out = Out(output)
    venue, view = Tiers(flags).venue()
    print_asset(venue, view, known_asset(venue, asset, Place(path="ASSET")), out)
    return 0


tiers.command("check", cls=QuickCommand)(check)
tiers.command("schema", cls=QuickCommand)(schema)
tiers.command("test", cls=QuickCommand)(run_cases)
tiers.command("diff", cls=QuickCommand)(diff)
tiers.command("import", cls=QuickCommand)(import_file)
