"""What programs compute: values, equality that knows types, and failure as a value.

| type | Python value |
|---|---|
| int, bool, real, text | `int` (64 bits), `bool`, `float` (finite), `str` |
| list[A], tuple[A, B] | `tuple`; which one it is, its type tells |
| option[A] | `Some(value)` or `None` |
| a function | a Python callable, only while a program runs |
| a domain's type | any immutable, hashable object |
"""

from __future__ import annotations

import enum
import math
import re
import reprlib
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar, assert_never

from dsl.type_system import FunctionType, Type, TypeConstructor, TypeVariable, list_of, show_type

__all__ = [
    "INT_MAX",
    "INT_MIN",
    "SIZE_LIMIT",
    "Cause",
    "Failure",
    "Outcome",
    "Some",
    "TooLarge",
    "Undefined",
    "Value",
    "agree",
    "conforms",
    "fault_of",
    "holds_function",
    "key",
    "show_value",
    "size_of",
    "type_of",
]

A = TypeVar("A")
Value: TypeAlias = object
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
SIZE_LIMIT = 10_000
"""Most items, characters and numbers that one value may hold, all levels together."""


@dataclass(frozen=True, slots=True)
class Some(Generic[A]):
    """An option that holds a value; the empty one is `None`."""

    value: A


class Undefined(Exception):  # noqa: N818 - a verdict on arguments, not an error of ours
    """Raised by a primitive that has no value for these arguments; every primitive may raise it."""


class TooLarge(Exception):  # noqa: N818
    """Raised by a primitive whose result would pass `SIZE_LIMIT`; every primitive may raise it."""


class Cause(enum.Enum):
    """Why a program gave no value."""

    UNDEFINED = "undefined"
    OUT_OF_FUEL = "out of fuel"
    TOO_LARGE = "too large"
    OVERFLOW = "overflow"
    FAULT = "fault"
    """A primitive broke its word: raised what it did not declare, or returned another type."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No value, and why; `where` names the word that failed, `detail` says more for a fault."""

    cause: Cause
    where: str = ""
    detail: str = ""

    def __str__(self) -> str:
        where = f" in {self.where}" if self.where else ""
        return f"{self.cause.value}{where}" + (f": {self.detail}" if self.detail else "")


Outcome: TypeAlias = "Value | Failure"


def key(value: object) -> Hashable:
    """A hashable key, equal for two values only if the language calls them the same.

    Python says `True == 1` and `1 == 1.0`; the language does not.

    >>> key((1, 2)) == key((True, 2))
    False
    """
    if isinstance(value, tuple):
        return (tuple, *map(key, value))
    if isinstance(value, Some):
        return (Some, key(value.value))
    if isinstance(value, float):
        return (float, value, math.copysign(1.0, value))
    return (type(value), value)


def agree(a: object, b: object) -> bool:
    """Whether an output counts as the wanted one: equal, reals within relative 1e-6 or absolute 1e-9.

    >>> agree((1.0, 2.0), (1.0000001, 2.0)), agree(1, True)
    (True, False)
    """
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(agree, a, b))
    if isinstance(a, Some) and isinstance(b, Some):
        return agree(a.value, b.value)
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
    return a == b


def size_of(value: object) -> int:
    """How much a value holds: items, characters and atoms of all levels, counted up to the limit and a little on.

    >>> size_of(((1, 2), (3,))), size_of("abc"), size_of(7)
    (6, 3, 1)
    """
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Some):
        return 1 + size_of(value.value)
    if not isinstance(value, tuple):
        return 1
    return _total(map(size_of, value))


def _total(sizes: Iterable[int]) -> int:
    """One more than the sum; stops soon after the limit, which shared parts would pass by a product of lengths."""
    total = 1
    for size in sizes:
        total += size
        if total > SIZE_LIMIT:
            break
    return total


def holds_function(value: object) -> bool:
    """Whether a function is, or is part of, a value: such a value has no meaning once its program has ended."""
    if isinstance(value, tuple):
        return any(map(holds_function, value))
    return holds_function(value.value) if isinstance(value, Some) else callable(value)


def conforms(value: object, t: Type) -> bool:
    """Whether a value is of a type (a variable takes anything; a domain's type too, it checks its own)."""
    match t:
        case TypeVariable():
            return True
        case FunctionType():
            return callable(value)
        case TypeConstructor("int"):
            return type(value) is int
        case TypeConstructor("bool"):
            return type(value) is bool
        case TypeConstructor("real"):
            return type(value) is float
        case TypeConstructor("text"):
            return type(value) is str
        case TypeConstructor("list", (item,)):
            return type(value) is tuple and all(conforms(v, item) for v in value)
        case TypeConstructor("tuple", items):
            return type(value) is tuple and len(value) == len(items) and all(map(conforms, value, items))
        case TypeConstructor("option", (item,)):
            return value is None or (type(value) is Some and conforms(value.value, item))
        case TypeConstructor():
            return value is not None and not callable(value)
    assert_never(t)


def fault_of(value: object, t: Type) -> Failure | None:
    """What is wrong with a word's result of type `t`: wrong type, too large, an int beyond 64 bits, NaN; else None.

    Where `t` says only a type variable, the value came from the word's arguments, which were checked when they were
    made: it counts towards the size of the whole, and is not looked into.
    """
    if isinstance(t, TypeVariable):
        return None
    if _typed_size(value, t) > SIZE_LIMIT:  # first, for it stops soon, however large the value
        return Failure(Cause.TOO_LARGE)
    if not conforms(value, t):
        return Failure(Cause.FAULT, detail=f"expected a value of {show_type(t)}, found {_short(value)}")
    return _number_fault(value, t)


def _typed_size(value: object, t: Type) -> int:
    """`size_of` a value of type `t`; the first item of a list tells whether its items have a size at all."""
    match t, value:
        case TypeConstructor("list", (TypeVariable(),)), (int() | float(), *_):
            return 1 + len(value)
        case TypeConstructor("list", (item,)), tuple():
            return _total(_typed_size(v, item) for v in value)
        case TypeConstructor("tuple", items), tuple():
            return _total(map(_typed_size, value, items))
        case TypeConstructor("option", (item,)), Some(inner):
            return 1 + _typed_size(inner, item)
        case _:
            return size_of(value)


def _number_fault(value: object, t: Type) -> Failure | None:
    """The first number of a value of type `t` that the language does not have."""
    faults: Iterator[Failure | None]
    match t, value:
        case TypeConstructor("int"), int():
            return None if INT_MIN <= value <= INT_MAX else Failure(Cause.OVERFLOW)
        case TypeConstructor("real"), float():
            return None if math.isfinite(value) else Failure(Cause.UNDEFINED, detail=f"not a finite number: {value}")
        case TypeConstructor("list", (item,)), tuple():
            faults = (_number_fault(v, item) for v in value)
        case TypeConstructor("tuple", items), tuple():
            faults = map(_number_fault, value, items)
        case TypeConstructor("option", (item,)), Some(inner):
            faults = iter((_number_fault(inner, item),))
        case _:
            return None
    return next((fault for fault in faults if fault is not None), None)


_REPR = reprlib.Repr()
_REPR.maxother = 60
_ADDRESS = re.compile(r"( object)?( at |\.\.\.)0?x[0-9a-f]{6,}")


def _short(value: object) -> str:
    """A glance at any Python value: a lying primitive may return one that is huge or cannot be shown."""
    try:
        text = _REPR.repr(value)
    except Exception:  # the value's own __repr__, or an int too long for Python to print
        text = f"a value of Python's {type(value).__name__}"
    text = _ADDRESS.sub("", text)  # one program's failures are equal in every run
    return text if len(text) <= 60 else text[:57] + "..."


def type_of(value: object) -> Type:
    """The type that a literal's spelling decides; the empty list is `list[A]`.

    Tuples are read as lists here: only lists have literals. Raises TypeError for anything without a spelling.
    """
    match value:
        case bool():
            return TypeConstructor("bool")
        case int():
            return TypeConstructor("int")
        case float():
            return TypeConstructor("real")
        case str():
            return TypeConstructor("text")
        case tuple():
            return list_of(_item_type(value))
        case _:
            raise TypeError(f"no literal spells {value!r}")


def _item_type(items: tuple[object, ...]) -> Type:
    """The common type of list items; where they have none, that of the first (`conforms` finds the others)."""
    common: Type = TypeVariable("A")
    for item in items:
        common = _join(common, type_of(item))
    return common


def _join(a: Type, b: Type) -> Type:
    """The more definite of two literals' types: `[]` may stand beside `[[1]]`, and is a `list[list[int]]` there."""
    match a, b:
        case TypeVariable(), _:
            return b
        case TypeConstructor("list", (x,)), TypeConstructor("list", (y,)):
            return list_of(_join(x, y))
        case _:
            return a


def show_value(value: object, t: Type, show_atom: Callable[[object], str] = repr) -> str:
    """Text of a value as a task file spells it; `show_atom` shows values of domain types.

    >>> show_value(((1, 2), (3, 4)), list_of(TypeConstructor("tuple", (TypeConstructor("int"),) * 2)))
    '[(1, 2), (3, 4)]'
    """
    if isinstance(value, Failure):
        return f"<{value}>"
    match t:
        case TypeConstructor("list", (item,)) if isinstance(value, tuple):
            return f"[{', '.join(show_value(v, item, show_atom) for v in value)}]"
        case TypeConstructor("tuple", items) if isinstance(value, tuple):
            inner = ", ".join(show_value(v, i, show_atom) for v, i in zip(value, items, strict=True))
            return f"({inner})"
        case TypeConstructor("option", (item,)):
            return f"some({show_value(value.value, item, show_atom)})" if isinstance(value, Some) else "none"
        case TypeConstructor("real") if isinstance(value, float):
            return show_real(value)
        case TypeConstructor("int" | "bool" | "text"):
            return repr(value)
        case _:
            return show_atom(value)


def show_real(value: float) -> str:
    """Digits, a dot, digits, and an exponent where Python would print one: `1.0e-07`."""
    text = repr(value)
    mantissa, mark, exponent = text.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + mark + exponent
