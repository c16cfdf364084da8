"""The learner of case splits: least bits as by brute force, planted trees found, nothing found in noise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from case_banks import case_bank, drawn_rows
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.search.cases import (
    Branch,
    CaseProblem,
    Leaf,
    Tree,
    alternatives,
    case_problem,
    learn_cases,
    listing_bits,
    misses,
    tree_bits,
)

# --- the slow twin -----------------------------------------------------------------------------------------------


def outcome(tree: Tree, row: int, right: np.ndarray, holds: np.ndarray, defined: np.ndarray) -> bool:
    """Whether a tree is right on a row, read off the matrices."""
    match tree:
        case Leaf(term):
            return bool(right[term, row])
        case Branch(predicate, then, otherwise):
            way = then if holds[predicate, row] else otherwise
            return bool(defined[predicate, row]) and outcome(way, row, right, holds, defined)


def all_trees(terms: int, predicates: int, leaves: int) -> Iterator[Tree]:
    if leaves == 1:
        yield from map(Leaf, range(terms))
        return
    for first in range(1, leaves):
        for p in range(predicates):
            parts = all_trees(terms, predicates, first), all_trees(terms, predicates, leaves - first)
            for then, otherwise in itertools.product(*map(list, parts)):
                yield Branch(p, then, otherwise)


def size(tree: Tree, term_bits: np.ndarray, predicate_bits: np.ndarray, branch_bits: float) -> float:
    match tree:
        case Leaf(term):
            return float(term_bits[term])
        case Branch(p, then, otherwise):
            parts = (size(part, term_bits, predicate_bits, branch_bits) for part in (then, otherwise))
            return branch_bits + float(predicate_bits[p]) + sum(parts)


@st.composite
def drawn(draw: st.DrawFn) -> dict[str, object]:
    """A small problem: matrices, whole numbers of bits, perhaps free rows and misses."""
    rows, terms, predicates = draw(st.integers(1, 7)), draw(st.integers(1, 4)), draw(st.integers(0, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    most_misses = draw(st.sampled_from((0, 0, 1, 2)))
    return {
        "right": rng.random((terms, rows)) < draw(st.sampled_from((0.3, 0.5, 0.7))),
        "term_bits": rng.integers(1, 9, terms).astype(float),
        "holds": rng.random((predicates, rows)) < 0.5,
        "defined": rng.random((predicates, rows)) < draw(st.sampled_from((1.0, 0.8))),
        "predicate_bits": rng.integers(1, 9, predicates).astype(float),
        "branch_bits": 2.0,
        "free": rng.random(rows) < draw(st.sampled_from((0.0, 0.3))),
        "most_misses": most_misses,
        "miss_bits": float(draw(st.integers(1, 12))) if most_misses else None,
        "most_bits": draw(st.sampled_from((math.inf, 30.0, 12.0))),
    }


def least_bits(given: dict[str, object]) -> float:
    """By trying all trees of up to three leaves."""
    right, holds, defined = (np.asarray(given[name]) for name in ("right", "holds", "defined"))
    term_bits, predicate_bits = np.asarray(given["term_bits"]), np.asarray(given["predicate_bits"])
    counted = np.nonzero(~np.asarray(given["free"]))[0].tolist()
    best = math.inf
    for leaves in (1, 2, 3):
        for tree in all_trees(len(term_bits), len(predicate_bits), leaves):
            bits = size(tree, term_bits, predicate_bits, 2.0)
            if bits < best:
                wrong = sum(not outcome(tree, row, right, holds, defined) for row in counted)
                if wrong <= given["most_misses"]:  # type: ignore[operator]
                    best = min(best, bits + wrong * float(given["miss_bits"] or 0.0))  # type: ignore[arg-type]
    return best if best <= given["most_bits"] else math.inf  # type: ignore[operator]


@settings(max_examples=150, deadline=None)
@given(drawn())
def test_finds_the_least_bits(given: dict[str, object]) -> None:
    problem = case_problem(**given)  # type: ignore[arg-type]
    learned = learn_cases(problem, most_leaves=3)
    assert learned.complete
    found = learned.trees[0].bits if learned.trees else math.inf
    assert found == least_bits(given)


@settings(max_examples=100, deadline=None)
@given(drawn(), st.integers(1, 5), st.integers(3, 6))
def test_every_tree_is_what_is_said_of_it(given: dict[str, object], most: int, leaves: int) -> None:
    problem = case_problem(**given)  # type: ignore[arg-type]
    right, holds, defined = (np.asarray(given[name]) for name in ("right", "holds", "defined"))
    trees = learn_cases(problem, most=most, most_leaves=leaves).trees
    assert len(trees) <= most
    assert len({t.tree for t in trees}) == len(trees)
    assert [t.bits for t in trees] == sorted(t.bits for t in trees)
    for found in trees:
        counted = np.nonzero(~np.asarray(given["free"]))[0].tolist()
        wrong = sum(not outcome(found.tree, row, right, holds, defined) for row in counted)
        own = size(found.tree, problem.term_bits, problem.predicate_bits, problem.branch_bits)
        assert found.misses == misses(found.tree, problem) == wrong <= problem.most_misses
        assert found.bits == tree_bits(found.tree, problem) == own + wrong * (problem.miss_bits or 0.0)
        assert found.bits <= problem.most_bits


def test_masks_of_many_words_say_what_those_of_one_do() -> None:
    """Rows that are there many times over change nothing."""
    rng = np.random.default_rng(3)
    for _ in range(30):
        right, holds, defined = rng.random((6, 6)) < 0.4, rng.random((5, 6)) < 0.5, rng.random((5, 6)) < 0.9
        bits = rng.integers(1, 9, 6).astype(float), rng.integers(1, 9, 5).astype(float)
        wide = rng.permutation(np.repeat(np.arange(6), 40))
        one, many = (
            learn_cases(case_problem(right[:, r], bits[0], holds[:, r], defined[:, r], bits[1], branch_bits=2.0))
            for r in (np.arange(6), wide)
        )
        assert [t.bits for t in one.trees[:1]] == [t.bits for t in many.trees[:1]]


# --- budget ------------------------------------------------------------------------------------------------------


def hard_problem() -> CaseProblem:
    """Random masks: much to look at, nothing cheap."""
    rng = np.random.default_rng(0)
    right, holds = rng.random((3000, 40)) < 0.35, rng.random((800, 40)) < 0.5
    bits = np.sort(rng.uniform(3, 20, 3000)), np.sort(rng.uniform(3, 20, 800))
    return case_problem(right, bits[0], holds, np.ones_like(holds), bits[1], branch_bits=4.0)


@pytest.mark.parametrize("limit", [0, 1, 100, 1500, 20_000])
def test_judges_no_more_candidates_than_allowed(limit: int) -> None:
    learned = learn_cases(hard_problem(), limit=limit)
    assert learned.candidates <= limit
    assert learned == learn_cases(hard_problem(), limit=limit)


def test_stops_when_it_is_told_to() -> None:
    asked: list[int] = []

    def check() -> bool:
        asked.append(1)
        return len(asked) > 1

    learned = learn_cases(hard_problem(), check=check)
    assert not learned.complete
    assert len(asked) <= 4


# --- what it learns ----------------------------------------------------------------------------------------------


def planted(rng: np.random.Generator, cases: int, shown: int, hidden: int = 60) -> tuple[CaseProblem, CaseProblem]:
    """A tree over a bank, to be learned from few rows, and the problem of the hidden rows, which judges it."""
    bank = case_bank(drawn_rows(rng, shown + hidden), 4000, 2000)
    wanted = bank.terms[rng.integers(0, 40)].copy()
    for _ in range(cases - 1):
        p = rng.integers(0, 100)
        wanted = np.where(bank.holds[p] & bank.defined[p], bank.terms[rng.integers(0, 40)], wanted)
    free = np.arange(shown + hidden) >= shown
    row_bits = np.zeros(shown + hidden)
    row_bits[:shown] = listing_bits(wanted[:shown].tolist())
    return bank.problem(wanted, free=free, row_bits=row_bits), bank.problem(wanted, free=~free)


@pytest.mark.parametrize(("cases", "shown", "least"), [(2, 10, 0.7), (2, 16, 0.85), (3, 24, 0.75), (4, 40, 0.6)])
def test_recovers_planted_trees(cases: int, shown: int, least: float) -> None:
    """The first tree is right on at least 95 of 100 rows that it has not seen, mostly."""
    good = []
    for seed in range(24):
        problem, hidden = planted(np.random.default_rng(seed), cases, shown)
        trees = learn_cases(problem, limit=50_000).trees
        good.append(bool(trees) and misses(trees[0].tree, hidden) <= 3)
    assert np.mean(good) >= least


def test_recovers_a_tree_of_five_leaves() -> None:
    """Which the exact search cannot hold; cases by a range, decoys of all kinds."""
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        rows, terms = 60, 400
        kind = rng.integers(0, 5, rows)
        right = rng.random((terms, rows)) < 0.1
        chosen = rng.choice(50, 5, replace=False)
        for case, term in enumerate(chosen):
            right[term] |= kind == case
        holds = rng.random((300, rows)) < rng.random((300, 1))
        for case in range(4):
            holds[10 + case] = kind <= case
        bits = np.log2(np.arange(terms) + 2) + 3, np.log2(np.arange(300) + 2) + 3
        problem = case_problem(
            right, bits[0], holds, np.ones_like(holds), bits[1], branch_bits=4.0, row_bits=np.full(rows, 12.0)
        )
        learned = learn_cases(problem, most_leaves=6)
        found.append(bool(learned.trees))
    assert np.mean(found) >= 0.8


@pytest.mark.parametrize(("low", "high"), [(-9, 100), (0, 10), (0, 3), (0, 2)])
def test_gives_no_tree_for_noise(low: int, high: int) -> None:
    """Trees that list random outputs exist, and are not worth their bits."""
    listed = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = int(rng.integers(3, 13))
        wanted = rng.integers(low, high, rows)
        bank = case_bank(drawn_rows(rng, rows), 4000, 2000)
        if (bank.terms == wanted).all(axis=1).any():
            continue  # a term alone is no tree
        problem = bank.problem(wanted, row_bits=listing_bits(wanted.tolist()))
        assert learn_cases(problem, limit=20_000).trees == ()
        listed += bool(learn_cases(replace(problem, row_bits=None), limit=20_000).trees)
    assert listed >= 5


def test_a_tree_that_lists_the_rows_loses() -> None:
    """Each term is right on one row only, each predicate tells one row: the tree exists, and is not given."""
    rows = 4
    one = np.eye(rows, dtype=bool)
    bits = np.full(rows, 6.0)
    problem = case_problem(one, bits, one, np.ones_like(one), bits, branch_bits=3.0, row_bits=np.full(rows, 8.0))
    assert learn_cases(problem).trees == ()
    assert len(learn_cases(replace(problem, row_bits=None)).trees) > 0


def test_noise_on_a_row_is_paid_for() -> None:
    """One wrong example among many: with misses the planted tree is found, without it is not."""
    rng = np.random.default_rng(5)
    bank = case_bank(drawn_rows(rng, 30), 3000, 1500)
    wanted = np.where(bank.holds[3], bank.terms[8], bank.terms[2])
    wanted[7] += 1000
    problem = bank.problem(wanted, miss_bits=25.0, most_misses=2)
    first = learn_cases(problem).trees[0]
    assert first.misses == 1
    assert learn_cases(replace(problem, most_misses=0)).trees == ()


# --- others ------------------------------------------------------------------------------------------------------


def test_alternatives_are_right_and_different() -> None:
    problem, _ = planted(np.random.default_rng(1), 2, 12, 0)
    problem = replace(problem, row_bits=None)
    first = learn_cases(problem).trees[0]
    others = alternatives(problem, first.tree, 6)
    assert len(others) == 6
    assert all(other.misses == 0 and other.tree != first.tree and other.bits >= first.bits for other in others)


# --- bits of a list ----------------------------------------------------------------------------------------------


def test_a_list_of_few_different_outputs_names_them() -> None:
    same, different = listing_bits(["left", "right"] * 8), listing_bits(list(range(100, 116)))
    assert same.sum() < 120
    assert different.sum() == 14.0 * 16


def test_a_term_that_is_right_everywhere_needs_no_case() -> None:
    right = np.array([[True, True, True], [True, True, False]])
    holds = np.array([[True, False, False]])
    problem = case_problem(right, np.array([4.0, 1.0]), holds, np.ones_like(holds), np.array([1.0]), branch_bits=1.0)
    assert learn_cases(problem).trees[0].tree == Leaf(0)


def test_nothing_to_learn_from() -> None:
    empty = np.zeros((0, 3), dtype=bool)
    problem = case_problem(empty, np.zeros(0), empty, empty, np.zeros(0), branch_bits=1.0)
    assert learn_cases(problem).trees == ()
    free = case_problem(
        np.zeros((2, 3), dtype=bool), np.array([3.0, 2.0]), empty, empty, np.zeros(0), branch_bits=1.0,
        free=np.ones(3, dtype=bool),
    )  # fmt: skip
    assert [t.tree for t in learn_cases(free).trees] == [Leaf(1)]
