"""The benchmarks' pictures, PNG or SVG by the path's ending; lines and marks differ also without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsl.errors import InterfaceError

if TYPE_CHECKING:
    from synth.search.posterior import Bin

__all__ = ["draw_curves", "draw_reliability", "picture_path"]

_INK, _PALE = "#111111", "#8a8a8a"
_LINES = (("-", "#111111", 2.2), ("--", "#4d78a8", 1.8), (":", "#b06a2c", 2.0))
_ENDINGS = (".png", ".svg")


def picture_path(text: str) -> Path:
    """Where a picture is to go. Raises InterfaceError, before anything is measured, where it cannot."""
    path = Path(text)
    if path.suffix not in _ENDINGS:
        raise InterfaceError(f"expected a picture that ends in {' or '.join(_ENDINGS)}, found {text!r}")
    if not path.parent.is_dir():
        raise InterfaceError(f"cannot write {text!r}: there is no folder {str(path.parent)!r}")
    return path


def draw_curves(points: Mapping[str, Sequence[tuple[float, int]]], path: Path, *, tasks: str, allowed: str) -> None:
    """Tasks solved against CPU-seconds, a line a method, each named at its end."""
    picture, axes = _picture((7, 4.5))
    for (name, steps), (line, colour, width) in zip(points.items(), _LINES, strict=False):
        drawn = [(cost, count) for cost, count in steps if cost > 0]
        xs, ys = zip(*drawn, strict=True)
        axes.step(xs, ys, line, where="post", color=colour, linewidth=width, label=f"{name}: {steps[-1][1]} solved")
        axes.plot(xs[-1], ys[-1], "o", color=colour, markersize=4)
    axes.set_xscale("log")
    axes.set_xlabel(f"CPU-seconds on all tasks together (at most {allowed} a task)")
    axes.set_ylabel(f"tasks solved, {tasks}")
    axes.set_ylim(0, None)
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.grid(True, alpha=0.3)
    axes.legend(loc="upper left", frameon=False)
    picture.savefig(path, dpi=150)


def draw_reliability(bins: Sequence[Bin], path: Path, *, title: str) -> None:
    """The share of answers that are right against the mass claimed for them, and how many there are."""
    picture, (axes, below) = _picture((5, 5.5), rows=2, height_ratios=(4, 1), sharex=True)
    axes.plot((0, 1), (0, 1), "--", color=_PALE, linewidth=1, label="as often right as claimed")
    xs, shares = [b.mean_confidence for b in bins], [b.share for b in bins]
    reach = [[b.share - b.share_low for b in bins], [b.share_high - b.share for b in bins]]
    axes.errorbar(
        xs, shares, reach, fmt="o-", color=_INK, ecolor=_PALE, capsize=3, linewidth=1.2, label="answers, 95% interval"
    )
    axes.set_ylabel("share right on the held-out pairs")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.grid(True, alpha=0.3)
    picture.legend(loc="outside upper center", ncols=2, frameon=False, fontsize="small")
    axes.set_title(title, fontsize="medium")
    middles, counts = [(b.low + b.high) / 2 for b in bins], [b.count for b in bins]
    bars = below.bar(middles, counts, width=[0.9 * (b.high - b.low) for b in bins], color=_PALE)
    below.bar_label(bars, fontsize="small")
    below.set_ylim(0, 1.35 * max(counts))
    below.set_ylabel("answers")
    below.set_xlabel("mass of the answer in the posterior over the behaviours found")
    picture.savefig(path, dpi=150)


def _picture(size: tuple[float, float], *, rows: int = 1, **how: Any) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # heavy, and only wanted with --plot
    from matplotlib.figure import Figure as Picture

    picture = Picture(figsize=size, layout="constrained")
    FigureCanvasAgg(picture)
    heights = how.pop("height_ratios", None)
    return picture, picture.subplots(rows, 1, height_ratios=heights, **how)
