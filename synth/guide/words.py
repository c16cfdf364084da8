"""What words are, as numbers: their types, what they do on fixed inputs, and what defines them. Never their names.

Behaviour on probe inputs stands for the word, so that a library that grew since training still has words that mean
something to the network (cf. execution-based embeddings, Nye et al., "Representing partial programs with blended
abstract semantics", 2021).
"""

from __future__ import annotations

import functools
import hashlib
import random
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dsl.compiler import Compiler
from dsl.errors import InterfaceError
from dsl.library import Definition, Entry, Library
from dsl.primitive import Primitive
from dsl.program import Application, Lambda, Name, Variable, names
from dsl.type_system import INT, FunctionType, Range, Type, TypeConstructor, apply, type_variables
from dsl.values import Cause, Failure, Some
from synth.guide.features import TYPE_WIDTH, type_features
from synth.guide.grids import COLORS
from tasks.sampling import sample_value
from tasks.task import InputRange

__all__ = ["WORD_WIDTH", "Known", "definition_shares", "signature_digest", "word_features"]

_PROBES = 12
_SUMMARY = 14
_FUEL = 2_000
WORD_WIDTH = _PROBES * _SUMMARY + 5 * TYPE_WIDTH
_GRID, _COLOR = TypeConstructor("grid"), TypeConstructor("color")
_LIMITS = InputRange(length=Range(0, 7), values=Range(-2, 5), items=InputRange(Range(0, 3), Range(-2, 5)))


Known: TypeAlias = dict[int, tuple[Primitive, NDArray[np.float32]]]
"""Features of primitives, which are the same in every library, by their ids."""


def word_features(library: Library, known: Known | None = None) -> NDArray[np.float32]:
    """(W, WORD_WIDTH) the features of every word of a library, in its order; what is `known` is not run again."""
    compiler, known = Compiler(library), {} if known is None else known
    rows = []
    for entry in library:
        kept = known.get(id(entry))
        row = _features(entry, compiler) if kept is None else kept[1]
        if isinstance(entry, Primitive):
            known[id(entry)] = entry, row
        rows.append(row)
    return np.array(rows, dtype=np.float32).reshape(-1, WORD_WIDTH)


def definition_shares(library: Library) -> NDArray[np.float32]:
    """(W, W) for each defined word, the share that each word has in its definition; zeros for primitives."""
    places = {name: place for place, name in enumerate(library.entries)}
    shares = np.zeros((len(places), len(places)), dtype=np.float32)
    for entry in library:
        used = [n for n in names(entry.program) if n in places] if isinstance(entry, Definition) else []
        for name in used:
            shares[places[entry.name], places[name]] += 1 / len(used)
    return shares


def signature_digest(features: NDArray[np.float32]) -> str:
    """A short hash of one word's features."""
    return hashlib.sha256(np.round(features, 4).tobytes()).hexdigest()[:12]


def _features(entry: Entry, compiler: Compiler) -> NDArray[np.float32]:
    parameters, result = _ground(entry.type)
    types = [type_features(p) for p in parameters[:3]]
    types += [np.zeros(TYPE_WIDTH, dtype=np.float32)] * (3 - len(types))
    return np.concatenate([*types, type_features(result), type_features(entry.type), _behaviour(entry, compiler)])


def _ground(t: Type) -> tuple[tuple[Type, ...], Type]:
    """Parameters and result of a word whose type variables are int."""
    ground = apply({v.name: INT for v in type_variables(t)}, t)
    return (ground.parameters, ground.result) if isinstance(ground, FunctionType) else ((), ground)


def _behaviour(entry: Entry, compiler: Compiler) -> NDArray[np.float32]:
    """(PROBES * SUMMARY,) what the word yields on each probe."""
    parameters, _ = _ground(entry.type)
    variables = tuple(f"p{i}" for i in range(len(parameters)))
    body = Application(Name(entry.name), tuple(map(Variable, variables))) if parameters else Name(entry.name)
    run = compiler.compile(Lambda(variables, body), fuel=_FUEL)
    return np.concatenate([_summary(_outcome(run, parameters, probe)) for probe in range(_PROBES)])


def _outcome(run: Callable[[Sequence[object]], object], parameters: tuple[Type, ...], probe: int) -> object:
    try:
        return run([_probe(p, probe, place) for place, p in enumerate(parameters)])
    except Exception as error:  # the boundary: a word may be anybody's code, and a probe no argument it can take
        return Failure(Cause.FAULT, detail=type(error).__name__)


def _probe(t: Type, probe: int, place: int) -> object:
    """The argument of a type at a place of a probe: the same for all words."""
    if isinstance(t, FunctionType):
        return functools.partial(_pooled, t, probe)
    rng = random.Random(1_000 * probe + place)
    try:
        if _is_drawn(t):
            return _drawn(t, rng)
        return sample_value(t, _LIMITS if t != INT else InputRange(values=Range(-1, 4)), rng)
    except InterfaceError:  # a domain's type, of which no values are known
        return None


def _is_drawn(t: Type) -> bool:
    """Whether a type holds grids or colours, of which no library has samples."""
    return isinstance(t, TypeConstructor) and (t in (_GRID, _COLOR) or any(map(_is_drawn, t.arguments)))


def _drawn(t: Type, rng: random.Random) -> object:
    """A value of such a type: grids are small, and mostly of one colour."""
    match t:
        case TypeConstructor("color"):
            return rng.randrange(COLORS)
        case TypeConstructor("grid"):
            rows, columns, colors = rng.randint(1, 4), rng.randint(1, 4), (0, 0, 0, *range(1, COLORS))
            return tuple(tuple(rng.choice(colors) for _ in range(columns)) for _ in range(rows))
        case TypeConstructor("list", (item,)):
            return tuple(_drawn(item, rng) for _ in range(rng.randint(0, 3)))
        case TypeConstructor("tuple", items):
            return tuple(_drawn(item, rng) for item in items)
        case TypeConstructor("option", (item,)):
            return Some(_drawn(item, rng)) if rng.random() < 0.75 else None
    return sample_value(t, _LIMITS, rng)


def _pooled(t: FunctionType, probe: int, *arguments: object) -> object:
    """A function of a type, out of a pool: arithmetic and comparisons on what numbers the arguments hold."""
    total = sum(map(_number, arguments))
    first = _number(arguments[0]) if arguments else 0
    return _made(t.result, (total + probe % 3, first * 2 - probe % 2, total * total % 7, -first)[probe % 4], probe)


def _number(value: object) -> int:
    match value:
        case int():
            return int(value)
        case tuple():
            return sum(map(_number, value))
        case Some(held):
            return _number(held)
        case str():
            return len(value)
    return 0


def _made(t: Type, number: int, probe: int) -> object:
    """A value of a type out of a number."""
    match t:
        case TypeConstructor("bool"):
            return (number % 2 == 0, number > 2, number < 1)[probe % 3]
        case TypeConstructor("list", (item,)):
            return (_made(item, number, probe),) * (abs(number) % 3)
        case TypeConstructor("tuple", items):
            return tuple(_made(item, number, probe) for item in items)
        case TypeConstructor("option", (item,)):
            return Some(_made(item, number, probe)) if 0 < number < 6 else None
        case TypeConstructor("text"):
            return "ab"[: abs(number) % 3]
        case TypeConstructor("real"):
            return float(number)
        case TypeConstructor("color"):
            return number % COLORS
        case TypeConstructor("grid"):
            return ((number % COLORS, 0),) * (1 + abs(number) % 3)
    return number


def _summary(value: object) -> NDArray[np.float32]:
    """(SUMMARY,) a value in a few numbers."""
    row = np.zeros(_SUMMARY, dtype=np.float32)
    if isinstance(value, Failure):
        row[0] = 1
        return row
    flat = _flat(value)
    row[1] = len(value) / 5 if isinstance(value, tuple) else 0
    row[2] = len(flat) / 5
    row[3] = np.tanh(sum(flat) / 20)
    row[4 : 4 + min(len(flat), 6)] = np.tanh(np.array(flat[:6]) / 6)
    row[10 : 10 + min(len(flat), 3)] = np.tanh(np.array(flat[::-1][:3]) / 6)
    row[13] = float(value is True) - float(value is False)
    return row


def _flat(value: object) -> list[float]:
    match value:
        case tuple():
            return [n for v in value for n in _flat(v)]
        case Some(held):
            return [1.0, *_flat(held)]
        case None:
            return [-1.0]
        case str():
            return [float(ord(c)) / 16 for c in value[:6]]
        case int() | float():
            return [float(max(min(value, 1e6), -1e6))]
    return []
