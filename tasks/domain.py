"""A domain: words, suites of tasks, how to draw inputs and how to show values, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dsl.errors import InterfaceError
from dsl.library import Library, nearest
from dsl.type_system import Type
from dsl.values import show_value
from tasks.sampling import sample_value

__all__ = ["Domain", "Tier"]


@dataclass(frozen=True, slots=True)
class Tier:
    """A named part of a domain's library: `words` lists qualified names, or is None for all of it.

    Tiers are for comparisons: a program found over few, plain words owes less to the words than to the search.
    """

    name: str
    words: tuple[str, ...] | None
    description: str = ""


@dataclass(frozen=True)
class Domain:
    """What a kind of task is made of. `suites` are names of shipped suites; `tiers` go from fewest words to all."""

    name: str
    library: Library = field(repr=False)
    suites: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    sample: Callable[..., object] = sample_value
    show: Callable[[object, Type], str] = show_value
    description: str = ""

    def tier(self, name: str) -> Library:
        """The library of a tier; InterfaceError, with the nearest name, where there is none.

        A tier's word that the library lacks is an error of the library's (`LibraryError`).
        """
        for tier in self.tiers:
            if tier.name == name:
                return self.library if tier.words is None else self.library.only(tier.words)
        known = [tier.name for tier in self.tiers]
        near = nearest(name, known)
        raise InterfaceError(
            f"expected a tier of the domain {self.name!r} ({', '.join(known)}), found {name!r}",
            hint=f"did you mean {near!r}?" if near else None,
        )
