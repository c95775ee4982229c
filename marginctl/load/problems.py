"""What is wrong with an input, where, and how to put it right.

Problems are data, collected and shown together; `InputError` carries them out of a reader.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Self

from marginctl.checks.problem import NOWHERE, Place, Problem
from marginctl.checks.text import did_you_mean

__all__ = [
    "MOST_PROBLEMS",
    "NOWHERE",
    "InputError",
    "Place",
    "Problem",
    "did_you_mean",
    "path_text",
    "stop_at_most",
]

MOST_PROBLEMS = 100
"""More of one input would only bury the first, and are neither collected nor shown."""


class InputError(Exception):
    """An input cannot be used; holds every problem found in it, at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))

    @classmethod
    def of(cls, message: str, hint: str | None = None, place: Place = NOWHERE) -> Self:
        """Make an error of a single problem."""
        return cls([Problem(message, hint, place)])

    def at(self, names: Mapping[str, str | None]) -> Self:
        """Return the error with other names for the arguments that its places are."""
        return type(self)(
            problem._replace(
                place=problem.place._replace(
                    path=names.get(problem.place.path or "", problem.place.path)
                )
            )
            for problem in self.problems
        )


def stop_at_most(problems: Sequence[Problem], unchecked: int, place: Callable[[], Place]) -> None:
    """Stop a reader that has found as many problems as are shown, with entries still ahead.

    ``place`` is looked up only then: to find it takes as long as to read an entry.

    Raises:
        InputError: with the problems, and how many entries were not checked.
    """
    if len(problems) < MOST_PROBLEMS:
        return
    entries = "the entry after it was" if unchecked == 1 else f"{unchecked:,} entries after it were"
    rest = Problem(f"{entries} not checked", "fix the earlier ones first", place())
    raise InputError([*problems[:MOST_PROBLEMS], rest])


def path_text(path: Sequence[str | int]) -> str:
    """Write a path the way people do: positions[3].size."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
