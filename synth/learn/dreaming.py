"""Dream and train: tasks made with the words that were learned, and a guide that gets used to them.

The guide begins with the weights that it has, and learns from dreams (see `synth.guide.hindsight`) and from replays,
the tasks that were solved, with their programs as compression has rewritten them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dsl.errors import InterfaceError
from dsl.library import Library
from synth.executors import Done, Lost, run_jobs
from synth.guide.corpus import TrainingTask, read_lines, to_line
from synth.guide.hindsight import Hindsight
from synth.learn.corpus import Corpus
from synth.pcfg import program_bits
from synth.workload import Item, read_library
from tasks.task import Spec, Task

__all__ = ["DREAMS_A_NIGHT", "Dreams", "dream", "dream_apart", "read_dreams", "replays", "train"]

DREAMS_A_NIGHT = 250
"""The most dreams of one search; a kill loses no more than these."""
_DEEPER = 0.33
"""The share of dreams that is drawn over what a search found."""
_JUDGED = 0.04
"""The share of dreams that is held back to judge by."""
_REPLAYED = 5
"""How often a replay is learned from where a dream is once: there are few, and they are what it is all about."""
_RATE, _WARM = 5e-4, 20
"""The highest learning rate, a quarter of a first training's, and the steps up to it."""


@dataclass(frozen=True, slots=True)
class Dreams:
    """How many dreams are wanted, and with what, as plain data: the files of the words, and the seed."""

    count: int
    primitive_files: tuple[str, ...]
    module_files: tuple[str, ...]
    seed: str

    @property
    def nights(self) -> int:
        """How many searches they are from."""
        return -(-self.count // DREAMS_A_NIGHT)

    def of_night(self, number: int) -> int:
        """How many are from one search."""
        return min(DREAMS_A_NIGHT, self.count - number * DREAMS_A_NIGHT)


def dream(library: Library, seed: str, number: int, count: int) -> tuple[TrainingTask, ...]:
    """Dreams of one search; which they are depends on the seed and the number alone."""
    deeper = round(_DEEPER * count)
    made = Hindsight(library, random.Random(f"{seed} dream {number}"), from_banks=count - deeper, deeper=deeper)
    return tuple(itertools.islice(made.tasks(), count))


def dream_apart(
    dreams: Dreams, numbers: Sequence[int], *, workers: int, stopping: Callable[[], bool] = lambda: False
) -> Iterator[tuple[int, str]]:
    """Dreams on worker processes, lines of JSON for each number as they are ready."""
    for event in run_jobs(_prepare, dreams, numbers, workers=workers, stopping=stopping):
        match event:
            case Done(number, lines):
                yield number, lines
            case Lost():
                raise InterfaceError(f"expected dreams, found that {event.reason}")


def _prepare(dreams: Dreams) -> Callable[[int], str]:
    library = read_library(dreams.primitive_files, dreams.module_files)

    def work(number: int) -> str:
        return "".join(to_line(task) + "\n" for task in dream(library, dreams.seed, number, dreams.of_night(number)))

    return work


def read_dreams(texts: Iterable[str], library: Library) -> Iterator[TrainingTask]:
    """Dreams from their lines."""
    return read_lines((line for text in texts for line in text.splitlines()), library, "dreams")


def replays(corpus: Corpus, items: Iterable[Item], library: Library) -> tuple[TrainingTask, ...]:
    """The solved tasks of a corpus as tasks to learn from."""
    tasks = {item.name: item.content for item in items if isinstance(item.content, Task)}
    made = []
    for solved in corpus:
        task = tasks[solved.task]
        spec = Spec(solved.program.parameters, task.type_request, library, task.examples)
        bits = program_bits(solved.program, spec)
        if bits is not None:
            made.append(TrainingTask(spec, solved.program, bits, "replay"))
    return tuple(made)


def train(
    library: Library,
    dreamt: Sequence[TrainingTask],
    replayed: Sequence[TrainingTask],
    out: Path,
    start: Path,
    *,
    steps: int,
    seed: int,
    told: Callable[[Mapping[str, float]], None] | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Mapping[str, object] | None:
    """Write a guide to `out` that begins as the one in `start` and learns so many steps; its figures.

    None where an end was wanted before; the training goes on where it was when it is asked for again. Raises
    InterfaceError for a guide that cannot be trained.
    """
    from synth.guide.checkpoint import load  # torch, which the rest of learning does without
    from synth.guide.train import Settings
    from synth.guide.training_run import Work, train_guide

    guide = load(start)
    held = max(1, round(_JUDGED * len(dreamt)))
    learned = itertools.chain(dreamt[held:], itertools.chain.from_iterable([replayed] * _REPLAYED))
    work = Work(library, learned, out, f"synth learn train (from {start.name})", out.stem, dreamt[:held])
    settings = Settings(steps, rate=_RATE, warm=min(_WARM, steps), seed=seed, sizes=guide.net.sizes)
    return train_guide(work, settings, told=told, start=guide.net, stopping=stopping)
