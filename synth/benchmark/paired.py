"""Contestants on the same tasks, compared by pairs: what they come to, and whether the difference may be chance."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from synth.benchmark.trials import Outcome
from synth.compare.metrics import Count, Estimate, holm, mcnemar, paired_difference

__all__ = ["Contrast", "Shares", "Sums", "contrast_cells", "right_cell", "shares_of", "sums_of"]


@dataclass(frozen=True, slots=True)
class Sums:
    """A contestant's attempts at all tasks: how many solved, right where held out, and the CPU-seconds in all."""

    solved: Count
    right: Count
    seconds: float


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two contestants on the same tasks: tasks that only the one got and only the other, and what that comes to.

    `difference` is the share of the second less that of the first; `p` that of McNemar's exact test, `p_holm` after
    Holm's correction over all that are compared with the first.
    """

    only_first: int
    only_second: int
    difference: Estimate
    p: float
    p_holm: float


@dataclass(frozen=True, slots=True)
class Shares:
    """A contestant beside another: who solves which tasks, and whose programs are right where something is held out.

    `right` is None where no task has held-out pairs.
    """

    solved: Contrast
    right: Contrast | None


def sums_of(outcomes: Mapping[str, Outcome]) -> Sums:
    """The sums of one contestant's outcomes, by task."""
    found = list(outcomes.values())
    return Sums(
        Count(sum(o.solved for o in found), len(found)),
        Count(sum(o.right is True for o in found), sum(o.right is not None for o in found)),
        round(sum(o.seconds for o in found), 3),
    )


def shares_of(first: Mapping[str, Outcome], others: Sequence[Mapping[str, Outcome]]) -> list[Shares]:
    """Each of the others beside the first, on the same tasks, at least one."""
    solved = [_contrast([o.solved for o in first.values()], [other[task].solved for task in first]) for other in others]
    judged = [task for task, outcome in first.items() if outcome.right is not None]
    right = [
        _contrast([first[task].right is True for task in judged], [other[task].right is True for task in judged])
        for other in (others if judged else ())
    ]
    return [Shares(*pair) for pair in itertools.zip_longest(_corrected(solved), _corrected(right))]


def _contrast(first: Sequence[bool], second: Sequence[bool]) -> Contrast:
    pairs = list(zip(first, second, strict=True))
    only_first, only_second = pairs.count((True, False)), pairs.count((False, True))
    p = mcnemar(first, second) if only_first + only_second else 1.0
    return Contrast(only_first, only_second, paired_difference(only_second, only_first, len(pairs)), p, p)


def _corrected(contrasts: Sequence[Contrast]) -> list[Contrast]:
    ps = holm([contrast.p for contrast in contrasts])
    return [replace(contrast, p_holm=p) for contrast, p in zip(contrasts, ps, strict=True)]


# --- in a table ----------------------------------------------------------------------------------------------------


def right_cell(sums: Sums) -> str:
    """How many were right where held out; a dash where nothing was."""
    return str(sums.right.right) if sums.right.total else "-"


def contrast_cells(contrast: Contrast | None) -> tuple[str, str]:
    """The difference in per cent of the tasks with its interval, and p after correction; dashes where there is none."""
    if contrast is None:
        return "-", "-"
    d = contrast.difference
    return f"{100 * d.value:+.1f}% [{100 * d.low:+.1f}, {100 * d.high:+.1f}]", f"{contrast.p_holm:.2g}"
