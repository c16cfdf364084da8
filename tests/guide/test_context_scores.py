"""Contexts are what the network says of single places, put together; and nothing that is said goes by names."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import pytest
import torch

from dsl.primitives import CORE
from dsl.program import Lambda, Name, Program, Variable, children, rebuild
from dsl.type_system import INT, FunctionType, TypeConstructor, list_of
from synth.conformance import renamed
from synth.guidance import WHOLE, Guidance
from synth.guide.arrays import inputs_of
from synth.guide.batches import reading_of
from synth.guide.context_scores import contexts_by
from synth.guide.decode import Embedded
from synth.guide.guide import CannotGuide
from synth.guide.model import GuideNet, Sizes, threads
from synth.guide.places import Grounds, Place
from synth.guide.predict import NeuralGuide
from tasks.task import Example, Spec

INTS = list_of(INT)
PAIRS = (((3, 1, 2), 2, (1,)), ((5,), 1, ()), ((4, 0, 9), 5, (4, 0)))
LESS = Spec(("xs", "n"), FunctionType((INTS, INT), INTS), CORE, tuple(Example((xs, n), ys) for xs, n, ys in PAIRS))
PARENTS = ("list.map", "list.filter", "list.take", "int.add", "list.fold")


@pytest.fixture(scope="module")
def net() -> GuideNet:
    """A network that knows nothing, but says it strongly."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        net = GuideNet(Sizes(32, 32, 1, 2)).eval()
        with torch.no_grad():
            net.context[2].weight *= 12.0
    return net


@pytest.fixture(scope="module")
def guide(net: GuideNet) -> NeuralGuide:
    return NeuralGuide(net, sketches=30)


def task_of(net: GuideNet, spec: Spec) -> torch.Tensor:
    r = reading_of([inputs_of(spec)])
    return net.read(r.tokens, r.lengths, r.owner, r.properties, r.request)[0]


def contexts_of(net: GuideNet, spec: Spec) -> Mapping[tuple[str, int], Mapping[str, float]]:
    with threads(), torch.inference_mode():
        embedded = Embedded(net, spec.library)
        return contexts_by(embedded, Grounds(spec, embedded.choices), task_of(net, spec), PARENTS)


# ---- contexts --------------------------------------------------------------------------------------------------------


def slowly(net: GuideNet, spec: Spec, above: tuple[str, int]) -> dict[str, float]:
    """The probabilities of what stands in a context, place by place and option by option."""
    embedded = Embedded(net, spec.library)
    grounds = Grounds(spec, embedded.choices)
    root, task = grounds.root, task_of(net, spec)
    places: list[tuple[float, Place]] = []
    if above == WHOLE:
        places = [(1.0, root)]
    else:
        instances = [p for p in grounds.pcfg.grammar if p.key == above[0] and p.parameters]
        likeliest = sorted(instances, key=lambda p: -p.weight)[:3]
        for production in likeliest:
            row = grounds.choices.row(production, {}, grounds.given)
            place = grounds.opened(root, production, row)[above[1]]
            if not isinstance(place.type, FunctionType):
                around = FunctionType((place.type, place.type), place.type)
                inside = grounds.inside(place, grounds.fresh(place, 2), around)
                place = replace(place, leaves=inside.leaves, scope=inside.scope)
            places.append((production.weight / sum(p.weight for p in likeliest), place))
    found: dict[str, float] = defaultdict(float)
    for weight, place in places:
        options = grounds.options(place)
        table_row = embedded.types.row(place.type)
        table = embedded.table()
        one = [torch.tensor([n]) for n in (place.parent, min(place.argument, 3), table_row)]
        query = net.in_context(table, *one, task[None])[0]
        scores = [
            float(query @ table.productions[int(row)]) - float(net.prior) * math.log(2) * float(bits)
            for row, bits in zip(options.rows, options.bits, strict=True)
        ]
        whole = sum(map(math.exp, scores))
        bound = {s.production.key: f"parameter:{s.place}" for s in place.scope if s.bound and not s.level}
        for production, score in zip(options.productions, scores, strict=True):
            found[bound.get(production.key, production.key)] += weight * math.exp(score) / whole
    return found


@pytest.mark.parametrize("above", [WHOLE, ("list.map", 0), ("list.map", 1), ("int.add", 1), ("list.fold", 0)])
def test_a_context_is_what_single_places_add_up_to(net: GuideNet, above: tuple[str, int]) -> None:
    said = contexts_of(net, LESS)[above]
    with threads(), torch.inference_mode():
        exact = {key: -math.log2(p) for key, p in slowly(net, LESS, above).items()}
    least = min(exact.values())
    for key, bits in said.items():
        assert abs(bits - min(exact[key], least + 10)) <= 0.25 + 1e-3, key
    assert all(bits > least + 8 - 1e-3 for key, bits in exact.items() if key not in said)


def test_what_is_not_named_is_dearer_than_all_that_is(net: GuideNet) -> None:
    contexts = contexts_of(net, LESS)
    cut_off = 0
    for said in contexts.values():
        bits = list(said.values())
        assert bits == sorted(bits)
        assert sum(value > bits[0] + 8 for value in bits) <= 1
        assert bits[-1] <= bits[0] + 10
        cut_off += bits[-1] > bits[0] + 8
    assert cut_off


def test_there_is_a_context_for_each_argument_of_the_parents(net: GuideNet) -> None:
    arguments = {"list.map": 2, "list.filter": 2, "list.take": 2, "int.add": 2, "list.fold": 3}
    expected = {(name, place) for name, count in arguments.items() for place in range(count)}
    assert set(contexts_of(net, LESS)) == expected | {WHOLE}


def test_parameters_stand_where_a_lambda_may_be_around(net: GuideNet) -> None:
    contexts = contexts_of(net, LESS)
    assert not [key for key in contexts[WHOLE] if key.startswith("parameter")]
    everywhere = {above: {key for key in said if key.startswith("parameter")} for above, said in contexts.items()}
    assert {"parameter:0", "parameter:1"} >= set().union(*everywhere.values())
    with threads(), torch.inference_mode():
        assert {"parameter:0", "parameter:1"} <= slowly(net, LESS, ("int.add", 0)).keys()
        assert {"parameter:0", "parameter:1"} <= slowly(net, LESS, ("list.fold", 0)).keys()
        filtered = slowly(net, LESS, ("list.filter", 0)).keys()
    assert "parameter:1" not in filtered  # its lambda has one


# ---- all that is said ------------------------------------------------------------------------------------------------


def in_old_names(program: Program, words: dict[str, str], variables: dict[str, str]) -> Program:
    match program:
        case Name(word):
            return Name(words[word])
        case Variable(name):
            return Variable(variables.get(name, name))
    return rebuild(program, tuple(in_old_names(part, words, variables) for part in children(program)))


def test_other_names_get_the_very_same(guide: NeuralGuide) -> None:
    other, new = renamed(LESS)
    old = {b: a for a, b in new.items()}
    variables = dict(zip(other.parameters, LESS.parameters, strict=True))
    one, two = guide.predict(LESS), guide.predict(other)

    def back(programs: tuple[tuple[Lambda, float], ...]) -> list[tuple[Program, float]]:
        return [(Lambda(LESS.parameters, in_old_names(p.body, old, variables)), chance) for p, chance in programs]

    assert one.contexts
    assert {old.get(key, key): bits for key, bits in two.bits.items()} == one.bits
    assert {
        (old.get(word, word), place): {old.get(key, key): bits for key, bits in said.items()}
        for (word, place), said in two.contexts.items()
    } == one.contexts
    assert back(two.sketches) == list(one.sketches)
    assert back(two.subgoals) == list(one.subgoals)


def test_a_type_that_nobody_knows_cannot_be_guided(guide: NeuralGuide) -> None:
    tree = replace(LESS, type_request=FunctionType((TypeConstructor("tree"), INT), INTS))
    with pytest.raises(CannotGuide, match="no encoder for type tree"):
        guide.predict(tree)


@pytest.mark.parametrize(
    "examples",
    [
        tuple(Example((tuple(range(n % 40)), n), (n,)) for n in range(1_000)),
        (Example(((), 0), ()),),
        (Example(((), 0), ()),) * 30,
        (Example((tuple(range(5_000)), 2**62), (-(2**63),)),),
    ],
)
def test_few_many_large_and_empty_examples_get_an_answer(guide: NeuralGuide, examples: tuple[Example, ...]) -> None:
    said: Guidance = guide.predict(replace(LESS, examples=examples))
    assert said.helps
    assert all(math.isfinite(bits) for context in said.contexts.values() for bits in context.values())
    assert 0 < sum(p for _, p in said.sketches) <= 1


def test_what_it_says_does_not_hang_on_what_it_was_asked_before(net: GuideNet) -> None:
    other = replace(LESS, parameters=("ns", "k"))
    fresh, used = NeuralGuide(net, sketches=30), NeuralGuide(net, sketches=30)
    used.predict(other)
    assert used.predict(LESS) == fresh.predict(LESS)
