"""Kernels of words on tuples and options against the words' Python functions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kernel_harness import check_kernel, result_type, words_of

from dsl.primitives import CORE
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, apply, list_of, option_of
from synth.search.kernels import kernel_for
from synth.search.kernels.records import KERNELS

CHOICES: tuple[dict[str, Type], ...] = (
    {"A": INT, "B": BOOL, "C": REAL},
    {"A": list_of(INT), "B": TEXT, "C": INT},
    {"A": option_of(REAL), "B": INT, "C": list_of(BOOL)},
)
CONSTANTS = {"option.none"}
"""A word without parameters has one value, which needs no loop."""


def words() -> Iterator[tuple[str, tuple[Type, ...]]]:
    for word in KERNELS:
        declared = CORE[word].type
        assert isinstance(declared, FunctionType)
        yield from ((word, tuple(apply(chosen, p) for p in declared.parameters)) for chosen in CHOICES)


@pytest.mark.parametrize(("word", "parameters"), list(words()), ids=str)
def test_a_kernel_is_its_word(word: str, parameters: tuple[Type, ...]) -> None:
    kernel = kernel_for(word, parameters, result_type(word, parameters))
    assert kernel is KERNELS[word]
    check_kernel(word, kernel, *parameters)


def test_every_word_without_functions_has_a_kernel() -> None:
    found = {word for namespace in ("tuple", "option") for word in words_of(namespace, functions=False)}
    assert found - CONSTANTS == set(KERNELS)
