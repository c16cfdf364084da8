"""The benchmark's machinery: figures, curves, processes; and all of its parts, very small."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import InterfaceError
from synth.benchmark.curve import Curve
from synth.benchmark.measure import Figure, Sample, alternate, ratio_of
from synth.benchmark.parts import PARTS, about
from synth.benchmark.processes import child, resident_bytes, resident_peak, run_process
from synth.benchmark.result import PartResult, Target
from synth.benchmark.settings import Settings
from synth.benchmark.trials import Outcome
from synth.commands.bench import _NAMES

TINY = Settings(
    seconds=0.1,
    repeats=2,
    side=20,
    banked=20_000,
    starts=1,
    jobs_tasks=2,
    jobs_evaluations=200,
    memory=20_000_000,
    memory_seconds=1.0,
    pattern="warm-up",
    tasks=2,
    timeout=2.0,
)
RATIOS = {
    "list_columns": ("programs_per_cpu_second", "ratio_handwritten", "ratio_naive"),
    "dense_columns": ("programs_per_cpu_second", "ratio_naive"),
    "boxed_columns": ("programs_per_cpu_second", "ratio_naive"),
    "bytes_per_class": ("bytes", "bytes_traced", "resident_over_traced"),
    "startup_seconds": ("answer", "first_evaluation_uncompiled"),
    "jobs": ("speedup",),
    "memory": ("peak_over_allowed",),
    "curve": ("ratio_naive", "ratio_enumerate", "solved_naive"),
}


def test_the_command_knows_all_parts() -> None:
    assert tuple(PARTS) == _NAMES == tuple(RATIOS)
    assert all(about(part).endswith(".") for part in PARTS.values())


@pytest.mark.parametrize("name", RATIOS)
def test_each_part_gives_positive_figures(name: str, tmp_path: Path) -> None:
    picture = tmp_path / "curve.svg"
    found: dict[str, Any] = json.loads(json.dumps(PARTS[name](replace(TINY, plot=str(picture))).to_json()))
    for figure in RATIOS[name]:
        assert found[figure] > 0, figure
    assert found["targets"]
    assert all(isinstance(target["met"], bool) and target.keys() & {"at_least", "at_most"}
               for target in found["targets"].values())  # fmt: skip
    for figure, (low, high) in found["spread"].items():
        assert low <= found[figure] <= high
    assert picture.exists() == (name == "curve")


def test_contestants_take_turns() -> None:
    order: list[str] = []

    def turn(name: str) -> Sample:
        order.append(name)
        return Sample(1, 1.0)

    samples = alternate({"a": lambda: turn("a"), "b": lambda: turn("b")}, 2)
    assert "".join(order) == "ababab"
    assert [len(s) for s in samples.values()] == [2, 2]


def test_a_machine_that_slows_both_changes_no_ratio() -> None:
    ours, theirs = [Sample(100, t) for t in (1, 7, 2)], [Sample(50, t) for t in (1, 7, 2)]
    assert ratio_of(ours, theirs) == Figure(2.0, 2.0, 2.0, 3)


@given(st.lists(st.builds(Outcome, st.booleans(), st.floats(0.01, 10)), min_size=1))
def test_a_curve_is_what_runs_with_smaller_limits_would_give(outcomes: list[Outcome]) -> None:
    curve = Curve(outcomes)
    for limit in sorted(o.seconds for o in outcomes if o.solved):
        solved = sum(o.solved and o.seconds <= limit for o in outcomes)
        assert curve.cost_of(solved) == pytest.approx(sum(min(o.seconds, limit) for o in outcomes))
    points = list(curve.points())
    assert points == sorted(points)
    assert curve.cost_of(curve.solved + 1) is None


def test_targets() -> None:
    figures = {"good": Figure.exactly(2), "bad": Figure.exactly(0.5), "none": None, "free": Figure.exactly(1)}
    bounds = {"good": Target(1), "bad": Target(1), "none": Target(9, at_most=True)}
    part = PartResult("part", figures, bounds)
    assert part.to_json()["targets"] == {
        "good": {"at_least": 1, "met": True},
        "bad": {"at_least": 1, "met": False},
        "none": {"at_most": 9, "met": False},
    }
    assert part.rows()[1] == ("part.bad", "0.5", "", "at least 1", "no")
    assert part.rows()[2] == ("part.none", "-", "", "at most 9", "no")
    assert part.rows()[3] == ("part.free", "1", "", "", "")


def test_a_process_is_measured_alone() -> None:
    ran = run_process((sys.executable, "-c", "print('x' * 100_000); raise SystemExit(3)"))
    assert (ran.code, len(ran.out.strip()), ran.err) == (3, 100_000, "")
    assert 0 < ran.cpu < 60
    assert ran.wall > 0


def test_memory_is_that_of_the_process() -> None:
    before = resident_bytes()
    held = bytearray(b"x" * 30_000_000)
    assert resident_bytes() - before > 20_000_000
    assert resident_peak() >= resident_bytes()
    small = child("run", "suites")["peak"]
    assert 5_000_000 < small < resident_peak() + len(held)


def test_a_measuring_process_that_fails_says_so() -> None:
    with pytest.raises(InterfaceError, match=r"(?s)'nonsense' ended with code 1.*expected run, bank or first"):
        child("nonsense")
