"""``marginctl tiers``: the tier files themselves."""

from typing import Annotated

import typer

from marginctl.cli import completion
from marginctl.cli.lazy import group_of
from marginctl.cli.options import OutputFlags, TierFlags, command

COMMANDS = {
    "list": "marginctl.cli.tiers:list_assets",
    "show": "marginctl.cli.tiers:show_asset",
    "check": "marginctl.cli.tiers_check:check",
    "schema": "marginctl.cli.tiers_schema:schema",
    "test": "marginctl.cli.tiers_test:run_cases",
    "diff": "marginctl.cli.tiers_diff:diff",
    "import": "marginctl.cli.tiers_import:import_file",
    "init": "marginctl.cli.tiers_init:init",
}
"""Where each command is, in the order of the help."""

tiers = typer.Typer(
    help="Show and check tier tables.",
    cls=group_of(COMMANDS),
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


@command
def list_assets(flags: TierFlags, output: OutputFlags) -> int:
    """List the assets of a venue with their tiers."""
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.messages import print_notices
    from marginctl.cli.output import Out
    from marginctl.cli.tiers_printing import print_assets

    out = Out(output)
    loaded = Tiers(flags)
    print_assets(*loaded.venue(), loaded.source.file.venue_names, out)
    print_notices(loaded.old.values())
    return 0


@command
def show_asset(asset: Name, flags: TierFlags, output: OutputFlags) -> int:
    """Show the tiers of one asset, and how its maintenance margin grows with notional."""
    from marginctl.cli.inputs import Tiers
    from marginctl.cli.messages import print_notices
    from marginctl.cli.output import Out
    from marginctl.cli.tiers_printing import print_asset
    from marginctl.load.drafts import known_asset
    from marginctl.load.problems import Place

    out = Out(output)
    loaded = Tiers(flags)
    venue, view = loaded.venue()
    print_asset(venue, view, known_asset(venue, asset, Place(path="ASSET")), out)
    print_notices(loaded.old.values())
    return 0


@tiers.callback()
def _tiers() -> None:
    pass
