"""The program side on laws: a formula from a few examples, printed as a program, read back and tested as that."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dsl.compiler import compile_program
from dsl.library import Library
from dsl.program import Lambda, names
from dsl.values import Failure
from synth.compare.metrics import Count
from synth.compare.protocol import Effort
from synth.compare.records import Cell, DataUsed, Run
from synth.compare.rocket.laws import REGIONS, world_of
from synth.compare.rocket.source import ENCODING, LawSource, Pair, outcomes_of, relative_error
from synth.compare.scoring import NOTHING, Probe, Said, hash_tests, score_answers
from synth.compare.streams import digest
from synth.formula.expression import to_sympy
from synth.formula.model import Model, plain_expression, structure_bits
from synth.formula.program_text import formula_words, model_text, read_formula
from synth.formula.recovery import is_recovered
from synth.formula.search import SearchSettings, find_formula

__all__ = ["FormulaSearch", "Median", "TrueLaw", "curve_of", "fits_within", "fitted", "recovered", "used"]


def used(source: LawSource, pairs: Sequence[Pair], probes: Sequence[Probe]) -> DataUsed:
    """What a learner saw."""
    return DataUsed(digest(pairs), len(pairs), hash_tests(probes), encoding=ENCODING)


def fits_within(noise: float) -> float:
    """How far off an example may be that counts as fitted: two per cent, or three standard deviations of its noise."""
    return max(0.02, 3.5 * noise)


def fitted(pairs: Sequence[Pair], said: Sequence[Said], noise: float) -> Count:
    """On how many of the examples shown an answer fits."""
    near = [
        s.value is not NOTHING and relative_error(truth, s.value) <= fits_within(noise)
        for (_, truth), s in zip(pairs, said, strict=True)
    ]
    return Count(sum(near), len(near))


def curve_of(source: LawSource, seed: int, say: Callable[[Probe], Sequence[Said]]) -> list[float | None]:
    """What a learner says along the curve that is drawn; None where it says nothing."""
    pairs = source.curve(seed)
    said = say(Probe(REGIONS[0], pairs)) if pairs else []
    return [float(f"{s.value:.6g}") if isinstance(s.value, float) else None for s in said]


_DEFAULT = SearchSettings()


@dataclass(frozen=True)
class FormulaSearch:
    """Looks for a formula on the examples shown, and tests the program that it spells."""

    settings: SearchSettings = _DEFAULT
    words: Callable[[], Library] = formula_words

    def __call__(self, source: LawSource, effort: Effort, cell: Cell) -> Run:
        """Search, print, read back, test."""
        assert cell.size is not None, "a formula is learned from so many examples"
        pairs, probes = source.shown(cell.seed, cell.size), source.tests(cell.seed, effort.tests)
        answer = find_formula(source.measured(pairs), self.settings)
        spelled = model_text(answer.model, source.names, parts=source.law.parts)
        program, text = read_formula(spelled, source.names, parts=source.law.parts, library=self.words())
        started = time.process_time()
        say = _answers(program, self.words())
        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=REGIONS)
        fit = fitted(pairs, say(Probe(REGIONS[0], tuple(pairs))), source.noise)
        correct = all(score.right == score.total for score in scores)
        return Run.of(
            cell,
            "correct" if correct else "fits examples but wrong",
            scores=scores,
            answers=answers,
            data=used(source, pairs, probes),
            fit=fit,
            cpu_seconds=round(answer.cpu_seconds + 1e-3, 3),
            test_cpu_seconds=round(time.process_time() - started, 3),
            evaluations=answer.evaluations,
            stop="exhausted",
            program=text,
            words=tuple(sorted(names(program))),
            bits=structure_bits(answer.model.terms) + _precision_bits(answer.model, len(pairs)),
            details={
                "recovered": recovered(source, cell.seed, answer.model),
                "residual": answer.model.residual,
                "curve": curve_of(source, cell.seed, say),
            },
        )


def _precision_bits(model: Model, count: int) -> float:
    """Bits for the digits of fitted constants: as many as the residual lets one know, and no more than floats have."""
    free = sum(term.simple is None for term in model.terms)
    return free * min(52.0, max(1.0, math.log2(math.sqrt(count) / max(model.residual, 1e-16))))


def recovered(source: LawSource, seed: int, model: Model) -> bool | None:
    """Whether the formula is the law, by algebra; None where there is no law to be found."""
    if source.law.symbolic is None:
        return None
    if source.law.parts and any(t.fold != "sum" or t.expression is None for t in model.terms):
        return False
    # a sum over stages of one formula each is the law where that formula is
    tolerance = 1e-6 if source.noise == 0 else 10 * source.noise
    return is_recovered(to_sympy(plain_expression(model)), source.law.symbolic(world_of(seed)), tolerance=tolerance)


def _answers(program: Lambda, library: Library) -> Callable[[Probe], list[Said]]:
    run = compile_program(program, library)

    def say(probe: Probe) -> list[Said]:
        outcomes = [run(arguments) for arguments, _ in probe.pairs]
        return [Said(NOTHING if isinstance(outcome, Failure) else outcome) for outcome in outcomes]

    return say


@dataclass(frozen=True)
class TrueLaw:
    """The reference row that knows the law and its constants."""

    def __call__(self, source: LawSource, effort: Effort, cell: Cell) -> Run:
        """Test the law on the examples' own columns."""
        probes = source.tests(cell.seed, effort.tests)

        def say(probe: Probe) -> list[Said]:
            measured = source.measured(probe.pairs)
            values = measured.total(source.law.truth(world_of(cell.seed), measured.columns))
            return [Said(float(value)) for value in values]

        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=REGIONS)
        data = DataUsed("", 0, hash_tests(probes), encoding=ENCODING)
        return Run.of(cell, "reference", scores=scores, answers=answers, data=data, program="the law itself")


@dataclass(frozen=True)
class Median:
    """The reference row that says the same to everything: the median of what was shown."""

    def __call__(self, source: LawSource, effort: Effort, cell: Cell) -> Run:
        """Test the median."""
        probes, pairs = source.tests(cell.seed, effort.tests), source.shown(cell.seed, 100)
        value = float(np.median(outcomes_of(pairs)))
        scores, answers = score_answers(
            probes, lambda probe: [Said(value)] * len(probe.pairs), source.marking, cell.key, shown=REGIONS
        )
        return Run.of(cell, "reference", scores=scores, answers=answers, data=used(source, pairs, probes))
