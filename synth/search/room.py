"""Arrays with room to grow in: room that is not used yet takes no memory.

NumPy's zeros take memory that was freed before, where there is some, and fill all of it. A mapping of its own is given
to a process page by page, when a page is first written, and goes back as a whole when nothing refers to it.
"""

from __future__ import annotations

import mmap
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["grown", "zeros"]

_TIMES = 4
"""How many times as large an array is made that is full: copying less often is worth much."""
_MAPPED_FROM = 1 << 18
"""Bytes from which an array is a mapping; below, a page half empty would count."""
_HUGE_PAGES_FROM = 1 << 26
"""Bytes from which pages of 2 MB are asked for: a few of them may be written in part only."""
_ADVICE = ("MADV_DONTFORK", "MADV_HUGEPAGE")
"""Mappings would be shared with a process that is forked off, so it gets none of them."""
_S = TypeVar("_S", bound=np.generic)


def zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[_S]:
    """An array of zeros that takes memory only where it is written; rounded up to whole pages, if it is large."""
    size = prod(shape) * np.dtype(dtype).itemsize
    if size < _MAPPED_FROM:
        return np.zeros(shape, dtype=dtype)
    pages = mmap.mmap(-1, size)
    for advice in _ADVICE if size >= _HUGE_PAGES_FROM else _ADVICE[:1]:
        if hasattr(mmap, advice):
            pages.madvise(getattr(mmap, advice))
    made: NDArray[_S] = np.frombuffer(pages, dtype=dtype, count=prod(shape)).reshape(shape)
    return made


def grown(array: NDArray[_S], size: int, used: int) -> NDArray[_S]:
    """The array, of which `used` entries along its first axis count, with room for `size` of them and more."""
    made: NDArray[_S] = zeros((max(size, _TIMES * len(array), 64), *array.shape[1:]), array.dtype)
    made[:used] = array[:used]
    return made
