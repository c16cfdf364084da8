"""What episodes must not do: the tasks that a comparison will report, told by their pairs of inputs and outputs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from dsl.compiler import Compiled
from dsl.type_system import INT, list_of
from dsl.values import Failure, agree
from synth.compare.streams import digest
from tasks.domains.lists import LISTS
from tasks.load import load_suite
from tasks.sampling import draw_examples
from tasks.task import Example, Task

__all__ = ["Apart"]

_DRAWN = 12
"""Pairs that tell a task with a solution apart; a task of given pairs is told apart by all of these."""


@dataclass(frozen=True)
class Apart:
    """Tasks by their pairs, those of lists and those of ints, and the content hash of each source."""

    of_lists: tuple[tuple[Example, ...], ...]
    of_ints: tuple[tuple[Example, ...], ...]
    sources: Mapping[str, str]

    @classmethod
    def of(cls, sources: tuple[str, ...]) -> Apart:
        """The tasks from one list of ints in some suites (as `load_suite` takes them); others no episode could do."""
        found: dict[bool, list[tuple[Example, ...]]] = {False: [], True: []}
        hashes: dict[str, str] = {}
        for source in sources:
            suite = load_suite(source, LISTS.library)
            told = [
                (task.result_type == INT, _pairs(task))
                for task in suite.tasks
                if task.type_request.parameters == (list_of(INT),) and task.result_type in (INT, list_of(INT))
            ]
            for single, pairs in told:
                found[single].append(pairs)
            hashes[suite.name] = digest([[[e.arguments, e.output] for e in pairs] for _, pairs in told])
        return cls(tuple(found[False]), tuple(found[True]), hashes)

    def does_the_same(self, run: Compiled, single: bool) -> bool:
        """Whether a program is right on all pairs of one of the tasks."""
        return any(all(_is_right(run, e) for e in pairs) for pairs in (self.of_ints if single else self.of_lists))


def _pairs(task: Task) -> tuple[Example, ...]:
    """What a task is told apart by, inputs that say much first."""
    known = (*task.examples, *task.holdout)
    if task.solution is not None:
        known += draw_examples(task, _DRAWN, random.Random(f"apart {task.name}"))
    return tuple(sorted(known, key=lambda e: e.output == e.arguments[0] or not e.output))


def _is_right(run: Compiled, example: Example) -> bool:
    output = run(example.arguments)
    return not isinstance(output, Failure) and agree(output, example.output)
