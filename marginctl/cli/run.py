"""From an exception to a message and an exit code: the one place that does it; and interrupts."""

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from marginctl.cli.messages import forget, print_error, print_problems, want_notes
from marginctl.load.problems import InputError

OK, NO, USAGE, INTERNAL, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130
"""The exit codes: done; the answer is no; wrong usage or input; our own error; the exchange cannot
be reached or answers with an error; interrupted."""


_WIDEST = 10_000
"""Columns or lines of the largest terminal that is believed in."""


class PipeClosedError(Exception):
    """The reader of our output has gone: there is nobody left to read."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; no exception leaves."""
    debug = "--debug" in arguments
    want_notes(wanted="--quiet" not in arguments)
    if sys.stdout is None:
        print_error("standard output is closed", "redirect it to a file, or to /dev/null")
        return INTERNAL
    try:
        _plain_help_when_piped()
        _forget_absurd_sizes()
        from marginctl.cli.commands import app

        result = app(args=list(arguments), prog_name="marginctl", standalone_mode=False)
        sys.stdout.flush()
    except (PipeClosedError, BrokenPipeError, SystemExit) as leaving:
        # rich answers a closed pipe by leaving with 1; completion leaves of its own accord
        if isinstance(leaving, SystemExit) and not isinstance(leaving.__context__, BrokenPipeError):
            raise
        forget(sys.stdout)
        return OK
    except InputError as error:
        print_problems(error.problems)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort, so that no traceback is shown
        return _other(error, debug=debug)
    return result if isinstance(result, int) else OK


def _other(error: Exception, *, debug: bool) -> int:
    if "_MARGINCTL_COMPLETE" in os.environ and not debug:
        return OK  # a shell asks for words to offer, and has no place for messages
    import typer

    if isinstance(error, typer.TyperException):
        context = getattr(error, "ctx", None)
        if context is not None and type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(f"{context.get_help()}\n")
        else:
            from marginctl.cli.usage import wrong_usage

            print_error(*wrong_usage(error))
        return USAGE
    if debug:
        import traceback

        traceback.print_exc()
    if isinstance(error, OSError) and error.filename is not None:
        print_error(f"{error.filename}: {error.strerror}")
        return INTERNAL
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EIO, errno.EBADF}:
        print_error(f"the output cannot be written: {error.strerror}")
        forget(sys.stdout)
        return INTERNAL
    hint = None if debug else "run it again with --debug to see the traceback"
    print_error(f"internal error ({type(error).__name__}): {error}", hint)
    return INTERNAL


def _plain_help_when_piped() -> None:
    # Typer colours its help under GITHUB_ACTIONS and FORCE_COLOR even into a pipe
    if not sys.stdout.isatty():
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"


def _forget_absurd_sizes() -> None:
    """Drop a terminal size that is none: libraries would make room for it."""
    for name in ("COLUMNS", "LINES"):
        text = os.environ.get(name, "")
        if text and not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) <= _WIDEST):
            del os.environ[name]


@contextmanager
def interrupt_waits() -> Iterator[None]:
    """Let an interrupt wait for what is inside; a second one does not wait."""
    interrupted = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            signal.default_int_handler(number, frame)
        interrupted = True

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:  # a job in the background
        yield
        return
    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
