"""How much work the benchmarks do."""

from __future__ import annotations

from dataclasses import dataclass, replace

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes of the measurements. The defaults are the full ones, which take an hour; `quick` takes minutes.

    `seconds` is the CPU time of one turn of a search, `repeats` the turns that count; `most_lists` and `most_dense`
    cap a turn's evaluations, and so its memory. `side` is the number of argument columns on either side of a
    production by hand.
    """

    seconds: float = 3.0
    repeats: int = 5
    most_lists: int = 3_000_000
    most_dense: int = 20_000_000
    side: int = 600
    banked: int = 1_000_000
    starts: int = 5
    jobs_tasks: int = 40
    jobs_evaluations: int = 300_000
    memory: int = 300_000_000
    memory_seconds: float = 60.0
    suite: str = "lists"
    pattern: str | None = None
    tasks: int | None = None
    timeout: float = 10.0
    plot: str | None = None

    def quick(self) -> Settings:
        """The same measurements, small: good for a look, not for a claim."""
        return replace(
            self,
            seconds=0.5,
            repeats=3,
            side=200,
            banked=150_000,
            starts=3,
            jobs_tasks=8,
            jobs_evaluations=20_000,
            memory=100_000_000,
            memory_seconds=10.0,
            tasks=16 if self.tasks is None else self.tasks,
            timeout=min(self.timeout, 1.0),
        )

    def with_timeout(self, seconds: float | None) -> Settings:
        """Another limit a task, where one is given."""
        return self if seconds is None else replace(self, timeout=seconds)
