"""Arms that search nothing: what they come to is said beforehand, so that a run of them can be foretold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synth.learn.arms import Outcome, Sleep, Word
from tasks.task import Task

__all__ = ["SUITE", "MadeUp", "met_by"]

SUITE = "\n".join(
    f"""task number_{n}(xs: list[int]) -> list[int]
    example [{n}] -> [{n + 1}]
    example [{n}, 2] -> [{n + 1}, 3]
    holdout [5, 5] -> [6, 6]
    solution map(lambda x: x + 1, xs)
"""
    for n in range(6)
)
"""Six tasks."""
_RATE = 1_000.0


@dataclass(frozen=True)
class MadeUp:
    """Task `number_N` takes N * `step` evaluations, at a thousand a second; `seconds` go into each sleep.

    A word is learned after each wave, and each makes tasks take `gain` evaluations less.
    """

    name: str
    step: int = 100
    seconds: float = 0.0
    gain: int = 0
    words: tuple[Word, ...] = ()
    met: tuple[tuple[str, ...], ...] = ()

    def attempt(self, task: Task, evaluations: int) -> Outcome:
        needed = int(task.name.rpartition("_")[2]) * self.step - self.gain * len(self.words)
        fits = needed <= evaluations
        used = max(1, needed) if fits else evaluations
        learned = tuple(word.name for word in self.words[:1]) if fits else ()
        return Outcome(task.name, fits, fits, used / _RATE, used, used if fits else None, learned=learned)

    def after_wave(self, met: Sequence[tuple[Task, Outcome]]) -> tuple[MadeUp, Sleep]:
        names = (*self.met, tuple(outcome.task for _, outcome in met))
        kept = tuple(outcome.task for _, outcome in met if outcome.right)
        if not self.seconds:
            return replace(self, met=names), Sleep(kept=kept)
        word = Word(f"learned.w{len(self.words)}", "text", tuple(w.name for w in self.words[-1:]), 2, 1.0, kept)
        sleep = Sleep(self.seconds, (word,), 10.0 * (1 + len(self.words)), 50.0, 100.0, kept)
        return replace(self, words=(*self.words, word), met=names), sleep


def met_by(lines: Sequence[dict[str, object]], arm: str) -> list[tuple[object, object]]:
    """Wave and task of each first attempt of an arm, in order."""
    return [
        (line["wave"], line["task"])
        for line in lines
        if line["kind"] == "attempt" and line["arm"] == arm and line["turn"] == 0
    ]
