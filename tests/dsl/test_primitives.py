"""The words of the language: complete, documented, true to their hints, laws and inverses, and quick on anything."""

from __future__ import annotations

import doctest
import itertools
import math
import time
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.inspect_primitives import check_primitive, report_lines
from dsl.library import Entry
from dsl.primitive import Primitive
from dsl.primitives import CORE, integers, list_changes, list_functions, list_order, list_parts, lists, order
from dsl.type_system import (
    FunctionType,
    Type,
    TypeConstructor,
    TypeVariable,
    list_of,
    show_type,
    type_variables,
)
from dsl.values import INT_MAX, INT_MIN, SIZE_LIMIT, TooLarge, Undefined

WORDS = [word for word in CORE if isinstance(word, Primitive)]
every_word = pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
ints = st.integers(-20, 20)
int_lists = st.lists(ints, max_size=8).map(tuple)

SMALL_SET = (
    *("fold", "cons", "append", "if", "lt", "eq", "add", "pair", "first", "second"),
    *("head", "tail", "is_empty", "range", "get"),
)
"""The words of the smallest tier of list tasks."""


@every_word
def test_every_word_keeps_its_promises(word: Primitive) -> None:
    report = check_primitive(word, CORE, rng=Random(word.name))
    assert not report.findings, "\n".join(report_lines([report]))
    assert report.defined


@every_word
def test_every_word_says_what_it_does_and_shows_it(word: Primitive) -> None:
    assert word.summary, f"say in one line what {word.name} does"
    assert word.summary.endswith(".")
    examples = doctest.DocTestFinder().find(word.function, word.name)[0].examples
    assert examples, f"add a >>> example to {word.name}"


def parts(t: Type) -> Iterator[Type]:
    yield t
    if isinstance(t, TypeConstructor):
        for argument in t.arguments:
            yield from parts(argument)
    elif isinstance(t, FunctionType):
        for part in (*t.parameters, t.result):
            yield from parts(part)


@every_word
def test_types_are_of_the_language_alone(word: Primitive) -> None:
    known = {"int", "bool", "real", "text", "list", "tuple", "option"}
    assert {part.name for part in parts(word.type) if isinstance(part, TypeConstructor)} <= known
    # A variable that occurs in the result alone would let a word promise any type; only `none` may.
    if isinstance(word.type, FunctionType):
        given_variables = {v for parameter in word.type.parameters for v in type_variables(parameter)}
        assert set(type_variables(word.type.result)) <= given_variables


def test_namespaces_are_the_types() -> None:
    found = {word.name.partition(".")[0] for word in WORDS}
    assert found == {"control", "order", "bool", "int", "real", "text", "list", "tuple", "option"}


def test_the_small_set_is_there_and_each_of_its_words_is_one_word() -> None:
    assert all(len(CORE.candidates(name)) >= 1 for name in SMALL_SET)
    assert len(CORE.only(name for word in SMALL_SET for name in CORE.matching(word))) >= len(SMALL_SET)


def test_common_words_weigh_more_than_rare_ones() -> None:
    common = ["list.map", "list.filter", "int.add", "order.eq", "order.lt", "list.cons", "list.get"]
    rare = ["list.reduce", "list.transpose", "int.lcm", "list.is_sorted"]
    assert min(CORE[name].weight for name in common) == max(word.weight for word in WORDS)
    assert max(CORE[name].weight for name in rare) <= 0.25


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("control.if", "(bool, A, A) -> A"),
        ("int.add", "(int, int) -> int"),
        ("list.contains", "(E, list[E]) -> bool where E: eq"),
        ("list.fold", "((B, A) -> B, B, list[A]) -> B"),
        ("list.get", "(list[A], int) -> A"),
        ("list.map", "((A) -> B, list[A]) -> list[B]"),
        ("list.sort", "(list[K]) -> list[K] where K: ordered"),
        ("option.none", "option[A]"),
        ("real.pi", "real"),
        ("tuple.triple", "(A, B, C) -> tuple[A, B, C]"),
    ],
)
def test_types(name: str, wanted: str) -> None:
    assert show_type(CORE[name].type) == wanted


# ---- Meaning, against Python ----------------------------------------------------------------------------------------


@given(int_lists, ints, ints)
def test_indices_and_slices_are_those_of_python(xs: tuple[int, ...], i: int, j: int) -> None:
    assert lists.slice_(xs, i, j) == xs[i:j]
    assert lists.slice_from(xs, i) + lists.slice_to(xs, i) in (xs[i:] + xs[:i], xs)
    changed = list(xs)
    changed.insert(i, 99)
    assert list_changes.insert_at(i, 99, xs) == tuple(changed)
    if -len(xs) <= i < len(xs):
        assert lists.get(xs, i) == xs[i]
        assert list_changes.replace_at(i, 99, xs)[i] == 99
        assert len(list_changes.remove_at(i, xs)) == len(xs) - 1
    else:
        with pytest.raises(IndexError):
            lists.get(xs, i)


@given(int_lists, ints)
def test_take_and_drop_share_a_list_out(xs: tuple[int, ...], count: int) -> None:
    """A count below 0 counts as 0."""
    assert lists.take(count, xs) + lists.drop(count, xs) == xs
    assert lists.drop_last(count, xs) + lists.take_last(count, xs) == xs
    assert len(lists.take(count, xs)) == min(max(count, 0), len(xs)) == len(lists.take_last(count, xs))


@given(ints, ints, ints)
def test_ranges_are_those_of_python(start: int, stop: int, step: int) -> None:
    assert lists.range_(start, stop) == tuple(range(start, stop))
    if step:
        assert lists.range_step(start, stop, step) == tuple(range(start, stop, step))
    else:
        with pytest.raises(Undefined):
            lists.range_step(start, stop, step)


@given(int_lists, ints)
def test_folds_and_scans_agree(xs: tuple[int, ...], start: int) -> None:
    def step(total: int, x: int) -> int:
        return 3 * total - x

    sums = tuple(itertools.accumulate(xs, step, initial=start))
    assert list_functions.scan(step, start, xs) == sums[1:]
    assert list_functions.fold(step, start, xs) == sums[-1]
    assert list_functions.fold_right(lambda x, total: step(total, x), start, xs[::-1]) == sums[-1]
    if xs:
        assert list_functions.scan1(step, xs)[-1] == list_functions.reduce(step, xs)


@given(int_lists)
def test_groups_join_to_the_list(xs: tuple[int, ...]) -> None:
    assert list_parts.flatten(list_order.group(xs)) == xs
    assert all(len(set(run)) == 1 for run in list_order.group(xs))
    assert list_functions.group_by(lambda x: x, xs) == list_order.group(xs)
    assert list_functions.gather_by(lambda x: x, xs) == list_order.gather(xs)
    assert tuple(run[0] for run in list_order.gather(xs)) == list_order.unique(xs)
    assert list_parts.flatten(list_parts.chunk(3, xs)) == xs
    assert list_parts.windows(2, xs) == list_parts.pairs(xs)
    assert list_parts.prefixes(xs) == tuple(x[::-1] for x in list_parts.suffixes(xs[::-1]))[::-1]


@given(int_lists, int_lists)
def test_lists_as_sets(xs: tuple[int, ...], ys: tuple[int, ...]) -> None:
    assert set(list_order.union(xs, ys)) == set(xs) | set(ys)
    assert set(list_order.intersect(xs, ys)) == set(xs) & set(ys)
    assert set(list_order.difference(xs, ys)) == set(xs) - set(ys)
    assert len(list_order.unique(xs)) == len(set(xs))


@given(ints, int_lists)
def test_removing_and_finding(item: int, xs: tuple[int, ...]) -> None:
    places = list_functions.find_indices(lambda x: x == item, xs)
    assert len(places) == list_order.count_of(item, xs)
    assert len(list_order.remove(item, xs)) == len(xs) - len(places)
    if places:
        assert places[0] == list_order.index_of(item, xs) == list_functions.find_index(lambda x: x == item, xs)
        assert list_order.remove_first(item, xs) == list_changes.remove_at(places[0], xs)
    else:
        assert list_order.remove_first(item, xs) == xs


@given(st.integers(-5, 5), st.integers(-3, 70))
def test_powers_are_those_of_python_up_to_64_bits(base: int, exponent: int) -> None:
    if exponent < 0:
        with pytest.raises(Undefined):
            integers.power(base, exponent)
    elif INT_MIN <= base**exponent <= INT_MAX:
        assert integers.power(base, exponent) == base**exponent


def test_powers_of_units_with_huge_exponents() -> None:
    found = [integers.power(base, exponent) for base in (-1, 0, 1) for exponent in (INT_MAX, INT_MAX - 1)]
    assert found == [-1, 1, 0, 0, 1, 1]
    with pytest.raises(OverflowError):
        integers.power(2, INT_MAX)


def test_primes_against_trial_division() -> None:
    def by_trial(x: int) -> bool:
        return x > 1 and all(x % d for d in range(2, math.isqrt(x) + 1))

    assert [x for x in range(-5, 3000) if integers.is_prime(x)] == [x for x in range(-5, 3000) if by_trial(x)]
    # A strong pseudoprime to the bases 2 to 23 (Jaeschke 1993), and the largest prime of 63 bits.
    assert not integers.is_prime(3825123056546413051)
    assert integers.is_prime(2**63 - 25)


@given(ints, ints, ints)
def test_clamp_is_the_middle_of_three(low: int, high: int, x: int) -> None:
    if low <= high:
        assert order.clamp(low, high, x) == sorted((low, high, x))[1]
    else:
        with pytest.raises(Undefined):
            order.clamp(low, high, x)


# ---- Laziness and limits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments", "asked"),
    [
        ("control.if", (True, 1, 2), [0, 1]),
        ("control.if", (False, 1, 2), [0, 2]),
        ("bool.and", (False, True), [0]),
        ("bool.and", (True, False), [0, 1]),
        ("bool.or", (True, False), [0]),
        ("bool.or", (False, False), [0, 1]),
    ],
)
def test_lazy_words_ask_for_what_they_need_alone(name: str, arguments: tuple[object, ...], asked: list[int]) -> None:
    word, forced = CORE[name], []
    assert isinstance(word, Primitive)
    assert word.lazy is not None

    def force(place: int) -> object:
        forced.append(place)
        return arguments[place]

    assert word.lazy(force) == word.function(*arguments)
    assert forced == asked


def test_huge_results_are_refused_before_they_are_built() -> None:
    long = tuple(range(SIZE_LIMIT - 1))
    for refused in (
        lambda: lists.repeat(0, INT_MAX),
        lambda: lists.range_(INT_MIN, INT_MAX),
        lambda: lists.range_step(0, INT_MAX, 2),
        lambda: list_parts.prefixes(long),
        lambda: list_parts.suffixes(long),
        lambda: list_parts.windows(5000, long),
        lambda: list_functions.flat_map(lambda _: long, long),
        lambda: list_functions.iterate(lambda x: x, 0, INT_MAX),
        lambda: list_functions.unfold(lambda x: list_functions.find(lambda _: True, ((x, x + 1),)), 0),
    ):
        with pytest.raises(TooLarge):
            refused()


def largest(t: Type) -> list[object]:
    """Extreme values of a type: both ends of the ints, the longest lists."""
    match t:
        case TypeConstructor("int"):
            return [INT_MIN, INT_MAX, SIZE_LIMIT]
        case TypeConstructor("real"):
            return [-1e308, 1e308]
        case TypeConstructor("text"):
            return ["ab" * (SIZE_LIMIT // 2)]
        case TypeConstructor("list", (TypeConstructor("list"),)):
            return [((7,) * 99,) * 100, ((),) * (SIZE_LIMIT - 1)]
        case TypeConstructor("list", (item,)):
            return [(value,) * (SIZE_LIMIT - 1) for value in largest(item)[1:2]]
        case TypeConstructor("tuple", items):
            return [tuple(largest(item)[0] for item in items)]
        case TypeVariable():
            return (
                largest(list_of(TypeConstructor("int")))[:1]
                if t.constraint == "any"
                else largest(TypeConstructor("int"))
            )
        case _:
            return []


@every_word
def test_every_word_ends_quickly_on_the_largest_arguments(word: Primitive) -> None:
    parameters = word.type.parameters if isinstance(word.type, FunctionType) else ()
    without_value: tuple[type[Exception], ...] = (Undefined, TooLarge, OverflowError, *word.raises)
    start = time.process_time()
    for arguments in itertools.product(*map(largest, parameters)):
        try:
            word.function(*arguments)
        except without_value:
            continue
    assert time.process_time() - start < 1.0


def test_entries_are_primitives() -> None:
    """CORE is Python alone; definitions in the language live in modules."""
    entries: list[Entry] = list(CORE)
    assert len(entries) == len(WORDS) > 150
