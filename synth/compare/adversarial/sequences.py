"""Who is attacked on sequences: learned programs and trained nets, by edits of inputs of the training lengths."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from dsl.compiler import compile_program
from dsl.library import Library
from dsl.values import Failure
from synth.compare.adversarial.edits import Answering, Fooled, every_list, exhaust, is_wrong, neighbours, search_edits
from synth.compare.adversarial.marks import scores_of, share
from synth.compare.metrics import Count
from synth.compare.programs import ProgramSearch, reference_program
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Answered, Cell, DataUsed, Outcome, Run
from synth.compare.scoring import NOTHING, Probe, Said, hash_tests, score_answers
from synth.compare.streams import random_stream
from synth.compare.tokens.net import MakeNet
from synth.compare.tokens.source import Items, OverLists
from tasks.task import Task

if TYPE_CHECKING:
    from torch.nn import Module

__all__ = ["EDITS", "EditedNet", "EditedProgram", "EditedReference", "SequenceSource"]

EDITS = (1, 2)
"""Strengths of attacks on sequences: items that are replaced."""
_KEPT = 3
"""Fooled inputs that are kept for people to look at."""
_BEAM = 5
_CHECKED = 100
"""Fresh inputs of each training length on which it is seen whether a net has learned."""


@dataclass(frozen=True, eq=False)
class SequenceSource(OverLists):
    """Where the data of a sequence task comes from: `lists`, tested on inputs of all its lengths together.

    Two sources are one only if they are the same object, so that what is found out about one can be kept.
    """

    name: str

    def spec_task(self, seed: int, library: Library, size: int | None = None) -> Task:
        """The task as a solver gets it."""
        return self.lists.spec_task(seed, library, size)

    def bases(self, seed: int, count: int) -> tuple[Items, ...]:
        """Test inputs, as many of each length as of the others; short ones, of which there are few, may be fewer."""
        lengths = self.lists.data.tested
        probes = self.lists.tests(seed, -(-count // len(lengths)))
        found = [arguments[0] for probe in probes for arguments, _ in probe.pairs]
        return tuple(items for items in found if isinstance(items, tuple))

    def tests(self, seed: int, count: int) -> tuple[Probe, ...]:
        """The test pairs without any attack, as one probe."""
        return (Probe(0, tuple(((items,), self.truth(items)) for items in self.bases(seed, count))),)


@dataclass
class _Siege:
    """One function under attack: which bases are right at each strength, and what was found."""

    source: SequenceSource
    answer: Answering
    bases: Sequence[Items]
    rights: dict[int, list[bool]] = field(default_factory=dict)
    alone: dict[str, list[int]] = field(default_factory=dict)
    found: list[Fooled] = field(default_factory=list)

    def begin(self) -> None:
        """No attack: which bases are right."""
        said = self.answer(self.bases)
        self.rights[0] = [not is_wrong(self.source.truth(b), s) for b, s in zip(self.bases, said, strict=True)]

    def count(self, name: str, strength: int, hits: Sequence[Fooled | None]) -> None:
        """Enter what an attack found; what broke at a smaller strength stays broken."""
        weaker = self.rights[strength - 1]
        before = zip(weaker, self.rights.get(strength, weaker), hits, strict=True)
        self.rights[strength] = [both and ok and hit is None for both, ok, hit in before]
        withstood = sum(ok and hit is None for ok, hit in zip(self.rights[0], hits, strict=True))
        self.alone.setdefault(name, []).append(withstood)
        self.found += [
            hit
            for ok, hit in zip(self.rights[0], hits, strict=True)
            if ok and hit is not None and hit not in self.found
        ][:_KEPT]

    def black_box(self, queries: int, rng: np.random.Generator, strengths: Sequence[int] = EDITS) -> None:
        """The search that everyone undergoes."""
        for strength in strengths:
            hits = search_edits(
                self.answer,
                self.source.truth,
                self.bases,
                self.source.encoding,
                edits=strength,
                queries=queries,
                rng=rng,
            )
            self.count("black box", strength, hits)

    def details(self, every: Count | None, longest: int) -> dict[str, object]:
        told = [
            {
                "base": " ".join(map(str, hit.base)),
                "edited": " ".join(map(str, hit.edited)),
                "truth": " ".join(self.source.marking.parts(hit.truth)),
                "answer": "none" if hit.answer is NOTHING else " ".join(self.source.marking.parts(hit.answer)),
            }
            for hit in sorted(self.found, key=lambda hit: (_edits(hit), len(hit.base)))[:_KEPT]
        ]
        exhausted = None if every is None else {**asdict(every), "longest": longest}
        return {"alone": self.alone, "fooled": told, "exhausted": exhausted}


def _edits(hit: Fooled) -> int:
    return sum(a != b for a, b in zip(hit.base, hit.edited, strict=True))


@dataclass(frozen=True)
class EditedProgram:
    """A search on the shown pairs; its program is attacked by the black box, and by all inputs within two edits.

    `words` is what the program may be made of; `search` finds it.
    """

    search: ProgramSearch

    @property
    def words(self) -> object:
        """What the program may be made of."""
        return self.search.words

    def __call__(self, source: SequenceSource, effort: Effort, cell: Cell) -> Run:
        """Search, then attack what was found; no program counts as wrong everywhere."""
        found = self.search(source, effort, cell)
        bases = source.bases(cell.seed, effort.tests)
        if found.program is None:
            none = scores_of({strength: [False] * len(bases) for strength in (0, *EDITS)})
            return replace(found, scores=none, details={"alone": {}, "fooled": [], "exhausted": None})
        started = time.process_time()
        task = source.spec_task(cell.seed, self.search.words(), cell.size)
        run = compile_program(reference_program(found.program, task), task.library)

        def answer(inputs: Sequence[Items]) -> list[object]:
            outcomes = [run((items,)) for items in inputs]
            return [NOTHING if isinstance(outcome, Failure) else outcome for outcome in outcomes]

        siege = _Siege(source, answer, bases)
        siege.begin()
        siege.black_box(int(effort.settings["edit queries"]), random_stream("attack", *cell.key))
        for strength in EDITS:
            siege.count("all neighbours", strength, [_any_wrong(siege, base, strength) for base in bases])
        longest = int(effort.settings[f"exhaust {source.encoding.symbols} symbols"])
        every = exhaust(answer, source.truth, every_list(source.encoding, longest))
        scores = scores_of(siege.rights)
        whole = all(score.right == score.total for score in scores)
        return replace(
            found,
            outcome="correct" if whole else "fits examples but wrong",
            identifiable=True if whole else found.identifiable if found.outcome != "correct" else None,
            scores=scores,
            test_cpu_seconds=round(found.test_cpu_seconds + time.process_time() - started, 3),
            details=siege.details(every, longest),
        )


def _any_wrong(siege: _Siege, base: Items, strength: int) -> Fooled | None:
    """The first of all neighbours of a base that is answered wrongly; fewer edits were looked at before."""
    tried = list(neighbours(base, siege.source.encoding, strength))
    for items, said in zip(tried, siege.answer(tried), strict=True):
        right = siege.source.truth(items)
        if is_wrong(right, said):
            return Fooled(base, items, right, said)
    return None


@dataclass(frozen=True)
class EditedNet:
    """A net trained on fresh batches, attacked by HotFlip and by the black box, and asked about every short list."""

    make: MakeNet
    learning_rate: float
    headline: int
    checkpoints: int = 2

    def __call__(self, source: SequenceSource, effort: Effort, cell: Cell) -> Run:
        """Train, choose a checkpoint, attack."""
        from synth.compare.tokens.training import exact_matches, train_on_tokens  # imports torch

        lists, encoding = source.lists, source.encoding
        stream = random_stream(lists.data.protocol, cell.task, cell.learner, "init", cell.seed)
        found = train_on_tokens(
            lambda: self.make(encoding.symbols, encoding.outputs),
            lists.batches(cell.seed, effort),
            steps=effort.steps_of(cell.task, cell.learner),
            learning_rate=self.learning_rate,
            seed=int(stream.integers(2**31)),
            checkpoints=self.checkpoints,
            device=effort.device,
        )
        started = time.process_time()

        def at_headline(net: object) -> float:
            return share(self._besiege(found.net, source, effort, cell, (self.headline,)).rights[self.headline])

        found.trained.best(at_headline)
        peeked = self._besiege(found.net, source, effort, cell, (self.headline,)).rights[self.headline]
        validation = lists.training_sample(cell.seed, _CHECKED, "validation")
        found.trained.best(lambda net: exact_matches(net, validation).share)
        siege = self._besiege(found.net, source, effort, cell, EDITS)
        longest = int(effort.settings[f"exhaust {encoding.symbols} symbols"])
        every = exhaust(siege.answer, source.truth, every_list(encoding, longest))
        fit = exact_matches(found.net, lists.training_sample(cell.seed, _CHECKED))
        outcome: Outcome = "trained" if fit.share >= TRAINED_ENOUGH else "under-trained"
        probes = source.tests(cell.seed, effort.tests)
        return Run.of(
            cell,
            outcome,
            scores=scores_of(siege.rights),
            answers=_first_answers(source, probes, siege.answer, cell),
            peeked=scores_of({self.headline: peeked}),
            data=DataUsed(found.trained_on, None, hash_tests(probes), encoding=source.encoding_name),
            fit=fit,
            cpu_seconds=round(found.trained.cpu_seconds, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            parameters=found.trained.parameters,
            steps=found.trained.steps,
            details=siege.details(every, longest),
        )

    def _besiege(
        self, net: Module, source: SequenceSource, effort: Effort, cell: Cell, strengths: Sequence[int]
    ) -> _Siege:
        """The net under both attacks at strengths from one on, by streams of their own: the same each time."""
        from synth.compare.adversarial.hotflip import answers_of_net, flip  # imports torch

        def answer(inputs: Sequence[Items]) -> list[object]:
            return answers_of_net(net, inputs, source.encoding)

        siege = _Siege(source, answer, source.bases(cell.seed, effort.tests))
        siege.begin()
        flipped = [
            flip(net, source.truth, base, source.encoding, edits=max(strengths), beam=_BEAM) for base in siege.bases
        ]
        for strength in strengths:
            siege.count("HotFlip", strength, [hits[strength - 1] for hits in flipped])
        queries = int(effort.settings["edit queries"])
        siege.black_box(queries, random_stream("attack", *cell.key), strengths)
        return siege


@dataclass(frozen=True)
class EditedReference:
    """The reference row that knows: the true function itself, which no edit can fool, as its output is the truth."""

    def __call__(self, source: SequenceSource, effort: Effort, cell: Cell) -> Run:
        """Attack the true function as programs are attacked."""

        def answer(inputs: Sequence[Items]) -> list[object]:
            return [source.truth(items) for items in inputs]

        siege = _Siege(source, answer, source.bases(cell.seed, effort.tests))
        siege.begin()
        siege.black_box(int(effort.settings["edit queries"]), random_stream("attack", *cell.key))
        probes = source.tests(cell.seed, effort.tests)
        data = DataUsed("", 0, hash_tests(probes), encoding=source.encoding_name)
        return Run.of(cell, "reference", scores=scores_of(siege.rights), data=data)


def _first_answers(
    source: SequenceSource, probes: Sequence[Probe], answer: Answering, cell: Cell
) -> tuple[Answered, ...]:
    """What was said to the first inputs, before any attack."""

    def say(probe: Probe) -> list[Said]:
        inputs = [arguments[0] for arguments, _ in probe.pairs]
        return [Said(value) for value in answer([items for items in inputs if isinstance(items, tuple)])]

    return score_answers(probes, say, source.marking, cell.key, shown=(0,))[1]
