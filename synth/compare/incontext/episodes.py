"""Episodes to meta-train on: programs drawn from the language, run on drawn lists.

Programs are drawn over all core words by the weights that a search gives them (`tasks.drawn_programs`), of one to six
words. What a program does is told by its *behaviour*, its outputs on a fixed panel of lists; of one behaviour only so
many episodes are kept, so that ways to say a simple thing do not crowd out the rest. Programs that do what a task does
that will be reported are dropped (`Apart`).
"""

from __future__ import annotations

import hashlib
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dsl.compiler import Compiled, Compiler
from dsl.errors import InterfaceError
from dsl.type_system import BOOL, INT, FunctionType, Type, list_of
from dsl.values import Failure
from synth.compare.incontext.apart import Apart
from synth.compare.incontext.drawn_lists import draw_lists
from synth.compare.incontext.episode_file import HIGH, LOW, PAIRS, Episode, EpisodeFile, clamped, pack
from synth.executors import Done, Lost, run_jobs
from tasks.domains.lists import LISTS
from tasks.drawn_programs import Drawer

__all__ = ["Made", "Maker", "make_episodes", "panel"]

INTS = list_of(INT)
_TYPES: tuple[Type, ...] = (INT, BOOL, INTS, list_of(INTS))
_WORDS = ((1, 3), (2, 22), (3, 31), (4, 25), (5, 13), (6, 6))
"""How many words a program has, and how often it is so."""
_LISTS = 0.75
"""How often the output is a list, not an int."""
_TRIES = 400
"""Draws of one size after which another size is tried."""
_MOST_OF_SIZE = {1: 24, 2: 12}
_MOST = 4
"""How many episodes there are of one behaviour, by the words of the program that is met first."""
_FUEL, _NESTING = 3_000, 60
_REDRAWN = 6
"""How many lists of an episode may be drawn again, as the program gives nothing for them."""
_ASKED = 3
"""How many lists of a stretched episode are long ones."""
_MORE, _LONGEST = 6, 48
"""How much longer an output may be than its input, and how long at most."""
_BEYOND = 2
"""How many outputs of an episode may hold numbers that have no token."""
_MOST_ALIKE = 7
"""How many outputs of an episode may be the same one, and how many may be their inputs."""
_CHUNK = 2_000
"""Episodes that are made in one go, from a random stream of their own."""
_PANEL = 12


def panel() -> tuple[tuple[int, ...], ...]:
    """The lists on which it is seen what a program does: always the same ones."""
    rng = random.Random("panel")
    return tuple(tuple(rng.randint(0, 9) for _ in range(1 + length % 8)) for length in range(_PANEL))


@dataclass
class Maker:
    """Makes episodes, from `rng` alone. `apart` counts what was dropped for what a reported task does."""

    rng: random.Random
    apart: Apart
    dropped: int = 0
    _drawer: Drawer = field(init=False)
    _compiler: Compiler = field(init=False)
    _panel: tuple[tuple[int, ...], ...] = field(default_factory=panel)
    _made: Counter[int] = field(default_factory=Counter)
    _forbidden: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        library = LISTS.library
        self._drawer = Drawer(library, _TYPES, self.rng)
        self._compiler = Compiler(library)

    def episodes(self) -> Iterator[Episode]:
        """Endless episodes."""
        sizes, weights = [size for size, _ in _WORDS], [weight for _, weight in _WORDS]
        while True:
            (words,) = self.rng.choices(sizes, weights)
            single = self.rng.random() > _LISTS
            found = next((e for _ in range(_TRIES) if (e := self._try(words, single)) is not None), None)
            if found is not None:
                yield found

    def _try(self, words: int, single: bool) -> Episode | None:
        """An episode of a program with so many words; None if the draw was no good one."""
        program = self._drawer.draw(FunctionType((INTS,), INT if single else INTS), words)
        if program is None:
            return None
        run = self._compiler.bounded(program, fuel=_FUEL, nesting=_NESTING)
        behaviour = self._behaviour(run)
        if behaviour is None or self._made[behaviour] >= _MOST_OF_SIZE.get(words, _MOST):
            return None
        episode = self._episode(run, single, behaviour)
        if episode is None:
            return None
        if self._is_forbidden(behaviour, run, single):
            self.dropped += 1
            return None
        self._made[behaviour] += 1
        return episode

    def _behaviour(self, run: Compiled) -> int | None:
        """What a program does on the panel, as a number; None where that is little, or nothing."""
        outputs = [run((items,)) for items in self._panel]
        given = [output for output in outputs if not isinstance(output, Failure)]
        if len(given) < _PANEL - 3 or outputs == list(self._panel):
            return None
        if Counter(given).most_common(1)[0][1] > _PANEL - 4:
            return None
        told = repr([None if isinstance(output, Failure) else output for output in outputs])
        return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])

    def _is_forbidden(self, behaviour: int, run: Compiled, single: bool) -> bool:
        if behaviour not in self._forbidden:
            self._forbidden[behaviour] = self.apart.does_the_same(run, single)
        return self._forbidden[behaviour]

    def _episode(self, run: Compiled, single: bool, behaviour: int) -> Episode | None:
        """Pairs of a program on drawn lists, all different; None where they would not tell what it does."""
        lists = draw_lists(self.rng)
        free = PAIRS - _ASKED if lists.stretched else PAIRS
        pairs: dict[tuple[int, ...], tuple[int, ...]] = {}
        beyond = 0
        for _ in range(PAIRS + _REDRAWN):
            items = lists.draw(self.rng, asked=len(pairs) >= free)
            output = _output(run, items, single)
            if output is None or items in pairs:
                continue
            beyond += any(not LOW <= item <= HIGH for item in output)
            pairs[items] = output
            if len(pairs) == PAIRS:
                break
        if len(pairs) < PAIRS or beyond > _BEYOND or not _is_telling(tuple(pairs.values()), tuple(pairs)):
            return None
        kept = tuple((clamped(given), clamped(output)) for given, output in pairs.items())
        return Episode(kept, single, free, behaviour)


def _output(run: Compiled, items: tuple[int, ...], single: bool) -> tuple[int, ...] | None:
    """The items of an output; None where there is none, or too long a one."""
    output = run((items,))
    if isinstance(output, Failure):
        return None
    if single:
        assert isinstance(output, int)
        return (output,)
    assert isinstance(output, tuple)
    return output if len(output) <= min(_LONGEST, len(items) + _MORE) else None


def _is_telling(outputs: Sequence[tuple[int, ...]], inputs: Sequence[tuple[int, ...]]) -> bool:
    """Whether few enough outputs are the same one, or the input."""
    most = Counter(outputs).most_common(1)[0][1]
    same = sum(output == given for output, given in zip(outputs, inputs, strict=True))
    return most <= _MOST_ALIKE and same <= _MOST_ALIKE


@dataclass(frozen=True, slots=True)
class Made:
    """Episodes, the CPU-seconds that they took, and how many programs were dropped for what a reported task does."""

    episodes: tuple[Episode, ...]
    cpu_seconds: float
    dropped: int


def _prepare(sources: tuple[str, ...]) -> _Chunk:
    """What a worker process does with a chunk: makes its episodes."""
    return _Chunk(Apart.of(sources))


@dataclass(frozen=True)
class _Chunk:
    apart: Apart

    def __call__(self, job: tuple[str, int, int]) -> Made:
        seed, number, count = job
        started = time.process_time()
        maker = Maker(random.Random(f"{seed} chunk {number}"), self.apart)
        endless = maker.episodes()
        episodes = tuple(next(endless) for _ in range(count))
        return Made(episodes, time.process_time() - started, maker.dropped)


def make_episodes(count: int, sources: tuple[str, ...], *, seed: int = 0, jobs: int = 1) -> EpisodeFile:
    """So many episodes, none of which does what a task in `sources` does; always the same ones, however many jobs.

    Sources are suites as `load_suite` takes them. Raises InterfaceError where a process ends before its work.
    """
    chunks = [(str(seed), number, min(_CHUNK, count - first)) for number, first in enumerate(range(0, count, _CHUNK))]
    made = _all_made(sources, chunks, jobs)
    kept: list[Episode] = []
    seen: Counter[int] = Counter()
    for chunk in made:
        for episode in chunk.episodes:
            seen[episode.behaviour] += 1
            if seen[episode.behaviour] <= max(_MOST_OF_SIZE.values()):
                kept.append(episode)
    apart = Apart.of(sources)
    about = {
        "seed": seed,
        "episodes": len(kept),
        "behaviours": len({episode.behaviour for episode in kept}),
        "library": LISTS.library.digest(),
        "apart_from": dict(apart.sources),
        "programs_dropped": sum(chunk.dropped for chunk in made),
        "cpu_seconds": round(sum(chunk.cpu_seconds for chunk in made), 1),
    }
    return pack(kept, about)


def _all_made(sources: tuple[str, ...], chunks: Sequence[tuple[str, int, int]], jobs: int) -> list[Made]:
    """The work of all chunks, in their order."""
    if jobs == 1:
        work = _prepare(sources)
        return [work(chunk) for chunk in chunks]
    found: dict[int, Made] = {}
    for event in run_jobs(_prepare, sources, chunks, workers=jobs):
        match event:
            case Lost():
                raise InterfaceError(f"expected episodes, found that {event.reason}", hint="fewer --jobs need less")
            case Done((_, number, _), made):
                found[number] = made
    return [found[number] for _, number, _ in chunks]
