"""``marginctl tiers``: the tier files themselves."""

import typer

from marginctl.cli.commands import group_of

COMMANDS = {
    "list": "marginctl.cli.tiers_show:list_assets",
    "show": "marginctl.cli.tiers_show:show_asset",
    "check": "marginctl.cli.tiers_check:check",
    "schema": "marginctl.cli.tiers_show:schema",
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


@tiers.callback()
def _tiers() -> None:
    pass
