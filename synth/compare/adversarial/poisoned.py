"""Who learns from examples that an attacker had a hand in: a search, with and without noise, and a net."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from dsl.library import Library
from dsl.program import Lambda, names
from synth.budget import Budget, StopReason
from synth.compare.adversarial.edits import is_wrong
from synth.compare.adversarial.marks import scores_of
from synth.compare.adversarial.poison import KINDS, Kind, Rival, ambiguous, best_rival, poisoned, rivals_of
from synth.compare.adversarial.sequences import SequenceSource
from synth.compare.metrics import Count
from synth.compare.programs import answers_of, hash_examples, reference_program
from synth.compare.protocol import TRAINED_ENOUGH, Effort
from synth.compare.records import Answered, Cell, DataUsed, Run
from synth.compare.scoring import hash_tests, score_answers
from synth.compare.streams import digest, random_stream
from synth.compare.tokens.net import MakeNet
from synth.compare.tokens.source import Batch, ListSource
from synth.pcfg import program_bits
from synth.solver import Answer, Solver
from synth.verify import Verdict, verify
from tasks.task import Example, Task

if TYPE_CHECKING:
    from synth.compare.training import Trained

__all__ = ["CHOSEN", "PER_EXAMPLE", "Attempt", "Mischief", "MisledSearch", "PoisonedNet"]

CHOSEN = (1, 2, 3, 4)
"""Strengths of ambiguous examples: how many of them the attacker chose."""
PER_EXAMPLE = 2_000
"""Examples of a net for each one of a program: with k examples one is poisoned, with k times 2,000 one of k is."""

Mischief: TypeAlias = Literal["poison", "ambiguity"]
"""What an attacker does to examples: makes outputs wrong, or chooses right ones that tell little."""


@dataclass(frozen=True)
class Attempt:
    """One search on examples of an attacker's: at which strength, of which kind, and what came of it."""

    strength: int
    kind: str
    rights: tuple[bool, ...]
    answers: tuple[Answered, ...]
    answer: Answer
    verdict: Verdict
    examples: tuple[Example, ...]

    @property
    def found(self) -> bool:
        """Whether there is a program that fits."""
        return self.verdict.program is not None and self.verdict.fits

    def to_json(self) -> dict[str, object]:
        """What is kept of it."""
        return {
            "strength": self.strength,
            "kind": self.kind,
            "right": sum(self.rights),
            "total": len(self.rights),
            "program": self.verdict.text if self.found else None,
            "mass": None if self.answer.mass is None else round(self.answer.mass, 4),
            "evaluations": self.answer.evaluations,
            "stop": self.answer.stop.value,
        }


@dataclass(frozen=True)
class MisledSearch:
    """A search whose examples an attacker had a hand in; `allowed` examples may be missed, as `noise` says.

    With poison, the worse of two kinds counts: a random typo, and the output of the best rival. The mass of the answer
    is kept, so that it can be told what abstaining below some mass would have done. The evaluations of an effort are
    for all searches of a run together.
    """

    words: Callable[[], Library]
    make_solver: Callable[[int], Solver]
    mischief: Mischief
    allowed: int = 0

    def __call__(self, source: SequenceSource, effort: Effort, cell: Cell) -> Run:
        """Search on clean examples, then on those of the attacker; test on clean inputs."""
        assert cell.size is not None, "the number of examples is part of this attack"
        sets = self._sets(source, effort, cell.seed, cell.size)
        budget = Budget(max(1, effort.evaluations // len(sets)), effort.seconds)
        started = time.process_time()
        answers = [(where, self._search(source, cell, examples, budget), examples) for where, examples in sets]
        learned = time.process_time() - started
        started = time.process_time()
        tried = [self._judge(source, effort, cell, where, answer, shown) for where, answer, shown in answers]
        clean = tried[0]
        worst = {s: min((t for t in tried if t.strength == s), key=lambda t: sum(t.rights)) for s in _strengths(tried)}
        whole = all(all(one.rights) for one in worst.values())
        bits, reference = self._bits(source, cell, clean)
        return Run.of(
            cell,
            "correct" if whole else "fits examples but wrong" if any(t.found for t in tried) else "no program in time",
            scores=scores_of({strength: one.rights for strength, one in worst.items()}),
            answers=tuple(replace(a, point=s) for s, one in worst.items() for a in one.answers),
            data=DataUsed(
                digest([hash_examples(one.examples) for one in tried]),
                cell.size,
                hash_tests(source.tests(cell.seed, effort.tests)),
                encoding=source.encoding_name,
            ),
            fit=_fit(clean),
            cpu_seconds=round(learned, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            evaluations=sum(one.answer.evaluations for one in tried),
            stop=clean.answer.stop.value,
            program=clean.verdict.text if clean.found else None,
            words=tuple(sorted({word for one in tried if one.found for word in names(_found(one))})),
            bits=bits,
            reference_bits=reference,
            identifiable=None if bits is None or reference is None else all(clean.rights) or bits > reference,
            details={"attempts": [one.to_json() for one in tried]},
        )

    def _sets(
        self, source: SequenceSource, effort: Effort, seed: int, size: int
    ) -> list[tuple[tuple[int, str], tuple[Example, ...]]]:
        """All sets of examples, with strength and kind of the attack; first the clean one."""
        lists, clean = source.lists, source.lists.shown(seed, size)
        found: list[tuple[tuple[int, str], tuple[Example, ...]]] = [((0, "none"), clean)]
        rivals = rivals_of(source, self.words, self.make_solver)
        if self.mischief == "ambiguity":
            chosen = [n for n in CHOSEN if n <= size]
            return found + [((n, "ambiguous"), ambiguous(lists, rivals, clean, n, seed)) for n in chosen]
        rival = best_rival(rivals, lists, clean)
        for strength in range(1, int(effort.settings["poisoned"]) + 1):
            for kind in KINDS:
                rng = random_stream(lists.data.protocol, source.name, "poison", kind, seed, size, strength)
                found.append(((strength, kind), poisoned(lists, clean, strength, kind, rival, rng)))
        return found

    def _search(self, source: SequenceSource, cell: Cell, examples: Sequence[Example], budget: Budget) -> Answer:
        task = self._task(source, cell, examples)
        answer = self.make_solver(1).solve(task.spec, budget, rng=random.Random(f"{cell.seed}:{cell.task}"))
        if answer.stop is StopReason.INTERRUPTED:
            raise KeyboardInterrupt
        return answer

    def _task(self, source: SequenceSource, cell: Cell, examples: Sequence[Example]) -> Task:
        noise = self.allowed / len(examples)
        return replace(source.spec_task(cell.seed, self.words(), cell.size), examples=tuple(examples), noise=noise)

    def _bits(self, source: SequenceSource, cell: Cell, clean: Attempt) -> tuple[float | None, float | None]:
        """The price of the program from clean examples and of the known right one, as the search prices them."""
        if not clean.found or source.reference is None:
            return None, None
        task = self._task(source, cell, clean.examples)
        return program_bits(_found(clean), task.spec), program_bits(
            reference_program(source.reference, task), task.spec
        )

    def _judge(
        self,
        source: SequenceSource,
        effort: Effort,
        cell: Cell,
        where: tuple[int, str],
        answer: Answer,
        examples: tuple[Example, ...],
    ) -> Attempt:
        """What a search's program does on clean test inputs; wrong everywhere where there is none that fits."""
        task = self._task(source, cell, examples)
        verdict = verify(task, answer)
        (probe,) = source.tests(cell.seed, effort.tests)
        if verdict.program is None or not verdict.fits:
            return Attempt(*where, (False,) * len(probe.pairs), (), answer, verdict, examples)
        say = answers_of(verdict.program, task.library)
        scores, answers = score_answers([probe], say, source.marking, cell.key, shown=(0,))
        return Attempt(*where, tuple(scores[0].rights), answers, answer, verdict, examples)


def _strengths(tried: Sequence[Attempt]) -> list[int]:
    return sorted({one.strength for one in tried})


def _found(attempt: Attempt) -> Lambda:
    """The program of an attempt that has one."""
    assert attempt.verdict.program is not None
    return attempt.verdict.program


def _fit(clean: Attempt) -> Count:
    return Count(len(clean.examples) - len(clean.verdict.missed) if clean.found else 0, len(clean.examples))


@dataclass(frozen=True)
class PoisonedNet:
    """A net on `size` examples: 2,000 for each one of a search, so that as many of them are poisoned in proportion.

    It is trained once on clean examples and once for each strength and kind of poison; the worse kind counts. The last
    state of a net counts; what the best checkpoint would have scored stands beside it (rule F5). Rivals are those of
    the search with these words.
    """

    make: MakeNet
    learning_rate: float
    headline: int
    words: Callable[[], Library]
    make_solver: Callable[[int], Solver]
    checkpoints: int = 3

    def __call__(self, source: SequenceSource, effort: Effort, cell: Cell) -> Run:
        """Train on clean and on poisoned examples; test on clean inputs."""
        from synth.compare.adversarial.hotflip import answers_of_net  # imports torch
        from synth.compare.tokens.training import exact_matches

        assert cell.size is not None, "the number of examples is part of this attack"
        bases = source.bases(cell.seed, effort.tests)
        rights: dict[int, list[bool]] = {}
        peeked: list[bool] = []
        attempts, seconds, tests, hashes = [], 0.0, 0.0, []
        fit, parameters = Count(0, 0), 0
        for strength, kind, examples in self._sets(source, effort, cell.seed, cell.size):
            found, trained_on = self._train(source, effort, cell, examples)
            hashes.append(trained_on)
            seconds += found.cpu_seconds
            started = time.process_time()

            def marks(net: object) -> list[bool]:
                said = answers_of_net(found.net, bases, source.encoding)  # noqa: B023  used at once
                return [not is_wrong(source.truth(items), value) for items, value in zip(bases, said, strict=True)]

            last = marks(found.net)
            if not strength:
                fit = exact_matches(found.net, source.lists.training_sample(cell.seed, _CHECKED))
                parameters = found.parameters
            if strength == self.headline:
                found.best(lambda net: sum(marks(net)))
                best = marks(found.net)
                peeked = best if not peeked or sum(best) < sum(peeked) else peeked
            if strength not in rights or sum(last) < sum(rights[strength]):
                rights[strength] = last
            attempts.append({"strength": strength, "kind": kind, "right": sum(last), "total": len(last)})
            tests += time.process_time() - started
        return Run.of(
            cell,
            "trained" if fit.share >= TRAINED_ENOUGH else "under-trained",
            scores=scores_of(rights),
            peeked=scores_of({self.headline: peeked}),
            data=DataUsed(
                digest(hashes),
                cell.size,
                hash_tests(source.tests(cell.seed, effort.tests)),
                encoding=source.encoding_name,
            ),
            fit=fit,
            cpu_seconds=round(seconds, 3),
            test_cpu_seconds=round(tests, 3),
            parameters=parameters,
            steps=effort.steps_of(cell.task, cell.learner),
            details={"attempts": attempts},
        )

    def _sets(
        self, source: SequenceSource, effort: Effort, seed: int, size: int
    ) -> Iterator[tuple[int, str, list[Example]]]:
        """Clean examples, then poisoned ones: in every block of as many as a search has, as many as strength says."""
        lists = source.lists
        clean = list(_drawn(lists, seed, size))
        yield 0, "none", clean
        block = max(2, size // PER_EXAMPLE)
        rival = best_rival(rivals_of(source, self.words, self.make_solver), lists, clean[:_SAMPLE])
        for strength in range(1, int(effort.settings["poisoned"]) + 1):
            for kind in KINDS:
                rng = random_stream(lists.data.protocol, source.name, "net poison", kind, seed, size, strength)
                yield strength, kind, _poisoned_blocks(lists, clean, block, strength, kind, rival, rng)

    def _train(
        self, source: SequenceSource, effort: Effort, cell: Cell, examples: Sequence[Example]
    ) -> tuple[Trained, str]:
        from synth.compare.tokens.training import slot_loss  # imports torch
        from synth.compare.training import one_thread, train

        encoding = source.encoding
        stream = random_stream(source.lists.data.protocol, cell.task, cell.learner, "init", cell.seed)
        one_thread()
        found = train(
            lambda: self.make(encoding.symbols, encoding.outputs),
            _batches(source.lists, examples, effort.batch, source.lists.stream("net order", cell.seed)),
            slot_loss,
            steps=effort.steps_of(cell.task, cell.learner),
            learning_rate=self.learning_rate,
            seed=int(stream.integers(2**31)),
            checkpoints=self.checkpoints,
            device=effort.device,
        )
        return found, hash_examples(examples)


_CHECKED = 100
_SAMPLE = 50
"""Examples by which the attacker of a net chooses the rival."""


def _drawn(lists: ListSource, seed: int, count: int) -> Iterator[Example]:
    """Fresh examples of the training lengths, each length as likely as the others."""
    rng, encoding = lists.stream("net data", seed), lists.encoding
    low, high = lists.data.trained
    for length in rng.integers(low, high + 1, size=count).tolist():
        items = tuple(rng.integers(encoding.low, encoding.low + encoding.symbols, size=length).tolist())
        yield Example((items,), lists.truth(items))


def _poisoned_blocks(
    lists: ListSource,
    clean: Sequence[Example],
    block: int,
    count: int,
    kind: Kind,
    rival: Rival | None,
    rng: np.random.Generator,
) -> list[Example]:
    blocks = (clean[start : start + block] for start in range(0, len(clean), block))
    return [e for some in blocks for e in poisoned(lists, some, count, kind, rival, rng)]


def _batches(
    lists: ListSource, examples: Sequence[Example], size: int, rng: np.random.Generator
) -> Iterator[tuple[Batch, ...]]:
    """Batches in groups of one length each, as nets of fresh data have them, drawn from the examples that there are."""
    encoding = lists.encoding
    by_length: dict[int, tuple[list[list[int]], list[list[int]]]] = {}
    for example in examples:
        (items,) = example.arguments
        assert isinstance(items, tuple)
        slots = encoding.encode_output(example.output, len(items))
        assert slots is not None, "poison is of the right form"
        inputs, outputs = by_length.setdefault(len(items), ([], []))
        inputs.append(encoding.encode_input(items))
        outputs.append(slots)
    arrays = {n: (np.array(i, dtype=np.int64), np.array(o, dtype=np.int64)) for n, (i, o) in by_length.items()}
    lengths, groups = sorted(arrays), lists.data.groups
    while True:
        chosen = [arrays[lengths[place]] for place in rng.integers(len(lengths), size=groups)]
        rows = [rng.integers(len(inputs), size=size // groups) for inputs, _ in chosen]
        yield tuple(Batch(i[some], o[some]) for (i, o), some in zip(chosen, rows, strict=True))
