"""What a trick buys, from outcomes made up beforehand."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.benchmark.ablation import HEADINGS, Ablation, ablation_of
from synth.benchmark.trials import OURS, Outcome, without
from synth.compare.metrics import holm, mcnemar

outcomes = st.builds(
    Outcome, st.booleans(), st.floats(0.001, 10), st.integers(0, 10**6), st.one_of(st.none(), st.booleans())
)
pairs = st.lists(st.tuples(outcomes, outcomes), min_size=1, max_size=30)


def ablation(pairs: list[tuple[Outcome, Outcome]]) -> Ablation:
    on, off = ({f"t{i}": pair[side] for i, pair in enumerate(pairs)} for side in (0, 1))
    return ablation_of({OURS: on, without("goals"): off}, ["goals"])


@settings(max_examples=25)  # each draws thousands of resamples
@given(pairs)
def test_counts_are_those_of_counting(pairs: list[tuple[Outcome, Outcome]]) -> None:
    found = ablation(pairs)
    (effect,) = found.effects
    solved = [(a.solved, b.solved) for a, b in pairs]
    assert (found.tasks, found.on.solved.right) == (len(pairs), sum(a for a, _ in solved))
    assert effect.off.solved.right == sum(b for _, b in solved)
    assert effect.solved.only_first == solved.count((True, False))
    assert effect.solved.only_second == solved.count((False, True))
    assert effect.solved.difference.value == pytest.approx(
        (effect.off.solved.right - found.on.solved.right) / len(pairs)
    )
    both = solved.count((True, True))
    assert (effect.evaluations is None) == (both == 0)
    assert effect.evaluations is None or effect.evaluations.n == both
    assert json.loads(json.dumps(found.to_json()))["off"]["goals"]["solved"]["only_first"] == effect.solved.only_first
    assert all(len(row) == len(HEADINGS) for row in found.rows())


@settings(max_examples=25)  # each draws thousands of resamples
@given(pairs)
def test_a_trick_that_changes_nothing_buys_nothing(pairs: list[tuple[Outcome, Outcome]]) -> None:
    (effect,) = ablation([(a, a) for a, _ in pairs]).effects
    assert effect.solved.difference.value == 0
    assert effect.solved.difference.low < 0 < effect.solved.difference.high, "nothing is known for sure of other tasks"
    assert effect.solved.p == effect.solved.p_holm == 1.0
    ratios = [r for r in (effect.cpu, effect.evaluations, effect.cpu_to_solve) if r is not None]
    assert all((r.value, r.low, r.high) == (1, 1, 1) for r in ratios)


def test_ratios_are_off_over_on() -> None:
    on = [Outcome(True, 1.0, 100), Outcome(True, 2.0, 100), Outcome(True, 1.0, 100)]
    off = [Outcome(True, 4.0, 200), Outcome(True, 8.0, 800), Outcome(False, 8.0, 10**6)]
    (effect,) = ablation(list(zip(on, off, strict=True))).effects
    assert effect.cpu.value == pytest.approx(20 / 4)
    assert effect.evaluations is not None
    assert effect.cpu_to_solve is not None
    assert effect.evaluations.value == pytest.approx(4.0), "the root of 2 times 8"
    assert effect.cpu_to_solve.value == pytest.approx(4.0)
    assert effect.right is None, "no task has held-out pairs"
    assert effect.solved.difference.value == pytest.approx(-1 / 3)


def test_p_is_corrected_over_all_tricks() -> None:
    """Goals win ten tasks alone, cases six, sketches none."""
    gains = {"goals": 10, "cases": 6, "sketches": 0}
    table = {OURS: {f"t{i}": Outcome(True, 1.0, 9, True) for i in range(20)}} | {
        without(trick): {f"t{i}": Outcome(i >= lost, 1.0, 9, i >= lost) for i in range(20)}
        for trick, lost in gains.items()
    }
    found = ablation_of(table, list(gains))
    raw = [mcnemar([True] * 20, [i >= lost for i in range(20)]) if lost else 1.0 for lost in gains.values()]
    assert [e.solved.p for e in found.effects] == pytest.approx(raw)
    assert [e.solved.p_holm for e in found.effects] == pytest.approx(holm(raw))
    assert all(e.right is not None and math.isclose(e.right.p_holm, e.solved.p_holm) for e in found.effects)
