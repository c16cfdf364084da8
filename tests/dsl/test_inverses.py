"""Inverses: the forms of an answer, what the words of the language answer, and how often they find what was drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.inspect_primitives import check_primitive
from dsl.inverses import ANYTHING, MOST_PREIMAGES, Anything, Graph, Inverse, Preimages, ask
from dsl.primitive import Primitive, primitive, primitive_of
from dsl.primitives import CORE
from dsl.values import TooLarge, Undefined

ints = st.integers(-20, 20)
int_lists = st.lists(st.integers(-3, 3), max_size=6).map(tuple)
INVERTED = [word for word in CORE if isinstance(word, Primitive) and word.inverses]


def inverse_of(name: str, parameter: str, given: tuple[str, ...] | None = None) -> Inverse:
    word = CORE[name]
    assert isinstance(word, Primitive)
    wanted = tuple(p for p in word.parameters if p != parameter) if given is None else given
    return next(i for i in word.inverses if i.parameter == parameter and i.given == wanted)


def answer(name: str, parameter: str, out: object, *given: object, by: tuple[str, ...] | None = None) -> object:
    """The values or points of an answer; None where there is no argument, "many" where there are too many."""
    try:
        found = ask(inverse_of(name, parameter, by), out, given)
    except Undefined:
        return None
    except TooLarge:
        return "many"
    match found:
        case Preimages(values):
            return values
        case Graph(points):
            return dict(points)
        case Anything():
            return ANYTHING


# ---- Forms of an answer ---------------------------------------------------------------------------------------------


def test_preimages_are_some_and_not_too_many() -> None:
    assert Preimages(tuple(range(MOST_PREIMAGES))).values[-1] == MOST_PREIMAGES - 1
    with pytest.raises(Undefined):
        Preimages(())
    with pytest.raises(TooLarge):
        Preimages(tuple(range(MOST_PREIMAGES + 1)))
    with pytest.raises(TooLarge):
        Preimages.of(itertools.count())


def test_a_graph_has_one_result_for_the_same_arguments() -> None:
    assert Graph.of([((1, 2), 3), ((1, 2), 3)]).points == {(1, 2): 3}
    with pytest.raises(Undefined):
        Graph.of([((1, 2), 3), ((1, 2), 4)])


def test_the_forms_in_which_an_inverse_may_answer() -> None:
    def yields(out: int) -> Iterator[int]:
        yield from (out, out + 1)

    assert ask(Inverse("x", (), lambda out: (out,)), 7, ()) == Preimages(((7,),))
    assert ask(Inverse("x", (), yields), 7, ()) == Preimages((7, 8))
    assert ask(Inverse("x", ("y",), lambda out, y: ANYTHING), 7, (1,)) is ANYTHING
    with pytest.raises(Undefined):
        ask(Inverse("x", (), lambda out: iter(())), 7, ())


def test_given_parameters_are_in_the_order_of_the_word() -> None:
    @primitive
    def between(low: int, x: int, high: int) -> int:
        """The middle one."""
        return max(low, min(x, high))

    @between.inverse("x", given=["high", "low"])
    def _(out: int, low: int, high: int) -> int:
        return out if low < out < high else between(low, out, high)

    (inverse,) = primitive_of(between).inverses
    assert inverse.given == ("low", "high")
    assert ask(inverse, 3, (1, 9)) == Preimages((3,))


# ---- What the words answer ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (answer("list.cons", "x", (1, 2), by=()), (1,)),
        (answer("list.cons", "xs", (1, 2), by=()), ((2,),)),
        (answer("list.cons", "xs", (), by=()), None),
        (answer("list.concat", "ys", (1, 2, 3), (1,)), ((2, 3),)),
        (answer("list.concat", "ys", (1, 2, 3), (2,)), None),
        (answer("list.take", "count", (5, 6), (5, 6, 7)), (2,)),
        (answer("list.get", "index", 5, (5, 6, 5)), (-3, -1, 0, 2)),
        (answer("list.insert_at", "xs", (5, 9, 6), 1, by=("index",)), ((5, 6),)),
        (answer("list.range", "stop", (2, 3), 2), (4,)),
        (answer("list.range", "stop", (2, 4), 2), None),
        (answer("list.map", "f", (2, 4, 2), (1, 2, 1)), {(1,): 2, (2,): 4}),
        (answer("list.map", "f", (2, 4, 3), (1, 2, 1)), None),
        (answer("list.filter", "p", (2, 2), (1, 2, 3, 2)), {(1,): False, (2,): True, (3,): False}),
        (answer("list.filter", "p", (2,), (1, 2, 3, 2)), None),
        (answer("list.filter_indexed", "p", (2,), (1, 2, 2)), "many"),
        (answer("list.take_while", "p", (1,), (1, 2, 3)), {(1,): True, (2,): False}),
        (answer("list.drop_while", "p", (), (1, 2)), {(1,): True, (2,): True}),
        (answer("list.drop_while", "p", (1,), (1, 1)), None),
        (answer("list.scan", "f", (1, 3), 0, (1, 2)), {(0, 1): 1, (1, 2): 3}),
        (answer("int.multiply", "x", 6, 4), None),
        (answer("int.multiply", "x", 0, 0), ANYTHING),
        (answer("int.square", "x", 9), (3, -3)),
        (answer("int.divide", "x", 2, 3), (6, 7, 8)),
        (answer("int.divide", "x", 2, 100), "many"),
        (answer("bool.and", "y", False, False), ANYTHING),
        (answer("bool.and", "y", True, False), None),
        (answer("control.if", "then", 5, False, by=("condition",)), ANYTHING),
        (answer("control.if", "condition", 5, 4, 5), (False,)),
    ],
)
def test_answers(found: object, wanted: object) -> None:
    assert found == wanted


@given(int_lists, ints)
def test_counts_and_indices_are_found(xs: tuple[int, ...], number: int) -> None:
    """Also those that lie outside the list, up to some distance."""
    for name in ("take", "drop", "take_last", "drop_last", "rotate"):
        word = CORE[f"list.{name}"]
        assert isinstance(word, Primitive)
        found = answer(f"list.{name}", "count", word.function(number, xs), xs)
        assert isinstance(found, tuple)
        assert number in found
        assert all(word.function(count, xs) == word.function(number, xs) for count in found)


@given(int_lists, int_lists)
def test_interleaved_lists_are_told_apart(xs: tuple[int, ...], ys: tuple[int, ...]) -> None:
    word = CORE["list.interleave"]
    assert isinstance(word, Primitive)
    out = word.function(xs, ys)
    assert answer("list.interleave", "xs", out, ys) == (xs,)
    assert answer("list.interleave", "ys", out, xs) == (ys,)


@given(int_lists, int_lists)
def test_a_predicate_is_found_exactly_where_there_is_one(xs: tuple[int, ...], out: tuple[int, ...]) -> None:
    """Against all predicates on the few items there are."""
    items = sorted(set(xs))
    fitting = [
        kept
        for size in range(len(items) + 1)
        for kept in map(set, itertools.combinations(items, size))
        if tuple(x for x in xs if x in kept) == out
    ]
    found = answer("list.filter", "p", out, xs)
    assert (found is not None) == bool(fitting)
    if isinstance(found, dict):
        assert [{x for (x,), kept in found.items() if kept}] == fitting


# ---- Recall ---------------------------------------------------------------------------------------------------------

MANY_PREIMAGES = {
    *("int.from_digits xs", "list.range start given nothing", "list.range stop given nothing", "list.range start"),
    *("list.range stop", "list.zip xs", "list.zip ys", "list.zip xs given nothing", "list.zip ys given nothing"),
    *("list.transpose rows", "list.windows xs given nothing", "list.windows size given nothing", "list.pairs xs"),
    *("list.any p", "list.all p", "list.count p", "list.fold f", "list.fold_right f", "list.insert_at index"),
    *("list.contains item", "list.count_of item", "list.remove item", "list.remove_first item", "list.replace old"),
    *("list.rotate count", "list.range_step start given step", "list.range_step stop given step"),
}
"""Where an output comes from more arguments than could be listed; all others are found mostly, extreme ones aside."""


@pytest.mark.parametrize("word", INVERTED, ids=lambda word: word.name)
def test_drawn_arguments_are_found(word: Primitive) -> None:
    report = check_primitive(word, CORE, rng=Random(word.name))
    assert report.passed
    assert len(report.recalls) == len(word.inverses)
    for what, share in report.recalls:
        least = 0.05 if f"{word.name} {what}" in MANY_PREIMAGES else 0.6
        assert share >= least, f"{word.name} {what}: {share}"
