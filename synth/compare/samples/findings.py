"""Sentences of the protocol `samples`: how many examples each learner needed, made from intervals only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from synth.compare.analysis import NETS, Analysis, Row
from synth.compare.curves import Needed, Reached, needed_examples
from synth.compare.metrics import HOLDS
from synth.compare.samples.block import BLOCK
from synth.compare.samples.source import INSIDE, LONGER
from synth.compare.verdicts import Badge, Finding

__all__ = ["sample_findings"]

_WANTED = 0.8
"""The share of the block's functions that is wanted right from ten examples."""


def sample_findings(analysis: Analysis) -> tuple[Finding, ...]:
    """One finding a task that counts, the block's last."""
    needed = needed_examples(analysis)
    found = (
        _on_block(analysis) if task == BLOCK else _on_task(analysis, task, [one for one in needed if one.task == task])
        for task in analysis.tasks
    )
    return tuple(one for one in found if one is not None)


def _on_task(analysis: Analysis, task: str, needed: Sequence[Needed]) -> Finding | None:
    program = analysis.protocol.program
    mine = next((one for one in needed if program is not None and one.learner == program.name), None)
    sides = {learner.name: learner.side for learner in analysis.protocol.learners}
    nets = [one for one in needed if sides[one.learner] in NETS]
    if mine is None or not nets:
        return None
    row = analysis.row(task, mine.learner)
    assert row is not None, "who needed examples has a row"
    return Finding(task, _badge(mine, nets), tuple(_sentences(row, mine, nets, analysis)))


def _sentences(row: Row, mine: Needed, nets: Sequence[Needed], analysis: Analysis) -> list[str]:
    told = [
        f"On {mine.task}, {mine.title} needed {_told(mine.median)} examples for {HOLDS:.0%} exactly right (N90, median "
        f"of {_seeds(mine)}); " + ", ".join(f"{net.title} {_told(net.median)}" for net in nets) + "."
    ]
    inside, longer = row.by_point.get(INSIDE), row.by_point.get(LONGER)
    if inside is not None and longer is not None:
        told.append(
            f"From {row.size} examples, programs were exactly right on {inside} of fresh inputs like the examples, and "
            f"on {longer} of inputs of {LONGER}."
        )
    best = [r for r in analysis.largest(mine.task) if r.side in NETS and r.trained and LONGER in r.by_point]
    if best:
        net = max(best, key=lambda r: r.by_point[LONGER].value)
        told.append(
            f"The best net with the most data ({net.title}) was right on {net.by_point[INSIDE]} inside and on "
            f"{net.by_point[LONGER]} of inputs of {LONGER}, within this budget."
        )
    return told


def _told(reached: Reached) -> str:
    return str(reached)


def _seeds(needed: Needed) -> str:
    return f"{len(needed.seeds)} seed{'s' * (len(needed.seeds) != 1)}"


def _badge(mine: Needed, nets: Sequence[Needed]) -> Badge:
    """Supported where every seed of the program side reached N90 with fewer examples than any seed of any net.

    Not supported where its median was not reached, or where a net's median is no larger.
    """
    if mine.median.censored or any(not net.median.censored and net.median.size <= mine.median.size for net in nets):
        return "not supported"
    most = max(_size(seed) for seed in mine.seeds)
    least = min(_size(seed) for net in nets for seed in net.seeds)
    return "supported" if most < least else "inconclusive"


def _size(reached: Reached) -> float:
    return math.inf if reached.censored else reached.size


def _on_block(analysis: Analysis) -> Finding | None:
    program = analysis.protocol.program
    row = None if program is None else analysis.row(BLOCK, program.name)
    measured = None if row is None else row.by_point.get(INSIDE)
    if row is None or measured is None:
        return None
    badge: Badge = (
        "supported" if measured.low >= _WANTED else "not supported" if measured.high < _WANTED else "inconclusive"
    )
    asked = sum(run.over((INSIDE,)).total for run in row.runs)
    found = sum(run.fit.right for run in row.runs if run.fit is not None)
    return Finding(
        BLOCK,
        badge,
        (
            f"On {asked} draws of functions that others chose, {found} searches gave a program that fits {row.size} "
            f"examples, and {measured} of all were right on the example that was held out; {_WANTED:.0%} was wanted.",
        ),
    )
