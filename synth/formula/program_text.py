"""Models as programs of the language, and back: what is tested is what is printed.

Over measurements of one row a program takes the columns as reals. Over lists of parts it takes one list, whose items
are nested pairs of the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import assert_never

import numpy as np

from dsl.library import Library
from dsl.literals import show_literal
from dsl.parser import parse
from dsl.primitives import CORE, list_functions, list_parts, lists, reals, tuples
from dsl.printer import show
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import REAL, Type, list_of, tuple_of
from synth.formula.columns import Floats
from synth.formula.expression import (
    Binary,
    BinaryName,
    Column,
    Constant,
    Expression,
    Unary,
    UnaryName,
    apply_binary,
    apply_unary,
)
from synth.formula.model import Model, Term

__all__ = ["PARTS", "formula_words", "model_text", "nested", "read_formula", "run_on_columns"]

PARTS = "parts"
"""The parameter of a program over lists of parts."""

_INFIX: Mapping[BinaryName, str] = MappingProxyType({"add": "+", "subtract": "-", "multiply": "*", "divide": "/"})
_FUNCTION: Mapping[UnaryName, str] = MappingProxyType({"log": "log", "exp": "exp", "root": "square_root"})


def model_text(model: Model, names: Sequence[str], *, parts: bool) -> str:
    """The program that computes a model, as text."""
    spelled = _part_names(names) if parts else {name: name for name in names}
    return " + ".join(_term_text(term, spelled, parts) for term in model.terms)


def _part_names(names: Sequence[str]) -> dict[str, str]:
    """How the columns of a part are reached: pairs of pairs."""
    return dict(zip(names, _paths("part", len(names)), strict=True))


def _paths(root: str, count: int) -> list[str]:
    if count == 1:
        return [root]
    half = (count + 1) // 2
    return _paths(f"first({root})", half) + _paths(f"second({root})", count - half)


def nested(values: Sequence[object]) -> object:
    """Values of a part as nested pairs, as programs get them.

    >>> nested((1.0, 2.0, 3.0))
    ((1.0, 2.0), 3.0)
    """
    if len(values) == 1:
        return values[0]
    half = (len(values) + 1) // 2
    return (nested(values[:half]), nested(values[half:]))


def _nested_type(count: int) -> Type:
    if count == 1:
        return REAL
    half = (count + 1) // 2
    return tuple_of(_nested_type(half), _nested_type(count - half))


def _term_text(term: Term, spelled: Mapping[str, str], parts: bool) -> str:
    number = show_literal(term.coefficient)
    if term.expression is None:
        return number
    body = _text(term.expression, spelled)
    if parts:
        match term.fold:
            case "sum":
                body = f"sum(map(lambda part: {body}, {PARTS}))"
            case "first":
                body = f"(let part = head({PARTS}) in {body})"
            case "last":
                body = f"(let part = last({PARTS}) in {body})"
            case _:
                assert_never(term.fold)
    return body if term.simple == 1 else f"{number} * {body}"


def _text(expression: Expression, spelled: Mapping[str, str]) -> str:
    match expression:
        case Column(name):
            return spelled[name]
        case Constant(value):
            return show_literal(value)
        case Unary("square", operand):
            return f"({_text(operand, spelled)} ** 2.0)"
        case Unary(name, operand):
            return f"{_FUNCTION[name]}({_text(operand, spelled)})"
        case Binary(name, left, right):
            return f"({_text(left, spelled)} {_INFIX[name]} {_text(right, spelled)})"
        case _:
            assert_never(expression)


def read_formula(text: str, names: Sequence[str], *, parts: bool, library: Library = CORE) -> tuple[Lambda, str]:
    """The program that a text spells, types checked, and its text as the language prints it."""
    if parts:
        variables: dict[str, Type] = {PARTS: list_of(_nested_type(len(names)))}
    else:
        variables = dict.fromkeys(names, REAL)
    body = parse(text, library, expected=REAL, variables=variables)
    return Lambda(tuple(variables), body), show(body, library)


_WORDS_OF_ONE: Mapping[str, UnaryName] = MappingProxyType(
    {"real.log": "log", "real.exp": "exp", "real.square_root": "root"}
)
_WORDS_OF_TWO: Mapping[str, BinaryName] = MappingProxyType({f"real.{name}": name for name in _INFIX})


def run_on_columns(program: Program, columns: Mapping[str, Floats]) -> Floats:
    """A program over plain columns, run on whole columns at once: what the interpreter says, row by row.

    ValueError for a program that is not made of the words of formulas.
    """
    match program:
        case Lambda(_, body):
            return run_on_columns(body, columns)
        case Variable(name):
            return columns[name]
        case Literal(float(value)):
            return np.full_like(next(iter(columns.values())), value)
        case Application(Name(word), (operand,)) if word in _WORDS_OF_ONE:
            return apply_unary(_WORDS_OF_ONE[word], run_on_columns(operand, columns))
        case Application(Name(word), (left, right)) if word in _WORDS_OF_TWO:
            return apply_binary(_WORDS_OF_TWO[word], run_on_columns(left, columns), run_on_columns(right, columns))
        case Application(Name("real.power"), (base, Literal(2.0))):
            return apply_unary("square", run_on_columns(base, columns))
        case Application(Name("real.negate"), (operand,)):
            return -run_on_columns(operand, columns)
        case _:
            raise ValueError(f"expected a program of formula words, found {program}")


def formula_words() -> Library:
    """The words that printed formulas are made of."""
    wanted = (
        "real.add", "real.subtract", "real.multiply", "real.divide", "real.power", "real.negate", "real.log",
        "real.exp", "real.square_root", "real.sum", "list.map", "list.head", "list.last", "tuple.first", "tuple.second",
    )  # fmt: skip
    library = Library.of(reals, lists, list_parts, list_functions, tuples)
    return library.without([word.name for word in library.vocabulary if word.name not in wanted])
