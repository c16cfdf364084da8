"""Parts that sketches have in common, each as likely as the sketches that have it."""

from __future__ import annotations

from dsl.inference import infer
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Program
from dsl.type_system import INT, list_of
from synth.guide.subgoals import likely_parts

INTS = list_of(INT)


def body(text: str) -> Program:
    return parse(text, CORE, expected=INTS, variables={"xs": INTS})


def test_parts_are_as_likely_as_the_sketches_that_have_them() -> None:
    sketches = [
        (body("take(2, sort(xs))"), 0.3),
        (body("sort(xs) + sort(xs)"), 0.1),
        (body("drop(?, sort(tail(xs)))"), 0.05),
        (body("map(lambda x: x + 1, reverse(xs))"), 0.01),
        (body("cons(?, take(1 + 1, sort(?)))"), 0.4),
    ]
    found = dict(likely_parts(sketches, ("xs",)))
    assert {part: round(p, 6) for part, p in found.items()} == {
        body("sort(xs)"): 0.4,
        body("sort(tail(xs))"): 0.05,
        body("tail(xs)"): 0.05,
    }
    assert all(infer(part, CORE, variables={"xs": INTS}) == INTS for part in found)


def test_only_the_likeliest_are_named() -> None:
    sketches = [(body(f"reverse(take({n}, xs))"), 0.03 + n / 1000) for n in range(20)]
    found = likely_parts(sketches, ("xs",))
    assert [part for part, _ in found] == [body(f"take({n}, xs)") for n in range(19, 11, -1)]
