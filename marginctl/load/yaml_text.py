"""YAML as plain dictionaries, lists and texts that know where they stand.

Every scalar stays the text that is in the file: what it means is for the reader of the key to
say, so that no coin becomes a boolean and no number a binary float. Duplicate keys, merge keys
and tags are refused, nesting and the expansion of aliases are bounded.
"""

import re
from bisect import bisect_right
from typing import Any, NamedTuple, NoReturn

from marginctl.checks.stated import Quoted
from marginctl.checks.text import named
from marginctl.load.problems import InputError, Place, Problem, Source, path_text

MAX_DEPTH = 32
MAX_ALIASED_NODES = 200_000
MAX_VALUES = 3_000_000
"""Keys and values of one file. Each takes half a kilobyte of memory, as it knows its place."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


_TABS = "indent with spaces instead of tabs"


class TextMark(NamedTuple):
    """A line and a column, counting from 1."""

    line: int
    column: int


class YamlMap(dict[str, Any]):
    """A mapping that knows where its keys and values stand."""

    __slots__ = ("keys_at", "values_at")

    def __init__(self) -> None:
        super().__init__()
        self.keys_at: dict[str, TextMark] = {}
        self.values_at: dict[str, TextMark] = {}


class YamlList(list[Any]):
    """A list that knows where its items stand."""

    __slots__ = ("items_at",)

    def __init__(self) -> None:
        super().__init__()
        self.items_at: list[TextMark] = []


class YamlDocument(NamedTuple):
    """The root of a file, and the problems that did not keep it from being read."""

    file: str
    root: Any
    root_at: TextMark
    found: list[tuple[tuple[str | int, ...], Problem]]

    @property
    def problems(self) -> list[Problem]:
        """What did not keep the file from being read: duplicate keys, merge keys."""
        return [problem for _, problem in self.found]

    @property
    def source(self) -> Source:
        """The whole file as a source."""
        return Source(self.place)

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Return where the value at a path stands, or its key.

        What is missing is missing from its parent: the parent's key is the place then.
        """
        node, mark = self.root, self.root_at
        key_mark = mark
        for step in path:
            if isinstance(node, YamlMap) and step in node.values_at:
                key_mark, mark = node.keys_at[str(step)], node.values_at[str(step)]
                node = node[str(step)]
            elif isinstance(node, YamlList) and isinstance(step, int) and step < len(node):
                key_mark = mark = node.items_at[step]
                node = node[step]
            else:
                key = True
                break
        if key:
            mark = key_mark
        return Place(self.file, mark.line, mark.column, path_text(path) or None)


def read_yaml(data: bytes, file: str) -> YamlDocument:
    """Read one YAML document.

    Raises:
        InputError: it is not YAML, or holds what is refused here, with line and column.
    """
    import yaml

    lines = _lines_of(data)
    try:
        try:
            return _Composer(file, lines).compose(
                data, getattr(yaml, "CBaseLoader", yaml.BaseLoader)
            )
        except yaml.MarkedYAMLError as error:
            if "nesting" not in str(error.problem):
                raise
            # libyaml reads ahead: its own limit, which some versions have, comes before the
            # events that ours counts; the parser in Python has none and comes to ours first
            return _Composer(file, lines).compose(data, yaml.BaseLoader)
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
        place = Place(file) if mark is None else Place(file, *_mark(mark, lines))
        message = ", ".join(part for part in (error.context, error.problem) if part)
        hint = None if mark is None else _tab_hint(data, mark.line)
        raise InputError.of(f"not valid YAML: {message}", hint, place) from None


def _tab_hint(data: bytes, line: int) -> str | None:
    """Return how to put right what is wrong in a line: the tabs that it is indented with."""
    text = data.splitlines()[line : line + 1] or [b""]
    indentation = text[0][: len(text[0]) - len(text[0].lstrip())]
    return _TABS if b"\t" in indentation else None


class _Composer:
    """Builds a document from the parser's events, with a stack of its own instead of recursion."""

    def __init__(self, file: str, lines: "_Lines | None") -> None:
        self.file = file
        self.found: list[tuple[tuple[str | int, ...], Problem]] = []
        self._lines = lines
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._aliased = 0
        self._root: Any = None
        self._root_at = TextMark(1, 1)
        self._documents = 0

    def compose(self, data: bytes, loader: Any) -> YamlDocument:
        """Return the document of a text."""
        import yaml

        event: Any
        for event in yaml.parse(data, Loader=loader):
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
                    self._fail(message, self._mark(event))
        return YamlDocument(self.file, self._root, self._root_at, self.found)

    def problem(self, code: str, message: str, hint: str | None, key: str, mark: TextMark) -> None:
        """Take a problem of a key that does not keep the rest from being read."""
        path = (*(level.step for level in self._stack[:-1]), key)
        place = Place(self.file, mark.line, mark.column, path_text(path))
        self.found.append((path, Problem(message, hint, place, code)))

    def _mark(self, event: Any) -> TextMark:
        return _mark(event.start_mark, self._lines)

    def _scalar(self, event: Any) -> None:
        mark = self._mark(event)
        self._refuse_tag(event, mark)
        text = Quoted(event.value) if event.style else event.value
        value = None if not event.style and text in _NULLS else text
        if event.anchor is not None:
            self._anchors[event.anchor] = (value, 1)
        self._receive(value, text, mark)

    def _open(self, event: Any, container: YamlMap | YamlList) -> None:
        mark = self._mark(event)
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
        mark = self._mark(event)
        if any(level.anchor == event.anchor for level in self._stack):
            self._fail(f"the anchor &{event.anchor} contains itself", mark)
        if event.anchor not in self._anchors:
            self._fail(f"no anchor &{event.anchor} comes before this alias", mark)
        value, weight = self._anchors[event.anchor]
        self._aliased += weight
        if self._aliased > MAX_ALIASED_NODES:
            self._fail(f"the aliases expand to more than {MAX_ALIASED_NODES:,} values", mark)
        self._receive(value, value, mark)

    def _receive(self, value: Any, text: Any, mark: TextMark) -> None:
        self._nodes += 1
        if self._nodes > MAX_VALUES:
            self._fail(f"too large to read at once: more than {MAX_VALUES:,} keys and values", mark)
        if self._stack:
            self._stack[-1].receive(value, text, mark, self)
        else:
            self._root, self._root_at = value, mark

    def _refuse_tag(self, event: Any, mark: TextMark) -> None:
        if event.tag is not None and event.tag != "!":
            self._fail(f"tags such as {event.tag} are not supported", mark)

    def _fail(self, message: str, mark: TextMark) -> NoReturn:
        place = Place(self.file, mark.line, mark.column)
        raise InputError([*(problem for _, problem in self.found), Problem(message, None, place)])


_Lines = list[int]
"""Where each line begins, counted in characters."""


def _lines_of(data: bytes) -> _Lines | None:
    """Return where lines begin if the parser's own count would not be an editor's.

    To YAML 1.1 the characters U+0085, U+2028 and U+2029 end a line, to editors they do not.
    """
    if not any(mark in data for mark in (b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9")):
        return None
    text = data.decode("utf-8-sig", "replace")
    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]


def _mark(start: Any, lines: _Lines | None) -> TextMark:
    if lines is None:
        return TextMark(start.line + 1, start.column + 1)
    line = bisect_right(lines, start.index)
    return TextMark(line, start.index - lines[line - 1] + 1)


class _Open:
    """A container whose end has not come yet."""

    __slots__ = ("anchor", "container", "key", "mark", "nodes_before")

    def __init__(
        self, container: Any, mark: TextMark, anchor: str | None, nodes_before: int
    ) -> None:
        self.container = container
        self.mark = mark
        self.anchor = anchor
        self.nodes_before = nodes_before
        self.key: tuple[str, TextMark] | None = None

    @property
    def step(self) -> str | int:
        """The key or index at which the container is being filled."""
        return len(self.container) if self.key is None else self.key[0]

    def receive(self, value: Any, text: Any, mark: TextMark, composer: _Composer) -> None:
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
                    "duplicate-key",
                    f"the key {named(key)} appears twice, first on line {first.line}",
                    "keep one of the two",
                    key,
                    key_at,
                )
                return
            container[key] = value
            container.keys_at[key] = key_at
            container.values_at[key] = mark

    def _receive_key(self, text: Any, mark: TextMark, composer: _Composer) -> None:
        if not isinstance(text, str):
            text = f"<key in line {mark.line}>"
            composer.problem("key-not-text", "a key must be a plain string", None, text, mark)
        elif text == "<<" and not isinstance(text, Quoted):
            composer.problem(
                "key-not-text",
                "merge keys are not supported",
                "write the keys out, or alias a whole table",
                text,
                mark,
            )
        self.key = (text, mark)
