"""Plain enumeration is the oracle: the columnar search finds a program of the same cost with less work."""

from __future__ import annotations

import random

import pytest
from specs import EVENS, INCREMENT, INTS, REVERSE, T0, spec_of

from dsl.primitives import CORE
from dsl.type_system import INT
from synth.budget import Budget, StopReason
from synth.pcfg import spec_pcfg
from synth.search.enumerate import Enumerate, _Programs
from synth.search.forward import BottomUp
from synth.search.schedule import TOP, schedule
from synth.search.switches import Switches
from tasks.task import Spec

PLAIN = Switches(goals=False, cases=False, sketches=False, repair=False)
SPECS = [
    REVERSE,
    EVENS,
    INCREMENT,
    spec_of(((1, 2, 3), 6), ((5, 5), 10), result=INT),
    spec_of(((4, 2, 9), 9), ((5, 7), 7), ((3,), 3), result=INT),
    spec_of((((4, 5, 6), 2), (4, 5)), (((9, 8), 1), (9,)), types=(INTS, INT)),
    spec_of(((1, 2), (2, 1)), ((4, 5, 6), (6, 5, 4)), ((), ()), library=T0),
    spec_of(((3, 5), 3), ((8, 1, 2), 8), result=INT, library=CORE.only(["list.get", "list.map"])),
]


@pytest.mark.parametrize("spec", SPECS)
def test_both_find_programs_of_one_cost(spec: Spec) -> None:
    slow = Enumerate().solve(spec, Budget(evaluations=150_000), rng=random.Random(0))
    fast = BottomUp(switches=PLAIN).solve(spec, Budget(evaluations=150_000), rng=random.Random(0))
    assert slow.stop is fast.stop is StopReason.SOLVED
    assert slow.bits == fast.bits
    assert fast.evaluations <= 1.2 * slow.evaluations


def test_it_builds_no_program_twice() -> None:
    """With words of one type each, the grammar is unambiguous: two derivations are two programs."""
    words = CORE.only(["list.range", "list.sum", "int.add", "int.multiply"])
    pcfg, leaves = spec_pcfg(spec_of(((1,), (91, 17)), ((2,), (3,)), library=words))
    programs = _Programs(schedule(pcfg, leaves, INTS), Budget().start(), ("xs",))
    built = [program for level in range(1, 30) for program in programs.of((TOP, INTS), level)]
    assert len(built) == len(set(built)) > 100


def test_budgets_are_met_exactly() -> None:
    answer = Enumerate().solve(spec_of(((1,), (91, 17)), ((2,), (3,))), Budget(evaluations=500), rng=random.Random(0))
    assert (answer.stop, answer.evaluations) == (StopReason.EVALUATIONS, 500)
