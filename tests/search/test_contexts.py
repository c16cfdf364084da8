"""Costs by what stands above: they are distributions, levels are what programs cost, and they lead to programs soon."""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from specs import INTS

from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Literal, Name, Program, Variable
from dsl.type_system import INT, FunctionType
from dsl.values import Failure
from synth.budget import Budget, StopReason
from synth.guidance import WHOLE, Above, Guidance
from synth.pcfg import Pcfg, parameter, spec_pcfg
from synth.search.bank import LEVELS
from synth.search.context_costs import ContextCosts
from synth.search.contexts import STEP_BITS, steps_of
from synth.search.engine import Engine
from synth.search.forward import BottomUp
from synth.search.hits import Hits
from synth.search.in_context import InContext
from synth.search.switches import Switches
from synth.search.tuples import argument_tuples
from tasks.task import Example, Spec

ROWS = ((3, 1, 2, 8), (6, 5, 0, 9, 4), (7, 7, -3), (2, 4), (10, -1, 5, 6, 6, 1))
KEYS = ("list.map", "list.reverse", "list.sort", "variable:xs", "literal:()", "int.add", "parameter:0", "literal:1")
REQUEST = FunctionType((INTS,), INTS)


def spec_of_program(text: str) -> Spec:
    whole = program(text)
    outcomes = [(xs, run(whole, (xs,), CORE)) for xs in ROWS]
    examples = tuple(Example((xs,), o) for xs, o in outcomes if not isinstance(o, Failure))
    return Spec(("xs",), REQUEST, CORE, examples)


def program(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=INTS, variables={"xs": INTS}))


def known_contexts(solution: Lambda) -> dict[Above, dict[str, float]]:
    """What stands where in a solution, in bits; all else costs 6."""
    counts: dict[Above, Counter[str]] = defaultdict(Counter)
    _count(solution.body, WHOLE, (), counts)
    return {
        above: {key: -math.log2(n / sum(found.values())) for key, n in found.items()} | {"nothing": 6.0}
        for above, found in counts.items()
    }


def _count(part: Program, above: Above, bound: tuple[str, ...], counts: dict[Above, Counter[str]]) -> None:
    if isinstance(part, Lambda):
        _count(part.body, above, part.parameters, counts)
        return
    head, arguments = (part.function, part.arguments) if isinstance(part, Application) else (part, ())
    match head:
        case Variable(name) if name in bound:
            key = f"parameter:{bound.index(name)}"
        case Variable(name):
            key = f"variable:{name}"
        case Literal(value):
            key = f"literal:{value}"
        case Name(word):
            key = word
    counts[above][key] += 1
    for place, argument in enumerate(arguments):
        _count(argument, (key, place), bound, counts)


SOLUTIONS = (
    "map(lambda x: x * x, filter(is_even, xs))",
    "reverse(sort(map(lambda x: x + 1, tail(xs))))",
    "zip_with(lambda x, y: max(x, y), xs, reverse(xs))",
    "cons(sum(xs), sort(xs))",
    "filter(lambda x: x > head(xs), reverse(xs))",
)

# ---- the distribution ------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from(KEYS), st.floats(0, 12), min_size=1), st.sampled_from((INTS, INT)))
def test_what_may_stand_in_a_context_is_a_distribution(named: dict[str, float], t: object) -> None:
    spec = spec_of_program("reverse(xs)")
    plain, leaves = spec_pcfg(spec)
    above = ("list.cons", 0 if t == INT else 1)
    pcfg = Pcfg(plain.grammar, Guidance("test", contexts={above: named}))
    found = pcfg.productions(t, leaves, above)  # type: ignore[arg-type]
    assert math.isclose(sum(2.0**-bits for _, bits in found), 1.0, rel_tol=1e-9)
    totals: dict[str, float] = defaultdict(float)
    for p, bits in found:
        totals[p.key] += 2.0**-bits
    listed = [key for key in named if key in totals]
    for a, b in product(listed, listed):  # odds of names are as said
        assert math.isclose(totals[a] / totals[b], 2.0 ** (named[b] - named[a]), rel_tol=1e-6)
    assert pcfg.productions(t, leaves, ("list.drop", 1)) == plain.productions(t, leaves)  # type: ignore[arg-type]


def test_a_part_costs_nowhere_less_than_where_it_is_cheapest() -> None:
    spec = spec_of_program(SOLUTIONS[0])
    plain, leaves = spec_pcfg(spec)
    pcfg = Pcfg(plain.grammar, Guidance("test", contexts=known_contexts(program(SOLUTIONS[0]))))
    costs = ContextCosts(pcfg)
    for t in (INTS, INT):
        least = dict(costs.cheapest(t, leaves))
        for above in (None, *pcfg.guidance.contexts):
            assert all(bits >= least[p] - 1e-9 for p, bits in pcfg.productions(t, leaves, above))


@pytest.mark.parametrize("text", SOLUTIONS)
def test_tables_of_all_contexts_say_what_the_grammar_says_of_each(text: str) -> None:
    plain, leaves = spec_pcfg(spec_of_program(text))
    pcfg = Pcfg(plain.grammar, Guidance("test", bits={"list.map": -1.0}, contexts=known_contexts(program(text))))
    costs = ContextCosts(pcfg)
    inside = pcfg.lambda_leaves((parameter("x", INT, 0), parameter("y", INTS, 1)), leaves)
    for t in plain.grammar.ranks:
        for around in (leaves, inside):
            table = costs.table(t, around)
            for above in (WHOLE, *table.rows, ("list.nowhere", 0)):
                slow = pcfg.productions(t, around, above)
                assert [p for p, _ in slow] == list(table.productions)
                assert np.allclose(table.within((above,)), [bits for _, bits in slow])


# ---- classes in another order ----------------------------------------------------------------------------------------


@dataclass
class Classes:
    """As much of a bank as its order in a context needs."""

    cost: NDArray[np.int16]
    heads: NDArray[np.int32]
    count: int = 0

    @property
    def lowest(self) -> int:
        return int(self.cost[0]) if self.count else LEVELS

    def first_derivations(self, numbers: NDArray[np.intp]) -> tuple[NDArray[np.int32], None]:
        return self.heads[numbers], None


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=12), min_size=1, max_size=2
    ),
    st.lists(st.integers(0, 4), min_size=4, max_size=4),
)
def test_tuples_come_at_the_level_that_their_classes_cost_in_context(
    rows: list[list[tuple[int, int]]], extras: list[int]
) -> None:
    """Against all tuples, with their costs added up; classes become known level by level."""
    banks = [Classes(*(np.array(c) for c in zip(*sorted(found), strict=True))) for found in rows]
    sources = [InContext(bank, extras.__getitem__) for bank in banks]  # type: ignore[arg-type]
    whole = [bank.cost.astype(int) + np.array(extras)[bank.heads] for bank in banks]
    for total in range(1, 22):
        for bank in banks:
            bank.count = int((bank.cost <= total).sum())
        found = {tuple(t) for block in argument_tuples(sources, total, False, 7) for t in block.tolist()}
        wanted = {
            numbers
            for numbers in product(*(range(len(costs)) for costs in whole))
            if sum(int(costs[n]) for costs, n in zip(whole, numbers, strict=True)) == total
        }
        assert found == wanted


# ---- the search ------------------------------------------------------------------------------------------------------


def steps(part: Program, pcfg: Pcfg, t: object, leaves: tuple[object, ...]) -> int:
    """What a program costs in steps: each production where it stands, rounded by itself."""
    return sum(steps_of(bits) for bits in _node_bits(part, pcfg, t, leaves, WHOLE))


def _node_bits(part: Program, pcfg: Pcfg, t: object, leaves: tuple[object, ...], above: Above) -> Iterator[float]:
    if isinstance(t, FunctionType) and isinstance(part, Name):
        part = Lambda(("x",), Application(part, (Variable("x"),)))
    if isinstance(t, FunctionType) and isinstance(part, Lambda):
        named = zip(part.parameters, t.parameters, strict=True)
        inner = tuple(parameter(name, p, i) for i, (name, p) in enumerate(named))
        yield from _node_bits(part.body, pcfg, t.result, pcfg.lambda_leaves(inner, leaves), above)  # type: ignore[arg-type]
        return
    head, arguments = (part.function, part.arguments) if isinstance(part, Application) else (part, ())
    ways = [
        (production, bits)
        for production, bits in pcfg.productions(t, leaves, above)  # type: ignore[arg-type]
        if production.head == head and len(production.parameters) == len(arguments)
    ]
    (production, bits) = ways[0]
    yield bits
    for place, (argument, p) in enumerate(zip(arguments, production.parameters, strict=True)):
        yield from _node_bits(argument, pcfg, p, leaves, (production.key, place))


@pytest.mark.parametrize("text", SOLUTIONS[:2])
def test_a_program_is_found_at_the_level_that_it_costs(text: str) -> None:
    spec = spec_of_program(text)
    plain, leaves = spec_pcfg(spec)
    pcfg = Pcfg(plain.grammar, Guidance("test", contexts=known_contexts(program(text))))
    meter = Budget(evaluations=20_000).start()
    hits = Hits(spec, meter, lambda program: 0)
    engine = Engine(spec, pcfg, leaves, meter, hits, Switches(goals=False, cases=False, repair=False))
    for _ in engine.steps():
        if hits.found:
            break
    found = hits.found[0].program
    assert steps(found.body, pcfg, INTS, leaves) == engine.level
    assert steps(program(text).body, pcfg, INTS, leaves) >= engine.level


@pytest.mark.parametrize("text", SOLUTIONS)
def test_contexts_that_know_the_solution_lead_to_it(text: str) -> None:
    """Within 1,500 evaluations of all lanes."""
    spec = spec_of_program(text)
    guidance = Guidance("test", contexts=known_contexts(program(text)))
    answer = BottomUp(guidance).solve(spec, Budget(evaluations=200_000), rng=random.Random(0))
    assert answer.stop is StopReason.SOLVED
    assert answer.first_fit is not None
    assert answer.first_fit <= 1_500


def test_contexts_that_lie_cost_no_more_than_as_much_again() -> None:
    spec, lie = spec_of_program(SOLUTIONS[3]), known_contexts(program(SOLUTIONS[4]))
    plain = BottomUp().solve(spec, Budget(evaluations=400_000), rng=random.Random(0))
    misled = BottomUp(Guidance("test", contexts=lie)).solve(spec, Budget(evaluations=400_000), rng=random.Random(0))
    assert plain.first_fit is not None
    assert misled.first_fit is not None
    assert misled.first_fit <= 2 * plain.first_fit + 20_000


# ---- subgoals --------------------------------------------------------------------------------------------------------


def test_a_subgoal_is_a_part_that_can_be_had_for_little() -> None:
    spec = spec_of_program("zip_with(lambda x, y: x - y, reverse(sort(map(lambda x: x * x, xs))), xs)")
    part = program("reverse(sort(map(lambda x: x * x, xs)))")
    guidance = Guidance("test", subgoals=((part, 0.25), (program("take(head([]), xs)"), 0.1)))
    answer = BottomUp(guidance).solve(spec, Budget(evaluations=60_000), rng=random.Random(0))
    assert answer.stop is StopReason.SOLVED
    assert answer.first_fit is not None
    assert answer.first_fit <= 40_000
    blind = BottomUp().solve(spec, Budget(evaluations=60_000), rng=random.Random(0))
    assert blind.stop is StopReason.EVALUATIONS


def test_a_step_is_half_a_bit() -> None:
    assert (STEP_BITS, steps_of(0.1), steps_of(3.3)) == (0.5, 1, 7)
