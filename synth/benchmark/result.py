"""What a part of the benchmarks gives: figures with their spread, the targets they are held to, and plain facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from synth.benchmark.measure import Figure

__all__ = ["PartResult", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """A number to reach, or (`at_most`) not to pass."""

    bound: float
    at_most: bool = False

    def met(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'at most' if self.at_most else 'at least'} {self.bound:g}"


def _nothing() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PartResult:
    """One part: `figures` by name, None where it could not be taken; `facts` are what else belongs in the JSON."""

    name: str
    figures: Mapping[str, Figure | None]
    targets: Mapping[str, Target] = field(default_factory=lambda: MappingProxyType({}))
    facts: Mapping[str, object] = field(default_factory=_nothing)

    def to_json(self) -> dict[str, object]:
        """Plain data: each figure's median by name; then `spread`, `targets` and the facts."""
        known = {name: figure for name, figure in self.figures.items() if figure is not None}
        return {
            **{name: None if figure is None else _short(figure.value) for name, figure in self.figures.items()},
            "spread": {name: [_short(f.low), _short(f.high)] for name, f in known.items() if f.repeats > 1},
            "targets": {
                name: {"at_most" if target.at_most else "at_least": target.bound, "met": self.is_met(name)}
                for name, target in self.targets.items()
            },
            **self.facts,
        }

    def is_met(self, name: str) -> bool:
        """Whether a figure reaches its target; one that could not be taken does not."""
        figure = self.figures[name]
        return figure is not None and self.targets[name].met(figure.value)

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """Lines of a table: figure, median, spread, target, whether it is met."""
        return [self._row(name, figure) for name, figure in self.figures.items()]

    def _row(self, name: str, figure: Figure | None) -> tuple[str, str, str, str, str]:
        target = self.targets.get(name)
        met = "" if target is None else "yes" if self.is_met(name) else "no"
        value = "-" if figure is None else shown(figure.value)
        spread = "" if figure is None or figure.repeats == 1 else f"{shown(figure.low)} .. {shown(figure.high)}"
        return (f"{self.name}.{name}", value, spread, "" if target is None else str(target), met)


def shown(value: float) -> str:
    """A number for people: whole from a thousand on, else three digits.

    >>> shown(1234567.8), shown(0.51234), shown(12.0)
    ('1,234,568', '0.512', '12')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _short(value: float) -> float:
    return round(value, 1) if abs(value) >= 1000 else float(f"{value:.4g}")
