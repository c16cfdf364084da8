"""Tasks of many searches, made on as many processes as are wanted: what comes depends on the seed alone.

A search is given how often the searches before it came by each word, so that it prefers the rare ones. Searches are
made in rounds, each as large as all before it together, and what a round's searches are given is what was known when it
began: so those of one round do not wait for each other, and most of the counts are there.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from dsl.errors import InterfaceError
from dsl.library import Library
from dsl.program import Lambda
from dsl.type_system import FunctionType
from synth.executors import Done, Lost, run_jobs
from synth.guide.corpus import TrainingTask
from synth.guide.hindsight import Hindsight
from tasks.task import Example, Spec

__all__ = ["Found", "Order", "make_tasks", "search_for_tasks", "searches"]

Words: TypeAlias = Callable[[], Library]
"""Makes the library: a function of a module, so that worker processes can be told of it by name."""

_FIRST_ROUND = 8
_Plain: TypeAlias = tuple[tuple[str, ...], FunctionType, tuple[Example, ...], Lambda, float, str]
"""A task without its library, which no process can send to another."""


@dataclass(frozen=True, slots=True)
class Order:
    """A search to be made: its seed, how much it does, how many tasks of each kind are wanted, and what was seen."""

    seed: str
    evaluations: int = 16_000
    from_banks: int = 1_000
    deeper: int = 500
    seen: Counter[str] = field(default_factory=Counter)
    roots: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came by: its tasks, and how often they have each word, and each root."""

    tasks: tuple[TrainingTask, ...]
    seen: Counter[str]
    roots: Counter[str]


def search_for_tasks(library: Library, order: Order) -> Found:
    """Make one search, here and now."""
    maker = Hindsight(
        library,
        random.Random(order.seed),
        order.evaluations,
        order.from_banks,
        order.deeper,
        Counter(order.seen),
        Counter(order.roots),
    )
    tasks = tuple(maker.of_one_search())
    return Found(tasks, maker.seen - order.seen, maker.roots - order.roots)


def searches(words: Words, orders: Sequence[Order], jobs: int) -> Iterator[Found]:
    """What each search comes by, in the order of `orders`, on so many processes; on one, it is this process.

    Raises InterfaceError where a process ends before its search.
    """
    library = words()
    if jobs == 1:
        yield from (search_for_tasks(library, order) for order in orders)
        return
    early: dict[int, Found] = {}
    wanted = itertools.count()
    place = next(wanted)
    for event in run_jobs(_prepare, words, tuple(enumerate(orders)), workers=jobs):
        match event:
            case Lost():
                raise InterfaceError(
                    f"expected the tasks of search {event.job[0] + 1}, found that {event.reason}",
                    hint="fewer --jobs need less memory",
                )
            case Done((number, _), (plain, seen, roots)):
                early[number] = Found(tuple(_with_library(task, library) for task in plain), seen, roots)
        while place in early:
            yield early.pop(place)
            place = next(wanted)


def make_tasks(words: Words, seed: int, jobs: int = 1, order: Order | None = None) -> Iterator[TrainingTask]:
    """Endless tasks; `order` says what each search is like, but for its seed and what was seen before it."""
    like = order or Order("")
    first, size = 0, _FIRST_ROUND
    seen, roots = Counter(like.seen), Counter(like.roots)
    while True:
        numbers = range(first, first + size)
        orders = [replace(like, seed=f"{seed} search {n}", seen=seen, roots=roots) for n in numbers]
        met: Counter[str] = Counter()
        met_roots: Counter[str] = Counter()
        for found in searches(words, orders, jobs):
            yield from found.tasks
            met += found.seen
            met_roots += found.roots
        seen, roots = seen + met, roots + met_roots
        first += size
        size = first


def _prepare(words: Words) -> Callable[[tuple[int, Order]], tuple[list[_Plain], Counter[str], Counter[str]]]:
    """What a worker process does with an order."""
    library = words()

    def work(job: tuple[int, Order]) -> tuple[list[_Plain], Counter[str], Counter[str]]:
        found = search_for_tasks(library, job[1])
        return [_plain(task) for task in found.tasks], found.seen, found.roots

    return work


def _plain(task: TrainingTask) -> _Plain:
    spec = task.spec
    return spec.parameters, spec.type_request, spec.examples, task.program, task.bits, task.source


def _with_library(plain: _Plain, library: Library) -> TrainingTask:
    names, request, examples, program, bits, source = plain
    return TrainingTask(Spec(names, request, library, examples), program, bits, source)
