"""Kernels of words on ints, bools and reals, and of order, against the words' Python functions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_harness import EDGES, REAL_EDGES, check_kernel, compare, words_of

from dsl.primitives import CORE
from dsl.primitives.integers import is_prime
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, list_of, option_of, tuple_of
from synth.search.kernels import kernel_for, reals, scalars
from synth.search.kernels.arithmetic import is_prime as compiled_is_prime
from synth.search.kernels.arithmetic import multiplied, root_below
from synth.search.kernels.convention import DEFINED, Kernel

SCALARS = (INT, BOOL, REAL)
FLAT = (list_of(INT), list_of(BOOL), tuple_of(REAL, INT), list_of(REAL))
OTHERS = (TEXT, option_of(INT), list_of(list_of(INT)), list_of(TEXT), tuple_of(INT, list_of(INT)))
LAZY = {"bool.and", "bool.or"}
"""They leave an argument unrun: the engine does them itself, from the columns of both."""
CONSTANTS = {"real.pi"}
"""A word without parameters has one value, which needs no loop."""


def found(word: str, parameters: tuple[Type, ...]) -> Kernel:
    kernel = kernel_for(word, parameters, _result(word, parameters))
    assert kernel is not None
    return kernel


def _result(word: str, parameters: tuple[Type, ...]) -> Type:
    if word.startswith("order."):
        return parameters[0] if word.rpartition(".")[2] in ("min", "max", "clamp") else BOOL
    declared = CORE[word].type
    assert isinstance(declared, FunctionType)
    return declared.result


def plain_words() -> Iterator[tuple[str, tuple[Type, ...]]]:
    """Words on numbers, at the types that they declare."""
    for word in (*words_of("int"), *words_of("real"), *words_of("bool")):
        if word not in LAZY | CONSTANTS:
            declared = CORE[word].type
            assert isinstance(declared, FunctionType)
            yield word, declared.parameters


def order_words() -> Iterator[tuple[str, tuple[Type, ...]]]:
    for word in words_of("order"):
        for t in (*SCALARS, *FLAT, *(OTHERS if word in ("order.eq", "order.ne") else ())):
            yield word, (t,) * len(CORE[word].parameters)


@pytest.mark.parametrize(("word", "parameters"), [*plain_words(), *order_words()], ids=str)
def test_a_kernel_is_its_word(word: str, parameters: tuple[Type, ...]) -> None:
    check_kernel(word, found(word, parameters), *parameters, examples=40 if parameters[0] in SCALARS else 15)


def test_every_word_has_a_kernel() -> None:
    words = {word for name in ("int", "real", "bool", "order") for word in words_of(name)}
    assert words - LAZY - CONSTANTS == set(scalars.KERNELS) | set(reals.KERNELS)


@pytest.mark.parametrize("t", OTHERS, ids=str)
def test_what_is_in_no_order_of_cells_has_no_kernel(t: Type) -> None:
    for word in words_of("order"):
        if word not in ("order.eq", "order.ne"):
            parameters = (t,) * len(CORE[word].parameters)
            assert kernel_for(word, parameters, _result(word, parameters)) is None


def test_a_kernel_is_for_the_words_types_only() -> None:
    function = FunctionType((INT,), INT)
    assert kernel_for("int.add", (REAL, REAL), REAL) is None
    assert kernel_for("order.eq", (INT, BOOL), BOOL) is None
    assert kernel_for("order.eq", (function, function), BOOL) is None
    assert kernel_for("no.word", (INT,), INT) is None


@pytest.mark.parametrize("word", [w for w, p in plain_words() if p == (INT, INT)])
def test_two_numbers_at_all_limits(word: str) -> None:
    rows = [((x, y), DEFINED) for x in EDGES for y in EDGES]
    compare(word, scalars.KERNELS[word], (INT, INT), rows, 5)


@pytest.mark.parametrize("word", [w for w, p in plain_words() if p == (REAL, REAL)])
def test_two_reals_at_all_limits(word: str) -> None:
    rows = [((x, y), DEFINED) for x in REAL_EDGES for y in REAL_EDGES]
    compare(word, reals.KERNELS[word], (REAL, REAL), rows, 5)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_products_that_just_fit_are_told_from_those_that_just_do_not(x: int, y: int) -> None:
    for factor in (y, (2**63 - 1) // x if x else 0, -(2**63) // x + 1 if x else 0):
        if -(2**63) <= factor < 2**63:
            fits = -(2**63) <= x * factor < 2**63
            product, said = multiplied(np.int64(x), np.int64(factor))
            assert said == fits
            assert not fits or product == x * factor


def test_primes_are_those_of_a_sieve() -> None:
    sieve = [False, False] + [True] * 19_998
    for n in range(2, 142):
        if sieve[n]:
            sieve[n * n :: n] = [False] * len(range(n * n, 20_000, n))
    assert [n for n in range(-5, 20_000) if compiled_is_prime(n)] == [n for n, prime in enumerate(sieve) if prime]


# Strong pseudoprimes to the first 4, 9 and 11 prime bases (the last for the first 9 too), the largest primes of 64 and
# of 32 bits, and squares of primes.
HARD = [3_215_031_751, 3_825_123_056_546_413_051, 341_550_071_728_321, 2**63 - 25, 2**31 - 1, 3_037_000_493**2, 41**2]


@given(st.integers(2**31, 2**63 - 1) | st.sampled_from(HARD))
def test_large_primes(x: int) -> None:
    for n in (x, x | 1, x // 2, math.isqrt(x) | 1):
        assert compiled_is_prime(n) == is_prime(n)


@settings(max_examples=200)
@given(st.integers(0, 3_037_000_499), st.integers(-2, 2))
def test_roots_about_squares(root: int, off: int) -> None:
    x = min(max(root * root + off, 0), 2**63 - 1)
    assert root_below(np.int64(x)) == math.isqrt(x)


def test_sums_of_reals_of_all_sizes_are_rounded_once() -> None:
    """Lists like those that the exact sum was made for: huge terms that cancel, and halves of a last place."""
    rng, rows = Random(7), []
    for _ in range(400):
        terms = [rng.uniform(-1, 1) * 2.0 ** rng.randint(-1060, 1020) for _ in range(rng.randint(1, 40))]
        terms += [-x for x in terms if rng.random() < 0.8]
        terms += rng.choices([1e308, 1.0, 2.0**-53, -(2.0**-53), 2.0**-106, 2.0**53, 2.0**969], k=rng.randint(0, 9))
        rng.shuffle(terms)
        rows.append(((tuple(terms),), DEFINED))
    for word in ("real.sum", "real.mean"):
        compare(word, reals.KERNELS[word], (list_of(REAL),), rows, 5)
