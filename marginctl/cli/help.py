"""``marginctl help``: the manual, page by page."""

import sys
from pathlib import Path
from typing import Annotated, ClassVar

from marginctl.cli import completion
from marginctl.cli.options import NEVER_NO, Debug, argument, command

FOLDER = Path(__file__).resolve().parent.parent / "docs"

TOPICS = {
    "positions": "positions from flags and files, removable margin, how a figure is computed",
    "what-if": "changes of prices, margin, size, leverage and funding",
    "solve": "the margin, price, size or time that reaches a target",
    "sweep": "ranges, pictures, and a whole account under stress",
    "accounts": "accounts of an exchange: fetching them, their modes",
    "conditions": "--fail-if, and a cron job that watches an account",
    "scripts": "formats, fields, jq, chains of commands, completion",
    "streams": "millions of positions, one per line",
    "tiers": "tier files: importing and writing them",
    "ci": "tier files in pull requests and nightly runs",
    "library": "the same from Python",
    "formulas": "formulas, sources, and what is not known",
    "exit-codes": "exit codes, environment variables and messages",
    "changelog": "what changed",
}
"""The pages of the manual in the order in which one reads them, each with what it is about."""

Topic = Annotated[
    str | None,
    argument(
        "[TOPIC]",
        "Page of the manual, or a command; without it, the list of pages.",
        completion.words(*TOPICS),
    ),
]


@command(exit_codes=NEVER_NO)
def show_help(
    topic: Topic = None,
    *,
    debug: Debug = False,  # noqa: ARG001 - looked for where errors are reported
) -> int:
    """Show a page of the manual, or the list of its pages."""
    from marginctl.cli.commands import COMMANDS, app
    from marginctl.cli.surroundings import Stdout, paged, wants_color, width
    from marginctl.load.problems import InputError, Place, did_you_mean

    stdout = Stdout(sys.stdout)
    if topic is None:
        stdout.write(_contents(width()))
        return 0
    if topic in COMMANDS and topic not in TOPICS:
        app([topic, "--help"], prog_name="marginctl", standalone_mode=False)
        return 0
    if topic not in TOPICS:
        hint = did_you_mean(topic, [*TOPICS, *COMMANDS]) or "marginctl help lists the pages"
        raise InputError.of(f"the manual has no page {topic!r}", hint, Place(path="TOPIC"))
    text = (FOLDER / f"{topic}.md").read_text(encoding="utf-8")
    columns = width()
    if columns is None:
        stdout.write(text)
    else:
        with paged(stdout) as page:
            _render(text, page, columns, color=wants_color(None))
    return 0


def _contents(columns: int | None) -> str:
    from marginctl.render.layout import wrapped

    longest = max(map(len, TOPICS))
    lines = ["The manual of marginctl:", ""]
    for name, about in TOPICS.items():
        first, *rest = wrapped(about, None if columns is None else columns - longest - 4)
        lines += [f"  {name:<{longest}}  {first}", *(" " * (longest + 4) + line for line in rest)]
    lines += ["", "Show a page:            marginctl help TOPIC"]
    lines += ["Show a command's flags: marginctl COMMAND --help", ""]
    return "\n".join(lines)


def _render(text: str, stdout: object, columns: int, *, color: bool) -> None:
    """Print a page on a terminal, at most as wide as a book."""
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import CodeBlock, Markdown
    from rich.syntax import Syntax

    class Example(CodeBlock):
        """An example in the full width, as its tables fill it."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            yield Syntax(str(self.text).rstrip(), self.lexer_name, theme=self.theme, word_wrap=True)

    class Page(Markdown):
        elements: ClassVar = {**Markdown.elements, "fence": Example, "code_block": Example}

    console = Console(
        file=stdout,  # type: ignore[arg-type] # all that rich needs of it is write and flush
        width=min(columns, 100),
        force_terminal=color,
        color_system="standard" if color else None,
        legacy_windows=False,
    )
    console.print(Page(text, code_theme="ansi_dark"))
