"""What the contestants work on: five examples that no program of the words meets, so that every search goes on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import NewType

from dsl.library import Library
from dsl.primitive import primitive
from dsl.primitives import CORE
from dsl.type_system import INT, FunctionType, Type, TypeConstructor, TypeVariable, list_of
from tasks.task import Example, Spec

__all__ = ["boxed_domain", "boxed_lists", "dense_columns", "first_order_lists", "list_columns", "list_to_list"]

EXAMPLES = 5
INTS = list_of(INT)
_SEED = 20_240
_UNREACHABLE = 3_735_928_559
"""Stands in the outputs; sums and products of the inputs come to it, if ever, not on five examples at once."""


def first_order_lists() -> Library:
    """The built-in words over ints and flat lists that take no function."""
    words = [entry.name for entry in CORE if entry.name.startswith("list.") and _is_flat(entry.type)]
    return CORE.only([*words, "int.add", "int.subtract"])


def list_columns() -> Spec:
    """Lists to lists with all first-order list words."""
    return _lists(first_order_lists())


def list_to_list() -> Spec:
    """Lists to lists with words that give lists only, so that what a search holds is columns of lists."""
    words = ("concat", "reverse", "tail", "init", "sort", "unique", "interleave", "take", "drop", "rotate")
    return _lists(CORE.only([f"list.{word}" for word in words]))


def dense_columns() -> Spec:
    """Two ints to an int with arithmetic, comparison and choice."""
    rng = random.Random(_SEED)
    inputs = [(rng.randint(2, 99), rng.randint(-50, 50)) for _ in range(EXAMPLES)]
    library = CORE.only(["int.add", "int.subtract", "int.multiply", "order", "bool", "control"])
    return _spec(("n", "m"), (INT, INT), INT, library, [(pair, _UNREACHABLE + i) for i, pair in enumerate(inputs)])


# A user's own words, in plain Python, as `synth solve --with` reads them.


@primitive
def weave(xs: tuple[int, ...], ys: tuple[int, ...]) -> tuple[int, ...]:
    """Items of both lists in turn, as far as the shorter one goes.

    >>> weave((1, 2), (7, 8, 9))
    (1, 7, 2, 8)
    """
    return tuple([item for pair in zip(xs, ys, strict=False) for item in pair])


@primitive
def turn(xs: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The list with its first items moved to its end.

    >>> turn((1, 2, 3), 1)
    (2, 3, 1)
    """
    if not xs:
        return xs
    cut = count % len(xs)
    return (*xs[cut:], *xs[:cut])


@primitive
def differences(xs: tuple[int, ...]) -> tuple[int, ...]:
    """Each item less the one before it.

    >>> differences((3, 5, 4))
    (2, -1)
    """
    return tuple([right - left for left, right in itertools.pairwise(xs)])


@primitive
def lifted(xs: tuple[int, ...], ys: tuple[int, ...]) -> tuple[int, ...]:
    """The items of the first list with the largest of the second added.

    >>> lifted((1, 2), (5, 4))
    (6, 7)
    """
    top = max(ys, default=0)
    return tuple([x + top for x in xs])


def boxed_lists() -> Spec:
    """Lists to lists with a user's own words."""
    return _lists(Library.of(weave, turn, differences, lifted))


Version = NewType("Version", str)
"""A domain's type: to the search a Python object that only the domain's words look into."""


@primitive
def merged(left: Version, right: Version) -> Version:
    """The larger of the two, part by part.

    >>> merged("1.4", "2.3")
    '2.4'
    """
    parts = zip(left.split("."), right.split("."), strict=False)
    return Version(".".join([max(a, b, key=int) for a, b in parts]))


@primitive
def bumped(version: Version, step: int) -> Version:
    """The last part raised.

    >>> bumped("1.4", 3)
    '1.7'
    """
    front, dot, last = version.rpartition(".")
    return Version(f"{front}{dot}{int(last) + step % 100}")


@primitive
def nested(left: Version, right: Version) -> Version:
    """The first part of the right one put before the left one, at most four parts.

    >>> nested("1.4", "2.3")
    '2.1.4'
    """
    return Version(".".join([right.partition(".")[0], *left.split(".")[:3]]))


def boxed_domain() -> Spec:
    """A user's own type and words."""
    version = TypeConstructor("version")
    rng = random.Random(_SEED)
    inputs = [(f"{rng.randint(0, 9)}.{rng.randint(0, 30)}", f"{rng.randint(0, 9)}.0") for _ in range(EXAMPLES)]
    pairs = [(pair, f"never.{i}") for i, pair in enumerate(inputs)]
    return _spec(("v", "w"), (version, version), version, Library.of(merged, bumped, nested), pairs)


def _lists(library: Library) -> Spec:
    rng = random.Random(_SEED)
    inputs = [tuple(rng.randint(-9, 99) for _ in range(length)) for length in (5, 8, 6, 7, 5)]
    return _spec(("xs",), (INTS,), INTS, library, [((xs,), (_UNREACHABLE + i,)) for i, xs in enumerate(inputs)])


def _spec(
    names: tuple[str, ...],
    parameters: tuple[Type, ...],
    result: Type,
    library: Library,
    pairs: Sequence[tuple[tuple[object, ...], object]],
) -> Spec:
    examples = tuple(Example(arguments, output) for arguments, output in pairs)
    return Spec(names, FunctionType(parameters, result), library, examples)


def _is_flat(t: Type) -> bool:
    """Whether a word's type names nothing but ints, bools, variables and flat lists of them."""
    parts = (*t.parameters, t.result) if isinstance(t, FunctionType) else (t,)
    return all(_is_atom(p) or (isinstance(p, TypeConstructor) and p.name == "list" and _is_atom(p.arguments[0]))
               for p in parts)  # fmt: skip


def _is_atom(t: Type) -> bool:
    return isinstance(t, TypeVariable) or (isinstance(t, TypeConstructor) and not t.arguments)
