"""The prior ledger as stacked bars: what was given, and what was learned."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from synth.compare.analysis import Analysis
from synth.compare.ledger import Price, ledger_of
from synth.compare.plots import COLOURS, Drawn, new_figure

__all__ = ["ledger_bars"]

_PARTS = ("prior", "solution", "residual", "prequential")
_HATCHES: Mapping[str, str] = MappingProxyType({"prior": "", "solution": "//", "residual": "..", "prequential": "xx"})
"""Parts differ by hatching, sides by colour."""
_STRENGTH: Mapping[str, float] = MappingProxyType({"prior": 0.9, "solution": 0.55, "residual": 0.4, "prequential": 0.3})


def ledger_bars(analysis: Analysis) -> tuple[Drawn, ...]:
    """One bar a learner, a panel a task; nothing where no learner has a price."""
    prices = [price for price in ledger_of(analysis).prices if price.prior is not None]
    tasks = list(dict.fromkeys(price.task for price in prices))
    if not tasks:
        return ()
    rows = max(sum(price.task == task for price in prices) for task in tasks)
    figure, panels = new_figure(len(tasks), width=4.6, height=1.4 + 0.42 * rows)
    told: list[str] = []
    before: list[str] = []
    for panel, task in zip(panels, tasks, strict=True):
        mine = [price for price in prices if price.task == task][::-1]
        for place, price in enumerate(mine):
            left = 0.0
            for part in _shown(price):
                bits = getattr(price, part)
                panel.barh(
                    place,
                    bits,
                    left=left,
                    color=COLOURS[price.kind],
                    alpha=_STRENGTH[part],
                    hatch=_HATCHES[part],
                    edgecolor="white",
                )
                left += bits
            seconds = price.cpu_seconds + price.prepared_cpu_seconds
            label = panel.text(left, place, f" {left:,.0f} bits\n {seconds:,.3g} CPU-s", va="center", fontsize=7)
            label.set_in_layout(False)  # else the layout moves each time that it is drawn
            told.append(f"{price.title} on {task}: {_in_words(price)}")
        titles = [price.title for price in mine]
        panel.set_yticks(range(len(mine)), titles if titles != before else [""] * len(mine))
        before = titles
        panel.set(title=task, xlabel="bits")
        panel.locator_params(axis="x", nbins=4)
        panel.margins(x=0.3)
    alt = f"Bits that each learner was given and learned, and CPU-seconds. {'. '.join(told)}."
    caption = (
        "Price tags in bits, with CPU-seconds of learning (and of preparing) beside them. Plain: what was given "
        "beforehand, as tokens of code (of words, or of a net's design and recipe). Hatched: the program found. "
        "Dotted: what the examples still cost, told by it. Crossed: the examples, told by nets of the ones before. A "
        "part that was not measured is not there, so bars are lower bounds."
    )
    return (Drawn("prices", "Price tags", alt, caption, figure),)


def _shown(price: Price) -> tuple[str, ...]:
    """The parts of a bar: a program and what it leaves open, or else the prequential code."""
    parts = _PARTS[:3] if price.solution is not None else ("prior", "prequential")
    return tuple(part for part in parts if getattr(price, part) is not None)


def _in_words(price: Price) -> str:
    bits = ", ".join(f"{part} {getattr(price, part):,.0f}" for part in _shown(price))
    return f"{bits}; {price.cpu_seconds + price.prepared_cpu_seconds:,.3g} CPU-s"
