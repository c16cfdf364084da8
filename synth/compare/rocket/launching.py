"""Learners of task `launch`: each learns a model of flights, all plan with it alike, and all move to the new planet."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from dsl.program import Lambda, names
from synth.compare.metrics import Count
from synth.compare.protocol import Effort
from synth.compare.records import Cell, DataUsed, Outcome, Run
from synth.compare.rocket.flights import SAMPLES, Track, choose_speeds, fly, track_of
from synth.compare.rocket.launches import NEW, NEW_POINTS, READING_NOISE, Flight, FlightSource
from synth.compare.rocket.laws import FAR, INSIDE
from synth.compare.rocket.source import ENCODING, HIT
from synth.compare.scoring import Probe, Said, hash_tests, score_answers
from synth.compare.streams import random_stream
from synth.formula.columns import Floats, Measurements
from synth.formula.dimension import parse_dimension
from synth.formula.fitting import fit_constants
from synth.formula.model import Model, structure_bits
from synth.formula.program_text import formula_words, model_text, read_formula, run_on_columns
from synth.formula.search import SearchSettings, find_formula

__all__ = ["FormulaPilot", "GuessingPilot", "Learned", "Reach", "TruePilot", "flown"]

Reach: TypeAlias = Callable[[Floats, Floats, Floats], Floats]
"""Speeds, elevations and winds to distances."""

_AXES = ("along", "up")
_MOST_READINGS = 480
_SEARCH = SearchSettings(size=8, terms=2, inner=False)
"""The search for laws of motion: a term more of size, as a speed takes eight nodes, and fewer terms."""


@dataclass(frozen=True)
class Learned:
    """What was learned at home: a model of flights, how it becomes one of the new planet, and parts of the run."""

    reach: Reach
    adapt: Callable[[Sequence[Flight]], Reach]
    fit: Count
    outcome: Outcome | None = None
    checkpoints: tuple[Reach, ...] = ()
    parts: dict[str, Any] = field(default_factory=dict)


def flown(
    source: FlightSource, effort: Effort, cell: Cell, learned: Learned, flights: Sequence[Flight], cpu: float
) -> Run:
    """Plan for all targets with what was learned, launch, and count what a new planet costs."""
    started = time.process_time()
    probes = source.tests(cell.seed, effort.tests)
    there = {point: learned.adapt(source.new(cell.seed, n)) for point, n in zip(NEW, NEW_POINTS, strict=True) if n}
    say = _saying(source, cell.seed, learned.reach, there)
    scores, answers = score_answers(probes, say, source.marking, cell.key, shown=(INSIDE, FAR, *NEW))
    far = [probe for probe in probes if probe.point == FAR]
    peeked = tuple(score for score in scores if score.point == FAR)
    for reach in learned.checkpoints:
        other, _ = score_answers(far, _saying(source, cell.seed, reach, there), source.marking, cell.key)
        peeked = max(peeked, other, key=lambda found: found[0].right)
    misses = _tries(source, cell.seed, learned, int(effort.settings.get("tries", 8)))
    correct = all(score.right == score.total for score in scores)
    return Run.of(
        cell,
        learned.outcome or ("correct" if correct else "fits examples but wrong"),
        scores=scores,
        answers=answers,
        data=DataUsed(source.hash_of(flights), len(flights), hash_tests(probes), encoding=ENCODING),
        fit=learned.fit,
        cpu_seconds=round(cpu + 1e-3, 3),
        test_cpu_seconds=round(time.process_time() - started, 3),
        peeked=peeked if learned.checkpoints else (),
        details={"misses": misses, "wasted": sum(miss > HIT for miss in misses)},
        **learned.parts,
    )


def _saying(source: FlightSource, seed: int, home: Reach, there: dict[str, Reach]) -> Callable[[Probe], list[Said]]:
    return source.says(seed, lambda point, targets: choose_speeds(there.get(point, home), targets))


def _tries(source: FlightSource, seed: int, learned: Learned, most: int) -> list[float]:
    """Launches on the new planet until the first hit, as relative misses; each that misses is learned from."""
    planet = source.planets(seed)[1]
    rng = random_stream("rocket", "tries", seed)
    reach, seen, misses = learned.reach, [], []
    for _ in range(most):
        speed, elevation, wind = rng.uniform(60, 130), rng.uniform(30, 60), rng.uniform(-10, 10)
        noise = rng.normal(size=(SAMPLES, 2))
        wanted = track_of(planet, speed, elevation, wind).distance
        chosen = float(np.clip(choose_speeds(reach, np.array([[wanted, elevation, wind]]))[0], 1.0, 2_000.0))
        track = track_of(planet, chosen, elevation, wind)
        misses.append(float(f"{abs(track.distance / wanted - 1):.4g}"))
        if misses[-1] <= HIT:
            break
        readings = track.readings.copy()
        readings[:, 2:] += READING_NOISE * np.abs(readings[:, 2:]).max() * noise
        seen.append(Flight(chosen, elevation, wind, Track(readings, track.distance)))
        reach = learned.adapt(seen)
    return misses


# ---- The program side -----------------------------------------------------------------------------------------------


def readings_of(flights: Sequence[Flight]) -> Floats:
    """The readings of some flights, at most so many, evenly taken: velocities through the air and accelerations."""
    rows = np.concatenate([flight.track.readings for flight in flights])
    found: Floats = rows[np.linspace(0, len(rows) - 1, min(len(rows), _MOST_READINGS)).astype(int)]
    return found


def _measured(readings: Floats, axis: int) -> Measurements:
    """One component of acceleration as a function of the velocity through the air."""
    outcome = readings[:, 2 + axis]
    speed = parse_dimension("m/s")
    return Measurements(
        {name: np.ascontiguousarray(readings[:, place]) for place, name in enumerate(_AXES)},
        dict.fromkeys(_AXES, speed),
        outcome,
        parse_dimension("m/s^2"),
        weights=np.full(len(outcome), 1.0 / max(float(outcome.std()), 1e-12)),
    )


def _programs(models: Sequence[Model]) -> tuple[list[Lambda], list[str]]:
    """The programs that models spell, read back from their text."""
    read = [
        read_formula(model_text(model, _AXES, parts=False), _AXES, parts=False, library=formula_words())
        for model in models
    ]
    return [program for program, _ in read], [text for _, text in read]


def _reach_by(programs: Sequence[Lambda]) -> Reach:
    """Flights by two programs, one for each component."""

    def motion(along: Floats, up: Floats) -> tuple[Floats, Floats]:
        columns = dict(zip(_AXES, (along, up), strict=True))
        return run_on_columns(programs[0], columns), run_on_columns(programs[1], columns)

    return lambda speed, elevation, wind: fly(motion, speed, elevation, wind)


@dataclass(frozen=True)
class FormulaPilot:
    """Finds the law of motion in readings of a few flights; on a new planet only its constants are fitted anew."""

    settings: SearchSettings = _SEARCH

    def __call__(self, source: FlightSource, effort: Effort, cell: Cell) -> Run:
        """Find two formulas, read their programs back, plan by integrating and inverting them."""
        assert cell.size is not None, "a law is learned from so many flights"
        started = time.process_time()
        flights = source.shown(cell.seed, cell.size)
        readings = readings_of(flights)
        found = [find_formula(_measured(readings, axis), self.settings) for axis in (0, 1)]
        models = [answer.model for answer in found]
        programs, texts = _programs(models)
        learned = Learned(
            _reach_by(programs),
            lambda seen: _reach_by(_programs(refitted(models, seen))[0]),
            landings_fit(_reach_by(programs), flights),
            parts={
                "program": f"along: {texts[0]}; up: {texts[1]}",
                "words": tuple(sorted({word for program in programs for word in names(program)})),
                "evaluations": sum(answer.evaluations for answer in found),
                "stop": "exhausted",
                "bits": sum(structure_bits(model.terms) for model in models),
            },
        )
        return flown(source, effort, cell, learned, flights, time.process_time() - started)


def refitted(models: Sequence[Model], flights: Sequence[Flight]) -> list[Model]:
    """The same formulas with constants fitted to other flights."""
    readings = readings_of(flights)
    return [fit_constants(model.terms, _measured(readings, axis)) for axis, model in enumerate(models)]


def landings_fit(reach: Reach, flights: Sequence[Flight]) -> Count:
    """On how many flights a model tells the landing place to two per cent."""
    settings = np.array([(f.speed, f.elevation, f.wind) for f in flights])
    said = reach(*settings.T)
    wanted = np.array([f.track.distance for f in flights])
    with np.errstate(all="ignore"):
        return Count(int((np.abs(said / wanted - 1) <= 0.02).sum()), len(flights))


# ---- References -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TruePilot:
    """Knows the motion on both planets."""

    def __call__(self, source: FlightSource, effort: Effort, cell: Cell) -> Run:
        """Plan with the true motion."""
        home, new = source.planets(cell.seed)
        probes = source.tests(cell.seed, effort.tests)
        there = dict.fromkeys(NEW, _reach_of(new.motion))
        say = _saying(source, cell.seed, _reach_of(home.motion), there)
        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=(INSIDE, FAR, *NEW))
        return Run.of(
            cell,
            "reference",
            scores=scores,
            answers=answers,
            data=DataUsed("", 0, hash_tests(probes), encoding=ENCODING),
            program="the true motion",
        )


def _reach_of(motion: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> Reach:
    return lambda speed, elevation, wind: fly(motion, speed, elevation, wind)


@dataclass(frozen=True)
class GuessingPilot:
    """Launches as fast as the median flight that was shown, whatever the target."""

    def __call__(self, source: FlightSource, effort: Effort, cell: Cell) -> Run:
        """Launch."""
        probes, flights = source.tests(cell.seed, effort.tests), source.shown(cell.seed, 8)
        speed = float(np.median([flight.speed for flight in flights]))
        say = source.says(cell.seed, lambda point, targets: np.full(len(targets), speed))
        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=(INSIDE, FAR, *NEW))
        data = DataUsed(source.hash_of(flights), len(flights), hash_tests(probes), encoding=ENCODING)
        return Run.of(cell, "reference", scores=scores, answers=answers, data=data)
