"""Weights on productions: a distribution over programs, and the description length it gives each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
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
_SMALL_INTEGERS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -1)


@dataclass(frozen=True)
class Pcfg:
    """A grammar with leaves and guidance: bits for each production, normalised over each result type.

    `scope_leaves` are the leaves of one scope (variables, literals); a lambda's body has another scope.
    """

    grammar: Grammar
    guidance: Guidance = UNGUIDED
    _cache: dict[tuple[object, ...], tuple[tuple[Production, float], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def is_guided(self) -> bool:
        """Whether guidance changes what programs cost."""
        return bool(self.guidance.bits or self.guidance.contexts)

    def productions(
        self, t: Type, leaves: tuple[Production, ...], above: Above | None = None
    ) -> tuple[tuple[Production, float], ...]:
        """What may fill a hole of type `t`, each with its bits; words first, then leaves.

        `above` is what the hole stands in, which matters where guidance has a context for it.
        """
        key = (t, leaves, above if above in self.guidance.contexts else None)
        if key not in self._cache:
            choices = [*self.grammar[t], *(p for p in leaves if p.result == t)]
            probabilities = self._probabilities(choices)
            if key[2] is not None and choices:
                probabilities = _in_context(self.guidance.contexts[key[2]], choices, probabilities)
            bits = (-math.log2(w) for w in probabilities)
            self._cache[key] = tuple(zip(choices, bits, strict=True))
        return self._cache[key]

    def _probabilities(self, choices: list[Production]) -> list[float]:
        """Each kind of head has a fixed share of the whole; within its kind, by weight."""
        weights = [p.weight * 2.0 ** -self.guidance.bits.get(p.key, 0.0) for p in choices]
        kinds = [type(p.head).__name__ for p in choices]
        totals: dict[str, float] = {}
        for weight, kind in zip(weights, kinds, strict=True):
            totals[kind] = totals.get(kind, 0.0) + weight
        words = 1.0 - VARIABLES_SHARE - LITERALS_SHARE
        shares = {"Variable": VARIABLES_SHARE, "Literal": LITERALS_SHARE, "Name": words}
        whole = sum(shares[kind] for kind in totals)
        return [w / totals[k] * shares[k] / whole for w, k in zip(weights, kinds, strict=True)]

    @staticmethod
    def lambda_leaves(bound: tuple[Production, ...], outer: tuple[Production, ...]) -> tuple[Production, ...]:
        """Leaves inside a lambda: its own variables first; those from outside are less likely, and may be hidden."""
        hidden = {p.head for p in bound}
        kept = (p for p in outer if p.head not in hidden)
        faded = (replace(p, weight=CAPTURED_WEIGHT) if isinstance(p.head, Variable) else p for p in kept)
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
        for production, bits in self.productions(t, leaves, above):
            if production.key == word and len(production.parameters) == len(arguments):
                parts = enumerate(zip(arguments, production.parameters, strict=True))
                best = min(best, bits + sum(self.bits(a, p, leaves, (word, place)) for place, (a, p) in parts))
        return best

    def _leaf_bits(self, head: Variable | Literal, t: Type, leaves: tuple[Production, ...], above: Above) -> float:
        for production, bits in self.productions(t, leaves, above):
            if production.head == head:
                return bits
        if isinstance(head, Literal) and conforms(head.value, t):
            return unlisted_literal_bits(head.value)
        return math.inf


def _in_context(named: Mapping[str, float], choices: list[Production], usual: list[float]) -> list[float]:
    """Probabilities of productions in a context, from the bits that it gives to some names.

    Several productions of one name share what it gets in proportion to their usual probabilities.
    """
    totals: dict[str, float] = {}
    for production, probability in zip(choices, usual, strict=True):
        totals[production.key] = totals.get(production.key, 0.0) + probability
    dearest = max(named.values(), default=0.0)
    weights = [
        2.0 ** -named.get(production.key, dearest) * probability / totals[production.key]
        for production, probability in zip(choices, usual, strict=True)
    ]
    whole = sum(weights)
    return [weight / whole for weight in weights]


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


def variable(name: str, t: Type) -> Production:
    """The production of a variable."""
    return leaf(Variable(name), t, 1.0)


def parameter(name: str, t: Type, place: int) -> Production:
    """The production of a lambda's own parameter: guidance knows it by its place."""
    return Production(Variable(name), (), t, 1.0, f"parameter:{place}")


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
    wanted = set(types)
    made: dict[tuple[Type, object], Production] = {}

    def add(value: object, t: Type, weight: float) -> None:
        known = made.get((t, Literal(value)))
        if t in wanted and (known is None or known.weight < weight):
            made[t, Literal(value)] = leaf(Literal(value), t, weight)

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
