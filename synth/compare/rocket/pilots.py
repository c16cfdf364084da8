"""Learners of launches and landings: each foretells trials, all plan with that alike, all move to the new planet."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dsl.program import Lambda, names
from synth.compare.metrics import Count
from synth.compare.protocol import Effort
from synth.compare.records import Cell, DataUsed, Outcome, Run
from synth.compare.rocket.laws import FAR, INSIDE
from synth.compare.rocket.source import ENCODING
from synth.compare.rocket.trials import NEW, NEW_POINTS, Forecast, Instruments, Trial, TrialSource, hash_trials
from synth.compare.scoring import Probe, Said, hash_tests, score_answers
from synth.compare.streams import random_stream
from synth.formula.columns import Floats, Measurements
from synth.formula.dimension import parse_dimension
from synth.formula.fitting import fit_constants
from synth.formula.model import Model, structure_bits
from synth.formula.program_text import formula_words, model_text, read_formula, run_on_columns
from synth.formula.search import SearchSettings, find_formula

__all__ = ["FormulaPilot", "GuessingPilot", "Learned", "TruePilot", "columns_of", "flown", "outcomes_fit"]

_MOST_READINGS = 480
_SEARCH = SearchSettings(size=8, terms=2, inner=False)
"""The search for laws of motion: a term more of size, as a speed takes eight nodes, and fewer terms."""


@dataclass(frozen=True)
class Learned:
    """What was learned at home: a model of trials, how it becomes one of the new planet, and parts of the run."""

    forecast: Forecast
    adapt: Callable[[Sequence[Trial]], Forecast]
    fit: Count
    outcome: Outcome | None = None
    checkpoints: tuple[Forecast, ...] = ()
    parts: dict[str, Any] = field(default_factory=dict)


def flown(
    source: TrialSource, effort: Effort, cell: Cell, learned: Learned, trials: Sequence[Trial], cpu: float
) -> Run:
    """Plan for all tests with what was learned, fly, and count what a new planet costs."""
    started = time.process_time()
    probes = source.tests(cell.seed, effort.tests)
    there = {point: learned.adapt(source.new(cell.seed, n)) for point, n in zip(NEW, NEW_POINTS, strict=True) if n}
    say = _saying(source, cell.seed, learned.forecast, there)
    scores, answers = score_answers(probes, say, source.marking, cell.key, shown=(INSIDE, FAR, *NEW))
    far = [probe for probe in probes if probe.point == FAR]
    peeked = tuple(score for score in scores if score.point == FAR)
    for forecast in learned.checkpoints:
        other, _ = score_answers(far, _saying(source, cell.seed, forecast, there), source.marking, cell.key)
        peeked = max(peeked, other, key=lambda found: found[0].right)
    misses = _tries(source, cell.seed, learned, int(effort.settings.get("tries", 8)))
    correct = all(score.right == score.total for score in scores)
    return Run.of(
        cell,
        learned.outcome or ("correct" if correct else "fits examples but wrong"),
        scores=scores,
        answers=answers,
        data=DataUsed(hash_trials(trials), len(trials), hash_tests(probes), encoding=ENCODING),
        fit=learned.fit,
        cpu_seconds=round(cpu + 1e-3, 3),
        test_cpu_seconds=round(time.process_time() - started, 3),
        peeked=peeked if learned.checkpoints else (),
        details={"misses": misses, "wasted": sum(miss > source.good for miss in misses)},
        **learned.parts,
    )


def _saying(
    source: TrialSource, seed: int, home: Forecast, there: Mapping[str, Forecast]
) -> Callable[[Probe], list[Said]]:
    return source.says(seed, lambda point, targets: source.choose(there.get(point, home), targets))


def _tries(source: TrialSource, seed: int, learned: Learned, most: int) -> list[float]:
    """Trials on the new planet until the first hit, as misses; each that misses is learned from."""
    rng = random_stream("rocket", "tries", seed)
    forecast, seen, misses = learned.forecast, [], []
    for _ in range(most):
        target = source.target(seed, rng)
        noise = rng.normal(size=(source.instruments.samples, len(source.instruments.rates)))
        trial, miss = source.attempt(seed, target, float(source.choose(forecast, target[None])[0]), noise)
        misses.append(float(f"{miss:.4g}"))
        if misses[-1] <= source.good:
            break
        seen.append(trial)
        forecast = learned.adapt(seen)
    return misses


def outcomes_fit(source: TrialSource, forecast: Forecast, trials: Sequence[Trial]) -> Count:
    """On how many trials a model tells the outcome."""
    fine = source.fits(np.array([trial.outcome for trial in trials]), forecast(*columns_of(trials)))
    return Count(int(fine.sum()), len(trials))


def columns_of(trials: Sequence[Trial]) -> Floats:
    """The settings of trials, (settings, trials)."""
    return np.array([trial.settings for trial in trials]).T


# ---- The program side -----------------------------------------------------------------------------------------------


def readings_of(trials: Sequence[Trial]) -> Floats:
    """The readings of some trials, at most so many, evenly taken: quantities, and how fast some of them change."""
    rows = np.concatenate([trial.readings for trial in trials])
    found: Floats = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST_READINGS)).astype(int)]
    return found


def _measured(instruments: Instruments, readings: Floats) -> list[Measurements]:
    """How fast each quantity changes as a function of what is read."""
    count = len(instruments.reads)
    columns = {name: np.ascontiguousarray(readings[:, place]) for place, name in enumerate(instruments.reads)}
    units = {name: parse_dimension(unit) for name, unit in instruments.reads.items()}
    return [
        Measurements(
            columns,
            units,
            readings[:, count + place],
            parse_dimension(unit),
            weights=np.full(len(readings), 1.0 / max(float(readings[:, count + place].std()), 1e-12)),
        )
        for place, unit in enumerate(instruments.rates.values())
    ]


def _programs(instruments: Instruments, models: Sequence[Model]) -> tuple[list[Lambda], list[str]]:
    """The programs that models spell, read back from their text."""
    reads = tuple(instruments.reads)
    read = [
        read_formula(model_text(model, reads, parts=False), reads, parts=False, library=formula_words())
        for model in models
    ]
    return [program for program, _ in read], [text for _, text in read]


def _forecast_by(source: TrialSource, programs: Sequence[Lambda]) -> Forecast:
    """Trials by two programs, one for each quantity that changes."""

    def motion(*readings: Floats) -> tuple[Floats, Floats]:
        columns = dict(zip(source.instruments.reads, readings, strict=True))
        return run_on_columns(programs[0], columns), run_on_columns(programs[1], columns)

    return source.integrate(motion)


@dataclass(frozen=True)
class FormulaPilot:
    """Finds the law of motion in readings of a few trials; on a new planet only its constants are fitted anew."""

    settings: SearchSettings = _SEARCH

    def __call__(self, source: TrialSource, effort: Effort, cell: Cell) -> Run:
        """Find two formulas, read their programs back, plan by integrating and inverting them."""
        assert cell.size is not None, "a law is learned from so many trials"
        started = time.process_time()
        trials, instruments = source.shown(cell.seed, cell.size), source.instruments
        found = [find_formula(one, self.settings) for one in _measured(instruments, readings_of(trials))]
        models = [answer.model for answer in found]
        programs, texts = _programs(instruments, models)
        forecast = _forecast_by(source, programs)
        learned = Learned(
            forecast,
            lambda seen: _forecast_by(source, _programs(instruments, refitted(instruments, models, seen))[0]),
            outcomes_fit(source, forecast, trials),
            parts={
                "program": "; ".join(f"{name}: {text}" for name, text in zip(instruments.rates, texts, strict=True)),
                "words": tuple(sorted({word for program in programs for word in names(program)})),
                "evaluations": sum(answer.evaluations for answer in found),
                "stop": "exhausted",
                "bits": sum(structure_bits(model.terms) for model in models),
            },
        )
        return flown(source, effort, cell, learned, trials, time.process_time() - started)


def refitted(instruments: Instruments, models: Sequence[Model], trials: Sequence[Trial]) -> list[Model]:
    """The same formulas with constants fitted to other trials."""
    measured = _measured(instruments, readings_of(trials))
    return [fit_constants(model.terms, one) for model, one in zip(models, measured, strict=True)]


# ---- References -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TruePilot:
    """Knows the motion on both planets."""

    def __call__(self, source: TrialSource, effort: Effort, cell: Cell) -> Run:
        """Plan with the true motion."""
        home, new = (source.integrate(craft.motion) for craft in source.crafts(cell.seed))
        probes = source.tests(cell.seed, effort.tests)
        say = _saying(source, cell.seed, home, dict.fromkeys(NEW, new))
        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=(INSIDE, FAR, *NEW))
        return Run.of(
            cell,
            "reference",
            scores=scores,
            answers=answers,
            data=DataUsed("", 0, hash_tests(probes), encoding=ENCODING),
            program="the true motion",
        )


@dataclass(frozen=True)
class GuessingPilot:
    """Chooses the median of the trials that were shown, whatever is wanted."""

    def __call__(self, source: TrialSource, effort: Effort, cell: Cell) -> Run:
        """Fly."""
        probes, trials = source.tests(cell.seed, effort.tests), source.shown(cell.seed, 8)
        chosen = float(np.median([trial.settings[0] for trial in trials]))
        say = source.says(cell.seed, lambda point, targets: np.full(len(targets), chosen))
        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=(INSIDE, FAR, *NEW))
        data = DataUsed(hash_trials(trials), len(trials), hash_tests(probes), encoding=ENCODING)
        return Run.of(cell, "reference", scores=scores, answers=answers, data=data)
