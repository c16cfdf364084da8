"""The pieces of sleep that we ship, put together."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.library import Definition
from synth.learn.compression import Learned, compress
from synth.learn.loop import Pieces
from synth.learn.module import documented
from synth.learn.plan import PARTS
from synth.learn.value import judge, split

__all__ = ["shipped_pieces", "split_names"]


def shipped_pieces() -> Pieces:
    """Compression, judging and documentation as `synth learn` uses them."""
    return Pieces(compress, judge, _document)


def _document(learned: Learned, iteration: int) -> Definition:
    return documented(learned, iteration=iteration)


def split_names(names: Sequence[str], seed: int) -> dict[str, str]:
    """For each task what it is for: to learn from, to judge by, or to look at in the end."""
    found = split(names, seed)
    parts = {name: part for part in PARTS for name in getattr(found, part)}
    return {name: parts[name] for name in names}
