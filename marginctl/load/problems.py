"""What is wrong with an input, where, and how to put it right.

Problems are data, collected and shown together; `InputError` carries them out of a reader. A
`Source` finds their places: `json_text.json_source` makes one of a JSON text, `YamlDocument.source`
is that of a YAML file, `Source.of_arguments` makes one of flags and arguments.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Self

from marginctl.checks.problem import NOWHERE, KeyPath, Place, Problem
from marginctl.checks.text import did_you_mean, known_hint

__all__ = [
    "ARGUMENTS",
    "MOST_PROBLEMS",
    "NOWHERE",
    "InputError",
    "Place",
    "Problem",
    "Source",
    "did_you_mean",
    "known_hint",
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


FindPlace = Callable[..., Place]
"""Returns the place of a path in a whole input; with ``key=True`` that of its key."""
Names = Mapping[str, KeyPath]
"""Where an input has our fields, if it calls them otherwise. An empty path is the input itself."""

_OUR_NAMES: Names = {}


class Source:
    """An input, or a part of one: where everything in it stands, and what fields are called there.

    The place is looked up only when it is asked for, as most inputs are right.
    """

    __slots__ = ("_find", "_names", "_path")

    def __init__(self, find: FindPlace, path: KeyPath = (), names: Names = _OUR_NAMES) -> None:
        self._find = find
        self._path = path
        self._names = names

    @classmethod
    def of_arguments(cls, names: Names = _OUR_NAMES) -> "Source":
        """Return arguments of a function, or flags: their places are their names."""
        return cls(_argument, (), names)

    def inside(self, *path: str | int) -> "Source":
        """Return the part that a path leads to."""
        return Source(self._find, (*self._path, *path))

    def naming(self, names: Names) -> "Source":
        """Return the same with other names for our fields."""
        return Source(self._find, self._path, names)

    def but(self, fields: Container[str], other: "Source") -> "Source":
        """Return the same, but for some fields that are in another input: flags beside a file."""
        return _Overlaid((self._find, self._path, self._names), fields, other)

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Return the place of a path inside this input, of the input itself without one."""
        if path and path[0] in self._names:
            path = (*self._names[str(path[0])], *path[1:])
        return self._find(*self._path, *path, key=key)

    def label(self, field: str) -> str:
        """Return what the input calls a field: a key, an argument or a flag."""
        return ".".join(map(str, self._names.get(field, (field,))))


class _Overlaid(Source):
    """An input of which some fields are in another."""

    __slots__ = ("_fields", "_other")

    def __init__(
        self, source: tuple[FindPlace, KeyPath, Names], fields: Container[str], other: Source
    ) -> None:
        super().__init__(*source)
        self._fields = fields
        self._other = other

    def place(self, *path: str | int, key: bool = False) -> Place:
        if path and path[0] in self._fields:
            return self._other.place(*path, key=key)
        return super().place(*path, key=key)


def _argument(*path: str | int, key: bool = False) -> Place:  # noqa: ARG001
    return Place(path=path_text(path) or None)


ARGUMENTS = Source.of_arguments()
"""The arguments of a library function."""
