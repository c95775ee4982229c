"""Where what was read stands: one kind of source for every input that a problem can be in."""

from collections.abc import Callable, Mapping

from marginctl.checks.problem import Path
from marginctl.load.json_text import Places
from marginctl.load.problems import Place, path_text

Find = Callable[..., Place]
"""Returns the place of a path in a whole input; with ``key=True`` that of its key."""
Names = Mapping[str, Path]
"""Where an input has our fields, if it calls them otherwise. An empty path is the input itself."""

_OUR_NAMES: Names = {}


class Source:
    """An input, or a part of one: where everything in it stands, and what fields are called there.

    The place is looked up only when it is asked for, as most inputs are right.
    """

    __slots__ = ("_find", "_names", "_path")

    def __init__(self, find: Find, path: Path = (), names: Names = _OUR_NAMES) -> None:
        self._find = find
        self._path = path
        self._names = names

    @classmethod
    def of_json(cls, text: str, file: str, line: int = 1) -> "Source":
        """Return a JSON text that begins on a line of its file; keys have their values' places."""
        places = Places(text)

        def find(*path: str | int, key: bool = False) -> Place:  # noqa: ARG001
            row, column = places.find(path)
            return Place(file, line + row - 1, column, path_text(path) or None)

        return cls(find)

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

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Return the place of a path inside this input, of the input itself without one."""
        if path and path[0] in self._names:
            path = (*self._names[str(path[0])], *path[1:])
        return self._find(*self._path, *path, key=key)

    def label(self, field: str) -> str:
        """Return what the input calls a field: a key, an argument or a flag."""
        return ".".join(map(str, self._names.get(field, (field,))))


def _argument(*path: str | int, key: bool = False) -> Place:  # noqa: ARG001
    return Place(path=path_text(path) or None)


ARGUMENTS = Source.of_arguments()
"""The arguments of a library function."""
