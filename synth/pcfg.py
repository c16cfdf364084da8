"""Weights on productions: a distribution over programs, and the description length it gives each."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dsl.grammar import Grammar, Production, grammar_of, leaf, types_in_play
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeConstructor
from dsl.values import agree, conforms
from synth.guidance import UNGUIDED, WHOLE, Above, Guidance
from tasks.task import Spec

__all__ = [
    "Pcfg",
    "integer_weight",
    "literal_productions",
    "mined_literals",
    "parameter",
    "program_bits",
    "spec_pcfg",
    "unlisted_literal_bits",
    "variable",
]

VARIABLES_SHARE = 0.35
"""The share of a type's probability that its variables get together; those a lambda captures weigh a quarter."""
LITERALS_SHARE = 0.25
"""The share that the constants of a type get together; words have the rest."""
CAPTURED_WEIGHT = 0.25
_RANK_OF_MORE = 1
"""How far from the request types count that only a sketch names."""
_KEPT = 4096
"""Leaves of a kind that are kept: specs have most of theirs in common, and the same object is told fastest."""
_SMALL_INTEGERS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1)


class _Weighed:
    """Productions with their bits, also by key."""

    def __init__(self, productions: tuple[tuple[Production, float], ...]) -> None:
        self.productions = productions
        self.by_key: dict[str, list[tuple[Production, float]]] = {}
        for production, bits in productions:
            self.by_key.setdefault(production.key, []).append((production, bits))


@dataclass(frozen=True, slots=True)
class _Choices:
    """What may fill a hole."""

    words: _Weighed
    leaves: _Weighed


def _kind(production: Production) -> str:
    return type(production.head).__name__


@dataclass(frozen=True)
class Pcfg:
    """A grammar with leaves and guidance: bits for each production, normalised over each result type.

    `scope_leaves` are the leaves of one scope (variables, literals); a lambda's body has another scope.
    """

    grammar: Grammar
    guidance: Guidance = UNGUIDED
    _cache: dict[tuple[object, ...], _Choices] = field(default_factory=dict, compare=False, repr=False)
    _words: dict[tuple[object, ...], _Weighed] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_guided(self) -> bool:
        """Whether guidance changes what programs cost."""
        return bool(self.guidance.bits or self.guidance.contexts or self.guidance.subgoals)

    def productions(
        self, t: Type, leaves: tuple[Production, ...], above: Above | None = None
    ) -> tuple[tuple[Production, float], ...]:
        """What may fill a hole of type `t`, each with its bits; words first, then leaves.

        `above` is what the hole stands in, which matters where guidance has a context for it.
        """
        choices = self._choices(t, leaves, above)
        return (*choices.words.productions, *choices.leaves.productions)

    def _choices(self, t: Type, leaves: tuple[Production, ...], above: Above | None = None) -> _Choices:
        named = self.guidance.contexts.get(above) if above is not None else None
        key = (t, leaves, None if named is None else above)
        known = self._cache.get(key)
        if known is None:
            if named is None:
                own, words = [p for p in leaves if p.result == t], self.grammar[t]
                kinds = tuple(dict.fromkeys([_kind(p) for p in (*words[:1], *own)]))
                known = _Choices(self._of_words(t, kinds), self._weighed(own, kinds))
            else:
                known = _in_context(named, self._choices(t, leaves))
            self._cache[key] = known
        return known

    def _of_words(self, t: Type, kinds: tuple[str, ...]) -> _Weighed:
        """The words for a type, which cost the same whatever the leaves are, if these are of the same kinds."""
        known = self._words.get((t, kinds))
        if known is None:
            known = self._words[t, kinds] = self._weighed(self.grammar[t], kinds)
        return known

    def _weighed(self, choices: Sequence[Production], present: tuple[str, ...]) -> _Weighed:
        """Each kind of head that is present has a fixed share of the whole; within its kind, by weight."""
        weights = [p.weight * 2.0 ** -self.guidance.bits.get(p.key, 0.0) for p in choices]
        kinds = list(map(_kind, choices))
        totals: dict[str, float] = {}
        for weight, kind in zip(weights, kinds, strict=True):
            totals[kind] = totals.get(kind, 0.0) + weight
        words = 1.0 - VARIABLES_SHARE - LITERALS_SHARE
        shares = {"Variable": VARIABLES_SHARE, "Literal": LITERALS_SHARE, "Name": words}
        whole = sum(shares[kind] for kind in present)
        bits = [-math.log2(w / totals[k] * shares[k] / whole) for w, k in zip(weights, kinds, strict=True)]
        return _Weighed(tuple(zip(choices, bits, strict=True)))

    @staticmethod
    def lambda_leaves(bound: tuple[Production, ...], outer: tuple[Production, ...]) -> tuple[Production, ...]:
        """Leaves inside a lambda: its own variables first; those from outside are less likely, and may be hidden."""
        hidden = {p.head for p in bound}
        kept = (p for p in outer if p.head not in hidden)
        faded = (_captured(p) if isinstance(p.head, Variable) else p for p in kept)
        return (*bound, *faded)

    def bits(self, program: Program, t: Type, leaves: tuple[Production, ...], above: Above = WHOLE) -> float:
        """Description length of a program of type `t`, in bits; infinite where the grammar lacks it.

        `above` is what the program stands in.
        """
        match program:
            case Lambda(parameters, body) if isinstance(t, FunctionType):
                named = enumerate(zip(parameters, t.parameters, strict=True))
                inner = tuple(parameter(name, p, place) for place, (name, p) in named)
                return self.bits(body, t.result, self.lambda_leaves(inner, leaves), above)
            case Name() if isinstance(t, FunctionType):
                names = tuple(f"x{i}" for i in range(len(t.parameters)))
                return self.bits(Lambda(names, Application(program, tuple(map(Variable, names)))), t, leaves, above)
            case Let(name, value, body):
                raise ValueError(f"a let has no production: {name} = {value} in {body}")
            case Application(Name(word), arguments):
                return self._word_bits(word, arguments, t, leaves, above)
            case Name(word):
                return self._word_bits(word, (), t, leaves, above)
            case Variable() | Literal():
                return self._leaf_bits(program, t, leaves, above)
            case Hole():
                return 0.0
            case _:
                return math.inf

    def _word_bits(
        self, word: str, arguments: tuple[Program, ...], t: Type, leaves: tuple[Production, ...], above: Above
    ) -> float:
        best = math.inf
        for production, bits in self._choices(t, leaves, above).words.by_key.get(word, ()):
            if len(production.parameters) == len(arguments):
                parts = enumerate(zip(arguments, production.parameters, strict=True))
                best = min(best, bits + sum(self.bits(a, p, leaves, (word, place)) for place, (a, p) in parts))
        return best

    def _leaf_bits(self, head: Variable | Literal, t: Type, leaves: tuple[Production, ...], above: Above) -> float:
        for production, bits in self._choices(t, leaves, above).leaves.productions:
            if production.head == head:
                return bits
        if isinstance(head, Literal) and conforms(head.value, t):
            return unlisted_literal_bits(head.value)
        return math.inf


def _in_context(named: Mapping[str, float], usual: _Choices) -> _Choices:
    """The choices of a hole in a context, from the bits that it gives to some names.

    Several productions of one name share what it gets in proportion to their usual probabilities.
    """
    everything = (*usual.words.productions, *usual.leaves.productions)
    totals: dict[str, float] = {}
    for production, bits in everything:
        totals[production.key] = totals.get(production.key, 0.0) + 2.0**-bits
    dearest = max(named.values(), default=0.0)
    costs = [named.get(p.key, dearest) + bits + math.log2(totals[p.key]) for p, bits in everything]
    whole = math.log2(sum(2.0**-cost for cost in costs)) if costs else 0.0
    priced = tuple((p, cost + whole) for (p, _), cost in zip(everything, costs, strict=True))
    words = len(usual.words.productions)
    return _Choices(_Weighed(priced[:words]), _Weighed(priced[words:]))


def unlisted_literal_bits(value: object) -> float:
    """Bits of a constant that the grammar does not list: to say so, and to spell it."""
    return 8.0 + literal_bits(value)


def literal_bits(value: object) -> float:
    """Bits to spell a constant: an Elias gamma code for ints (signed), 8 a character, the sum for lists.

    >>> literal_bits(0), literal_bits(-5)
    (2.0, 6.0)
    """
    match value:
        case bool():
            return 1.0
        case int():
            return 2.0 * math.floor(math.log2(abs(value) + 1)) + 2.0
        case float():
            return 32.0
        case str():
            return 8.0 * len(value) + 2.0
        case tuple():
            return 2.0 + sum(map(literal_bits, value))
        case _:
            return 64.0


@functools.lru_cache(_KEPT)
def variable(name: str, t: Type) -> Production:
    """The production of a variable."""
    return leaf(Variable(name), t, 1.0)


def parameter(name: str, t: Type, place: int) -> Production:
    """The production of a lambda's own parameter: guidance knows it by its place."""
    return Production(Variable(name), (), t, 1.0, f"parameter:{place}")


@functools.lru_cache(_KEPT)
def _captured(production: Production) -> Production:
    return replace(production, weight=CAPTURED_WEIGHT)


@functools.lru_cache(_KEPT)
def _integer(value: int, weight: float) -> Production:
    return leaf(Literal(value), INT, weight)


def integer_weight(value: int) -> float:
    """Weight of an int constant: small ones are likelier.

    >>> integer_weight(0) > integer_weight(7) > integer_weight(90)
    True
    """
    if value in (0, 1):
        return 5.0
    if value == 2:
        return 3.0
    return 1.0 if abs(value) <= 5 else 0.6 if abs(value) <= 10 else 0.4


def literal_productions(spec: Spec, types: Iterable[Type]) -> tuple[Production, ...]:
    """Constants for the types in play: small ints, `True`/`False`, and those that the examples suggest."""
    wanted = dict.fromkeys(types)  # in their order: that of a set is another in every process
    made: dict[tuple[Type, object], Production] = {}

    def add(value: object, t: Type, weight: float) -> None:
        if t not in wanted:
            return
        production = _integer(value, weight) if type(value) is int and t == INT else leaf(Literal(value), t, weight)
        known = made.get((t, production.head))
        if known is None or known.weight < weight:
            made[t, production.head] = production

    for t, value, weight in mined_literals(spec):
        add(value, t, weight)
    for number in _SMALL_INTEGERS:
        add(number, INT, integer_weight(number))
    for truth in (False, True):
        add(truth, BOOL, 0.5)
    for real in (0.0, 1.0, 2.0, 0.5):
        add(real, REAL, 1.0)
    for text in ("", " "):
        add(text, TEXT, 0.5)
    for t in wanted:
        if isinstance(t, TypeConstructor) and t.name == "list":
            add((), t, 1.0)
    return tuple(made.values())


def mined_literals(spec: Spec) -> list[tuple[Type, object, float]]:
    """Constants that the outputs share: the output itself, ints in all of them, common beginnings and ends.

    Each comes with its type and weight. Nothing is mined from fewer than two examples.
    """
    outputs = [example.output for example in spec.examples]
    if len(outputs) < 2:
        return []
    t = spec.type_request.result
    found: list[tuple[Type, object, float]] = []
    if all(agree(outputs[0], other) for other in outputs):
        found.append((t, outputs[0], 2.0))
    found.extend((INT, value, 2.0) for value in _shared_integers(outputs))
    if isinstance(t, TypeConstructor) and t.name == "list":
        found.extend((t, part, 1.0) for part in _shared_ends([o for o in outputs if isinstance(o, tuple)]))
    found.extend((INT, value, 0.5) for value in _shared_integers(e.arguments for e in spec.examples))
    return found


def _integers(value: object) -> set[int]:
    if type(value) is int:
        return {value}
    if isinstance(value, tuple):
        return set().union(*map(_integers, value))
    return set()


def _shared_integers(values: Iterable[object]) -> list[int]:
    sets = [s for value in values if (s := _integers(value))]
    return sorted(set.intersection(*sets)) if len(sets) >= 2 else []


def _shared_ends(outputs: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """The longest beginning and the longest end that all non-equal outputs share, where there are any."""
    if not outputs:
        return []
    shortest = min(map(len, outputs))
    front = next((n for n in range(shortest, 0, -1) if len({o[:n] for o in outputs}) == 1), 0)
    back = next((n for n in range(shortest, 0, -1) if len({o[-n:] for o in outputs}) == 1), 0)
    ends = [outputs[0][:front]] if front else []
    return ends + ([outputs[0][len(outputs[0]) - back :]] if back else [])


def spec_pcfg(
    spec: Spec, guidance: Guidance = UNGUIDED, more: Iterable[Type] = ()
) -> tuple[Pcfg, tuple[Production, ...]]:
    """The distribution over programs for a spec, and the leaves of its top scope; `more` are further types in play."""
    ranks = types_in_play(spec.type_request, spec.library)
    for t in more:
        ranks.setdefault(t, _RANK_OF_MORE)
    inputs = zip(spec.parameters, spec.type_request.parameters, strict=True)
    leaves = (*(variable(name, t) for name, t in inputs), *literal_productions(spec, ranks))
    return Pcfg(grammar_of(spec.library, ranks), guidance), leaves


def program_bits(program: Program, spec: Spec, guidance: Guidance = UNGUIDED) -> float | None:
    """Description length of a complete program (a Lambda over the spec's parameters) for a spec, in bits.

    None where the spec's grammar has no such program.
    """
    pcfg, leaves = spec_pcfg(spec, guidance)
    if not isinstance(program, Lambda):
        return None
    renamed = tuple(variable(n, t) for n, t in zip(program.parameters, spec.type_request.parameters, strict=True))
    constants = tuple(p for p in leaves if isinstance(p.head, Literal))
    bits = pcfg.bits(program.body, spec.type_request.result, (*renamed, *constants))
    return bits if math.isfinite(bits) else None
