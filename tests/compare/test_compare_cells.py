"""One cell at a time: the four outcomes of a program, nets, and the reference rows."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType

import pytest
from small_protocol import LENGTHS, RIGHT, SMALL, Sleeve, one_pair, small_suite, with_learner

from dsl.library import Library
from dsl.parser import parse
from dsl.program import Lambda
from synth.budget import Budget
from synth.compare.cells import Cell, run_cell
from synth.compare.programs import ProgramSearch, is_direct_hit
from synth.compare.protocol import Effort, Protocol
from synth.compare.protocols.length import _plain_words
from synth.compare.records import Run
from synth.search.forward import BottomUp
from synth.solver import Answer, Preparing, Solver
from tasks.task import Spec

EFFORT: Effort = SMALL.efforts["quick"]


def sleeve(text: str | Exception | None) -> Solver:
    return Sleeve(MappingProxyType({"last_bit": text, "backwards": text}))


def with_solver(text: str | Exception | None) -> Protocol:
    return with_learner("program", run=ProgramSearch(_plain_words, partial(sleeve, text)))


def run(protocol: Protocol, task: str, learner: str, seed: int = 0) -> Run:
    found = run_cell(protocol, EFFORT, Cell(task, learner, seed), manifest="m")
    assert found is not None
    return found


def test_a_right_program_is_correct() -> None:
    found = run(SMALL, "backwards", "program")
    assert (found.outcome, found.program) == ("correct", RIGHT["backwards"])
    assert all(score.right == score.total for score in found.scores)
    assert found.identifiable
    assert not found.direct_hit
    assert found.words == ("list.cons", "list.fold")
    assert found.evaluations == 100
    assert found.cpu_seconds > 0


@dataclass(frozen=True)
class Slow:
    """One that compiles for a while before its first task."""

    name: str = "slow"

    def prepare(self, library: Library) -> None:
        """Half a CPU-second of work, for the words that the program may be made of."""
        assert "list.fold" in library
        until = time.process_time() + 0.5
        while time.process_time() < until:
            pass

    def solve(self, spec: Spec, budget: Budget, *, rng: random.Random) -> Answer:
        """The right program."""
        return Sleeve(None).solve(spec, budget, rng=rng)


def slow_solver() -> Solver:
    return Slow()


def test_what_a_solver_compiles_beforehand_is_not_charged_to_its_search() -> None:
    protocol = with_learner("program", run=ProgramSearch(_plain_words, slow_solver))
    found = run(protocol, "backwards", "program")
    assert found.outcome == "correct"
    assert found.cpu_seconds < 0.5 <= found.process_cpu_seconds


def test_the_search_makes_ready_for_the_words_it_is_given() -> None:
    solver = BottomUp()
    assert isinstance(solver, Preparing)
    solver.prepare(_plain_words().only(["int.add"]))


def test_a_program_that_only_fits_is_wrong() -> None:
    """Right for the shown lengths of at most 3, wrong from 4 on: the last of at most three items."""
    short = "xs[2] if not is_empty(tail(tail(xs))) else xs[1]"
    protocol = with_learner("program", run=ProgramSearch(core, partial(sleeve, short)), words=core)
    found = next(r for seed in range(200) if (r := run(protocol, "last_bit", "program", seed)).outcome != "crash")
    assert found.outcome == "fits examples but wrong"
    assert found.over((4, 5, 8, 12)).share < 1
    assert found.program == short


def core() -> Library:
    from dsl.primitives import CORE

    return CORE


def test_no_program_is_wrong_on_everything() -> None:
    found = run(with_solver(None), "last_bit", "program")
    assert found.outcome == "no program in time"
    assert found.over(LENGTHS).right == 0
    assert found.over(LENGTHS).total > 0
    assert (found.program, found.stop, found.message) == (None, "evaluations", "nothing found")


@pytest.mark.parametrize("text", [ZeroDivisionError("a bug in a search"), "0"])
def test_a_bug_is_a_crash_and_says_so(text: str | Exception) -> None:
    """An exception, and a program that is claimed to fit and does not."""
    found = run(with_solver(text), "last_bit", "program")
    assert found.outcome == "crash"
    assert "Error" in found.message
    assert "Traceback" in str(found.details["trace"])


def test_a_cheaper_wrong_program_makes_a_draw_unidentifiable() -> None:
    """`head` where `last` is wanted: fits only if no shown pair tells them apart."""
    protocol = replace(with_solver("head(xs)"), source=one_pair)
    runs = [run(protocol, "last_bit", "program", seed) for seed in range(8)]
    fitting = [found for found in runs if found.outcome == "fits examples but wrong"]
    assert fitting
    assert all(found.identifiable is False and found.direct_hit for found in fitting)
    assert all(found.bits is not None and found.reference_bits is not None for found in fitting)


def test_a_net_reports_what_it_cost_and_met() -> None:
    found = run(SMALL, "last_bit", "gru")
    assert (found.side, found.steps) == ("net", 12)
    assert found.outcome in ("trained", "under-trained")
    assert found.parameters is not None
    assert found.data is not None
    assert (found.data.examples, found.data.queries) == (None, 0)
    assert found.fit is not None
    assert found.fit.total == 400
    assert sum(score.overlap for score in found.scores) > 0, "there are only two inputs of length 1"
    assert not any(score.overlap for score in found.scores if score.point in (5, 8, 12))


def test_a_net_is_the_same_twice() -> None:
    first, second = (run(SMALL, "backwards", "gru") for _ in range(2))
    assert first.scores == second.scores
    assert first.data == second.data


def test_two_nets_learn_from_the_same_batches() -> None:
    first, second = (run(SMALL, "backwards", name) for name in ("gru", "other"))
    assert first.data == second.data
    assert first.scores != second.scores


def test_the_oracle_is_right_and_chance_is_not() -> None:
    assert run(SMALL, "backwards", "oracle").over((5, 8, 12)).share == 1
    assert run(SMALL, "backwards", "chance").over((5, 8, 12)).share < 0.1
    assert 0.2 < run(SMALL, "last_bit", "chance").over((5, 8, 12)).share < 0.8


def test_a_run_is_read_back_from_its_line() -> None:
    for learner in ("program", "gru", "oracle", "chance"):
        found = run(SMALL, "last_bit", learner)
        assert Run.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_line_of_another_format_is_refused() -> None:
    line = run(SMALL, "last_bit", "oracle").to_json()
    with pytest.raises(ValueError, match="format 2"):
        Run.from_json({**line, "format": 99})


@pytest.mark.parametrize(("text", "direct"), [("tail(xs)", True), ("xs", True), ("tail(tail(xs))", False)])
def test_direct_hits(text: str, direct: bool) -> None:
    task = small_suite()["backwards"]
    body = parse(text, task.library, expected=task.result_type, variables={"xs": task.type_request.parameters[0]})
    assert is_direct_hit(Lambda(("xs",), body)) is direct
