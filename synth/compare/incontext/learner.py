"""The in-context net as a learner: it reads the pairs that programs are shown, and answers; no weight changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.type_system import INT, list_of
from synth.compare.axis import Point
from synth.compare.incontext.checkpoint import checkpoint_path, load, read_about
from synth.compare.programs import PairSource, hash_examples
from synth.compare.protocol import TRAINED_ENOUGH, Effort, Learner
from synth.compare.records import Cell, DataUsed, Run
from synth.compare.scoring import NOTHING, Probe, Said, hash_tests, score_answers
from tasks.domains.lists import LISTS
from tasks.task import Task

if TYPE_CHECKING:
    from synth.compare.incontext.decoding import Context, Items

__all__ = ["CODE", "InContextNet", "in_context", "in_context_learner"]

CODE = (
    "synth.nets.in_context:InContext",
    "synth.compare.training:train",
    "synth.compare.incontext.training:meta_train",
    "synth.compare.incontext.episodes:make_episodes",
)
"""Its design, its recipe, and what draws its tasks, for the prior ledger; the words of the language come on top."""

_STOP = "prepared beforehand"


@dataclass(frozen=True)
class InContextNet:
    """Reads the shown pairs, at most ten, and answers. Answers are kept at the points `shown`.

    `checkpoint` is a file of `synth compare prepare`; None: the shipped one, or the one that the environment names.
    """

    shown: tuple[Point, ...] = ()
    checkpoint: Path | None = None

    def __call__(self, source: PairSource, effort: Effort, cell: Cell) -> Run:
        """Read the shown pairs, answer every test input."""
        from synth.compare.incontext.decoding import MOST_SHOWN, Context  # imports torch
        from synth.compare.training import one_thread  # as above

        one_thread()
        path = self.checkpoint or checkpoint_path()
        prepared, net = read_about(path), load(path, effort.device)
        probes = source.tests(cell.seed, effort.tests)
        task = source.spec_task(cell.seed, _words(), cell.size)
        started = time.process_time()
        context = Context.of(net, _pairs(task), single=task.result_type == INT)
        read = time.process_time()
        scores, answers = score_answers(probes, _says(context), source.marking, cell.key, shown=self.shown)
        pairs = min(len(task.examples), MOST_SHOWN)
        fit = prepared.fit(pairs)
        return Run.of(
            cell,
            "trained" if fit.share >= TRAINED_ENOUGH else "under-trained",
            scores=scores,
            answers=answers,
            peeked=scores,
            data=DataUsed(
                hash_examples(task.examples),
                len(task.examples),
                hash_tests(probes),
                encoding=source.encoding_name,
                prepared_on=prepared.episodes,
            ),
            fit=fit,
            cpu_seconds=round(max(read - started, 0.001), 3),
            test_cpu_seconds=round(time.process_time() - read, 3),
            prepared_cpu_seconds=prepared.cpu_seconds,
            parameters=int(prepared.about["parameters"]),
            steps=0,
            stop=_STOP,
            details={"checkpoint": prepared.digest, "read pairs": pairs},
        )


def _words() -> Library:
    return LISTS.tier("T1")


def _pairs(task: Task) -> list[tuple[Items, Items]]:
    """The shown pairs as items; InterfaceError for a task that is not from a list of ints to an int or such a list."""
    if task.type_request.parameters != (list_of(INT),) or task.result_type not in (INT, list_of(INT)):
        raise InterfaceError(f"expected a task from one list of ints to an int or such a list, found {task.signature}")
    return [(_items(example.arguments[0]), _items(example.output)) for example in task.examples]


def _items(value: object) -> Items:
    return value if isinstance(value, tuple) else (value,)


def _says(context: Context) -> Callable[[Probe], Sequence[Said]]:
    """What the net says to a probe's inputs. NOTHING where it wrote what has no token, or not one int for an int."""

    def say(probe: Probe) -> list[Said]:
        written = context.answers([_items(arguments[0]) for arguments, _ in probe.pairs])
        said: list[Said] = []
        for answer in written:
            value: object = answer.items
            if answer.items is not None and context.single:
                value = answer.items[0] if len(answer.items) == 1 else None
            said.append(Said(NOTHING if value is None else value, round(answer.confidence, 4)))
        return said

    return say


def in_context(shown: tuple[Point, ...] = (), checkpoint: Path | None = None) -> InContextNet:
    """How the in-context net runs, for a `Learner` of a protocol whose source gives pairs."""
    return InContextNet(shown, checkpoint)


def in_context_learner(
    learns_from: str, *, shown: tuple[Point, ...] = (), checkpoint: Path | None = None, name: str = "in_context"
) -> Learner:
    """The in-context net as a learner of the side `same-prior net`."""
    return Learner(
        name,
        "in-context Transformer",
        "same-prior net",
        in_context(shown, checkpoint),
        "a Transformer that was meta-trained on tasks drawn from our language; it reads the pairs and answers, and no "
        "weight changes",
        learns_from=learns_from,
        recipe="AdamW on tasks drawn from the language, each output written from the pairs before it",
        words=_words,
        tier="T1",
        code=CODE,
    )
