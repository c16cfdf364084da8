"""Random streams by purpose, and content hashes of plain data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import PurePath

import numpy as np

__all__ = ["digest", "identity_of", "random_stream"]


def random_stream(*purpose: object) -> np.random.Generator:
    """A random stream for a purpose; another purpose, another stream."""
    name = "|".join(map(str, purpose))
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))


def digest(values: object) -> str:
    """A short content hash of plain data."""
    return hashlib.sha256(json.dumps(values, separators=(",", ":"), default=str).encode()).hexdigest()[:16]


def identity_of(value: object) -> object:
    """A value as plain data that is the same in every process: functions by their names, dataclasses by their fields.

    >>> identity_of((digest, 1)), identity_of(partial(digest, values=2))
    (('synth.compare.streams.digest', 1), ('partial', 'synth.compare.streams.digest', (), (('values', 2),)))
    """
    match value:
        case partial():
            keywords = tuple((name, identity_of(value.keywords[name])) for name in sorted(value.keywords))
            return ("partial", identity_of(value.func), identity_of(value.args), keywords)
        case type():
            return f"{value.__module__}.{value.__qualname__}"
        case _ if is_dataclass(value):
            shown = tuple((f.name, identity_of(getattr(value, f.name))) for f in fields(value) if f.compare)
            return (type(value).__qualname__, *shown)
        case Mapping():
            return tuple((str(key), identity_of(value[key])) for key in sorted(value, key=str))
        case tuple() | list():
            return tuple(map(identity_of, value))
        case PurePath():
            return value.name
        case _ if callable(value):
            return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
        case _:
            return value
