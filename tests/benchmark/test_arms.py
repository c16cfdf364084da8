"""A task in several arms: what each is given, what a line says, and what a guide's arms come to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.errors import InterfaceError
from dsl.program import Hole, Lambda, Variable, call
from synth.attempt import TaskReport
from synth.benchmark.arms import NONE, ONLINE, Advice, Study, TaskStudy, arm_outcomes, run_study, studied, study_line
from synth.benchmark.guide_arms import ALL, GUIDED_ARMS, HEADINGS, KINDS, PartByPart, guide_arms_of, only
from synth.budget import Budget
from synth.evaluate import Plan
from synth.guidance import WHOLE, Guidance
from synth.pipeline import make_solver
from tasks.task import Task

PLAN = Plan(("lists",), make_solver, Budget(evaluations=4_000), pattern="warm-up")


@dataclass(frozen=True)
class Reverser:
    """Says in one arm that `reverse` is likely, in another that it is not, and nothing in a third."""

    said: float = 6.0
    arms: tuple[str, ...] = ("likely", "unlikely", "silent", ONLINE)

    @property
    def identity(self) -> Mapping[str, object]:
        return {"said": self.said}

    def __call__(self, task: Task, unguided: TaskReport) -> Advice:
        if task.name != "reversed":
            return Advice("off (it is not the one)", {})
        arms = {"likely": -self.said, "unlikely": self.said}
        guided = {arm: Guidance("a reverser", {"list.reverse": bits}) for arm, bits in arms.items()}
        return Advice("a reverser", {**guided, "silent": Guidance("off (nothing to say)"), ONLINE: None})


STUDY = Study(PLAN, Reverser(), tasks=2)


def test_every_task_is_searched_in_all_its_arms_with_the_same_budget() -> None:
    found = dict(run_study(STUDY))
    assert set(found) == {item.name for item in STUDY.items()}
    reversed_ = found.pop("reversed")
    assert list(reversed_.reports) == [NONE, "likely", "unlikely", "silent", ONLINE]
    guides = {arm: report.guided_by for arm, report in reversed_.reports.items()}
    assert guides["likely"] == guides["unlikely"] == "a reverser"
    assert guides[NONE] == "none"
    assert "online" in guides[ONLINE]
    assert reversed_.reports["silent"] == reversed_.reports[NONE], "guidance that says nothing is no other search"
    assert all(report.evaluations <= 2 * 4_000 for report in reversed_.reports.values())
    (other,) = found.values()
    assert (other.said_by, list(other.reports)) == ("off (it is not the one)", [NONE])


def test_what_is_skipped_or_stopped_is_not_run() -> None:
    assert not list(run_study(STUDY, skip=[item.name for item in STUDY.items()]))
    assert not list(run_study(STUDY, stopping=lambda: True))


REPORT = TaskReport("t", "solved", fits=True, holdout=True, seconds=0.5, evaluations=90, first_fit=70, program="p")


def test_lines_are_read_back() -> None:
    missed = replace(REPORT, fits=False, holdout=False, status="evaluations")
    whole = TaskStudy("a guide", dict.fromkeys(STUDY.arms, REPORT) | {"unlikely": missed})
    part = TaskStudy("a guide", {NONE: REPORT})
    lines = [json.loads(json.dumps(study_line(STUDY, n, f))) for n, f in (("t", whole), ("u", part))]
    assert studied(lines, STUDY, "out") == {"t", "u"}
    outcomes = arm_outcomes(lines, STUDY.arms)
    assert {arm: list(tasks) for arm, tasks in outcomes.items()} == {arm: ["t"] for arm in STUDY.arms}
    likely, unlikely = outcomes["likely"]["t"], outcomes["unlikely"]["t"]
    assert (likely.solved, likely.right, likely.evaluations, likely.seconds) == (True, True, 70, 0.5)
    assert (unlikely.solved, unlikely.right, unlikely.evaluations) == (False, False, 90)


@pytest.mark.parametrize(
    "other",
    [
        replace(STUDY, adviser=Reverser(5.0)),
        replace(STUDY, plan=replace(PLAN, budget=Budget(evaluations=5_000))),
        replace(STUDY, plan=replace(PLAN, seed=1)),
    ],
)
def test_lines_of_another_study_are_refused(other: Study) -> None:
    line = study_line(STUDY, "t", TaskStudy("a guide", {NONE: REPORT}))
    with pytest.raises(InterfaceError, match="expected lines of trials with the budget"):
        studied([line], other, "out")


def test_a_study_that_was_interrupted_is_not_whole() -> None:
    assert TaskStudy("", {NONE: REPORT}).is_whole
    assert not TaskStudy("", {NONE: REPORT, "likely": replace(REPORT, status="interrupted")}).is_whole


# --- the arms of a guide --------------------------------------------------------------------------------------------

XS = Variable("xs")
SAID = Guidance(
    "all of it",
    {"list.map": -1.0},
    ((Lambda(("xs",), call("list.reverse", Hole("", XS))), 0.5),),  # type: ignore[arg-type]
    0,
    {WHOLE: {"list.map": 0.0}},
    ((Lambda(("xs",), call("list.sort", XS)), 0.5),),
)


def test_a_kind_alone_is_that_kind_and_all_kinds_are_all() -> None:
    for kind in KINDS:
        alone = only(SAID, kind)
        assert getattr(alone, kind) == getattr(SAID, kind)
        assert not any(getattr(alone, other) for other in KINDS if other != kind)
        assert alone.source == SAID.source
    whole = Guidance(SAID.source, **{kind: getattr(only(SAID, kind), kind) for kind in KINDS})
    assert whole == SAID


GUIDE = """
from synth.guidance import Guidance

asked = []


class Counting:
    name = "counting"

    def predict(self, spec):
        asked.append(spec)
        return Guidance(f"asked {len(asked)} times", {"list.reverse": -3.0}, after=9_000)


guide = Counting()
"""


def test_a_guide_is_asked_once_a_task_and_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(GUIDE, encoding="utf-8")
    adviser = PartByPart(tmp_path / "counting.py")
    (task, *_) = [item.content for item in STUDY.items() if isinstance(item.content, Task)]
    advice = adviser(task, REPORT)
    assert tuple(advice.arms) == adviser.arms == GUIDED_ARMS
    assert advice.said_by == "asked 1 times"
    assert advice.arms[ONLINE] is None
    assert {said.source for said in advice.arms.values() if said is not None} == {"asked 1 times"}
    assert {said.after for said in advice.arms.values() if said is not None} == {0}
    assert [arm for arm, said in advice.arms.items() if said is not None and said.helps] == ["bits only", ALL]
    before = adviser.identity
    (tmp_path / "counting.py").write_text(GUIDE + "\n", encoding="utf-8")
    assert adviser.identity != before


def test_a_guide_that_cannot_help_leaves_its_arms_silent(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(GUIDE.replace("asked.append(spec)", "1 / 0"), encoding="utf-8")
    (task, *_) = [item.content for item in STUDY.items() if isinstance(item.content, Task)]
    advice = PartByPart(tmp_path / "broken.py")(task, REPORT)
    assert advice.said_by.startswith("off (broken.py failed")
    assert not any(said.helps for said in advice.arms.values() if said is not None)


def line(task: str, first_fits: Mapping[str, int | None], said_by: str = "a guide") -> dict[str, object]:
    arms = {
        arm: {"fits": first is not None, "first_fit": first, "evaluations": 1000, "seconds": 1.0, "holdout": None}
        for arm, first in first_fits.items()
    }
    return {"task": task, "said_by": said_by, "arms": arms}


firsts = st.one_of(st.none(), st.integers(0, 1000))
rows = st.lists(
    st.fixed_dictionaries(dict.fromkeys((NONE, *GUIDED_ARMS), firsts)), min_size=1, max_size=8
)  # fmt: skip


@settings(max_examples=30)
@given(rows)
def test_what_arms_come_to_is_counted_right(drawn: list[dict[str, int | None]]) -> None:
    found = guide_arms_of([line(f"t{i}", row) for i, row in enumerate(drawn)])
    assert found.tasks == len(drawn)
    assert found.unguided.solved.right == sum(row[NONE] is not None for row in drawn)
    for effect in found.effects:
        pairs = [(row[NONE], row[effect.guided_by]) for row in drawn]
        both = [(max(1, a), max(1, b)) for a, b in pairs if a is not None and b is not None]
        assert effect.sums.solved.right == sum(b is not None for _, b in pairs)
        assert effect.solved.only_second == sum(a is None and b is not None for a, b in pairs)
        assert sorted(effect.savings) == sorted(a / b for a, b in both)
        assert (effect.worst is None) == (not both)
        assert effect.worst is None or effect.worst == pytest.approx(max(b / a for a, b in both))
    assert all(len(row) == len(HEADINGS) for row in found.rows())
    assert list(json.loads(json.dumps(found.to_json()))["arms"]) == list(GUIDED_ARMS)


def test_tasks_not_searched_in_all_arms_are_left_out_and_silent_ones_counted() -> None:
    whole = dict.fromkeys((NONE, *GUIDED_ARMS), 10)
    lines = [line("a", whole), line("b", {NONE: 10}), line("c", whole, "off (no encoder for type grid)")]
    found = guide_arms_of(lines)
    assert (found.tasks, found.silent) == (2, 1)
