"""Values drawn from types, functions included, and smaller ones like them: what checks of primitives are fed with."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import TypeVar, assert_never

from dsl.library import Library
from dsl.primitive import Primitive
from dsl.type_system import (
    BOOL,
    INT,
    TEXT,
    FunctionType,
    Range,
    Substitution,
    Type,
    TypeConstructor,
    TypeVariable,
    apply,
    instantiate,
    list_of,
    show_type,
    type_variables,
    unify,
)
from dsl.values import INT_MAX, INT_MIN, Some, conforms, key, show_value

__all__ = ["Drawer", "DrawnFunction", "UndrawableError", "ground", "show_drawn", "shrink", "smaller"]

T = TypeVar("T")
_MAKER_TRIES = 20
_MAKER_DEPTH = 3
_LENGTHS = (0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 9)
_BOUNDS = (INT_MIN, INT_MAX, 2**31, -(2**31), 10**6, -(10**6))
_REALS = (0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 100.25, 1e-7, 1e9, 1e300)
_LETTERS = "aab c1é"


class UndrawableError(Exception):
    """No value of a type can be drawn: it is a domain's own, and no word of the library makes one."""


def ground(t: Type, rng: Random) -> Substitution:
    """A choice of plain types for the variables of a type: ints mostly, now and then bools, texts, lists."""
    plain = (INT, INT, INT, BOOL, TEXT, list_of(INT))
    return {variable.name: rng.choice(plain) for variable in type_variables(t)}


@dataclass(frozen=True, slots=True)
class Drawer:
    """Draws values of any type without variables; those of a domain's types by calling words that make them."""

    library: Library

    def draw(self, t: Type, rng: Random, *, bounds: Range | None = None, depth: int = 0) -> object:
        """A value of a type, within bounds if it is an int; small mostly, extreme now and then.

        Raises UndrawableError for a type that no word makes.
        """
        match t:
            case TypeConstructor("int"):
                return rng.randint(bounds.low, bounds.high) if bounds else _draw_int(rng)
            case TypeConstructor("bool"):
                return rng.random() < 0.5
            case TypeConstructor("real"):
                return rng.choice(_REALS) if rng.random() < 0.5 else round(rng.uniform(-10, 10), 3)
            case TypeConstructor("text"):
                return "".join(rng.choices(_LETTERS, k=rng.choice(_LENGTHS)))
            case TypeConstructor("list", (item,)):
                return tuple(self.draw(item, rng, depth=depth) for _ in range(rng.choice(_LENGTHS)))
            case TypeConstructor("tuple", items):
                return tuple(self.draw(item, rng, depth=depth) for item in items)
            case TypeConstructor("option", (item,)):
                return None if rng.random() < 0.4 else Some(self.draw(item, rng, depth=depth))
            case TypeConstructor():
                return self._make(t, rng, depth)
            case FunctionType():
                return self._draw_function(t, rng)
            case TypeVariable():
                return self.draw(apply(ground(t, rng), t), rng, depth=depth)
        assert_never(t)

    def _draw_function(self, t: FunctionType, rng: Random) -> DrawnFunction:
        chance = rng.random()
        if chance < 0.2:
            return DrawnFunction(t, self, constant=Some(self.draw(t.result, rng)))
        places = [place for place, parameter in enumerate(t.parameters) if parameter == t.result]
        if places and chance < 0.4:
            return DrawnFunction(t, self, place=rng.choice(places))
        return DrawnFunction(t, self, seed=rng.getrandbits(32))

    def _make(self, t: TypeConstructor, rng: Random, depth: int) -> object:
        """A value of a domain's type, made by a word of the library from drawn arguments."""
        makers = [
            (word, parameters)
            for word in self.library
            if isinstance(word, Primitive) and (parameters := _parameters_for(word, t)) is not None
        ]
        # Deep inside, only words without parameters: so that drawing ends.
        shallow = [maker for maker in makers if not maker[1]] if depth >= _MAKER_DEPTH else makers
        for _ in range(_MAKER_TRIES if shallow else 0):
            word, parameters = rng.choice(shallow)
            ranges = dict(word.ranges)
            arguments = [
                self.draw(parameter, rng, bounds=ranges.get(name), depth=depth + 1)
                for name, parameter in zip(word.parameters, parameters, strict=True)
            ]
            try:
                made: object = word.function(*arguments)
            except Exception:
                continue  # what the word raises, its own check reports
            if conforms(made, t):
                return made
        raise UndrawableError(f"no word of the library makes a value of type {show_type(t)}")


def _parameters_for(word: Primitive, wanted: TypeConstructor) -> tuple[Type, ...] | None:
    """The types of arguments with which a word gives a value of a domain's type; None if it does not."""
    t = instantiate(word.type, (f"~{i}" for i in count()))
    parameters, result = (t.parameters, t.result) if isinstance(t, FunctionType) else ((), t)
    substitution: Substitution = {}
    # A word such as `head` gives any type, but only from values of that type: it makes none.
    if not isinstance(result, TypeConstructor) or not unify(result, wanted, substitution):
        return None
    return tuple(apply(substitution, parameter) for parameter in parameters)


def _draw_int(rng: Random) -> int:
    chance = rng.random()
    if chance < 0.75:
        return rng.randint(-3, 10)
    return rng.randint(-100, 100) if chance < 0.95 else rng.choice(_BOUNDS)


# ---- Functions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class DrawnFunction:
    """A total function of a type: constant, one of its arguments, or by chance (but always the same for the same).

    It remembers what it gave, so that a counterexample can show it as a table.
    """

    type: FunctionType
    drawer: Drawer
    seed: int = 0
    constant: Some[object] | None = None
    place: int | None = None
    given: dict[object, tuple[tuple[object, ...], object]] = field(default_factory=dict)

    def __call__(self, *arguments: object) -> object:
        """What the function gives for arguments of its type."""
        if self.constant is not None:
            return self.constant.value
        if self.place is not None:
            return arguments[self.place]
        known = tuple(key(None if callable(argument) else argument) for argument in arguments)
        if known not in self.given:
            # Seeded by the arguments, so that the order of calls makes no difference.
            chance = Random(zlib.crc32(repr((self.seed, known)).encode()))
            self.given[known] = (arguments, self.drawer.draw(self.type.result, chance))
        return self.given[known][1]

    def __deepcopy__(self, memo: dict[int, object]) -> DrawnFunction:
        return self

    def __str__(self) -> str:
        names = [f"x{i}" for i in range(len(self.type.parameters))] if len(self.type.parameters) > 1 else ["x"]
        head = f"lambda {', '.join(names)}: "
        if self.constant is not None:
            return head + show_drawn(self.constant.value, self.type.result)
        if self.place is not None:
            return head + names[self.place]
        rows = (
            f"{', '.join(map(show_drawn, arguments, self.type.parameters))} -> {show_drawn(result, self.type.result)}"
            for arguments, result in list(self.given.values())[:4]
        )
        return f"(a function with {'; '.join(rows) or 'no calls'})"


def show_drawn(value: object, t: Type) -> str:
    """Text of a drawn value, functions included.

    >>> show_drawn((1, 2), list_of(INT))
    '[1, 2]'
    """
    return str(value) if isinstance(value, DrawnFunction) else show_value(value, t)


# ---- Shrinking ------------------------------------------------------------------------------------------------------


def smaller(value: object, t: Type) -> Iterator[object]:
    """Simpler values of the same type, the simplest first; what a counterexample is shrunk by.

    >>> list(smaller(5, INT))
    [0, 2, 4]
    """
    match t, value:
        case TypeConstructor("int"), int():
            yield from _smaller_ints(value)
        case TypeConstructor("bool"), True:
            yield False
        case TypeConstructor("real"), float():
            yield from (x for x in (0.0, 1.0, float(round(value))) if abs(x) < abs(value))
        case TypeConstructor("text"), str():
            yield from ("".join(letters) for letters in _shorter(tuple(value)))
            yield from ("a" * len(value),) if value.strip("a") else ()
        case TypeConstructor("list", (item,)), tuple():
            yield from _shorter(value)
            yield from _smaller_within(value, [item] * len(value))
        case TypeConstructor("tuple", items), tuple():
            yield from _smaller_within(value, items)
        case TypeConstructor("option", (item,)), Some(inner):
            yield None
            yield from map(Some, smaller(inner, item))
        case FunctionType(), DrawnFunction():
            yield from _smaller_functions(value)
        case _:
            return


def _smaller_ints(value: int) -> Iterator[int]:
    if value == 0:
        return
    halved = value // 2 if value > 0 else -(-value // 2)
    towards_zero = value - 1 if value > 0 else value + 1
    found = dict.fromkeys((0, min(abs(value), INT_MAX), halved, towards_zero))
    yield from (x for x in found if x != value)


def _shorter(items: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    """Halves, then all with one item left out."""
    half = len(items) // 2
    if half:
        yield from (items[:half], items[half:])
    for place in range(len(items)):
        yield (*items[:place], *items[place + 1 :])


def _smaller_within(values: tuple[object, ...], types: Sequence[Type]) -> Iterator[tuple[object, ...]]:
    for place, (value, t) in enumerate(zip(values, types, strict=True)):
        for other in smaller(value, t):
            yield (*values[:place], other, *values[place + 1 :])


def _smaller_functions(f: DrawnFunction) -> Iterator[DrawnFunction]:
    """A constant function in place of another one, then a smaller constant."""
    if f.constant is not None:
        for value in smaller(f.constant.value, f.type.result):
            yield DrawnFunction(f.type, f.drawer, constant=Some(value))
    else:
        for _, result in list(f.given.values())[:3]:
            yield DrawnFunction(f.type, f.drawer, constant=Some(result))


def shrink(
    values: tuple[object, ...],
    types: Sequence[Type],
    fails: Callable[[tuple[object, ...]], bool],
    *,
    tries: int = 300,
) -> tuple[object, ...]:
    """The smallest values found, by taking simpler ones as long as they still fail."""
    left = tries
    improved = True
    while improved:
        improved = False
        for candidate in _smaller_within(values, types):
            left -= 1
            if left < 0:
                return values
            if fails(candidate):
                values, improved = candidate, True
                break
    return values
