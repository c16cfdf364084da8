"""Formulas: units, enumeration, sums, constants, text; laws by drawn expressions, and what is never given an answer."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_program
from dsl.primitives import CORE
from synth.formula import Measurements, SearchSettings, find_formula, parse_dimension
from synth.formula.bank import build_bank
from synth.formula.dimension import UNITS, Dimension
from synth.formula.expression import Binary, Column, Constant, Expression, Unary, dimension_of, evaluate, size_of
from synth.formula.fitting import fit_constants
from synth.formula.model import Model, Term, plain_expression
from synth.formula.program_text import formula_words, model_text, nested, read_formula, run_on_columns
from synth.formula.sums import best_sums
from synth.formula.terms import plain_terms

NAMES = ("a", "b", "c")
UNIT = {"a": parse_dimension("m"), "b": parse_dimension("m"), "c": parse_dimension("s")}
COLUMNS = {name: np.random.default_rng(i).uniform(0.5, 2.0, size=9) for i, name in enumerate(NAMES)}
QUICK = SearchSettings(size=5, entries=2_000, pairs=400, thirds=100, inner=False)

dimensions = st.tuples(*[st.fractions(-3, 3, max_denominator=2)] * len(UNITS)).map(Dimension)
leaves = st.one_of(
    st.sampled_from(NAMES).map(Column), st.floats(0.25, 4.0).map(lambda value: Constant(round(value, 3)))
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(Unary, st.sampled_from(["log", "exp", "root", "square"]), inner),
        st.builds(Binary, st.sampled_from(["add", "subtract", "multiply", "divide"]), inner, inner),
    ),
    max_leaves=6,
)


def measured(outcome: np.ndarray, unit: str = "m") -> Measurements:
    return Measurements(COLUMNS, UNIT, outcome, parse_dimension(unit))


@given(dimensions, dimensions)
def test_dimensions_are_a_group_and_print_faithfully(one: Dimension, other: Dimension) -> None:
    assert (one * other) / other == one
    assert one * other == other * one
    assert one.power(2).power(Fraction(1, 2)) == one
    assert parse_dimension(str(one)) == one


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected units of kg, m, s, found 'furlong'"):
        parse_dimension("furlong/s")


@settings(max_examples=15, deadline=None)
@given(expressions)
def test_a_printed_formula_is_the_formula(expression: Expression) -> None:
    """What the interpreter says of the text, row by row, is what the tree says, and the fast run on columns too."""
    values = evaluate(expression, COLUMNS)
    model = Model((Term(1.5, expression), Term(-2.0, None)), 0.0, 0.0)
    program, text = read_formula(model_text(model, NAMES, parts=False), NAMES, parts=False)
    assert read_formula(text, NAMES, parts=False)[0] == program
    fast = run_on_columns(program, COLUMNS)
    run = compile_program(program, CORE)
    for row in range(9):
        said = run(tuple(float(COLUMNS[name][row]) for name in NAMES))
        if isinstance(said, float):
            assert said == pytest.approx(fast[row], rel=1e-12)
            assert said == pytest.approx(1.5 * values[row] - 2.0, rel=1e-9, abs=1e-9)


def test_every_entry_of_a_bank_is_what_its_tree_says() -> None:
    bank = build_bank(measured(np.ones(9)), size=5, most=3_000)
    rng = np.random.default_rng(0)
    for number in rng.choice(len(bank), size=60, replace=False):
        tree = bank.expression(int(number))
        assert size_of(tree) == bank.sizes[number]
        assert np.allclose(evaluate(tree, COLUMNS), bank.values[number], rtol=1e-12)
        unit = dimension_of(tree, UNIT)
        assert unit is not None
        assert [int(4 * e) for e in unit.exponents] == bank.dimensions[number].tolist()


def _slow(size: int) -> set[Expression]:
    """All trees of at most so many nodes, with no bank and no equivalence."""
    levels: dict[int, list[Expression]] = {1: [Column(name) for name in NAMES]}
    for n in range(2, size + 1):
        levels[n] = [Unary(op, e) for op in ("log", "exp", "root", "square") for e in levels[n - 1]]  # type: ignore[arg-type]
        levels[n] += [
            Binary(op, left, right)  # type: ignore[arg-type]
            for op in ("add", "subtract", "multiply", "divide")
            for i in range(1, n - 1)
            for left in levels[i]
            for right in levels[n - 1 - i]
            if left != right or op in ("multiply", "divide")  # a + a is a, up to a factor that terms have anyway
        ]
    return {e for level in levels.values() for e in level}


def test_the_bank_has_all_that_slow_enumeration_has() -> None:
    bank = build_bank(measured(np.ones(9)), size=4, most=100_000)
    found = {(tuple(d), tuple(np.abs(v).round(6))) for v, d in zip(bank.values, bank.dimensions.tolist(), strict=True)}
    for tree in _slow(4):
        unit, values = dimension_of(tree, UNIT), evaluate(tree, COLUMNS)
        if unit is None or not np.isfinite(values).all() or np.ptp(values) < 1e-9:
            continue
        if max(abs(e) for e in unit.exponents) > 4 or any((4 * e).denominator > 1 for e in unit.exponents):
            continue
        assert (tuple(int(4 * e) for e in unit.exponents), tuple(np.abs(values).round(6))) in found, tree


def test_pairs_from_the_table_are_pairs_solved_one_by_one() -> None:
    target = np.random.default_rng(4).uniform(1, 2, size=9)
    data = measured(target)
    terms = plain_terms(build_bank(data, size=3, most=60), data, ("sum",), units=True)
    best = best_sums(terms, target * data.weight, most=2, pairs=len(terms), thirds=0)[0]
    squares = {s.chosen: s.squares for s in best if len(s.chosen) == 2}
    for (i, j), found in squares.items():
        columns = terms.values[[i, j]].T
        rest = np.linalg.lstsq(columns, target * data.weight, rcond=None)[1]
        assert found == pytest.approx(float(rest[0]), rel=1e-6)


@settings(max_examples=4, deadline=None)
@given(st.floats(0.3, 9.0), st.floats(-9.0, -0.3))
def test_a_law_is_found_with_its_constants(first: float, second: float) -> None:
    outcome = first * COLUMNS["c"] * np.log(COLUMNS["a"] / COLUMNS["b"]) + second * (COLUMNS["a"] - COLUMNS["b"]) * 3
    answer = find_formula(measured(outcome), SearchSettings(size=6, entries=6_000, pairs=1_500, inner=False))
    assert answer.model.residual < 1e-8
    assert dimension_of(plain_expression(answer.model), UNIT) == parse_dimension("m")


def test_a_constant_inside_is_fitted_and_a_simple_one_made_simple() -> None:
    data = measured(3.0 * np.exp(-1.7 * COLUMNS["c"]) * COLUMNS["a"])
    answer = find_formula(data, SearchSettings(size=3, entries=60, pairs=60, thirds=20, terms=1))
    assert answer.model.residual < 1e-6
    halves = find_formula(measured(0.5 * COLUMNS["a"] ** 2, "m^2"), QUICK).model
    assert halves.terms[0].simple == Fraction(1, 2)
    noisy = 0.5137 * COLUMNS["a"] * (1 + 0.01 * np.random.default_rng(1).normal(size=9))
    assert find_formula(measured(noisy), QUICK).model.terms[0].simple is None


def test_least_squares_are_the_least() -> None:
    """No step away from fitted constants leaves less."""
    rng = np.random.default_rng(2)
    data = measured(np.exp(-0.8 * COLUMNS["c"]) + 0.1 * rng.normal(size=9) + 2)
    shape = Unary("exp", Binary("multiply", Constant(-0.5), Column("c")))
    model = fit_constants([Term(1.0, shape), Term(1.0, None)], data)

    def left(scale: float) -> float:
        moved = [Term(t.coefficient * scale, t.expression) for t in model.terms]
        return float(np.square((data.outcome - Model(tuple(moved), 0, 0).predict(data)) * data.weight).sum())

    assert left(1.0) <= min(left(0.999), left(1.001))


def test_lists_of_parts_are_summed_and_read_back() -> None:
    rng = np.random.default_rng(3)
    lengths = rng.integers(1, 4, size=9)
    rows = {name: rng.uniform(0.5, 2.0, size=int(lengths.sum())) for name in NAMES}
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    outcome = np.add.reduceat(2.5 * rows["a"] * rows["c"], starts)
    data = Measurements(rows, UNIT, outcome, parse_dimension("m"), starts=starts)
    model = find_formula(data, QUICK).model
    program, text = read_formula(model_text(model, NAMES, parts=True), NAMES, parts=True, library=formula_words())
    assert "map" in text
    parts = tuple(nested([float(rows[name][i]) for name in NAMES]) for i in range(int(lengths[0])))
    assert compile_program(program, CORE)((parts,)) == pytest.approx(outcome[0])


def test_bad_measurements_are_refused() -> None:
    with pytest.raises(ValueError, match="one outcome for each"):
        measured(np.ones(8))
    with pytest.raises(ValueError, match="finite"):
        measured(np.full(9, math.nan))
    few = Measurements({"a": np.ones(2)}, {"a": UNIT["a"]}, np.ones(2), UNIT["a"])
    with pytest.raises(ValueError, match="at least three"):
        find_formula(few)
