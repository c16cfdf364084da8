"""Formulas as trees: columns, constants, and eight operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, assert_never

import numpy as np

from synth.formula.columns import Floats
from synth.formula.dimension import DIMENSIONLESS, Dimension

__all__ = [
    "BINARY",
    "UNARY",
    "Binary",
    "BinaryName",
    "Column",
    "Constant",
    "Expression",
    "Unary",
    "UnaryName",
    "apply_binary",
    "apply_unary",
    "dimension_of",
    "evaluate",
    "size_of",
    "to_sympy",
]

UnaryName: TypeAlias = Literal["log", "exp", "root", "square"]
BinaryName: TypeAlias = Literal["add", "subtract", "multiply", "divide"]
UNARY: tuple[UnaryName, ...] = ("log", "exp", "root", "square")
BINARY: tuple[BinaryName, ...] = ("add", "subtract", "multiply", "divide")


@dataclass(frozen=True, slots=True)
class Column:
    """An input, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, with whatever dimension it needs to have."""

    value: float
    dimension: Dimension = DIMENSIONLESS


@dataclass(frozen=True, slots=True)
class Unary:
    """A function of one part."""

    name: UnaryName
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """An operation on two parts."""

    name: BinaryName
    left: Expression
    right: Expression


Expression: TypeAlias = Column | Constant | Unary | Binary

_UNARY: Mapping[UnaryName, Callable[[Floats], Floats]] = MappingProxyType(
    {"log": np.log, "exp": np.exp, "root": np.sqrt, "square": np.square}
)
_BINARY: Mapping[BinaryName, Callable[[Floats, Floats], Floats]] = MappingProxyType(
    {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide}
)


def apply_unary(name: UnaryName, values: Floats) -> Floats:
    """A function on numbers; not a number, or infinite, where it is not defined."""
    with np.errstate(all="ignore"):
        return _UNARY[name](values)


def apply_binary(name: BinaryName, left: Floats, right: Floats) -> Floats:
    """An operation on numbers; not a number, or infinite, where it is not defined."""
    with np.errstate(all="ignore"):
        return _BINARY[name](left, right)


def evaluate(expression: Expression, columns: Mapping[str, Floats]) -> Floats:
    """The values of a formula, row by row."""
    match expression:
        case Column(name):
            return columns[name]
        case Constant(value):
            return np.full_like(next(iter(columns.values())), value)
        case Unary(name, operand):
            return apply_unary(name, evaluate(operand, columns))
        case Binary(name, left, right):
            return apply_binary(name, evaluate(left, columns), evaluate(right, columns))
        case _:
            assert_never(expression)


def size_of(expression: Expression) -> int:
    """How many nodes it has."""
    match expression:
        case Unary(_, operand):
            return 1 + size_of(operand)
        case Binary(_, left, right):
            return 1 + size_of(left) + size_of(right)
        case _:
            return 1


def dimension_of(expression: Expression, dimensions: Mapping[str, Dimension]) -> Dimension | None:
    """The dimension of what a formula computes; None where it adds apples to pears.

    >>> from synth.formula.dimension import parse_dimension
    >>> units = {"d": parse_dimension("m"), "t": parse_dimension("s")}
    >>> str(dimension_of(Binary("divide", Column("d"), Column("t")), units))
    'm s^-1'
    >>> dimension_of(Binary("add", Column("d"), Column("t")), units) is None
    True
    """
    match expression:
        case Column(name):
            return dimensions[name]
        case Constant():
            return expression.dimension
        case Unary(name, operand):
            inner = dimension_of(operand, dimensions)
            if inner is None or (name in ("log", "exp") and not inner.is_none):
                return None
            return {"root": inner.power(Fraction(1, 2)), "square": inner.power(2)}.get(name, inner)
        case Binary(name, left, right):
            first, second = dimension_of(left, dimensions), dimension_of(right, dimensions)
            if first is None or second is None:
                return None
            if name in ("add", "subtract"):
                return first if first == second else None
            return first * second if name == "multiply" else first / second
        case _:
            assert_never(expression)


def to_sympy(expression: Expression) -> Any:
    """The formula as sympy's; its symbols are positive reals, as quantities that one takes logarithms of are."""
    import sympy  # most of a second, and only who wants algebra needs it

    match expression:
        case Column(name):
            return sympy.Symbol(name, positive=True)
        case Constant(value):
            return sympy.Float(value, 17)
        case Unary(name, operand):
            inner = to_sympy(operand)
            return {"log": sympy.log, "exp": sympy.exp, "root": sympy.sqrt, "square": _square}[name](inner)
        case Binary(name, left, right):
            first, second = to_sympy(left), to_sympy(right)
            match name:
                case "add":
                    return first + second
                case "subtract":
                    return first - second
                case "multiply":
                    return first * second
                case "divide":
                    return first / second
                case _:
                    assert_never(name)
        case _:
            assert_never(expression)


def _square(value: Any) -> Any:
    return value**2
