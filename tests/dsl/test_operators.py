"""The operator table: every operator has its words in the language, and is how they are shown."""

from __future__ import annotations

import pytest

from dsl.library import Definition, Library
from dsl.operators import (
    AND,
    CONDITIONAL,
    CONS,
    NOT,
    OPERATORS,
    OR,
    PAIR,
    RESERVED,
    TRIPLE,
    operator_candidates,
    operator_of,
)
from dsl.primitives import CORE
from dsl.printer import is_identifier
from dsl.program import Literal
from dsl.type_system import INT, FunctionType


@pytest.mark.parametrize("symbol", OPERATORS)
def test_every_operator_has_words(symbol: str) -> None:
    """And each of its words has the number of arguments that the operator gives it, and is shown by it."""
    operator = OPERATORS[symbol]
    found = operator_candidates(symbol, CORE)
    assert {entry.name if "." in operator.words[0] else entry.short for entry in found} == set(operator.words)
    for entry in found:
        assert isinstance(entry.type, FunctionType)
        assert len(entry.type.parameters) == operator.arity
        assert operator_of(entry) is operator


@pytest.mark.parametrize("name", [CONDITIONAL, AND, OR, NOT, PAIR, TRIPLE, CONS])
def test_special_forms_have_words(name: str) -> None:
    assert name in CORE


def test_symbols_are_no_names() -> None:
    """So that a word's name in a tree is never taken for an operator."""
    assert not any(map(is_identifier, OPERATORS))
    assert not any(map(is_identifier, RESERVED))


def test_definitions_are_no_operators() -> None:
    made = Definition("file.add", INT, Literal(1))
    assert operator_of(made) is None
    assert operator_candidates("+", Library.of(made)) == ()
