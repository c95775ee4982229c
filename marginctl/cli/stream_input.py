"""Whether an input is a stream."""

from typing import TypeGuard

from marginctl.cli.options import StreamFlags
from marginctl.load.files import Source
from marginctl.load.problems import InputError, Place


def is_stream(source: Source | None, form: str, flags: StreamFlags) -> TypeGuard[Source]:
    """Whether a file is to be answered line by line: NDJSON in, and NDJSON out.

    Raises:
        InputError: it is not, and flags for streams are given.
    """
    if source is not None and form == "ndjson":
        from marginctl.load.lines import has_lines

        if has_lines(source):
            return True
    for said, flag in ((flags.keep_going, "--keep-going"), (flags.jobs is not None, "--jobs")):
        if said:
            message = "this is for streams, one position a line, and there is none here"
            hint = "give a file of NDJSON, and -o ndjson"
            raise InputError.of(message, hint, Place(path=flag))
    return False
