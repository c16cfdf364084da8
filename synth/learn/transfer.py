"""What a lifelong run comes to: what was solved, what was learned for later tasks, what was kept, what was reused.

Compared are the first arm, which learns, and each of the others, task by task. What is *right* is right on the held-out
pairs. Every task of a wave after the first is a test of what was learned before it, and the last wave is the test of
all of it: nothing is learned from its tasks before they are attempted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from synth.compare.metrics import Count, Estimate, bootstrap_mean, mcnemar, paired_difference, wilson
from synth.learn.lifelong import AGAIN, ATTEMPT, SLEEP

__all__ = ["MARGIN", "ArmSums", "Contest", "Lifelong", "Reuse", "WaveSums", "effort", "final_lines", "lifelong_of"]

MARGIN = 0.05
"""An arm is not worse than another where the interval of the difference ends above minus this."""
_DRAWS = 4_000
_Line = Mapping[str, Any]
_Key = tuple[int, int, str]
"""Seed, wave and task of an attempt."""
_Final = Mapping[_Key, _Line]


@dataclass(frozen=True, slots=True)
class Contest:
    """The first arm beside another on the same tasks: how many only the one got right, and only the other.

    `difference` is the share of the first less that of the other, with Tango's interval, which takes tasks to be
    independent; `over_streams` is the same with streams and their tasks resampled. `p` is McNemar's exact test.
    """

    only_first: int
    only_other: int
    total: int
    difference: Estimate
    over_streams: Estimate
    p: float

    @property
    def is_no_worse(self) -> bool:
        """Whether the first is not worse than the other by more than the margin, as sure as the interval is."""
        return self.difference.low > -MARGIN


@dataclass(frozen=True, slots=True)
class ArmSums:
    """All attempts of an arm: how many programs fit, how many are right, and what the work and the sleeps took."""

    name: str
    fits: Count
    right: Count
    evaluations: int
    seconds: float
    sleep_seconds: float


@dataclass(frozen=True, slots=True)
class WaveSums:
    """A wave over all streams: how many each arm got right, and how many times less effort the first arm needed.

    `effort` is the geometric mean over tasks, with a bootstrap interval; a task that was not solved within the
    evaluations that all had counts with these. `words` are those that the first arm had learned before the wave, in
    the mean.
    """

    wave: int
    tasks: int
    right: Mapping[str, int]
    effort: Estimate
    words: float


@dataclass(frozen=True, slots=True)
class Reuse:
    """How much of what was learned was used later: solutions that call a learned word, and callers of each word.

    The share is that of the right solutions; `callers` counts later solutions and other learned words, by word, for
    each stream.
    """

    of_last_wave: Estimate | None
    of_later_waves: Estimate | None
    callers: Mapping[int, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Lifelong:
    """A whole run. `last` and `later` compare the arms on the last wave and on all but the first, by the other's name.

    `kept` says of how many tasks that were right before a sleep the program is right after it. `again` has, by arm,
    how many of the earlier tasks a new search in the end gets right that it had not, and fails on that it had right.
    `bits` are, for each stream and wave, the description lengths of the learned words, of the programs written with
    them, and of the programs without.
    """

    plan: Mapping[str, Any]
    streams: int
    arms: tuple[ArmSums, ...]
    waves: tuple[WaveSums, ...]
    last: Mapping[str, Contest]
    later: Mapping[str, Contest]
    kept: Count
    again: Mapping[str, tuple[int, int]]
    reuse: Reuse
    bits: Mapping[int, tuple[tuple[float, float, float], ...]]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        contests = {
            part: {name: asdict(contest) | {"is_no_worse": contest.is_no_worse} for name, contest in found.items()}
            for part, found in (("last_wave", self.last), ("later_waves", self.later))
        }
        whole = asdict(self)
        del whole["last"], whole["later"]
        return {"margin": MARGIN, **contests, **whole}


def lifelong_of(lines: Sequence[_Line]) -> Lifelong:
    """What the lines of a run come to; only streams count that all arms have met to the end."""
    plan = lines[0]
    names = tuple(dict.fromkeys(line["arm"] for line in lines if line["kind"] == ATTEMPT))
    final = {name: final_lines(lines, name) for name in names}
    whole = _whole_streams(lines, plan, names)
    first, others = names[0], names[1:]
    sleeps = {(line["arm"], line["seed"], line["wave"]): line for line in lines if line["kind"] == SLEEP}
    streams = {seed: [key for key in final[first] if key[0] == seed] for seed in whole}
    last = plan["waves"] - 1

    def contests(waves: Collection[int]) -> dict[str, Contest]:
        keys = [[key for key in stream if key[1] in waves] for stream in streams.values()]
        return {other: _contest(final[first], final[other], keys) for other in others if any(keys)}

    return Lifelong(
        plan=plan,
        streams=len(whole),
        arms=tuple(_sums(name, final[name], [s for (arm, *_), s in sleeps.items() if arm == name]) for name in names),
        waves=tuple(_wave(wave, final, whole, sleeps, plan["evaluations"]) for wave in range(last + 1) if whole),
        last=contests({last}),
        later=contests(range(1, last + 1)),
        kept=sum((Count(len(s["kept"]), len(s["kept"]) + len(s["lost"])) for s in sleeps.values()), Count(0, 0)),
        again={name: found for name in names if (found := _again(lines, final[name], name)) is not None},
        reuse=_reuse(final[first], [s for (arm, *_), s in sleeps.items() if arm == first], last),
        bits={
            seed: tuple(
                (sleep["library_bits"], sleep["corpus_bits"], sleep["plain_bits"])
                for wave in range(last + 1)
                if (sleep := sleeps.get((first, seed, wave))) is not None
            )
            for seed in whole
        },
    )


def final_lines(lines: Iterable[_Line], arm: str) -> dict[_Key, _Line]:
    """By seed, wave and task, the last attempt of an arm, which is the one with the most work."""
    mine = [line for line in lines if line["kind"] == ATTEMPT and line["arm"] == arm]
    return {
        (line["seed"], line["wave"], line["task"]): line for line in sorted(mine, key=lambda line: int(line["turn"]))
    }


def effort(line: _Line, most: int) -> int:
    """Evaluations up to the first program that fits; all that were allowed, where there was none within them."""
    found = line["first_fit"] if line["fits"] else None
    return max(1, most if found is None else min(found, most))


def _whole_streams(lines: Iterable[_Line], plan: _Line, names: Sequence[str]) -> tuple[int, ...]:
    """The seeds of the streams that all arms have met to the end: each has slept after the last wave."""
    ended = {
        (line["seed"], line["arm"]) for line in lines if line["kind"] == SLEEP and line["wave"] == plan["waves"] - 1
    }
    seeds = dict.fromkeys(seed for seed, _ in sorted(ended))
    return tuple(seed for seed in seeds if all((seed, name) in ended for name in names))


def _sums(name: str, final: _Final, sleeps: Sequence[_Line]) -> ArmSums:
    lines = list(final.values())
    return ArmSums(
        name,
        Count(sum(line["fits"] for line in lines), len(lines)),
        Count(sum(line["right"] for line in lines), len(lines)),
        sum(line["evaluations"] for line in lines),
        round(sum(line["seconds"] for line in lines), 2),
        round(sum(sleep["seconds"] for sleep in sleeps), 2),
    )


def _wave(
    wave: int,
    final: Mapping[str, _Final],
    seeds: Sequence[int],
    sleeps: Mapping[tuple[str, int, int], _Line],
    most: int,
) -> WaveSums:
    first, *others = final
    keys = [key for key in final[first] if key[0] in seeds and key[1] == wave]
    beside = others[0] if others else first
    logs = [math.log(effort(final[beside][key], most) / effort(final[first][key], most)) for key in keys]
    mean = bootstrap_mean(logs, np.random.default_rng(wave))
    words = [len(sleep["words"]) for (arm, seed, at), sleep in sleeps.items() if arm == first and at < wave]
    return WaveSums(
        wave,
        len(keys),
        {name: sum(lines[key]["right"] for key in keys) for name, lines in final.items()},
        Estimate(
            math.exp(mean.value), math.exp(mean.low), math.exp(mean.high), mean.n, "bootstrap over tasks, of logs"
        ),
        sum(words) / len(seeds),
    )


# ---- arms beside each other -----------------------------------------------------------------------------------------


def _contest(
    first: _Final,
    other: _Final,
    streams: Sequence[Sequence[_Key]],
) -> Contest:
    pairs = [[(bool(first[key]["right"]), bool(other[key]["right"])) for key in keys] for keys in streams]
    flat = [pair for stream in pairs for pair in stream]
    only_first, only_other = flat.count((True, False)), flat.count((False, True))
    ones, others = zip(*flat, strict=True)
    return Contest(
        only_first,
        only_other,
        len(flat),
        paired_difference(only_first, only_other, len(flat)),
        _over_streams(pairs, np.random.default_rng(0)),
        mcnemar(ones, others) if only_first + only_other else 1.0,
    )


def _over_streams(streams: Sequence[Sequence[tuple[bool, bool]]], rng: np.random.Generator) -> Estimate:
    """The mean difference over streams, with streams and the tasks in each resampled; percentile interval."""
    gains = [np.array([int(one) - int(other) for one, other in stream], dtype=float) for stream in streams]
    means = np.stack([g[rng.integers(len(g), size=(_DRAWS, len(g)))].mean(axis=1) for g in gains])  # (streams, draws)
    chosen = rng.integers(len(gains), size=(_DRAWS, len(gains)))
    drawn = means[chosen, np.arange(_DRAWS)[:, None]].mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    value = float(np.mean([g.mean() for g in gains]))
    return Estimate(
        value, min(float(low), value), max(float(high), value), len(gains), "bootstrap over streams and tasks"
    )


def _again(lines: Iterable[_Line], final: _Final, arm: str) -> tuple[int, int] | None:
    """How many earlier tasks a new search gets right that were not, and the other way round; None without a search."""
    found = [line for line in lines if line["kind"] == AGAIN and line["arm"] == arm]
    then = {(seed, task): bool(line["right"]) for (seed, _, task), line in final.items()}
    pairs = [(then[line["seed"], line["task"]], bool(line["right"])) for line in found]
    return (pairs.count((False, True)), pairs.count((True, False))) if pairs else None


def _reuse(final: _Final, sleeps: Sequence[_Line], last: int) -> Reuse:
    callers: dict[int, Counter[str]] = {}
    for sleep in sleeps:
        known = callers.setdefault(sleep["seed"], Counter())
        for word in sleep["words"]:
            known[word["name"]] += 0
            known.update(word["calls"])
    for (seed, _, _), line in final.items():
        callers.setdefault(seed, Counter()).update(line["learned"])
    shares = [
        Count(sum(bool(line["learned"]) for line in right), len(right))
        for waves in ({last}, set(range(1, last + 1)))
        for right in [[line for (_, wave, _), line in final.items() if wave in waves and line["right"]]]
    ]
    of_last, of_later = (wilson(share) if share.total else None for share in shares)
    return Reuse(of_last, of_later, {seed: dict(found.most_common()) for seed, found in callers.items()})
