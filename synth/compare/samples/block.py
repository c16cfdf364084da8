"""Functions on lists that others chose: a block of many tasks with eleven examples each, taken as one.

Nobody here chose these tasks to be short, which is what they are for. A run is a learner on a part of the block; each
seed has a part of its own, and draws for each function which example is asked and which are shown. A score counts
functions.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dsl.library import Library
from dsl.program import names
from synth.budget import Budget, StopReason
from synth.compare.metrics import Count
from synth.compare.programs import answers_of, hash_examples
from synth.compare.protocol import Effort, RunLearner
from synth.compare.records import Cell, DataUsed, Outcome, Run
from synth.compare.samples.references import distances
from synth.compare.samples.source import INSIDE, items_of
from synth.compare.scoring import NOTHING, Marking, Probe, Said, hash_tests, score_answers
from synth.compare.streams import digest, random_stream
from synth.compare.tokens.encoding import TOKENS
from synth.solver import Solver
from synth.verify import verify
from tasks.loaders import rule
from tasks.task import Example, Task

__all__ = ["BLOCK", "BlockSource", "Function", "OnBlock", "SearchEach", "nearest_each"]

BLOCK = "list_functions"
"""The name of the block as a task of the protocol."""

_ENCODING = "lists of ints, as they are"


@dataclass(frozen=True)
class Function:
    """One function of the block as one seed has it: its examples in order, and the one that is asked."""

    task: Task
    examples: tuple[Example, ...]
    asked: Example

    def shown(self, size: int) -> tuple[Example, ...]:
        """The examples that a learner gets who gets `size`."""
        return self.examples[:size]

    def spec_task(self, library: Library, size: int) -> Task:
        """The function as a solver gets it."""
        return replace(self.task, examples=self.shown(size), holdout=(), library=library)


@dataclass(frozen=True)
class BlockSource:
    """Where the data of the block comes from: the tasks of a file, each with eleven examples."""

    tasks: tuple[Task, ...]

    marking: Marking = TOKENS

    @classmethod
    def read(cls, path: Path, library: Library) -> BlockSource:
        """The block of a `rule250.json` file; InterfaceError where it is missing or of another shape."""
        return cls(rule.load(path, library).tasks)

    def digest(self) -> str:
        """A content hash of all examples."""
        return digest([[t.name, hash_examples((*t.examples, *t.holdout))] for t in self.tasks])

    def functions(self, seed: int, count: int) -> tuple[Function, ...]:
        """The part of the block that a seed has: `count` functions, others than the seeds beside it."""
        order = random_stream("samples", BLOCK, "order").permutation(len(self.tasks)).tolist()
        places = [order[(seed * count + place) % len(order)] for place in range(min(count, len(order)))]
        return tuple(self._function(self.tasks[place], seed) for place in places)

    def _function(self, task: Task, seed: int) -> Function:
        pairs = (*task.examples, *task.holdout)
        order = random_stream("samples", BLOCK, task.name, seed).permutation(len(pairs)).tolist()
        *shown, asked = (pairs[place] for place in order)
        return Function(task, tuple(shown), asked)


def _run(
    cell: Cell, source: BlockSource, functions: Sequence[Function], answers: Sequence[object], outcome: Outcome | None
) -> Run:
    """The run of a learner that answered one question a function (NOTHING: it had no answer)."""
    assert cell.size is not None
    probe = Probe(INSIDE, tuple((one.asked.arguments, one.asked.output) for one in functions))
    said = [Said(answer) for answer in answers]
    scores, shown = score_answers([probe], lambda _: said, source.marking, cell.key, shown=(INSIDE,))
    learned = hash_examples([example for one in functions for example in one.shown(cell.size)])
    whole = scores[0].right == scores[0].total
    return Run.of(
        cell,
        outcome or ("correct" if whole else "fits examples but wrong"),
        scores=scores,
        answers=shown,
        data=DataUsed(learned, cell.size, hash_tests([probe]), encoding=_ENCODING),
    )


@dataclass(frozen=True)
class SearchEach:
    """The program side on the block: one search a function, each with the whole budget of evaluations.

    A run is `correct` only where every function is right. `evaluations` are those of the longest search, since the
    budget is of each.
    """

    words: Callable[[], Library]
    make_solver: Callable[[], Solver]

    def __call__(self, source: BlockSource, effort: Effort, cell: Cell) -> Run:
        """Search for each function, verify from text, ask."""
        assert cell.size is not None
        functions = source.functions(cell.seed, round(effort.settings["functions"]))
        library, solver, started = self.words(), self.make_solver(), time.process_time()
        answers: list[object] = []
        spent: list[int] = []
        found = 0
        used: set[str] = set()
        for function in functions:
            task = function.spec_task(library, cell.size)
            budget = Budget(effort.evaluations, effort.settings["function_seconds"])
            answer = solver.solve(task.spec, budget, rng=random.Random(f"{cell.seed}:{function.task.name}"))
            if answer.stop is StopReason.INTERRUPTED:
                raise KeyboardInterrupt
            verdict = verify(task, answer)
            spent.append(answer.evaluations)
            if verdict.program is None or not verdict.fits:
                answers.append(NOTHING)
                continue
            found += 1
            used |= set(names(verdict.program))
            asked = Probe(INSIDE, ((function.asked.arguments, function.asked.output),))
            answers.append(answers_of(verdict.program, library)(asked)[0].value)
        return replace(
            _run(cell, source, functions, answers, None),
            cpu_seconds=round(time.process_time() - started, 3),
            evaluations=max(spent),
            stop="solved" if found == len(answers) else "some of the searches ended without a program",
            fit=Count(found, len(answers)),
            words=tuple(sorted(used)),
            details={"functions": [one.task.name for one in functions], "evaluations of all": sum(spent)},
        )


def nearest_each(source: BlockSource, effort: Effort, cell: Cell) -> Run:
    """The nearest example's answer, on each function of the block."""
    assert cell.size is not None
    functions, started = source.functions(cell.seed, round(effort.settings["functions"])), time.process_time()
    answers = [_nearest(items_of(one.asked.arguments[0]), one.shown(cell.size)) for one in functions]
    run = _run(cell, source, functions, answers, "reference")
    return replace(run, cpu_seconds=round(time.process_time() - started, 3))


def _nearest(items: tuple[int, ...], examples: Sequence[Example]) -> object:
    lists = [items_of(example.arguments[0]) for example in examples]
    lengths = np.array(list(map(len, lists)))
    known = np.full((len(lists), max(1, int(lengths.max()))), -1, dtype=np.int64)
    for row, given in zip(known, lists, strict=True):
        row[: len(given)] = given
    return examples[int(np.argmin(distances(items, known, lengths)))].output


@dataclass(frozen=True)
class OnBlock:
    """A learner that runs in one way on tasks of our own, and in another on the block."""

    own: RunLearner
    block: RunLearner

    def __call__(self, source: object, effort: Effort, cell: Cell) -> Run:
        """Run as the source wants it."""
        return self.block(source, effort, cell) if isinstance(source, BlockSource) else self.own(source, effort, cell)
