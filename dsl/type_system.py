"""Types: what they are, how they print, how two are made equal, and how Python hints name them."""

from __future__ import annotations

import collections.abc
import itertools
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar, assert_never

from dsl.errors import PrimitiveError, TypeProblem

__all__ = [
    "BOOL",
    "INT",
    "REAL",
    "TEXT",
    "Constraint",
    "Equatable",
    "FunctionType",
    "Ordered",
    "Range",
    "Substitution",
    "Type",
    "TypeConstructor",
    "TypeVariable",
    "apply",
    "function_type",
    "generalise",
    "has_equality",
    "has_order",
    "instantiate",
    "list_of",
    "option_of",
    "show_type",
    "tuple_of",
    "type_constructors",
    "type_from_hint",
    "type_variables",
    "unify",
]

Constraint: TypeAlias = typing.Literal["any", "eq", "ordered"]
"""What a type variable asks of the type that replaces it: nothing, equality, or equality and order."""


@dataclass(frozen=True, slots=True)
class TypeVariable:
    """A type to be filled in, such as `A`; `constraint` limits by what."""

    name: str
    constraint: Constraint = "any"


@dataclass(frozen=True, slots=True)
class TypeConstructor:
    """A named type with its arguments: `int`, `list[int]`, `tuple[int, bool]`, a domain's `color`."""

    name: str
    arguments: tuple[Type, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.name, self.arguments)))

    def __hash__(self) -> int:  # kept, since searches look things up by type all the time
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:  # built anew in another process, where texts have other hashes
        return TypeConstructor, (self.name, self.arguments)


@dataclass(frozen=True, slots=True)
class FunctionType:
    """The type of a function of several arguments, uncurried: `(A, B) -> C`."""

    parameters: tuple[Type, ...]
    result: Type
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.parameters, self.result)))

    def __hash__(self) -> int:  # as above
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return FunctionType, (self.parameters, self.result)


Type: TypeAlias = TypeVariable | TypeConstructor | FunctionType
Substitution: TypeAlias = dict[str, Type]
"""Variable name -> type. May be triangular (types in it may mention other bound variables)."""

INT = TypeConstructor("int")
BOOL = TypeConstructor("bool")
REAL = TypeConstructor("real")
TEXT = TypeConstructor("text")


def list_of(item: Type) -> TypeConstructor:
    """`list[item]`."""
    return TypeConstructor("list", (item,))


def option_of(item: Type) -> TypeConstructor:
    """`option[item]`."""
    return TypeConstructor("option", (item,))


def tuple_of(*items: Type) -> TypeConstructor:
    """`tuple[item, ...]` with one type for each place."""
    return TypeConstructor("tuple", items)


def function_type(*parameters: Type, result: Type) -> FunctionType:
    """`(parameters) -> result`."""
    return FunctionType(parameters, result)


def show_type(t: Type) -> str:
    """Text of a type, as the parser reads it; constraints follow in a `where` clause.

    >>> show_type(FunctionType((list_of(TypeVariable("A", "ordered")),), TypeVariable("A", "ordered")))
    '(list[A]) -> A where A: ordered'
    """
    limits = [f"{v.name}: {v.constraint}" for v in type_variables(t) if v.constraint != "any"]
    return _show(t) + (f" where {', '.join(limits)}" if limits else "")


def _show(t: Type) -> str:
    match t:
        case TypeVariable(name):
            return name
        case TypeConstructor(name, arguments):
            return f"{name}[{', '.join(map(_show, arguments))}]" if arguments else name
        case FunctionType(parameters, result):
            return f"({', '.join(map(_show, parameters))}) -> {_show(result)}"
    assert_never(t)


def _children(t: Type) -> tuple[Type, ...]:
    match t:
        case TypeVariable():
            return ()
        case TypeConstructor(_, arguments):
            return arguments
        case FunctionType(parameters, result):
            return (*parameters, result)
    assert_never(t)


def _walk(t: Type) -> Iterator[Type]:
    yield t
    for child in _children(t):
        yield from _walk(child)


def type_variables(t: Type) -> list[TypeVariable]:
    """The variables of a type, each once, in order of first occurrence."""
    return list(dict.fromkeys(part for part in _walk(t) if isinstance(part, TypeVariable)))


def type_constructors(t: Type) -> frozenset[str]:
    """Names of the types that a type is made of.

    >>> sorted(type_constructors(list_of(INT)))
    ['int', 'list']
    """
    return frozenset(part.name for part in _walk(t) if isinstance(part, TypeConstructor))


def apply(substitution: Mapping[str, Type], t: Type) -> Type:
    """Replace bound variables, all the way down."""
    match t:
        case TypeVariable(name):
            return apply(substitution, substitution[name]) if name in substitution else t
        case TypeConstructor(name, arguments):
            return TypeConstructor(name, tuple(apply(substitution, a) for a in arguments)) if arguments else t
        case FunctionType(parameters, result):
            return FunctionType(tuple(apply(substitution, p) for p in parameters), apply(substitution, result))
    assert_never(t)


def has_equality(t: Type) -> bool:
    """Whether values of `t` can be compared with `==`: everything without a function in it."""
    return not any(
        isinstance(part, FunctionType) or (isinstance(part, TypeVariable) and part.constraint == "any")
        for part in _walk(t)
    )


_ORDERED_NAMES = frozenset({"int", "bool", "real", "text", "list", "tuple"})


def has_order(t: Type) -> bool:
    """Whether values of `t` can be compared with `<`: numbers, text, and lists and tuples of such."""
    match t:
        case TypeVariable(_, constraint):
            return constraint == "ordered"
        case TypeConstructor(name, arguments):
            return name in _ORDERED_NAMES and all(map(has_order, arguments))
        case FunctionType():
            return False
    assert_never(t)


_STRENGTH: dict[Constraint, int] = {"any": 0, "eq": 1, "ordered": 2}


def _constrained(t: Type, constraint: Constraint, substitution: Substitution) -> bool:
    """Make `t` meet a constraint, strengthening its variables; False where it cannot."""
    if constraint == "any":
        return True
    match t:
        case TypeVariable(name, own):
            if name in substitution:
                return _constrained(substitution[name], constraint, substitution)
            if _STRENGTH[own] < _STRENGTH[constraint]:
                # Named after the variable it replaces: no counter could clash with one of another substitution.
                substitution[name] = TypeVariable(f"{name}'", constraint)
            return True
        case TypeConstructor(name, arguments):
            named = constraint == "eq" or name in _ORDERED_NAMES
            return named and all(_constrained(a, constraint, substitution) for a in arguments)
        case FunctionType():
            return False
    assert_never(t)


def _occurs(name: str, t: Type, substitution: Substitution) -> bool:
    match t:
        case TypeVariable(other):
            if other == name:
                return True
            return other in substitution and _occurs(name, substitution[other], substitution)
        case _:
            return any(_occurs(name, child, substitution) for child in _children(t))


def _resolve(t: Type, substitution: Substitution) -> Type:
    while isinstance(t, TypeVariable) and t.name in substitution:
        t = substitution[t.name]
    return t


def unify(a: Type, b: Type, substitution: Substitution) -> bool:
    """Extend `substitution` in place so that `a` and `b` become equal; False (and junk in it) if impossible.

    Callers that may fail pass a copy. Constraints travel: unifying `A: ordered` with `list[B]` makes `B` ordered.
    """
    a, b = _resolve(a, substitution), _resolve(b, substitution)
    match a, b:
        case TypeVariable(x), TypeVariable(y) if x == y:
            return True
        case TypeVariable(x, cx), TypeVariable(y, cy):
            if _STRENGTH[cx] > _STRENGTH[cy]:
                substitution[y] = a
            else:
                substitution[x] = b
            return True
        case TypeVariable(x, constraint), other:
            if _occurs(x, other, substitution):
                return False
            substitution[x] = other
            return _constrained(other, constraint, substitution)
        case _, TypeVariable():
            return unify(b, a, substitution)
        case TypeConstructor(x, xs), TypeConstructor(y, ys):
            return x == y and len(xs) == len(ys) and all(unify(p, q, substitution) for p, q in zip(xs, ys, strict=True))
        case FunctionType(ps, r), FunctionType(qs, s):
            if len(ps) != len(qs):
                return False
            return all(unify(p, q, substitution) for p, q in zip(ps, qs, strict=True)) and unify(r, s, substitution)
        case _:
            return False


def _rename(new_names: Mapping[TypeVariable, str], t: Type) -> Type:
    """The type with its variables renamed, all at once: a new name may be another variable's old one."""
    match t:
        case TypeVariable(_, constraint):
            return TypeVariable(new_names[t], constraint)
        case TypeConstructor(name, arguments):
            return TypeConstructor(name, tuple(_rename(new_names, a) for a in arguments)) if arguments else t
        case FunctionType(parameters, result):
            return FunctionType(tuple(_rename(new_names, p) for p in parameters), _rename(new_names, result))
    assert_never(t)


def instantiate(t: Type, fresh: Iterator[str]) -> Type:
    """The type with its variables replaced by new ones, named by `fresh`."""
    return _rename({v: next(fresh) for v in type_variables(t)}, t)


def generalise(t: Type) -> Type:
    """The type with its variables renamed A, B, ... in order of occurrence: equal for equal schemes.

    >>> show_type(generalise(list_of(TypeVariable("x7"))))
    'list[A]'
    """
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return instantiate(t, (letters[i % 26] + (str(i // 26) if i >= 26 else "") for i in itertools.count()))


# ---- Python hints -------------------------------------------------------------------------------------------------


class Equatable(typing.Protocol):
    """Bound for a `TypeVar` whose values can be compared with `==`."""

    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...


class Ordered(Equatable, typing.Protocol):
    """Bound for a `TypeVar` whose values can be compared with `<`."""

    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...


@dataclass(frozen=True, slots=True)
class Range:
    """Smallest and largest value, for samplers: `Annotated[int, Range(0, 9)]`."""

    low: int
    high: int


_ATOMS: dict[object, TypeConstructor] = {int: INT, bool: BOOL, float: REAL, str: TEXT}


def type_from_hint(hint: object, domain_types: Iterable[TypeConstructor] = ()) -> Type:
    """The language's type for a Python type hint.

    `tuple[A, ...]`, `Sequence[A]` and `list[A]` are `list[A]`; `tuple[A, B]` a tuple; `Some[A] | None` an option;
    `Callable[[A], B]` a function; `NewType("Color", int)` the domain type `color`; a class with a class attribute
    `dsl_type = "grid"` the domain type of that name. Raises PrimitiveError for `Any`, wide unions and the rest.
    """
    known = {t.name: t for t in domain_types}
    return _from_hint(hint, known)


def _refuse(hint: object, why: str) -> PrimitiveError:
    return PrimitiveError(
        f"expected a type hint of the language, found {hint!r}: {why}",
        hint="use int, bool, float, str, tuple[A, ...], tuple[A, B], Some[A] | None, "
        "Callable[[A], B], a NewType or a TypeVar",
    )


def _from_hint(hint: object, known: Mapping[str, TypeConstructor]) -> Type:
    if isinstance(hint, TypeConstructor | TypeVariable | FunctionType):
        return hint
    if isinstance(hint, type) and hint in _ATOMS:
        return _ATOMS[hint]
    if isinstance(hint, TypeVar):
        bound = hint.__bound__
        return TypeVariable(hint.__name__, "ordered" if bound is Ordered else "eq" if bound is Equatable else "any")
    if isinstance(hint, typing.NewType):
        return TypeConstructor((hint.__name__ or "").lower())
    if hint is Any or hint is object:
        raise _refuse(hint, "it would fit every hole and so prune nothing")
    if isinstance(named := getattr(hint, "dsl_type", None), str):
        return TypeConstructor(named)
    return _from_generic(hint, known)


def _from_generic(hint: object, known: Mapping[str, TypeConstructor]) -> Type:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _from_hint(arguments[0], known)
    if origin is collections.abc.Callable:
        parameters, result = arguments
        if not isinstance(parameters, list):
            raise _refuse(hint, "the parameters of a function must be named")
        return FunctionType(tuple(_from_hint(p, known) for p in parameters), _from_hint(result, known))
    if origin in (list, collections.abc.Sequence):
        return list_of(_from_hint(arguments[0], known))
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return list_of(_from_hint(arguments[0], known))
        if len(arguments) < 2:
            raise _refuse(hint, "a tuple has at least two places, and tuple[A, ...] is a list")
        return tuple_of(*(_from_hint(a, known) for a in arguments))
    if origin in (typing.Union, types.UnionType):
        return _option(hint, arguments, known)
    raise _refuse(hint, "it names no type of the language")


def _option(hint: object, arguments: tuple[object, ...], known: Mapping[str, TypeConstructor]) -> Type:
    rest = [a for a in arguments if a is not type(None)]
    if len(rest) == 1 and len(arguments) == 2 and getattr(typing.get_origin(rest[0]), "__name__", "") == "Some":
        return option_of(_from_hint(typing.get_args(rest[0])[0], known))
    raise _refuse(hint, "a union fits too many holes and so prunes little")


def mismatch(expected: Type, found: Type) -> TypeProblem:
    """The error for a type that does not fit."""
    return TypeProblem(f"expected {show_type(expected)}, found {show_type(found)}")
