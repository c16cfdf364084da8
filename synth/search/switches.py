"""The search's tricks, each with its off switch."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Switches"]


@dataclass(frozen=True, slots=True)
class Switches:
    """Which tricks a search may use. All are on; each is measured by turning it off."""

    equivalence: bool = True
    """Programs with one column are one class."""
    kernels: bool = True
    """Words run as compiled code on whole columns; without, each is called as the Python function that it is."""
    symmetry: bool = True
    """Of a commutative word's two orders of arguments only one is tried."""
    probing: bool = True
    """Programs of the goal type are first checked row by row, and banked only when others may need them."""
    goals: bool = True
    """The search works backwards from the wanted outputs, by inverses."""
    cases: bool = True
    """Programs that are right on some examples are joined by `if`."""
    sketches: bool = True
    """A task's sketches are filled."""
    repair: bool = True
    """Parts of near misses are replaced."""
