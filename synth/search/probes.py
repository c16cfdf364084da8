"""Probes: inputs like those of the examples, on which programs that fit may differ.

Half of them are examples' inputs with one thing changed, which keeps what they have in common (a sorted list, two
words with a comma); half are drawn afresh, with lengths and numbers as the examples have them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeAlias

from dsl.errors import InterfaceError
from dsl.type_system import BOOL, INT, REAL, TEXT, Range, Type, TypeConstructor
from dsl.values import INT_MAX, INT_MIN, Some, key
from tasks.sampling import sample_value
from tasks.task import InputRange, Spec

__all__ = ["probes_for"]

Input: TypeAlias = tuple[object, ...]

_TRIES = 20
"""Draws for each probe wanted; where a type has few values, there are fewer probes than asked for."""
_LIST_CHANGES = ("drop", "repeat", "swap", "change", "change", "add")


def probes_for(spec: Spec, rng: random.Random, count: int) -> tuple[Input, ...]:
    """At most `count` different inputs like those of the examples and queries, and none of them.

    One seed gives one result. Where a type has no sampler (a function, a domain's type), its values are taken from the
    examples. There are none for a spec without inputs, or without examples.
    """
    known = [e.arguments for e in spec.examples] + list(spec.queries)
    if not known or not spec.parameters:
        return ()
    seen = {key(arguments) for arguments in known}
    found: list[Input] = []
    for number in range(_TRIES * count):
        if len(found) == count:
            break
        draw = _draw(spec.type_request.parameters, known, rng, fresh=number % 2 == 1)
        if draw is not None and (identity := key(draw)) not in seen:
            seen.add(identity)
            found.append(draw)
    return tuple(found)


def _draw(types: Sequence[Type], known: list[Input], rng: random.Random, *, fresh: bool) -> Input | None:
    """An input, or None where it needs a value of a type that has neither a sampler nor examples."""
    columns = list(zip(*known, strict=True))
    try:
        if fresh:
            return tuple(_fresh(t, column, rng) for t, column in zip(types, columns, strict=True))
        return _changed_input(types, columns, rng.choice(known), rng)
    except InterfaceError:
        return None


def _changed_input(types: Sequence[Type], columns: list[Input], start: Input, rng: random.Random) -> Input:
    place = rng.randrange(len(types))
    changed = _changed(types[place], start[place], columns[place], rng)
    return (*start[:place], changed, *start[place + 1 :])


def _fresh(t: Type, seen: Sequence[object], rng: random.Random) -> object:
    """A value of a type, with lengths and numbers like those of the values seen."""
    match t:
        case TypeConstructor("text"):
            letters = "".join(s for s in seen if isinstance(s, str))
            if not letters:
                return sample_value(t, None, rng)
            return "".join(rng.choice(letters) for _ in range(_length(seen, rng)))
        case TypeConstructor("list", (item,)):
            items = [x for xs in seen for x in _parts(xs)]
            return tuple(_fresh(item, items, rng) for _ in range(_length(seen, rng)))
        case TypeConstructor("tuple", parts):
            columns = list(zip(*map(_parts, seen), strict=True)) or [()] * len(parts)
            return tuple(_fresh(part, column, rng) for part, column in zip(parts, columns, strict=True))
        case TypeConstructor("option", (item,)):
            some = [x.value for x in seen if isinstance(x, Some)]
            none = len(seen) - len(some)
            return None if rng.random() * (len(seen) + 2) < none + 1 else Some(_fresh(item, some, rng))
        case _:
            return _fresh_atom(t, seen, rng)


def _fresh_atom(t: Type, seen: Sequence[object], rng: random.Random) -> object:
    numbers = [x for x in seen if isinstance(x, (int, float))]
    limits = InputRange(values=Range(math.floor(min(numbers)), math.ceil(max(numbers)))) if numbers else None
    try:
        return sample_value(t, limits, rng)
    except InterfaceError:
        if not seen:
            raise
        return rng.choice(seen)


def _parts(value: object) -> tuple[object, ...]:
    assert isinstance(value, tuple), "lists and tuples are tuples"
    return value


def _length(seen: Sequence[object], rng: random.Random) -> int:
    """A length like those seen, or one more."""
    lengths = [len(s) for s in seen if isinstance(s, (str, tuple))] or [0, 4]
    return rng.randint(min(lengths), max(lengths) + 1)


def _changed(t: Type, value: object, seen: Sequence[object], rng: random.Random) -> object:
    """A value with one thing changed; `seen` are values of its kind."""
    match t, value:
        case TypeConstructor("list", (item,)), tuple():
            items = [x for xs in seen for x in _parts(xs)]
            return tuple(_changed_items(item, list(value), items, rng))
        case TypeConstructor("text"), str():
            return "".join(map(str, _changed_items(TEXT, list(value), list("".join(map(str, seen))), rng)))
        case TypeConstructor("tuple", parts), tuple() if parts:
            return _changed_input(parts, list(zip(*map(_parts, seen), strict=True)), value, rng)
        case TypeConstructor("option", (item,)), Some(inside):
            some = [x.value for x in seen if isinstance(x, Some)]
            return None if rng.random() < 0.25 else Some(_changed(item, inside, some, rng))
        case _:
            return _changed_atom(t, value, seen, rng)


def _changed_items(item: Type, items: list[object], seen: Sequence[object], rng: random.Random) -> list[object]:
    """One item less, more, twice, changed, or two in each other's place."""
    change = rng.choice(_LIST_CHANGES) if items else "add"
    place = rng.randrange(len(items)) if items else 0
    match change:
        case "drop":
            del items[place]
        case "repeat":
            items.insert(place, items[place])
        case "swap":
            other = rng.randrange(len(items))
            items[place], items[other] = items[other], items[place]
        case "change":
            new = _like(str(items[place]), seen, rng) if item == TEXT and _is_letters(seen) else None
            items[place] = _changed(item, items[place], seen, rng) if new is None else new
        case _:
            items.insert(rng.randint(0, len(items)), rng.choice(seen) if seen else _fresh(item, (), rng))
    return items


def _is_letters(seen: Sequence[object]) -> bool:
    return all(isinstance(s, str) and len(s) == 1 for s in seen)


def _like(letter: str, seen: Sequence[object], rng: random.Random) -> str:
    """Another letter of the same kind, so that numbers stay numbers and words stay words."""
    kinds = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    kind = next((kind for kind in kinds if letter in kind), None)
    return rng.choice(kind) if kind else str(rng.choice(seen))


def _changed_atom(t: Type, value: object, seen: Sequence[object], rng: random.Random) -> object:
    if t == BOOL:
        return not value
    if t == INT and isinstance(value, int) and rng.random() < 0.5:
        return min(max(value + rng.choice((-2, -1, 1, 2)), INT_MIN), INT_MAX)
    if t == REAL and isinstance(value, float) and rng.random() < 0.5:
        return value + rng.choice((-1.0, -0.5, 0.5, 1.0))
    return rng.choice(seen) if rng.random() < 0.5 and seen else _fresh(t, seen, rng)
