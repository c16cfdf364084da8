"""The figures of the protocol: the pair, what withstands attacks, and what poison does to learning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.compare.adversarial.images import SIDE
from synth.compare.adversarial.poisoned import PER_EXAMPLE
from synth.compare.adversarial.tallies import SURE_MASS, attempts_of, outcomes_of
from synth.compare.analysis import Analysis, Row
from synth.compare.figures import kind_of, percent
from synth.compare.metrics import wilson
from synth.compare.plots import COLOURS, MARKERS, Drawn, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["gibbon_pair", "poison_bars", "poison_lines", "robust_lines"]

_DASHES = ("-", "--", ":", "-.")


def gibbon_pair(analysis: Analysis) -> tuple[Drawn, ...]:
    """An image, the push, and what the net sees then; of all seeds the pair with the smallest push."""
    row = analysis.row("digits", "cnn")
    pairs = [pair for run in row.runs if isinstance(pair := run.details.get("pair"), Mapping)] if row else []
    if not pairs:
        return ()
    pair = min(pairs, key=lambda one: (one["strength"], -one["after"]))
    before, after = np.array(pair["original"]), np.array(pair["moved"])
    figure, panels = new_figure(3, width=2.5, height=2.9)
    shown = ((before, 0, 1, "gray_r"), (after - before, -0.25, 0.25, "PuOr"), (after, 0, 1, "gray_r"))
    titles = (
        f"“{pair['digit']}” ({percent(pair['before'])}%)",
        f"the push, at most {pair['strength']:.2g} of 16",
        f"“{pair['target']}” ({percent(pair['after'])}%)",
    )
    for panel, (pixels, low, high, colours), title in zip(panels, shown, titles, strict=True):
        panel.imshow(pixels.reshape(SIDE, SIDE), cmap=colours, vmin=low, vmax=high, interpolation="nearest")
        panel.set_title(title)
        panel.set_xticks([])
        panel.set_yticks([])
        panel.grid(False)
        panel.spines[:].set_visible(True)
    told = _success(pairs)
    alt = (
        f"Three pictures of 8 by 8 pixels: a digit that the net calls {pair['digit']} with probability "
        f"{pair['before']:.2f}; the push, at most {pair['strength']:.2g} of 16 grey levels a pixel; and their sum, "
        f"which the net calls {pair['target']} with probability {pair['after']:.2f}. {told}"
    )
    caption = (
        f"The smallest push found that brings the CNN to at least 99% on a wrong digit: the best case of an attacker "
        f"who may choose image and digit. {told} Such pushes are visible at this size."
    )
    return (Drawn("pair", "A digit, a push, another digit", alt, caption, figure),)


def _success(pairs: Sequence[Mapping[str, Any]]) -> str:
    tried = sum(pair["tried"] for pair in pairs)
    counts = [sum(found) for found in zip(*(pair["reached"] for pair in pairs), strict=True)]
    shares = ", ".join(f"{count} within {level}" for level, count in enumerate(counts, 1))
    return f"Of {tried} drawn pairs of image and wrong digit, 99% was reached by {shares} grey levels."


def robust_lines(analysis: Analysis) -> tuple[Drawn, ...]:
    """The share that withstands every attack, by strength, a panel a task; seeds as dots with Wilson intervals."""
    tasks = [task for task in analysis.tasks if task == "digits" or task.startswith("edit_")]
    if not tasks:
        return ()
    figure, panels = new_figure(len(tasks), width=5.0, height=4.2)
    told = []
    for panel, task in zip(panels, tasks, strict=True):
        rows = [row for row in analysis.largest(task) if row.learner != "oracle"]
        for place, row in enumerate(rows):
            _robust(panel, row, place, len(rows))
            shares = ", ".join(f"{point}: {percent(e.value)}" for point, e in row.by_point.items())
            told.append(f"{row.title} on {task}, per cent right by strength {shares}")
        unit = "grey levels of 16 (a step of L∞)" if task == "digits" else "items replaced"
        panel.set(title=task, xlabel=unit, ylim=(-0.03, 1.03))
        panel.set_xticks(sorted({int(point) for row in rows for point in row.by_point}))
        panel.legend(fontsize=8, frameon=False)
    panels[0].set_ylabel("right, whatever the attack")
    alt = f"Accuracy under attack by strength. {'. '.join(told)}."
    caption = (
        "Lines: means over seeds. Marks beside them: the seeds, each with its Wilson interval. Nets on images "
        "withstand FGSM, PGD-20, steps towards images of other digits, and the Square attack; the references are "
        "attacked by the CNN's images and by the two that need no gradient. The control is pushed in drawn directions."
    )
    return (Drawn("robust", "What withstands an attack", alt, caption, figure),)


def _robust(panel: Axes, row: Row, place: int, count: int) -> None:
    kind, dashes = kind_of(row), _DASHES[place % len(_DASHES)]
    points = list(row.by_point.items())
    beside = 0.05 * (place - (count - 1) / 2)
    colour, marker = COLOURS[kind], MARKERS[kind]
    panel.plot(
        [float(point) + beside for point, _ in points],
        [e.value for _, e in points],
        color=colour,
        marker=marker,
        linestyle=dashes,
        label=row.title,
    )
    for run in row.runs:
        for score in run.scores:
            if score.total:
                one = wilson(score.count)
                ends = [[max(0.0, one.value - one.low)], [max(0.0, one.high - one.value)]]
                panel.errorbar([float(score.point) + beside], [one.value], yerr=ends, color=colour, alpha=0.3, fmt=".")


def poison_lines(analysis: Analysis) -> tuple[Drawn, ...]:
    """Exact match after one poisoned example of k, by k, a panel a task; the net where the same share is poisoned."""
    tasks = [task for task in analysis.tasks if task.startswith("poison_")]
    if not tasks:
        return ()
    figure, panels = new_figure(len(tasks), width=5.0)
    told = []
    for panel, task in zip(panels, tasks, strict=True):
        learners = dict.fromkeys(row.learner for row in analysis.of_task(task) if row.ablates is None)
        for place, learner in enumerate(learners):
            points = [
                (size if row.side == "program" else size // PER_EXAMPLE, row, row.by_point[1])
                for size, row in sorted(analysis.by_size(task, learner).items())
                if 1 in row.by_point
            ]
            title, kind = analysis.protocol.title_of(learner), kind_of(points[0][1])
            ends = [[e.value - e.low for _, _, e in points], [e.high - e.value for _, _, e in points]]
            panel.errorbar(
                [k + 0.12 * (place - 1) for k, _, _ in points],
                [e.value for _, _, e in points],
                yerr=ends,
                color=COLOURS[kind],
                marker=MARKERS[kind],
                markerfacecolor=COLOURS[kind] if place % 2 else "white",
                linestyle=_DASHES[place % len(_DASHES)],
                capsize=2,
                label=title,
            )
            told.append(f"{title} on {task}: " + ", ".join(f"{percent(e.value)} at k = {k}" for k, _, e in points))
        sizes = sorted({row.size for row in analysis.of_task(task) if row.size is not None and row.side == "program"})
        panel.set(title=task, xlabel="k: one example of k is poisoned", ylim=(-0.03, 1.03))
        panel.set_xticks(sizes)
        panel.set_xlim(min(sizes) - 1.5, max(sizes) + 1.5)
        panel.legend(fontsize=8, frameon=False, loc="lower right")
    panels[0].set_ylabel("right on clean inputs")
    alt = f"Per cent right on clean inputs after one poisoned example of k. {'. '.join(told)}."
    caption = (
        "The worse of two kinds of poison: a typo, and what the best rival says. Means with 95% intervals over seeds "
        f"and inputs. The net has {PER_EXAMPLE:,} examples for each one of a search, one of k of them poisoned."
    )
    return (Drawn("poison_by_k", "One wrong example of k", alt, caption, figure),)


def poison_bars(analysis: Analysis) -> tuple[Drawn, ...]:
    """What became of searches on examples of an attacker's, and what abstaining would have done about it."""
    rows = [
        row
        for row in analysis.rows
        if row.ablates is None and row.side == "program" and any(any(attempts_of(run)) for run in row.runs)
    ]
    if not rows:
        return ()
    figure, (panel,) = new_figure(1, width=8.4, height=1.6 + 0.34 * len(rows))
    told = []
    for place, row in enumerate(reversed(rows)):
        found = outcomes_of([row], attacked=True)
        parts = (found.right, found.wrong - found.unsure, found.unsure, found.none)
        left = 0.0
        for part, (name, colour, hatch) in zip(parts, _PARTS, strict=True):
            size = part / max(1, found.total)
            label = name if place == 0 else None
            panel.barh(place, size, left=left, color=colour, hatch=hatch, edgecolor="white", label=label)
            left += size
        panel.text(1.01, place, f"of {found.total}", va="center", fontsize=8)
        told.append(
            f"{row.title} on {row.task}: {found.right} right, {found.wrong} wrong (of which {found.unsure} with a mass "
            f"below {SURE_MASS:g}), {found.none} without a program"
        )
    panel.set_yticks(range(len(rows)), [f"{row.task}: {row.title}" for row in reversed(rows)], fontsize=8)
    panel.set(xlim=(0, 1.08), xlabel="share of the searches under attack")
    panel.legend(fontsize=8, frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=4)
    alt = f"Outcomes of searches on examples that an attacker had a hand in. {'. '.join(told)}."
    caption = (
        "Each search is one draw of examples with one attack. Right: on every clean test input. A wrong program is "
        f"sure where its behaviour has at least {SURE_MASS:g} of the posterior mass found; a search that abstains "
        "below that would have given no answer for the hatched ones."
    )
    return (Drawn("poison", "Searches under attack", alt, caption, figure),)


_PARTS = (
    ("right", "#1557b0", ""),
    ("wrong and sure", "#b3261e", ""),
    ("wrong, abstains", "#e0a19c", "//"),
    ("no program", "#c9ced6", ""),
)
