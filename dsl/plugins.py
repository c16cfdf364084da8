"""What installed distributions offer: libraries, domains, solvers, found through their entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

__all__ = ["DOMAINS", "LIBRARIES", "SOLVERS", "Broken", "Offer", "offered", "offered_functions"]

T = TypeVar("T")

LIBRARIES, DOMAINS, SOLVERS = "dsl.libraries", "tasks.domains", "synth.solvers"
"""The groups of entry points: `Library` values, `Domain` values, functions that make a `Solver`."""


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """A value that a distribution offers under a name; `source` is the entry point's text and its distribution."""

    name: str
    value: T
    source: str


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point that gives nothing to use, and why."""

    name: str
    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


def offered(group: str, kind: type[T]) -> tuple[Offer[T] | Broken, ...]:
    """What installed distributions offer in a group, by name; what is not of the kind, or fails to load, is `Broken`.

    >>> from dsl.library import Library
    >>> offered("nobody.offers.this", Library)
    ()
    """
    return tuple(
        Offer(found.name, found.value, found.source)
        if isinstance(found, Offer) and isinstance(found.value, kind)
        else _not_of(found, f"a {kind.__name__}")
        for found in _found(group)
    )


def offered_functions(group: str) -> tuple[Offer[Callable[..., object]] | Broken, ...]:
    """As `offered`, for groups whose values are functions."""
    return tuple(
        Offer(found.name, found.value, found.source)
        if isinstance(found, Offer) and callable(found.value)
        else _not_of(found, "a function")
        for found in _found(group)
    )


def _not_of(found: Offer[object] | Broken, kind: str) -> Broken:
    if isinstance(found, Broken):
        return found
    return Broken(found.name, found.source, f"expected {kind}, found a value of type {type(found.value).__name__}")


def _found(group: str) -> Iterator[Offer[object] | Broken]:
    """Every entry point of a group, loaded; of two with one name the second is broken."""
    sources: dict[str, str] = {}
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, _source(point))):
        source = _source(point)
        if (first := sources.setdefault(point.name, source)) != source:
            yield Broken(point.name, source, f"the name is taken: {first}")
        else:
            yield _load(point, source)


def _source(point: EntryPoint) -> str:
    offeror = f" of {point.dist.name} {point.dist.version}" if point.dist is not None else ""
    return f"{point.group}: {point.name} = {point.value}{offeror}"


def _load(point: EntryPoint, source: str) -> Offer[object] | Broken:
    try:
        return Offer(point.name, point.load(), source)
    except (Exception, SystemExit) as error:  # other people's code: whatever it raises, the others still load
        return Broken(point.name, source, f"it does not load: {type(error).__name__}: {error}")
