"""What helps to read one answer: what the program did, step by step, and the nearest example that it had been shown.

This is worked out when a report is made, from the text of the program and the data of the task, so that runs need not
carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from synth.compare.programs import PairSource, reference_program
from synth.compare.protocol import Effort, Learner
from synth.compare.records import Answered, Run
from synth.compare.scoring import Arguments
from synth.report.steps import steps

__all__ = ["Explain", "Explained", "Line", "edits", "explain_pairs", "nearest_pair"]


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a program that computes something, how deep it lies, and its values one after the other."""

    text: str
    depth: int
    values: str


@dataclass(frozen=True, slots=True)
class Explained:
    """How a program came to an answer, the nearest example that was shown, and how far away that is, in words."""

    trace: tuple[Line, ...] = ()
    nearest: str = ""
    distance: str = ""


Explain: TypeAlias = Callable[[Any, Effort, Learner, Run, Answered], Explained | None]
"""Explains an answer of a learner's run, from the source of the task's data; None where it has no way to."""


def explain_pairs(
    source: PairSource, effort: Effort, learner: Learner, run: Run, answered: Answered
) -> Explained | None:
    """Explain an answer to a task of pairs: runs the program on the input again, and looks through the shown pairs."""
    arguments = _arguments_of(source, effort, run, answered)
    if arguments is None or learner.words is None:
        return None
    task = source.spec_task(run.seed, learner.words(), run.size)
    shown = [(example.arguments, example.output) for example in task.examples]
    near, apart = nearest_pair(shown, arguments)
    marking = source.marking
    nearest = f"{marking.show(near[0])} → {' '.join(marking.parts(near[1])) or '(nothing)'}"
    trace: tuple[Line, ...] = ()
    if run.program is not None:
        request = task.type_request
        told = steps(reference_program(run.program, task), request, (arguments,), task.library)
        trace = tuple(Line(step.text, step.depth, step.values[0]) for step in told)
    many = f"{len(shown)} pairs" if len(shown) != 1 else "one pair"
    return Explained(trace, nearest, f"{apart} edit{'s' * (apart != 1)} away, of the {many} that the program was shown")


def _arguments_of(source: PairSource, effort: Effort, run: Run, answered: Answered) -> Arguments | None:
    """The test input that an answer was given to; the run kept only how it is written."""
    for probe in source.tests(run.seed, effort.tests):
        if probe.point == answered.point:
            found = (arguments for arguments, _ in probe.pairs if source.marking.show(arguments) == answered.input)
            return next(found, None)
    return None


def nearest_pair(
    pairs: Iterable[tuple[Arguments, object]], arguments: Arguments
) -> tuple[tuple[Arguments, object], int]:
    """Of some pairs, the first whose input is the fewest edits away from an input, and how many. ValueError for none.

    >>> nearest_pair([(((1, 2),), "a"), (((1, 2, 4),), "b")], ((1, 2, 3),))
    ((((1, 2),), 'a'), 1)
    """
    measured = ((pair, _apart(pair[0], arguments)) for pair in pairs)
    return min(measured, key=lambda found: found[1])


def _apart(one: Arguments, other: Arguments) -> int:
    """Edits between two inputs, argument by argument."""
    return sum(edits(_pieces(a), _pieces(b)) for a, b in zip(one, other, strict=True))


def _pieces(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple | str) else (value,)


def edits(one: Sequence[object], other: Sequence[object]) -> int:
    """The fewest insertions, deletions and exchanges that turn one sequence into the other (Levenshtein 1966).

    >>> edits("kitten", "sitting")
    3
    """
    above = list(range(len(other) + 1))
    for row, item in enumerate(one, 1):
        line = [row]
        for column, opposite in enumerate(other, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (item != opposite)))
        above = line
    return above[-1]
