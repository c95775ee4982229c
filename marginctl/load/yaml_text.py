"""YAML as plain dictionaries, lists and texts that know where they stand.

Every scalar stays the text that is in the file: what it means is for the reader of the key to
say, so that no coin becomes a boolean and no number a binary float. Duplicate keys, merge keys
and tags are refused, nesting and the expansion of aliases are bounded.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

import yaml

from marginctl.load.problems import InputError, Place, Problem, path_text

MAX_DEPTH = 32
MAX_ALIASED_NODES = 200_000

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Mark(NamedTuple):
    """A line and a column, counting from 1."""

    line: int
    column: int


class YamlMap(dict[str, Any]):
    """A mapping that knows where its keys and values stand."""

    __slots__ = ("keys_at", "values_at")

    def __init__(self) -> None:
        super().__init__()
        self.keys_at: dict[str, Mark] = {}
        self.values_at: dict[str, Mark] = {}


class YamlList(list[Any]):
    """A list that knows where its items stand."""

    __slots__ = ("items_at",)

    def __init__(self) -> None:
        super().__init__()
        self.items_at: list[Mark] = []


@dataclass
class YamlDocument:
    """The root of a file, and the problems that did not keep it from being read."""

    file: str
    root: Any
    root_at: Mark
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: tuple[str | int, ...], *, key: bool = False) -> Place:
        """Return where the value at a path stands, or its key; else where its parent stands."""
        node, mark = self.root, self.root_at
        for step in path:
            if isinstance(node, YamlMap) and step in node.values_at:
                last = key and step is path[-1]
                mark = node.keys_at[str(step)] if last else node.values_at[str(step)]
                node = node[str(step)]
            elif isinstance(node, YamlList) and isinstance(step, int) and step < len(node):
                mark, node = node.items_at[step], node[step]
            else:
                break
        return Place(self.file, mark.line, mark.column, path_text(path) or None)


def read_yaml(data: bytes, file: str) -> YamlDocument:
    """Read one YAML document.

    Raises:
        InputError: it is not YAML, or holds what is refused here, with line and column.
    """
    try:
        return _Composer(file).compose(data)
    except yaml.reader.ReaderError as error:
        before = data[: error.position] if isinstance(error.position, int) else b""
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        raise InputError.of(
            f"not readable as text: {error.reason}",
            "save the file as UTF-8 without control characters",
            Place(file, line, column),
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file) if mark is None else Place(file, mark.line + 1, mark.column + 1)
        message = ", ".join(part for part in (error.context, error.problem) if part)
        raise InputError.of(f"not valid YAML: {message}", None, place) from None


class _Composer:
    """Builds a document from the parser's events, with a stack of its own instead of recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._aliased = 0
        self._root: Any = None
        self._root_at = Mark(1, 1)
        self._documents = 0

    def compose(self, data: bytes) -> YamlDocument:
        """Return the document of a text."""
        event: Any
        for event in yaml.parse(data, Loader=_LOADER):
            kind = type(event)
            if kind is yaml.ScalarEvent:
                self._scalar(event)
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                self._close()
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open(event, YamlMap() if kind is yaml.MappingStartEvent else YamlList())
            elif kind is yaml.AliasEvent:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                self._documents += 1
                if self._documents > 1:
                    message = "a second document begins here; one file holds one document"
                    self._fail(message, _mark(event))
        return YamlDocument(self.file, self._root, self._root_at, self.problems)

    def problem(self, message: str, hint: str | None, mark: Mark) -> None:
        """Take a problem that does not keep the rest from being read."""
        self.problems.append(Problem(message, hint, Place(self.file, mark.line, mark.column)))

    def _scalar(self, event: Any) -> None:
        mark = _mark(event)
        self._refuse_tag(event, mark)
        text = event.value
        value = None if not event.style and text in _NULLS else text
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._receive(value, text, mark)

    def _open(self, event: Any, container: YamlMap | YamlList) -> None:
        mark = _mark(event)
        self._refuse_tag(event, mark)
        if len(self._stack) >= MAX_DEPTH:
            self._fail(f"nested deeper than {MAX_DEPTH} levels", mark)
        self._stack.append(_Open(container, mark, event.anchor, self._nodes + self._aliased))

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.anchor is not None:
            weight = self._nodes + self._aliased - closed.nodes_before + 1
            self._anchors[closed.anchor] = (closed.container, weight)
        self._receive(closed.container, None, closed.mark)

    def _alias(self, event: Any) -> None:
        mark = _mark(event)
        if any(level.anchor == event.anchor for level in self._stack):
            self._fail(f"the anchor &{event.anchor} contains itself", mark)
        if event.anchor not in self._anchors:
            self._fail(f"no anchor &{event.anchor} comes before this alias", mark)
        value, weight = self._anchors[event.anchor]
        self._aliased += weight
        if self._aliased > MAX_ALIASED_NODES:
            self._fail(f"the aliases expand to more than {MAX_ALIASED_NODES:,} values", mark)
        self._receive(value, value, mark)

    def _receive(self, value: Any, text: Any, mark: Mark) -> None:
        self._nodes += 1
        if self._stack:
            self._stack[-1].receive(value, text, mark, self)
        else:
            self._root, self._root_at = value, mark

    def _refuse_tag(self, event: Any, mark: Mark) -> None:
        if event.tag is not None and event.tag != "!":
            self._fail(f"tags such as {event.tag} are not read", mark)

    def _fail(self, message: str, mark: Mark) -> NoReturn:
        place = Place(self.file, mark.line, mark.column)
        raise InputError([*self.problems, Problem(message, None, place)])


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


class _Open:
    """A container whose end has not come yet."""

    __slots__ = ("anchor", "container", "key", "mark", "nodes_before")

    def __init__(self, container: Any, mark: Mark, anchor: str | None, nodes_before: int) -> None:
        self.container = container
        self.mark = mark
        self.anchor = anchor
        self.nodes_before = nodes_before
        self.key: tuple[str, Mark] | None = None

    def receive(self, value: Any, text: Any, mark: Mark, composer: _Composer) -> None:
        container = self.container
        if isinstance(container, YamlList):
            container.append(value)
            container.items_at.append(mark)
        elif self.key is None:
            self._receive_key(text, mark, composer)
        else:
            key, key_at = self.key
            self.key = None
            if key in container:
                first = container.keys_at[key]
                composer.problem(
                    f"the key {key!r} stands here a second time; it is in line {first.line} too",
                    "keep one of the two",
                    key_at,
                )
                return
            container[key] = value
            container.keys_at[key] = key_at
            container.values_at[key] = mark

    def _receive_key(self, text: Any, mark: Mark, composer: _Composer) -> None:
        if not isinstance(text, str):
            composer.problem("a key must be a plain text", None, mark)
            text = f"<key in line {mark.line}>"
        elif text == "<<":
            composer.problem(
                "merge keys are not read",
                "write the keys out, or alias a whole table",
                mark,
            )
        self.key = (text, mark)
