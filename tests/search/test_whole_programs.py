"""Whole programs run part by part do what the interpreter says, and what they share is run once."""

from __future__ import annotations

import pytest
from specs import INTS

from dsl.compiler import Compiler
from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from dsl.type_system import FunctionType
from dsl.values import Failure, agree
from synth.budget import Budget
from synth.search.whole_programs import WholePrograms
from tasks.task import Example, Spec

ROWS = ((3, 1, 2), (), (7, 7, -3), (0,))
TEXTS = (
    "reverse(sort(xs))",
    "cons(head(xs), xs)",
    "map(lambda x: x * head(xs), filter(is_even, xs))",
    "xs if is_empty(xs) else [head(xs)]",
    "[head(xs) if length(xs) > 1 else 0]",
    "[fold(lambda a, b: a * 2 + b, length(xs), sort(xs))]",
    "xs",
    "[]",
    "take(head([]), xs)",
)


def spec_for(*outputs: object) -> Spec:
    examples = tuple(Example((xs,), o) for xs, o in zip(ROWS, outputs, strict=True))
    return Spec(("xs",), FunctionType((INTS,), INTS), CORE, examples, queries=(((5, 4),),))


def program(text: str) -> Lambda:
    return Lambda(("xs",), parse(text, CORE, expected=INTS, variables={"xs": INTS}))


@pytest.mark.parametrize("text", TEXTS)
def test_parts_put_together_yield_what_the_interpreter_does(text: str) -> None:
    spec, whole = spec_for((), (), (), ()), program(text)
    found = WholePrograms(spec, Compiler(CORE), Budget().start()).values(whole.body)
    wanted = [run(whole, (xs,), CORE) for xs in (*ROWS, (5, 4))]
    assert [isinstance(v, Failure) for v in found] == [isinstance(v, Failure) for v in wanted]
    assert all(agree(v, w) for v, w in zip(found, wanted, strict=True) if not isinstance(w, Failure))


def test_examples_that_are_missed_are_counted_and_queries_are_not() -> None:
    spec = spec_for((3, 2, 1), (), (7, 7, -3), (1,))
    assert WholePrograms(spec, Compiler(CORE), Budget().start()).misses(program("reverse(sort(xs))")) == 1


def test_shared_parts_are_run_once() -> None:
    meter = Budget().start()
    programs = WholePrograms(spec_for((), (), (), ()), Compiler(CORE), meter)
    for text, whole in (("reverse(sort(xs))", 2), ("tail(sort(xs))", 3), ("sort(xs)", 3), ("xs", 3)):
        programs.values(program(text).body)
        assert meter.evaluations == whole
    programs.values(program("map(lambda x: x * 2 + 1, tail(sort(xs)))").body)
    assert meter.evaluations == 6  # the map, and two words in its lambda
