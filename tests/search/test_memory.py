"""Memory that runs short ends what is banked, at an evaluation that can be had again."""

from __future__ import annotations

import math

from specs import spec_of

from synth.budget import Budget
from synth.search.search import Search
from synth.search.switches import Switches

SPEC = spec_of(((1, 2, 3, 4), (91, 7)), ((6, 5, 0, 9), (8, 9, 977)))
WORK = 60_000


def held(budget: Budget) -> tuple[int, int, int | None, bool]:
    """Classes, evaluations, when memory ran short, and whether the search still banks."""
    search = Search(SPEC, budget.start(), switches=Switches(repair=False))
    search.run()
    engine = search.engine
    return engine.classes, engine.meter.root.evaluations, engine.meter.root.full_at, engine.frozen


def test_a_search_that_ran_short_of_memory_can_be_had_again() -> None:
    limit = 1_000_000
    first = held(Budget(WORK, memory=limit))
    assert first[2] is not None
    assert first[3]
    assert held(Budget(WORK, memory=limit, full_at=first[2])) == first
    never = held(Budget(WORK, memory=limit, full_at=math.inf))
    assert never[2] is None
    assert never[0] > first[0]
