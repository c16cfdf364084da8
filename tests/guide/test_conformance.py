"""The checks of a guide find what they look for, and nothing in a guide that is in order."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import pytest
from fake_guides import Mute, Steady
from specs import EVENS, KEEP_GREATER, RUNNING_SUM

from dsl.inference import UNTYPED
from dsl.parser import parse
from dsl.program import Hole, Lambda, Literal, Variable, call
from synth.conformance import CHECKS, check_guide, renamed
from synth.guidance import WHOLE, Above, Guidance
from synth.pcfg import spec_pcfg
from tasks.task import Spec


@dataclass
class By:
    """A guide by a function."""

    rule: Callable[[Spec], Guidance]
    name: str = "by rule"

    def predict(self, spec: Spec) -> Guidance:
        return self.rule(spec)


def by_types(spec: Spec) -> Guidance:
    """Words that give the type of the result are likelier, whatever they are called; the same of variables.

    In contexts, too; and a subgoal is the first input, put through the likeliest word that takes such a thing alone.
    """
    pcfg, _ = spec_pcfg(spec)
    bits = {p.key: -1.5 for p in pcfg.grammar[spec.type_request.result]}
    same = [
        n for n, t in zip(spec.parameters, spec.type_request.parameters, strict=True) if t == spec.type_request.result
    ]
    hole = Hole("", spec.type_request.result)
    given = spec.type_request.parameters[0]
    through = [p for t in pcfg.grammar.ranks for p in pcfg.grammar[t] if p.parameters == (given,)]
    return Guidance(
        "types",
        bits | {f"variable:{n}": -0.5 for n in same},
        ((Lambda(spec.parameters, hole), 0.25),),
        contexts={WHOLE: bits} | {(p.key, 0): {"parameter:0": 0.0, "literal:1": 3.5} for p in through},
        subgoals=tuple((Lambda(spec.parameters, call(p.key, Variable(spec.parameters[0]))), 0.1) for p in through[:3]),
    )


def failed(guide: object, spec: Spec = EVENS) -> set[str]:
    return {finding.check for finding in check_guide(guide, spec) if not finding.passed}  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", [EVENS, KEEP_GREATER, RUNNING_SUM])
def test_a_guide_by_types_is_in_order(spec: Spec) -> None:
    assert failed(By(by_types), spec) == set()
    assert failed(Steady(), spec) == set()


def _sketch(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, EVENS.library, expected=EVENS.type_request.result,
                                 variables={"xs": EVENS.type_request.parameters[0]}))  # fmt: skip


SKETCH = _sketch("map(?f, xs)")
SORTED = Lambda(("xs",), call("list.sort", Variable("xs")))
XS = Variable("xs")


@pytest.mark.parametrize(
    ("guide", "checks"),
    [
        (Steady({"list.reverse": -1.0}), {"does not go by names"}),
        (Steady({"no.such_word": 1.0}), {"knows its productions"}),
        (Steady({"literal:1234567": 1.0}), {"knows its productions"}),
        (Steady({"list.sort": math.inf}), {"has finite bits", "does not go by names"}),
        (Steady({}, ((SKETCH, 0.0),)), {"has probabilities"}),
        (Steady({}, ((SKETCH, 0.7), (_sketch("sort(?)"), 0.6))), {"has probabilities", "does not go by names"}),
        (Steady({}, ((SKETCH, math.nan),)), {"has probabilities"}),
        (Steady(name=" "), {"answers with guidance"}),
        (
            Steady({}, ((Lambda(("xs",), call("list.sum", Hole("", UNTYPED))), 0.001),)),
            {"has sketches that can be filled", "has programs that can be recorded"},
        ),
        (
            Steady({}, ((Lambda(("xs", "n"), Hole("", EVENS.type_request.result)), 0.001),)),
            {"has sketches that can be filled", "has programs that can be recorded"},
        ),
        (Steady(contexts={WHOLE: {"no.such_word": 1.0}}), {"knows its productions"}),
        (Steady(contexts={WHOLE: {"parameter:": 1.0}}), {"knows its productions"}),
        (Steady(contexts={WHOLE: {"parameter:-1": 1.0}}), {"knows its productions"}),
        (Steady(contexts={WHOLE: {"list.sort": math.nan}}), {"has finite bits"}),
        (Steady(contexts={("list.sort", 0): {"list.sort": -math.inf}}), {"has finite bits"}),
        (Steady(contexts={("no.such_word", 0): {}}), {"knows its places"}),
        (Steady(contexts={("variable:xs", 0): {}}), {"knows its places"}),
        (Steady(contexts={("", 1): {}}), {"knows its places"}),
        (Steady(contexts={("list.sort", 1): {}}), {"knows its places"}),
        (Steady(contexts={("list.map", -1): {}}), {"knows its places"}),
        (Steady(contexts={("list.map", 0): {"int.add": 0.0, "int.multiply": 2.0}}), {"does not go by names"}),
        (Steady(subgoals=((SORTED, 0.5),)), {"does not go by names"}),
        (Steady(subgoals=((SORTED, 0.0),)), {"has probabilities"}),
        (Steady(subgoals=((SORTED, 1.5),)), {"has probabilities"}),
        (
            Steady(subgoals=((SKETCH, 0.001),)),
            {"has subgoals that can be run", "has programs that can be recorded"},
        ),
        (
            Steady(subgoals=((Lambda(("xs", "n"), Variable("xs")), 0.001),)),
            {"has subgoals that can be run", "has programs that can be recorded"},
        ),
        (
            Steady(subgoals=((Lambda(("xs",), Literal(())), 0.001),)),
            {"has subgoals that can be run", "has programs that can be recorded"},
        ),
        (
            Steady(subgoals=((Lambda(("xs",), call("list.no_such_word", XS)), 0.001),)),
            {"has subgoals that can be run", "has programs that can be recorded"},
        ),
        (
            Steady(subgoals=((Lambda(("xs",), call("int.add", XS, XS)), 0.001),)),
            {"has subgoals that can be run", "has programs that can be recorded"},
        ),
        (
            Steady(subgoals=((Lambda(("xs",), Lambda(("y",), XS)), 0.001),)),
            {"has subgoals that can be run", "has programs that can be recorded"},
        ),
    ],
)
def test_each_fault_is_found(guide: Steady, checks: set[str]) -> None:
    found = failed(guide)
    assert checks <= found
    assert found - checks <= {"does not go by names"}  # these guides know no other names


def test_a_guide_that_looks_at_the_order_is_found() -> None:
    def first_one(spec: Spec) -> Guidance:
        return Guidance("first", {"list.sort": float(len(spec.examples[0].arguments[0]))})  # type: ignore[arg-type]

    assert "takes examples in any order" in failed(By(first_one))


@pytest.mark.parametrize(
    "said",
    [
        lambda size: Guidance("by size", contexts={WHOLE: {"list.sort": 0.0, "list.reverse": 1.0 + size}}),
        lambda size: Guidance("by size", contexts={WHOLE: {"list.sort": 0.0}} if size > 2 else {}),
        lambda size: Guidance("by size", subgoals=((SORTED, 0.1 + size / 100),)),
        lambda size: Guidance("by size", subgoals=((SORTED, 0.1),) if size > 2 else ()),
    ],
)
def test_contexts_and_subgoals_by_the_order_are_found_too(said: Callable[[int], Guidance]) -> None:
    guide = By(lambda spec: said(len(spec.examples[0].arguments[0])))  # type: ignore[arg-type]
    assert "takes examples in any order" in failed(guide)


def test_a_step_of_rounding_and_what_is_dear_may_differ() -> None:
    """A little more for one production, a dear one that is not named, one context of many that is not there."""

    def nearly(spec: Spec) -> Guidance:
        first = spec.examples[0] == EVENS.examples[0]
        keys = sorted(spec.library.entries)[:12]
        many: dict[Above, dict[str, float]] = {
            (key, 0): {"parameter:0": 0.0, "literal:1": 2.0 if first else 2.5, "literal:2": 7.0} for key in keys
        }
        for bits in many.values():
            if first:
                bits["literal:3"] = 7.0
        if first:
            del many[keys[0], 0]
        return Guidance("nearly", contexts=many)

    assert "takes examples in any order" not in failed(By(nearly))


def test_a_guide_that_changes_its_mind_is_found() -> None:
    numbers = count()
    assert "says the same again" in failed(By(lambda _: Guidance("moody", {"list.sort": float(next(numbers))})))


@pytest.mark.parametrize("limit", [1, 500])
def test_a_guide_that_breaks_on_few_or_many_is_found(limit: int) -> None:
    def fragile(spec: Spec) -> Guidance:
        if (len(spec.examples) <= 1) if limit == 1 else (len(spec.examples) > limit):
            raise ValueError("cannot count so far")
        return Guidance("fragile")

    assert failed(By(fragile)) == {"takes one example, a thousand, empty ones"}


def test_a_guide_that_is_mute_gives_no_guidance() -> None:
    assert failed(Mute()) == set(CHECKS) - {"takes one example, a thousand, empty ones"}


def test_all_is_renamed() -> None:
    other, keys = renamed(EVENS)
    assert not set(other.library.entries) & set(EVENS.library.entries)
    assert len(other.library.entries) == len(EVENS.library.entries)
    assert keys["variable:xs"] == "variable:given0"
    assert keys["list.map"] in other.library.entries
