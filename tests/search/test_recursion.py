"""Recursion in the search: `fix` is left alone, the schemes of the module `recursion` are searched, and are exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from specs import INTS, NOTHING_SIMPLE, spec_of

from dsl.grammar import grammar_of, types_in_play
from dsl.interpreter import run
from dsl.library import Library
from dsl.module_file import read_module
from dsl.parser import parse_surface
from dsl.primitives import CORE
from dsl.program import Lambda, names
from dsl.type_system import INT, FunctionType
from dsl.values import Failure
from synth.budget import Budget
from synth.pcfg import spec_pcfg
from synth.search.kernels.convention import DEFINED
from synth.search.search import Search
from synth.search.sketch_reading import Unfillable, skeleton_of
from synth.search.switches import Switches
from tasks.sketches import read_sketch
from tasks.task import Spec

SCHEMES = read_module("recursion", CORE).applied(CORE)
EVERY_SECOND = spec_of(((1, 2, 3, 4, 5), (1, 3, 5)), ((7, 8), (7,)), ((), ()), ((9, 0, 4), (9, 4)))
ODD_PART = spec_of((12, 3), (7, 7), (40, 5), (2048, 1), (704, 11), (81920, 5), types=(INT,), result=INT)
SUM_OF_SUMS = spec_of(((3, 1, 2), 11), ((5, 4), 13), ((), 0), ((1, 1, 1, 1), 10), ((0, 7), 14), result=INT)
DIGITS = spec_of((123, (1, 2, 3)), (40, (4, 0)), (7, (7,)), (9052, (9, 0, 5, 2)), types=(INT,))
GCD = spec_of(((12, 18), 6), ((7, 5), 1), ((20, 8), 4), ((9, 27), 9), ((100, 75), 25), types=(INT, INT), result=INT)
ARITHMETIC = ("int.add", "int.subtract", "int.multiply", "int.divide", "int.modulo", "order.eq", "order.lt")
LISTS = ("list.is_empty", "list.head", "list.tail", "list.cons", "list.last", "list.init", "list.reverse")


def few(spec: Spec, *words: str, sketch: str = "") -> Spec:
    """A spec over these words, with a sketch if there is one."""
    spec = replace(spec, library=SCHEMES.only(words) if words else SCHEMES)
    if not sketch:
        return spec
    return replace(
        spec, sketches=(read_sketch(parse_surface(sketch), spec.library, spec.parameters, spec.type_request),)
    )


def found(spec: Spec, evaluations: int) -> Sequence[Lambda]:
    """The programs that a search finds with a budget."""
    search = Search(spec, Budget(evaluations=evaluations).start())
    search.run()
    return [hit.program for hit in search.hits.found]


# ---- fix ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [FunctionType((INTS,), INTS), FunctionType((INT, INTS), INT)])
def test_fix_is_in_no_grammar_and_takes_nothing_from_other_words(request_: FunctionType) -> None:
    without = CORE.without(["control.fix"])
    ranks = types_in_play(request_, CORE)
    assert ranks == types_in_play(request_, without)
    assert grammar_of(CORE, ranks) == grammar_of(without, ranks)
    pcfgs = [spec_pcfg(replace(NOTHING_SIMPLE, library=library)) for library in (CORE, without)]
    (one, leaves), (other, other_leaves) = pcfgs
    assert leaves == other_leaves
    assert all(one.productions(t, leaves) == other.productions(t, leaves) for t in ranks)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fix(lambda again, ys: ?, xs)", "functions only where words take them"),
        ("fix(lambda again, ys: [] if is_empty(ys) else ? + again(tail(ys)), xs)", "calls of the parameter 'again'"),
        ("fix(?, xs)", "functions only where words take them"),
        ("? + fix(lambda again, ys: ys, xs)", "functions only where words take them"),
    ],
)
def test_sketches_that_write_fix_out_are_refused_with_a_reason(text: str, why: str) -> None:
    (sketch,) = few(EVERY_SECOND, sketch=text).sketches
    with pytest.raises(Unfillable, match=why):
        skeleton_of(sketch, SCHEMES, EVERY_SECOND.type_request)


# ---- Schemes --------------------------------------------------------------------------------------------------------


def test_a_loop_is_found_among_few_words() -> None:
    spec = few(ODD_PART, *ARITHMETIC, "int.is_even", "int.is_odd", "recursion.loop_until")
    assert any("recursion.loop_until" in names(p) for p in found(spec, 40_000))


def test_a_loop_is_found_among_all_words() -> None:
    assert any("recursion.loop_until" in names(p) for p in found(few(ODD_PART), 200_000))


def test_a_recursion_over_a_list_is_found() -> None:
    words = ("list.sum", "list.length", "list.is_empty", "list.tail", "list.head", "int.add", "int.multiply")
    schemes = ("recursion.list_recursion", "recursion.recurse", "recursion.loop_until")
    assert any("recursion.list_recursion" in names(p) for p in found(few(SUM_OF_SUMS, *words, *schemes), 80_000))


@pytest.mark.parametrize(
    ("spec", "evaluations"),
    [
        (few(EVERY_SECOND, *LISTS, "recursion.recurse", sketch="recurse(is_empty, ?, ?, ?, xs)"), 100_000),
        (
            few(
                replace(DIGITS, parameters=("n",)),
                *ARITHMETIC,
                "list.reverse",
                "recursion.unfold_until",
                sketch="reverse(unfold_until(?, lambda y: y % 10, ?, n))",
            ),
            100_000,
        ),
        (
            few(
                replace(GCD, parameters=("a", "b")),
                *ARITHMETIC,
                *("tuple.first", "tuple.second", "tuple.pair", "recursion.loop_until"),
                sketch="first(loop_until(lambda p: second(p) == 0, "
                "lambda p: (second(p), ?f(first(p), second(p))), (a, b)))",
            ),
            30_000,
        ),
    ],
    ids=["every second item", "digits", "greatest common divisor"],
)
def test_sketches_of_schemes_are_filled(spec: Spec, evaluations: int) -> None:
    programs = found(spec, evaluations)
    assert programs
    for program in programs:
        assert [run(program, e.arguments, spec.library) for e in spec.examples] == [e.output for e in spec.examples]


@pytest.mark.parametrize("kernels", [True, False])
def test_columns_are_what_the_interpreter_says(kernels: bool) -> None:
    """Also where a word is given several functions, on arguments that are in no universe."""
    words = (*LISTS, *ARITHMETIC, "list.sum", "int.is_odd")
    library = SCHEMES.only((*words, *(word for word in SCHEMES.entries if word.startswith("recursion."))))
    spec = replace(NOTHING_SIMPLE, library=library)
    search = Search(spec, Budget(evaluations=30_000).start(), switches=Switches(kernels=kernels, repair=False))
    search.run()
    assert agreeing(search, spec, library) > 100


def agreeing(search: Search, spec: Spec, library: Library) -> int:
    """How many classes of recursive programs were run again; each yields what its column says."""
    engine, count = search.engine, 0
    for t, bank in engine.top.banks.items():
        for number in range(bank.count):
            program = engine.program(t, number)
            if not any(word.startswith("recursion.") for word in names(program)):
                continue
            count += 1
            for row, example in enumerate(spec.examples):
                outcome = run(program, example.arguments, library)
                if bank.status[number, row] == DEFINED:
                    assert outcome == engine.store.decode(int(bank.cells[number, row]), t), program
                else:
                    assert isinstance(outcome, Failure), program
    return count
