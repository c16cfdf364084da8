"""Why a search found nothing: golden texts from answers made by hand, one for each kind of end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import INT, FunctionType, list_of
from synth.attempt import Blame, TaskReport, report_of, without_answer
from synth.budget import StopReason
from synth.report.task_text import task_lines
from synth.report.why import suggestions, why_lines
from synth.solver import Answer, Explanation, LevelShare, NearMiss
from synth.verify import verify
from tasks.task import Example, Task

GOLDEN = Path(__file__).parents[1] / "golden" / "why_it_failed.txt"
LIST = list_of(INT)
TASK = Task(
    "rotate",
    ("k", "xs"),
    FunctionType((INT, LIST), LIST),
    CORE,
    tuple(
        Example((k, xs), xs[k:] + xs[:k])
        for k, xs in ((1, (1, 2, 3)), (2, (4, 5, 6, 7)), (0, (8,)), (1, (9, 9)), (3, (1, 2, 3, 4)))
    ),
)


def miss(text: str, bits: float) -> NearMiss:
    """A near miss of the task, right where the interpreter says so."""
    variables = dict(zip(TASK.parameters, TASK.type_request.parameters, strict=True))
    program = Lambda(TASK.parameters, parse(text, CORE, expected=LIST, variables=variables))
    outcomes = verify(TASK, Answer(program, StopReason.EVALUATIONS)).outcomes
    right = tuple(n for n, e in enumerate(TASK.examples) if outcomes[n] == e.output)
    return NearMiss(program, right, bits)


NEAR = (miss("concat(drop(k, xs), take(1, xs))", 21.5), miss("xs", 1.5), miss("drop(k, xs)", 8.0))
LEVELS = tuple(LevelShare(10 + step / 2, 1000 * 2**step, step < 4) for step in range(5))
EXPLAINED = Explanation(
    levels=(*LEVELS[:4], LevelShare(12.0, 9_000, False)),
    space_seen=0.8421,
    unreached_types=(),
    useless_words=("list.zip", "list.sort", "list.product", "int.gcd"),
    counts={"goals": 1200, "case trees": 4, "classes": 40_211, "merged duplicates": 310_400},
)


def report(answer: Answer) -> TaskReport:
    return report_of("rotate", TASK, answer, verify(TASK, answer))


ENDS: Mapping[str, TaskReport] = {
    "evaluations, levels known": report(
        Answer(None, StopReason.EVALUATIONS, 24_000, 1.5, near_misses=NEAR, explanation=EXPLAINED)
    ),
    "seconds, levels known and closed": report(
        Answer(None, StopReason.SECONDS, 15_000, 10.0, explanation=Explanation(levels=LEVELS[:4]))
    ),
    "evaluations, nothing known": report(Answer(None, StopReason.EVALUATIONS, 24_000, 1.5)),
    "memory": report(Answer(None, StopReason.MEMORY, 24_000, 1.5, explanation=EXPLAINED)),
    "exhausted": report(
        Answer(None, StopReason.EXHAUSTED, 512, 0.1, near_misses=NEAR[1:2], explanation=Explanation(space_seen=1.0))
    ),
    "unreachable": report(
        Answer(
            None,
            StopReason.UNREACHABLE,
            message="no word and no input gives a value of type grid",
            explanation=Explanation(unreached_types=("grid",)),
        )
    ),
    "contradictory": report(
        Answer(None, StopReason.CONTRADICTORY, message="examples 1 and 2 contradict each other: for 1 one wants 2 ...")
    ),
    "abstained": report(Answer(NEAR[0].program, StopReason.ABSTAINED, 900, 0.2, 21.5, mass=0.31)),
    "one odd example": report(
        Answer(
            None,
            StopReason.EVALUATIONS,
            5_000,
            0.5,
            near_misses=(replace(NEAR[0], right=(0, 1, 2, 3)), replace(NEAR[1], right=(0, 1, 2, 3))),
        )
    ),
    "bad words": report(
        Answer(
            None,
            StopReason.SECONDS,
            48,
            0.1,
            explanation=Explanation(faults={"mine.lie": 12, "mine.odd": 1}, slow={"mine.nap": 1.004}),
        )
    ),
    "interrupted": report(Answer(None, StopReason.INTERRUPTED, 48, 0.1, near_misses=NEAR[1:2])),
    "the search's own advice comes first": report(
        Answer(None, StopReason.EXHAUSTED, 48, 0.1, explanation=Explanation(suggestions=("a sketch of the answer",)))
    ),
    "cut off": replace(
        without_answer("rotate", TASK, StopReason.SECONDS, "no answer after 45 s, cut off", Blame.NOBODY),
        explanation=Explanation(slow={"mine.spin": 44.2}),
    ),
    "our bug": without_answer("rotate", TASK, StopReason.ERROR, "ZeroDivisionError", Blame.BUG),
    "solved with a bad word": report(
        Answer(
            miss("concat(drop(k, xs), take(k, xs))", 21.5).program,
            StopReason.SOLVED,
            explanation=Explanation(slow={"mine.nap": 0.5}),
        )
    ),
}


def test_the_text_of_every_end(golden: Callable[[Path, str], None]) -> None:
    blocks = []
    for name, ended in ENDS.items():
        lines = [line.text for line in (*task_lines(replace(ended, near=())), *why_lines(ended))]
        blocks.append("\n".join([f"== {name}", *lines]))
    golden(GOLDEN, "\n\n".join(blocks))


@pytest.mark.parametrize("stop", list(StopReason))
def test_every_end_can_be_told(stop: StopReason) -> None:
    assert all(line.text.strip() for line in why_lines(TaskReport("task", stop.value)))


@pytest.mark.parametrize("factor", [1.5, 2.0, 3.0])
def test_the_estimate_is_right_where_levels_grow_evenly(factor: float) -> None:
    sizes = [round(1000 * factor**n) for n in range(8)]
    done = sum(sizes[:5])
    levels = tuple(LevelShare(n / 2, size, True) for n, size in enumerate(sizes[:5]))
    advice = suggestions(
        TaskReport("t", "evaluations", evaluations=done, answered=True, explanation=Explanation(levels=levels))
    )
    wanted = done + sizes[5]
    offered = int(advice[0].split()[2])
    assert wanted <= offered <= 1.1 * wanted + 100
    assert advice[1].startswith(f"but each further bit costs about {factor**2:.1f} times")


def test_a_task_that_is_solved_needs_no_advice() -> None:
    assert suggestions(TaskReport("task", "solved", fits=True, explanation=EXPLAINED)) == ()


def test_an_example_is_doubted_only_where_the_nearest_agree_on_it() -> None:
    assert any("example 5" in line for line in suggestions(ENDS["one odd example"]))
    assert not any("example" in line for line in suggestions(ENDS["evaluations, levels known"]))
