"""The bottom-up solver: what it finds within how much work, and how it ends when it does not."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import replace

import pytest
from specs import EVENS, INCREMENT, INTS, KEEP_GREATER, NOTHING_SIMPLE, REVERSE, RUNNING_SUM, T0, spec_of

from dsl import primitive
from dsl.interpreter import run
from dsl.library import Library
from dsl.module_file import read_module
from dsl.primitives import CORE
from dsl.printer import show
from dsl.program import names
from dsl.type_system import BOOL, INT, TypeConstructor, list_of
from dsl.values import agree
from synth.budget import Budget, StopReason
from synth.search.forward import BottomUp, hopeless
from synth.search.switches import Switches
from synth.solver import Answer, Progress
from tasks.task import Spec


def solve(spec: Spec, budget: Budget, solver: BottomUp = BottomUp()) -> Answer:  # noqa: B008 - frozen
    return solver.solve(spec, budget, rng=random.Random(0))


def text(answer: Answer, spec: Spec) -> str:
    return "" if answer.program is None else show(answer.program, spec.library, expected=spec.type_request)


@pytest.mark.parametrize(
    ("spec", "within"),
    [
        (REVERSE, 100),
        (EVENS, 2_000),
        (INCREMENT, 10_000),
        (KEEP_GREATER, 60_000),
        (RUNNING_SUM, 30_000),
        (spec_of(((1, 2, 3), 6), ((5, 5), 10), result=INT), 100),
        (spec_of(((1, 2, 3), False), ((), True), ((0,), False), result=BOOL), 2_000),
        (spec_of((((4, 5, 6), 2), (4, 5)), (((9, 8), 1), (9,)), types=(INTS, INT)), 2_000),
        (spec_of(((1, 2), (2, 1)), ((4, 5, 6), (6, 5, 4)), ((), ()), library=T0), 10_000),
        (spec_of((((1,), (2, 3)), (1, 2, 3)), (((), (7,)), (7,)), types=(INTS, INTS)), 2_000),
    ],
)
def test_it_finds_a_right_program_within_so_many_evaluations(spec: Spec, within: int) -> None:
    answer = solve(spec, Budget(evaluations=within))
    assert answer.stop is StopReason.SOLVED, answer
    assert answer.program is not None
    assert all(agree(run(answer.program, e.arguments, spec.library), e.output) for e in spec.examples)


def test_solutions_read_as_a_person_would_write_them() -> None:
    assert text(solve(EVENS, Budget(evaluations=5_000)), EVENS) == "lambda xs: filter(is_even, xs)"
    assert text(solve(RUNNING_SUM, Budget(evaluations=50_000)), RUNNING_SUM).startswith("lambda xs: scan")


@pytest.mark.parametrize("spec", [REVERSE, EVENS, INCREMENT, RUNNING_SUM])
@pytest.mark.parametrize(
    "switches",
    [Switches(equivalence=False), Switches(kernels=False), Switches(symmetry=False), Switches(probing=False)],
)
def test_no_trick_changes_the_cost_of_the_answer(spec: Spec, switches: Switches) -> None:
    """Every trick has an off switch; without it the search works more and finds a program of the same cost."""
    plain = solve(spec, Budget(evaluations=200_000), BottomUp(switches=replace(switches, repair=False)))
    usual = solve(spec, Budget(evaluations=200_000), BottomUp(switches=Switches(repair=False)))
    assert plain.stop is usual.stop is StopReason.SOLVED
    assert plain.bits == usual.bits


def test_the_same_budget_gives_the_same_answer() -> None:
    first, second = (solve(NOTHING_SIMPLE, Budget(evaluations=20_000)) for _ in range(2))
    assert first.evaluations == second.evaluations == 20_000
    assert first.stop is second.stop is StopReason.EVALUATIONS
    assert first.near_misses == second.near_misses


def test_near_misses_say_which_examples_they_meet() -> None:
    answer = solve(NOTHING_SIMPLE, Budget(evaluations=20_000))
    assert answer.near_misses
    for miss in answer.near_misses:
        for position, example in enumerate(NOTHING_SIMPLE.examples):
            right = agree(run(miss.program, example.arguments, CORE), example.output)
            assert right == (position in miss.right)


def test_a_small_space_is_exhausted() -> None:
    words = CORE.only(["list.reverse"])
    answer = solve(spec_of(((1, 2), (9,)), ((3, 4), (8, 8)), library=words), Budget(seconds=20))
    assert answer.stop is StopReason.EXHAUSTED
    assert "every program" in answer.message


def test_memory_is_a_cap() -> None:
    """A search short of memory keeps what it has, says so, and goes on checking programs over it."""
    answer = solve(NOTHING_SIMPLE, Budget(evaluations=200_000, memory=6_000_000))
    assert answer.stop is StopReason.EVALUATIONS
    assert "memory" in answer.message
    held = answer.details["bytes"]
    assert isinstance(held, int)
    assert held <= 1.2 * 6_000_000


def test_contradictory_examples_are_named() -> None:
    answer = solve(spec_of(((1,), (1,)), ((2,), (2,)), ((1,), (3,))), Budget(evaluations=1))
    assert answer.stop is StopReason.CONTRADICTORY
    assert "examples 1 and 3" in answer.message


@pytest.mark.parametrize(("noise", "hopeless_still"), [(0.0, True), (0.2, True), (0.25, False), (0.5, False)])
def test_contradictions_that_noise_explains_are_none(noise: float, hopeless_still: bool) -> None:
    """Of these examples, every function misses one."""
    spec = replace(spec_of(((1,), (1,)), ((2,), (2,)), ((1,), (3,)), ((1,), (1,))), noise=noise)
    answer = hopeless(spec)
    assert (answer is not None) == hopeless_still
    if answer is not None:
        assert answer.stop is StopReason.CONTRADICTORY
        told = "every program misses at least 1 examples, and the noise allows 0" in answer.message
        assert told == (noise > 0)


def test_an_unreachable_type_is_named() -> None:
    color = TypeConstructor("color")
    answer = solve(spec_of(((1,), 3), result=color), Budget(evaluations=1_000))
    assert answer.stop is StopReason.UNREACHABLE
    assert "color" in answer.message


@pytest.mark.parametrize("module", ["peers.lambdabeam", "peers.dreamcoder"])
def test_a_basis_is_all_that_a_search_uses(module: str) -> None:
    library = read_module(module, CORE).applied(CORE)
    spec = spec_of(((1, 2, 3), (2, 4, 6)), ((5,), (10,)), ((), ()), library=library)
    answer = solve(spec, Budget(evaluations=50_000))
    assert answer.stop is StopReason.SOLVED
    assert answer.program is not None
    assert set(names(answer.program)) <= {entry.name for entry in library.vocabulary}


def test_queries_are_rows_but_not_wanted_outputs() -> None:
    with_queries = spec_of(((1, 2, 3), (3, 2, 1)), ((4, 5), (5, 4)), queries=(((9, 8),), ((),)))
    answer = solve(with_queries, Budget(evaluations=1_000))
    assert text(answer, with_queries) == "lambda xs: reverse(xs)"


def test_a_word_that_breaks_its_word_is_counted_and_named() -> None:
    @primitive
    def broken(xs: tuple[int, ...]) -> tuple[int, ...]:
        """Raises what it did not declare."""
        raise KeyError(len(xs))

    @primitive
    def lying(xs: tuple[int, ...]) -> int:
        """Says int, gives bool."""
        return bool(xs)

    library = CORE.only(["list.reverse", "list.cons"]).extend(Library.of(broken, lying))
    answer = solve(spec_of(((1, 2), (9,)), ((3, 4), (8, 8)), library=library), Budget(evaluations=3_000))
    assert answer.program is None
    assert "broken" in answer.message
    assert "lying" in answer.message


def test_a_primitive_of_the_user_works_at_once() -> None:
    @primitive
    def double_up(xs: tuple[int, ...]) -> tuple[int, ...]:
        """Every item twice, side by side."""
        return tuple(x for x in xs for _ in range(2))

    library = CORE.extend(Library.of(double_up))
    spec = spec_of(((1, 2), (2, 2, 1, 1)), ((5,), (5, 5)), ((), ()), library=library)
    assert "double_up" in text(solve(spec, Budget(evaluations=20_000)), spec)


def test_the_first_ctrl_c_keeps_what_was_found() -> None:
    def press(progress: Progress) -> None:
        if progress.evaluations > 5_000:
            os.kill(os.getpid(), signal.SIGINT)

    answer = solve(NOTHING_SIMPLE, Budget(evaluations=1_000_000), BottomUp(progress=press))
    assert answer.evaluations < 1_000_000
    assert answer.stop is StopReason.INTERRUPTED
    assert answer.near_misses


def test_progress_is_told_level_by_level() -> None:
    seen: list[Progress] = []
    solve(KEEP_GREATER, Budget(evaluations=60_000), BottomUp(progress=seen.append))
    assert [p.level_bits for p in seen] == sorted(p.level_bits for p in seen)
    assert seen[-1].evaluations > seen[0].evaluations


def test_empty_lists_and_one_example_are_no_trouble() -> None:
    assert solve(spec_of(((), ())), Budget(evaluations=100)).stop is StopReason.SOLVED
    nested = spec_of((((),), ()), (((1, 2), (3,)), (1, 2, 3)), types=(list_of(INTS),))
    assert solve(nested, Budget(evaluations=5_000)).stop in (StopReason.SOLVED, StopReason.EVALUATIONS)


def test_a_thousand_examples_are_no_trouble() -> None:
    rng = random.Random(1)
    lists = [tuple(rng.randint(0, 9) for _ in range(rng.randint(0, 6))) for _ in range(1_000)]
    spec = spec_of(*((xs, xs[::-1]) for xs in dict.fromkeys(lists)))
    assert solve(spec, Budget(evaluations=1_000)).stop is StopReason.SOLVED
