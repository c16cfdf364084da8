"""What the fairness rules look at, and what a rule says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from synth.compare.analysis import NETS, Analysis
from synth.compare.ledger import Ledger
from synth.compare.manifest import Manifest
from synth.compare.records import Run, RunKey

__all__ = ["Evidence", "Rule", "RuleResult", "listed", "name_of", "result"]


@dataclass(frozen=True)
class Evidence:
    """What the rules look at: the analysis, the manifest, the generated prose, and the prior ledger if there is one."""

    analysis: Analysis
    manifest: Manifest
    prose: tuple[str, ...] = ()
    ledger: Ledger | None = None

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs."""
        return self.analysis.runs

    @property
    def learners(self) -> tuple[Run, ...]:
        """Runs of those who learn, not of reference rows."""
        return tuple(run for run in self.runs if run.side != "reference")

    @property
    def nets(self) -> tuple[Run, ...]:
        """Runs of nets, of either side of them."""
        return tuple(run for run in self.runs if run.side in NETS)


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Whether a rule holds; `why` is empty of blame where it does and says what broke it where it does not."""

    number: str
    title: str
    passed: bool
    why: str


Rule: TypeAlias = Callable[[Evidence], RuleResult]


def result(number: str, title: str, problems: Iterable[str], fine: str) -> RuleResult:
    """A rule that holds where there are no problems."""
    found = list(dict.fromkeys(problems))
    shown = "; ".join(found[:5]) + (f"; and {len(found) - 5} more" if len(found) > 5 else "")
    return RuleResult(number, title, not found, shown or fine)


def name_of(run: Run) -> str:
    """A run, as a rule names it."""
    return key_name(run.key)


def key_name(key: RunKey) -> str:
    """A run by its key."""
    task, learner, seed, size = key
    return f"{task}/{learner}/seed {seed}" + ("" if size is None else f"/{size} examples")


def listed(numbers: Iterable[int]) -> str:
    """Numbers in order, or that there are none."""
    return ", ".join(map(str, sorted(numbers))) or "none"
