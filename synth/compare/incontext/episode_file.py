"""Episodes as flat arrays, and files of them; numpy is all they need, so that training can be done elsewhere.

An episode is one task as a few pairs of a list and its output (a list or an int). It is kept as numbers, not as
tokens: `synth.nets.in_context` says how numbers are read.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dsl.errors import InterfaceError

__all__ = ["HIGH", "LOW", "PAIRS", "VALIDATED", "Episode", "EpisodeFile", "clamped", "pack", "read", "write"]

LOW, HIGH = -99, 399
"""The numbers that have a token each; what is below or above is known only as being so."""

PAIRS = 11
"""Pairs of an episode: up to ten that are shown, and one that is asked."""

VALIDATED = 64
"""One behaviour in so many is kept from training; whether the net has learned is seen on these."""

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Episode:
    """One task: its pairs of items, whether outputs are ints, and what it does, as a number.

    The first `free` pairs may be shown in any order; those after them are longer, and come last.
    """

    pairs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    single: bool
    free: int
    behaviour: int


@dataclass(frozen=True)
class EpisodeFile:
    """Many episodes: `items` one after the other, (E, P, 2) `lengths` of inputs and outputs, and facts about them."""

    items: NDArray[np.int16]
    lengths: NDArray[np.uint8]
    single: NDArray[np.bool_]
    free: NDArray[np.uint8]
    behaviour: NDArray[np.uint64]
    about: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.single)

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where the items of each pair's input begin, (E, P)."""
        sizes = self.lengths.astype(np.int64).sum(axis=2)  # (E, P)
        ends = sizes.reshape(-1).cumsum()
        starts: NDArray[np.int64] = (ends - sizes.reshape(-1)).reshape(sizes.shape)
        return starts

    @property
    def validated(self) -> NDArray[np.bool_]:
        """Which episodes are kept from training, by what they do, so that no task is on both sides."""
        held: NDArray[np.bool_] = self.behaviour % np.uint64(VALIDATED) == 0
        return held

    def digest(self) -> str:
        """A content hash of the episodes."""
        parts = (self.items, self.lengths, self.single, self.free)
        return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()[:16]


def clamped(items: Iterable[int]) -> tuple[int, ...]:
    """Numbers without a token, as the nearest number that stands for all beyond it.

    >>> clamped((5, 10_000, -100))
    (5, 400, -100)
    """
    return tuple(min(max(item, LOW - 1), HIGH + 1) for item in items)


def pack(episodes: Sequence[Episode], about: Mapping[str, Any]) -> EpisodeFile:
    """Episodes as arrays."""
    items: list[int] = []
    lengths = np.zeros((len(episodes), PAIRS, 2), dtype=np.uint8)
    for number, episode in enumerate(episodes):
        assert len(episode.pairs) == PAIRS, "every episode has as many pairs"
        for place, (given, output) in enumerate(episode.pairs):
            items += given
            items += output
            lengths[number, place] = len(given), len(output)
    return EpisodeFile(
        np.array(items, dtype=np.int16),
        lengths,
        np.array([e.single for e in episodes], dtype=np.bool_),
        np.array([e.free for e in episodes], dtype=np.uint8),
        np.array([e.behaviour for e in episodes], dtype=np.uint64),
        about,
    )


def write(path: Path, episodes: EpisodeFile) -> None:
    """Write a file of episodes (`.npz`), whole or not at all. Low and high bytes lie apart, which packs better."""
    planes = episodes.items.astype("<i2").view(np.uint8).reshape(-1, 2)
    about = json.dumps({"format": _FORMAT, **episodes.about}).encode()
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez_compressed(
            file,
            low_bytes=planes[:, 0],
            high_bytes=planes[:, 1],
            lengths=episodes.lengths,
            single=episodes.single,
            free=episodes.free,
            behaviour=episodes.behaviour,
            about=np.frombuffer(about, dtype=np.uint8),
        )
    beside.replace(path)


def read(path: Path) -> EpisodeFile:
    """The episodes in a file that `write` wrote; InterfaceError for any other."""
    try:
        with path.open("rb") as file, np.load(file) as found:  # numpy leaves a file open that it cannot read
            about = json.loads(found["about"].tobytes())
            planes = np.stack([found["low_bytes"], found["high_bytes"]], axis=1)
            items = planes.reshape(-1).view("<i2")
            lengths, single, free, behaviour = (found[n] for n in ("lengths", "single", "free", "behaviour"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        why = f"{type(error).__name__}: {error}"
        raise InterfaceError(
            f"expected episodes, found no whole file of them ({why})",
            path=str(path),
            hint="make one: synth compare prepare --data FILE.npz",
        ) from None
    if about.get("format") != _FORMAT:
        raise InterfaceError(
            f"expected episodes of format {_FORMAT}, found format {about.get('format')!r}", path=str(path)
        )
    return EpisodeFile(items, lengths, single, free, behaviour, about)
