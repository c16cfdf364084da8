"""What every guide must do, as checks for whoever writes one: `check_guide(guide, spec)` runs them all.

A search is safe from any guide (its lanes cost at most as much again as the unguided one), but only a guide that passes
gives runs that can be had again, and guidance that the search can use.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType

from dsl.library import Definition, Entry, Library
from dsl.program import Lambda, Name, Program, Variable, children, rebuild
from dsl.type_system import Type, TypeConstructor
from synth.guidance import Guidance
from synth.guide.guide import CannotGuide, Guide
from synth.pcfg import spec_pcfg
from synth.recorded_guidance import recorded_guidance
from synth.search.sketch_reading import Unfillable, skeleton_of
from tasks.task import Example, Spec

__all__ = ["CHECKS", "Finding", "check_guide", "renamed"]

_ROUNDING = 1e-6
"""What the sum of the probabilities of sketches may exceed 1 by."""
_STEP_BITS, _STEP_PROBABILITY = 0.25, 0.05
"""What two orders of the same examples may differ by: a step of rounded bits; a share of a sketch's probability."""
_SEEN = 0.02
"""Sketches less likely than this may come and go with such a difference."""
_MANY = 1_000


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; `detail` says what was found where it failed."""

    check: str
    passed: bool
    detail: str = ""


def check_guide(guide: Guide, spec: Spec) -> tuple[Finding, ...]:
    """Run every check of a guide on a spec that it should have something to say about; one finding a check.

    Nothing is raised: what the guide raises is a finding.
    """
    findings = []
    for name, check in CHECKS.items():
        try:
            detail = check(guide, spec)
        except Exception as error:  # the boundary: a guide is anybody's code
            detail = f"{type(error).__name__}: {error}"
        findings.append(Finding(name, not detail, detail))
    return tuple(findings)


def _answers(guide: Guide, spec: Spec) -> str:
    """What it says is guidance, from a source that has a name."""
    guidance = guide.predict(spec)
    if not isinstance(guidance, Guidance):
        return f"expected a Guidance, found {type(guidance).__name__}"
    return "" if guidance.source.strip() else "the guidance has no source to be shown with a result"


def _same_again(guide: Guide, spec: Spec) -> str:
    return "" if guide.predict(spec) == guide.predict(spec) else "two questions got two answers"


def _known_productions(guide: Guide, spec: Spec) -> str:
    pcfg, leaves = spec_pcfg(spec)
    known = {p.key for t in pcfg.grammar.ranks for p in pcfg.grammar[t]} | {p.key for p in leaves}
    unknown = [key for key in guide.predict(spec).bits if key not in known and key not in spec.library.entries]
    return f"no such productions: {', '.join(unknown[:5])}" if unknown else ""


def _finite_bits(guide: Guide, spec: Spec) -> str:
    odd = [f"{key}: {bits}" for key, bits in guide.predict(spec).bits.items() if not math.isfinite(bits)]
    return ", ".join(odd[:5])


def _probabilities(guide: Guide, spec: Spec) -> str:
    given = [probability for _, probability in guide.predict(spec).sketches]
    if any(not 0 < probability <= 1 for probability in given):
        return f"expected probabilities above 0 and up to 1, found {[p for p in given if not 0 < p <= 1][:5]}"
    return "" if math.fsum(given) <= 1 + _ROUNDING else f"the probabilities add up to {math.fsum(given):.4f}"


def _fillable_sketches(guide: Guide, spec: Spec) -> str:
    for sketch, _ in guide.predict(spec).sketches:
        if len(sketch.parameters) != len(spec.parameters):
            return f"a sketch has {len(sketch.parameters)} parameters: {sketch!r}"
        try:
            skeleton_of(sketch, spec.library, spec.type_request, spare=True)
        except Unfillable as reason:
            return f"a sketch cannot be filled: {reason}"
    return ""


def _can_be_recorded(guide: Guide, spec: Spec) -> str:
    recorded = recorded_guidance(guide.predict(spec), spec)
    return (
        ""
        if recorded is not None
        else "a sketch is of another type than asked for, or has no text that says it exactly"
    )


def _whatever_the_order(guide: Guide, spec: Spec) -> str:
    examples = list(spec.examples)
    random.Random(1).shuffle(examples)
    return _differences(guide.predict(spec), guide.predict(replace(spec, examples=tuple(examples))))


def _few_and_many(guide: Guide, spec: Spec) -> str:
    """One example, a thousand, and empty values are no reason to raise anything but CannotGuide."""
    for examples in _extremes(spec):
        try:
            guide.predict(replace(spec, examples=examples))
        except CannotGuide:
            continue
    return ""


def _extremes(spec: Spec) -> Iterator[tuple[Example, ...]]:
    request, examples = spec.type_request, spec.examples
    yield examples[:1]
    yield examples * (_MANY // len(examples) + 1)
    empty = Example(
        tuple(map(_empty, request.parameters, examples[0].arguments)), _empty(request.result, examples[0].output)
    )
    yield (empty,)
    yield (empty, *examples)


def _empty(t: Type, otherwise: object) -> object:
    """The empty value of a type; of a type that has none, another one."""
    match t:
        case TypeConstructor("list"):
            return ()
        case TypeConstructor("text"):
            return ""
        case TypeConstructor("option"):
            return None
        case _:
            return otherwise


def _whatever_the_names(guide: Guide, spec: Spec) -> str:
    """Words and parameters of other names get the same bits and sketches, by their new names."""
    other, new_names = renamed(spec)
    old = {new: name for name, new in new_names.items()} | {name: f"{name} of old" for name in new_names}
    said = guide.predict(other)
    bits = {old.get(key, key): value for key, value in said.bits.items()}
    sketches = tuple((_with_names(sketch, old), probability) for sketch, probability in said.sketches)
    return _differences(guide.predict(spec), Guidance(said.source, bits, sketches))


CHECKS: MappingProxyType[str, Callable[[Guide, Spec], str]] = MappingProxyType(
    {
        "answers with guidance": _answers,
        "says the same again": _same_again,
        "knows its productions": _known_productions,
        "has finite bits": _finite_bits,
        "has probabilities": _probabilities,
        "has sketches that can be filled": _fillable_sketches,
        "has sketches that can be recorded": _can_be_recorded,
        "takes examples in any order": _whatever_the_order,
        "takes one example, a thousand, empty ones": _few_and_many,
        "does not go by names": _whatever_the_names,
    }
)
"""The checks, each with what is wrong as text, empty where nothing is."""


def renamed(spec: Spec) -> tuple[Spec, dict[str, str]]:
    """The same spec with other names for all words and parameters, and the new key of each production that has one."""
    library = spec.library
    words = {name: f"{name.rpartition('.')[0] or 'words'}.word{number}" for number, name in enumerate(library.entries)}
    entries = {words[name]: _renamed_entry(entry, words) for name, entry in library.entries.items()}
    shorts = {new.rpartition(".")[2]: (new,) for name, new in words.items() if name not in library.auxiliary}
    other = Library(MappingProxyType(entries), shorts, frozenset(words[name] for name in library.auxiliary))
    parameters = tuple(f"given{number}" for number in range(len(spec.parameters)))
    keys = words | {f"variable:{a}": f"variable:{b}" for a, b in zip(spec.parameters, parameters, strict=True)}
    return replace(spec, library=other, parameters=parameters, sketches=()), keys


def _renamed_entry(entry: Entry, words: dict[str, str]) -> Entry:
    name = words[entry.name]
    if isinstance(entry, Definition):
        return replace(entry, name=name, program=_renamed_program(entry.program, words))
    return replace(entry, name=name)


def _renamed_program(program: Program, words: dict[str, str]) -> Program:
    if isinstance(program, Name):
        return Name(words.get(program.name, program.name))
    return rebuild(program, tuple(_renamed_program(part, words) for part in children(program)))


def _with_names(sketch: Lambda, keys: dict[str, str]) -> Lambda:
    """A sketch over renamed words and parameters, in the old names."""
    parameters = tuple(
        keys.get(f"variable:{name}", f"variable:{name}").removeprefix("variable:") for name in sketch.parameters
    )
    variables = dict(zip(sketch.parameters, parameters, strict=True))

    def back(part: Program) -> Program:
        if isinstance(part, Variable):
            return Variable(variables.get(part.name, part.name))
        if isinstance(part, Name):
            return Name(keys.get(part.name, part.name))
        return rebuild(part, tuple(map(back, children(part))))

    return Lambda(parameters, back(sketch.body))


def _near(one: Guidance, other: Guidance, key: str) -> bool:
    a, b = one.bits.get(key, 0.0), other.bits.get(key, 0.0)
    return a == b or abs(a - b) <= _STEP_BITS + _ROUNDING


def _differences(one: Guidance, other: Guidance) -> str:
    """How two guidances differ by more than rounding may bring; empty where they do not."""
    keys = sorted({*one.bits, *other.bits})
    apart = [key for key in keys if not _near(one, other, key)]
    if apart:
        shown = (f"{key}: {one.bits.get(key, 0.0)} or {other.bits.get(key, 0.0)}" for key in apart[:5])
        return f"bits of {len(apart)} productions differ: {', '.join(shown)}"
    first, second = dict(one.sketches), dict(other.sketches)
    for sketch in first | second:
        a, b = first.get(sketch, 0.0), second.get(sketch, 0.0)
        if max(a, b) > _SEEN and abs(a - b) > _STEP_PROBABILITY * max(a, b):
            return f"the sketch {sketch!r} has the probability {a:.4f} or {b:.4f}"
    return ""
