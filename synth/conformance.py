"""What every guide must do, as checks for whoever writes one: `check_guide(guide, spec)` runs them all.

A search is safe from any guide (its lanes cost at most as much again as the unguided one), but only a guide that passes
gives runs that can be had again, and guidance that the search can use.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from dsl.compiler import compile_program
from dsl.library import Definition, Entry, Library
from dsl.program import Lambda, Name, Program, Variable, children, holes, rebuild
from dsl.type_system import FunctionType, Type, TypeConstructor, show_type, type_variables
from synth.guidance import WHOLE, Above, Guidance
from synth.guide.guide import CannotGuide, Guide
from synth.pcfg import spec_pcfg
from synth.recorded_guidance import recorded_guidance, subgoal_type
from synth.search.sketch_reading import Unfillable, skeleton_of
from tasks.task import Example, Spec

__all__ = ["CHECKS", "Finding", "check_guide", "renamed"]

_ROUNDING = 1e-6
"""What the sum of the probabilities of sketches may exceed 1 by."""
_STEP_BITS, _STEP_PROBABILITY = 0.25, 0.05
"""What two orders of the same examples may differ by: a step of rounded bits; a share of a sketch's probability."""
_SEEN = 0.02
"""Sketches and subgoals less likely than this may come and go with such a difference."""
_CONTEXT_STEP, _DEAR = 0.5, 5.0
"""What bits of a context may differ by, and how much dearer than its cheapest those are that may come and go."""
_PASSING = 0.1
"""The share of contexts that may come and go."""
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
    """Bits are those of productions that there are; in contexts, also of a lambda's parameters."""
    pcfg, leaves = spec_pcfg(spec)
    known = {p.key for t in pcfg.grammar.ranks for p in pcfg.grammar[t]} | {p.key for p in leaves}
    known |= set(spec.library.entries)
    said = guide.predict(spec)
    inside = (key for bits in said.contexts.values() for key in bits if not _is_parameter(key))
    unknown = [key for key in (*said.bits, *inside) if key not in known]
    return f"no such productions: {', '.join(unknown[:5])}" if unknown else ""


def _is_parameter(key: str) -> bool:
    """Whether a key is that of a lambda's parameter, as `parameter:0`."""
    kind, _, number = key.partition(":")
    return kind == "parameter" and number.isdecimal()


def _known_places(guide: Guide, spec: Spec) -> str:
    """Contexts are the whole, or arguments of words, counted from 0."""
    for production, argument in guide.predict(spec).contexts:
        if (production, argument) == WHOLE:
            continue
        entry = spec.library.entries.get(production)
        if entry is None or not isinstance(entry.type, FunctionType):
            return f"nothing stands below {production!r}"
        if not 0 <= argument < len(entry.type.parameters):
            return f"{production} has no argument {argument}, only {len(entry.type.parameters)} from 0"
    return ""


def _finite_bits(guide: Guide, spec: Spec) -> str:
    said = guide.predict(spec)
    given = itertools.chain(said.bits.items(), *(bits.items() for bits in said.contexts.values()))
    odd = [f"{key}: {bits}" for key, bits in given if not math.isfinite(bits)]
    return ", ".join(odd[:5])


def _probabilities(guide: Guide, spec: Spec) -> str:
    said = guide.predict(spec)
    sketches = [probability for _, probability in said.sketches]
    given = [*sketches, *(probability for _, probability in said.subgoals)]
    if any(not 0 < probability <= 1 for probability in given):
        return f"expected probabilities above 0 and up to 1, found {[p for p in given if not 0 < p <= 1][:5]}"
    return "" if math.fsum(sketches) <= 1 + _ROUNDING else f"the probabilities add up to {math.fsum(sketches):.4f}"


def _runnable_subgoals(guide: Guide, spec: Spec) -> str:
    """Subgoals are whole programs over the spec's parameters, of one type, and can be run."""
    for subgoal, _ in guide.predict(spec).subgoals:
        if len(subgoal.parameters) != len(spec.parameters):
            return f"a subgoal has {len(subgoal.parameters)} parameters: {subgoal!r}"
        if next(holes(subgoal), None) is not None:
            return f"a subgoal has a hole: {subgoal!r}"
        if type_variables(t := subgoal_type(subgoal, spec)) or isinstance(t, FunctionType):
            return f"a subgoal is {show_type(t)}, which is not the type of a value: {subgoal!r}"
        called = compile_program(subgoal, spec.library)
        for example in spec.examples:
            called(example.arguments)  # a failure is a value, too
    return ""


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
        else "a sketch is of another type than asked for, or it or a subgoal has no text that says it exactly"
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
    """Words and parameters of other names get the same guidance, by their new names."""
    other, new_names = renamed(spec)
    old = {new: name for name, new in new_names.items()} | {name: f"{name} of old" for name in new_names}
    said = guide.predict(other)
    return _differences(guide.predict(spec), _with_keys(said, old))


def _with_keys(said: Guidance, keys: Mapping[str, str]) -> Guidance:
    """The same guidance with other names for words and parameters."""

    def back(bits: Mapping[str, float]) -> dict[str, float]:
        return {keys.get(key, key): value for key, value in bits.items()}

    return replace(
        said,
        bits=back(said.bits),
        sketches=tuple((_with_names(sketch, keys), probability) for sketch, probability in said.sketches),
        contexts={(keys.get(word, word), place): back(bits) for (word, place), bits in said.contexts.items()},
        subgoals=tuple((_with_names(subgoal, keys), probability) for subgoal, probability in said.subgoals),
    )


CHECKS: MappingProxyType[str, Callable[[Guide, Spec], str]] = MappingProxyType(
    {
        "answers with guidance": _answers,
        "says the same again": _same_again,
        "knows its productions": _known_productions,
        "knows its places": _known_places,
        "has finite bits": _finite_bits,
        "has probabilities": _probabilities,
        "has sketches that can be filled": _fillable_sketches,
        "has subgoals that can be run": _runnable_subgoals,
        "has programs that can be recorded": _can_be_recorded,
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


def _with_names(sketch: Lambda, keys: Mapping[str, str]) -> Lambda:
    """A sketch or program over renamed words and parameters, in the old names."""
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
    return (
        _other_contexts(one.contexts, other.contexts)
        or _other_probabilities("sketch", one.sketches, other.sketches)
        or _other_probabilities("subgoal", one.subgoals, other.subgoals)
    )


def _other_contexts(one: Mapping[Above, Mapping[str, float]], other: Mapping[Above, Mapping[str, float]]) -> str:
    passing = one.keys() ^ other.keys()
    if len(passing) > _PASSING * len(one.keys() | other.keys()):
        return f"of {len(passing)} contexts only one of two answers knows, as {min(passing)}"
    for above in sorted(one.keys() & other.keys()):
        for key in sorted({*one[above], *other[above]}):
            a, b = _cost(one[above], key), _cost(other[above], key)
            if min(a, b) < _DEAR and abs(a - b) > _CONTEXT_STEP + _ROUNDING:
                return f"in the context {above}, {key} costs {a} or {b} bits more than the cheapest"
    return ""


def _cost(bits: Mapping[str, float], key: str) -> float:
    """What a production costs in a context beyond the cheapest there; what is not named, as much as the dearest."""
    return bits.get(key, max(bits.values(), default=0.0)) - min(bits.values(), default=0.0)


def _other_probabilities(what: str, one: Iterable[tuple[Lambda, float]], other: Iterable[tuple[Lambda, float]]) -> str:
    first, second = dict(one), dict(other)
    for program in first | second:
        a, b = first.get(program, 0.0), second.get(program, 0.0)
        if max(a, b) > _SEEN and abs(a - b) > _STEP_PROBABILITY * max(a, b):
            return f"the {what} {program!r} has the probability {a:.4f} or {b:.4f}"
    return ""
