"""``marginctl tiers``: the tier files themselves."""

import typer

tiers = typer.Typer(help="Show tier files.", no_args_is_help=True)


@tiers.command()
def list() -> int:
    return 0
