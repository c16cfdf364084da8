"""Specs that the tests of the search share."""

from __future__ import annotations

from dsl.library import Library
from dsl.primitives import CORE
from dsl.type_system import INT, FunctionType, Type, list_of
from tasks.domains.lists import LISTS
from tasks.task import Example, Spec

INTS = list_of(INT)
T0 = LISTS.tier("T0")


def spec_of(
    *pairs: tuple[object, object],
    types: tuple[Type, ...] = (INTS,),
    result: Type = INTS,
    library: Library = CORE,
    queries: tuple[tuple[object, ...], ...] = (),
) -> Spec:
    """A spec from (argument, output) pairs; the argument is a tuple of arguments where there are several types."""
    names = ("xs", "n", "ys")[: len(types)]
    examples = (Example(a if len(types) > 1 else (a,), o) for a, o in pairs)  # type: ignore[arg-type]
    return Spec(names, FunctionType(types, result), library, tuple(examples), queries)


REVERSE = spec_of(((1, 2, 3), (3, 2, 1)), ((7, 7, 4, 1), (1, 4, 7, 7)), ((), ()))
INCREMENT = spec_of(((1, 2, 3), (2, 3, 4)), ((5,), (6,)), ((), ()))
EVENS = spec_of(((1, 2, 3, 4), (2, 4)), ((5, 8), (8,)), ((), ()))
KEEP_GREATER = spec_of(((3, 5, 1, 9), (5, 9)), ((0, 4), (4,)), ((8, 2), ()), ((5, 5, 6, 7, 1), (6, 7)))
RUNNING_SUM = spec_of(((1, 2, 3), (1, 3, 6)), ((5, 5), (5, 10)), ((), ()))
NOTHING_SIMPLE = spec_of(((3, 1, 2), (91, 17)), ((), (48,)), ((5, 5, -7, 0), ()), ((9,), (66, 3, 29)))
