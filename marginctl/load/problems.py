"""What is wrong with an input, where, and how to mend it. Problems are data, collected and shown
together; `InputError` carries them out of a reader.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem is. Lines and columns count from 1; ``path`` is like positions[3].size."""

    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and a way to mend it."""

    message: str
    hint: str | None = None
    place: Place = NOWHERE


class InputError(Exception):
    """An input cannot be used; holds every problem found in it, at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))

    @classmethod
    def of(cls, message: str, hint: str | None = None, place: Place = NOWHERE) -> Self:
        """Make an error of a single problem."""
        return cls([Problem(message, hint, place)])


def path_text(path: Sequence[str | int]) -> str:
    """Write a path the way people do: positions[3].size."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the nearest known words, or None."""
    from difflib import get_close_matches  # only wrong input pays for it

    by_folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold()[:100], by_folded, n=3, cutoff=0.6)
    if not near:
        return None
    return f"did you mean {' or '.join(by_folded[name] for name in near)}?"
