"""Records of the library: as quick as named tuples, and readable in ``help``."""

from collections.abc import Iterable
from enum import EnumType
from types import new_class
from typing import TYPE_CHECKING, Any, NamedTuple

__all__ = ["Readable", "ReadableEnum", "Record"]


class Readable(type):
    """A class whose help shows what it says of itself, and nothing that Python adds.

    ``help`` asks `dir` of a class what there is to show.
    """

    def __dir__(cls) -> Iterable[str]:
        return _own_names(cls)


class ReadableEnum(EnumType):
    """As `Readable`, for words: without the methods of the text or number that each one is."""

    def __dir__(cls) -> list[str]:
        return _own_names(cls)


def _own_names(cls: type) -> list[str]:
    own = [base for base in cls.__mro__ if base.__module__ not in {"builtins", "enum"}]
    return sorted({name for base in own for name in vars(base) if not name.startswith("_")})


if TYPE_CHECKING:
    # to a type checker a record is the named tuple that it is
    from typing import NamedTuple as Record
else:

    def _equal(record: tuple, other: object) -> bool:
        return type(record) is type(other) and tuple.__eq__(record, other)

    def _unequal(record: tuple, other: object) -> bool:
        return not _equal(record, other)

    class _RecordType(Readable):
        def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            # a named tuple takes no metaclass: so its parts are put into a class that has one
            made = new_class(name, (NamedTuple,), exec_body=lambda body: body.update(namespace))
            for field in made._fields:
                getattr(made, field).__doc__ = None  # "Alias for field number 0" helps nobody
            comparing = {"__eq__": _equal, "__ne__": _unequal, "__hash__": tuple.__hash__}
            return super().__new__(cls, name, made.__bases__, comparing | vars(made))

    class Record(metaclass=_RecordType):
        """A named tuple that equals only its own kind, and whose help is `Readable`."""
