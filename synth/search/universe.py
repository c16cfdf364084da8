"""Universes: the arguments on which a lambda's body is told apart from others, kept per row of the outer scope.

They decide only what is told apart and in which order; a function is run exactly on whatever arguments turn up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import TypeAlias

from dsl.type_system import INT, Type, TypeConstructor
from dsl.values import Some, key

__all__ = ["Arguments", "Observation", "universe"]

Arguments: TypeAlias = tuple[object, ...]
Observation: TypeAlias = tuple[object, Type]
"""A value seen in an example (an input or the output), with its type."""


def universe(parameters: tuple[Type, ...], seen: Sequence[Observation], most: int) -> list[Arguments]:
    """At most `most` argument tuples for a lambda in the context of one example.

    One parameter: the items seen. Two: neighbours, index and item, and items of two lists side by side. More, or
    other types: values of each type, cycled against one another.
    """
    if len(parameters) == 2 and parameters[0] == parameters[1] == INT:
        return _distinct(_int_pairs(seen), most)
    pools = [_pool(p, seen) for p in parameters]
    if not all(pools):
        return []
    if len(pools) == 1:
        return _distinct(((value,) for value in pools[0]), most)
    return _distinct(_cycled(pools), most)


def _distinct(candidates: Iterator[Arguments], most: int) -> list[Arguments]:
    found: dict[object, Arguments] = {}
    for arguments in candidates:
        found.setdefault(key(arguments), arguments)
        if len(found) == most:
            break
    return list(found.values())


def _cycled(pools: Sequence[Sequence[object]]) -> Iterator[Arguments]:
    """Pairs (triples, ...) that vary in every place: step i takes item i of the last pool, others shifted by round."""
    longest = max(map(len, pools))
    for turn in range(3):
        for i in range(longest):
            yield tuple(p[(i + turn * (at + 1)) % len(p)] for at, p in enumerate(reversed(pools)))[::-1]


def _int_lists(seen: Sequence[Observation]) -> list[tuple[int, ...]]:
    wanted = TypeConstructor("list", (INT,))
    return [v for v, t in seen if t == wanted and isinstance(v, tuple) and v]


def _int_pairs(seen: Sequence[Observation]) -> Iterator[Arguments]:
    """Spread over the kinds of pair, a few of each, since every list gives many."""
    lists = _int_lists(seen)
    for items in lists[:2]:
        yield from islice(pairwise(items), 3)
        yield from islice(((i, x) for i, x in enumerate(items) if i > 0), 2)
    for left, right in pairwise(lists):
        yield from islice(zip(left, right, strict=False), 2)
    scalars = [v for v, t in seen if t == INT]
    yield from ((a, b) for a in scalars for b in scalars[::-1])
    yield from ((0, 0), (1, 0), (0, 1), (2, 5), (7, 3))


def _pool(t: Type, seen: Sequence[Observation]) -> list[object]:
    """Values of a type found in the observations, outermost first, then a few plain ones."""
    found = [part for value, of in seen for part in _parts(value, of, t)]
    return list({key(v): v for v in (*found, *_plain(t, seen))}.values())


def _parts(value: object, of: Type, wanted: Type) -> Iterator[object]:
    if of == wanted:
        yield value
    match of:
        case TypeConstructor("list", (item,)) if isinstance(value, tuple):
            for part in value:
                yield from _parts(part, item, wanted)
        case TypeConstructor("tuple", items) if isinstance(value, tuple):
            for part, item in zip(value, items, strict=True):
                yield from _parts(part, item, wanted)
        case TypeConstructor("option", (item,)) if isinstance(value, Some):
            yield from _parts(value.value, item, wanted)
        case _:
            return


def _plain(t: Type, seen: Sequence[Observation]) -> Iterator[object]:
    match t:
        case TypeConstructor("int"):
            yield from (0, 1, 3)
        case TypeConstructor("bool"):
            yield from (True, False)
        case TypeConstructor("real"):
            yield from (0.0, 1.0, 2.5)
        case TypeConstructor("text"):
            yield from ("", "a")
        case TypeConstructor("list", (item,)):
            yield ()
            for value, of in seen:
                if of == t and isinstance(value, tuple):
                    yield from (value[1:], value[:1], value[:2], value[-2:])
            yield from ((value,) for value in islice(_plain(item, seen), 2))
        case TypeConstructor("tuple", items):
            pools = [_pool(item, seen)[:4] for item in items]
            if all(pools):
                yield from islice(_cycled(pools), 6)
        case TypeConstructor("option", (item,)):
            yield None
            yield from (Some(value) for value in islice(_plain(item, seen), 2))
        case _:
            return
