"""`fix`, and the schemes of the module `recursion`: what they compute, and that they always end."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from both_ways import evaluate
from error_messages import messages
from hypothesis import given
from hypothesis import strategies as st

from dsl.compiler import Compiler, compile_program
from dsl.export import to_python
from dsl.inference import infer
from dsl.interpreter import NESTING_LIMIT, run, trace
from dsl.library import Library
from dsl.module_file import read_module
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.printer import show
from dsl.type_system import INT, FunctionType, list_of, show_type
from dsl.values import Cause, Failure, Undefined

GOLDEN = Path(__file__).parent.parent / "golden"
SCHEMES = read_module("recursion", CORE).applied(CORE)
LENGTH = "lambda xs: fix(lambda again, ys: 0 if is_empty(ys) else 1 + again(tail(ys)), xs)"
Ints = tuple[int, ...]
ints = st.lists(st.integers(-50, 50), max_size=12).map(tuple)


def value(text: str, *arguments: object, library: Library = CORE, fuel: int = 100_000) -> object:
    """What a program gives for arguments, interpreted and compiled alike; it is also the same printed and read."""
    program = parse(text, library)
    assert parse(show(program, library), library) == program
    return evaluate(program, arguments, library, fuel=fuel)


def failure(text: str, *arguments: object, library: Library = CORE, fuel: int = 100_000) -> Failure:
    """How a program fails."""
    outcome = value(text, *arguments, library=library, fuel=fuel)
    assert isinstance(outcome, Failure)
    return outcome


# ---- What it computes -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recursive:
    """One function twice: in the language, and by hand."""

    text: str
    function: Callable[[Ints], object]


def length(xs: Ints) -> int:
    return 1 + length(xs[1:]) if xs else 0


def alternate(xs: Ints) -> int:
    return xs[0] - alternate(xs[1:]) if xs else 0


def odd_places(xs: Ints) -> Ints:
    return (xs[0], *odd_places(xs[2:])) if xs else ()


def prefixes(xs: Ints) -> tuple[Ints, ...]:
    return (*prefixes(xs[:-1]), xs) if xs else ((),)


def sort(xs: Ints) -> Ints:
    if len(xs) < 2:
        return xs
    rest = xs[1:]
    return (*sort(tuple(x for x in rest if x < xs[0])), xs[0], *sort(tuple(x for x in rest if x >= xs[0])))


def ends(xs: Ints) -> int:
    """Through a word that is given the function itself."""
    return sum(map(ends, (xs[1:], xs[:-1]))) if 0 < len(xs) < 6 else 1


RECURSIVE = [
    Recursive(LENGTH, length),
    Recursive(
        "lambda xs: fix(lambda again, ys: 0 if is_empty(ys) else head(ys) - again(tail(ys)), xs)",
        alternate,
    ),
    Recursive(
        "lambda xs: fix(lambda again, ys: [] if is_empty(ys) else cons(head(ys), again(drop(2, ys))), xs)",
        odd_places,
    ),
    Recursive(
        "lambda xs: fix(lambda again, ys: [[]] if is_empty(ys) else again(init(ys)) + [ys], xs)",
        prefixes,
    ),
    Recursive(
        "lambda xs: fix(lambda again, ys: ys if length(ys) < 2 else let x = head(ys) in "
        "again(filter(lambda y: y < x, tail(ys))) + [x] + again(filter(lambda y: y >= x, tail(ys))), xs)",
        sort,
    ),
    Recursive(
        "lambda xs: fix(lambda again, ys: list.sum(map(again, [tail(ys), init(ys)])) "
        "if 0 < length(ys) and length(ys) < 6 else 1, xs)",
        ends,
    ),
]


@pytest.mark.parametrize("case", RECURSIVE, ids=lambda case: case.function.__name__)
@given(xs=ints)
def test_fix_is_recursion(case: Recursive, xs: Ints) -> None:
    assert value(case.text, xs) == case.function(xs)


def test_types() -> None:
    assert show_type(CORE["control.fix"].type) == "(((A) -> B, A) -> B, A) -> B"
    assert show_type(infer(parse(LENGTH, CORE), CORE)) == "(list[A]) -> int"
    curried = "lambda n: fix(lambda again, x: (lambda y: y if x == 0 else again(x - 1)(y + x)), n)(0)"
    assert value(curried, 10) == 55


def test_a_recursion_within_a_recursion() -> None:
    ackermann = (
        "lambda m, n: fix(lambda outer, x: (lambda y: y + 1) if x == 0 else "
        "(lambda y: fix(lambda inner, z: outer(x - 1)(1) if z == 0 else outer(x - 1)(inner(z - 1)), y)), m)(n)"
    )
    assert value(ackermann, 2, 3) == 9


def test_a_trace_shows_every_call() -> None:
    seen = trace(parse(LENGTH, CORE), ((4, 5),), CORE)
    assert seen.outcome == 2
    assert (0, 1, 2) in [occurrence.values for occurrence in seen.occurrences]


def test_exported(tmp_path: Path) -> None:
    """Python of its own that computes the same, by the word and by a scheme."""
    request = FunctionType((list_of(INT),), INT)
    by_scheme = "lambda xs: recurse(is_empty, lambda ys: 0, tail, lambda ys, r: 1 + r, xs)"
    for text in (LENGTH, by_scheme):
        names: dict[str, object] = {"__name__": "exported"}
        exec(to_python(parse(text, SCHEMES), "count", request, SCHEMES), names)
        count = names["count"]
        assert callable(count)
        assert count((7, 8, 9)) == 3


ILL_TYPED = [
    "lambda xs: fix(lambda again, x: 1 + again, xs)",
    "lambda xs: fix(lambda again, x: again(x, x), xs)",
    "lambda xs: fix(lambda x: x, xs)",
    "lambda xs: fix(lambda again, x: 'a' if is_empty(x) else 1 + again(tail(x)), xs)",
    "lambda xs: fix(lambda again, x: 0 if is_empty(x) else again(head(x)), xs)",
    "lambda xs: fix(fix, xs)",
    "fix(lambda again, x: x)",
]


def test_ill_typed(golden: Callable[[Path, str], None]) -> None:
    shown = messages([(text, lambda text=text: parse(text, CORE)) for text in ILL_TYPED])  # type: ignore[misc]
    golden(GOLDEN / "errors_recursion.txt", shown)


# ---- That it ends ---------------------------------------------------------------------------------------------------


def test_what_comes_back_to_itself_is_undefined() -> None:
    for text in (
        "lambda x: fix(lambda again, y: again(y), x)",
        "lambda x: fix(lambda again, y: 1 + again(3 - y), x)",
        "lambda x: fix(lambda again, y: head(map(again, [y])), x)",
    ):
        found = failure(text, 0)
        assert found.cause is Cause.UNDEFINED
        assert found.detail == "a recursion asks for its own value on the way to it"
    twice = "lambda x: fix(lambda again, y: y if y < 1 else again(y - 1) + again(y - 1), x)"
    assert value(twice, 5) == 0, "the same call again, after the first has ended, is no circle"


def test_what_goes_on_for_ever_runs_out() -> None:
    onwards = "lambda x: fix(lambda again, y: again(y + 1), x)"
    too_deep = Failure(Cause.TOO_LARGE, "", f"calls are nested more than {NESTING_LIMIT} levels deep")
    assert failure(onwards, 0) == too_deep
    assert failure(onwards, 0, fuel=1_000) == Failure(Cause.OUT_OF_FUEL)
    fibonacci = "lambda x: fix(lambda again, y: y if y < 2 else again(y - 1) + again(y - 2), x)"
    assert value(fibonacci, 15) == 610
    assert failure(fibonacci, 40) == Failure(Cause.OUT_OF_FUEL)
    lengthening = "lambda x: fix(lambda again, y: again(y + y), [x])"
    assert failure(lengthening, 0).cause is Cause.TOO_LARGE


def test_nearly_two_thousand_calls_may_be_under_way() -> None:
    """Of a body whose parts are five deep."""
    count = "lambda n: fix(lambda again, x: 0 if x == 0 else 1 + again(x - 1), n)"
    assert value(count, 1_900) == 1_900
    assert failure(count, 2_100).cause is Cause.TOO_LARGE
    assert compile_program(parse(LENGTH, CORE), CORE)((tuple(range(1_900)),)) == 1_900


@pytest.mark.parametrize(
    "body",
    [
        "length(sort_by(lambda y: again(cons(0, y)), [ys, ys]))",
        "length(map(again, [cons(0, ys)]))",
        "argmax(lambda y: again(cons(y, ys)), [1, 2])",
        "list.sum(scan1(lambda a, b: again(cons(b, ys)), [1, 1]))",
        "fold(lambda a, b: again(cons(a, ys)), 0, [1])",
        "fix(lambda more, zs: again(cons(0, zs)), ys)",
        "again([head(ys) + 1])",
    ],
)
def test_recursion_by_way_of_words_does_not_break_pythons_stack(body: str) -> None:
    """Some words call by way of C, where too deep a recursion would end the process; a small stack shows it."""
    text = f"lambda xs: fix(lambda again, ys: {body}, xs)"
    outcomes: list[object] = []
    usual = threading.stack_size(4 * 1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: outcomes.append(value(text, (1,))))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(usual)
    assert [type(outcome) for outcome in outcomes] == [Failure]


def test_a_function_from_outside_without_a_value() -> None:
    """As the search passes functions to words with definitions."""

    def nothing(x: int) -> int:
        raise Undefined("not here")

    program = parse("lambda f, x: f(x) + 1", CORE)
    assert evaluate(program, (nothing, 1), CORE) == Failure(Cause.UNDEFINED, "", "not here")


# ---- Bounded runs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", RECURSIVE, ids=lambda case: case.function.__name__)
@given(xs=ints)
def test_a_bounded_run_is_a_run_unless_it_is_cut_off(case: Recursive, xs: Ints) -> None:
    program = parse(case.text, CORE)
    for fuel, nesting in ((100_000, NESTING_LIMIT), (40, 1_000), (1_000, 20)):
        found = Compiler(CORE).bounded(program, fuel=fuel, nesting=nesting)((xs,))
        assert found == run(program, (xs,), CORE) or isinstance(found, Failure)
        assert fuel < 100_000 or not isinstance(found, Failure)


def test_a_bounded_run_does_not_depend_on_the_stack_of_its_caller() -> None:
    bounded = Compiler(CORE).bounded(parse(LENGTH, CORE), fuel=10_000, nesting=1_000)
    assert bounded((tuple(range(190)),)) == 190
    assert isinstance(bounded((tuple(range(210)),)), Failure)

    def from_deep_inside(frames: int) -> object:
        return bounded((tuple(range(190)),)) if frames == 0 else from_deep_inside(frames - 1)

    assert from_deep_inside(sys.getrecursionlimit() - 300) == 190


def test_a_bounded_run_without_end_is_short() -> None:
    calls = 0

    def following(x: int) -> int:
        nonlocal calls
        calls += 1
        return x + 1

    program = parse("lambda f, x: fix(lambda again, y: again(f(y)), x)", CORE)
    assert isinstance(Compiler(CORE).bounded(program, fuel=10_000, nesting=600)((following, 0)), Failure)
    assert calls <= 600


# ---- Schemes --------------------------------------------------------------------------------------------------------


def scheme(text: str, *arguments: object) -> object:
    return value(text, *arguments, library=SCHEMES)


@given(xs=ints)
def test_schemes_on_lists(xs: Ints) -> None:
    every_second = (
        "lambda xs: recurse(is_empty, lambda ys: [], lambda ys: drop(2, ys), lambda ys, r: cons(head(ys), r), xs)"
    )
    assert scheme(every_second, xs) == xs[::2]
    assert scheme("lambda xs: list_recursion(0, lambda x, rest, r: x + r + list.sum(rest), xs)", xs) == sum(
        sum(xs[i:]) for i in range(len(xs))
    )
    assert scheme("lambda xs: loop_until(lambda ys: ys == reverse(ys), tail, xs)", xs) == next(
        xs[i:] for i in range(len(xs) + 1) if xs[i:] == xs[i:][::-1]
    )
    assert scheme("lambda xs: unfold_until(is_empty, last, init, xs)", xs) == xs[::-1]
    halving = "lambda xs: divide(lambda ys: length(ys) < 2, list.sum, lambda ys: split_at(length(ys) // 2, ys), {}, xs)"
    assert scheme(halving.format("lambda a, b: a + b"), xs) == sum(xs)


@given(n=st.integers(0, 10**9), m=st.integers(1, 1000))
def test_schemes_on_numbers(n: int, m: int) -> None:
    assert scheme(
        "lambda n: reverse(unfold_until(lambda x: x == 0, lambda x: x % 10, lambda x: x // 10, n))", n
    ) == tuple(map(int, str(n) if n else ""))
    euclid = (
        "lambda n, m: first(loop_until(lambda p: second(p) == 0, lambda p: (second(p), first(p) % second(p)), (n, m)))"
    )
    assert scheme(euclid, n, m) == scheme("lambda n, m: gcd(n, m)", n, m)
    assert scheme("lambda m: recurse(lambda x: x == 1, lambda x: 0, lambda x: {}, lambda x, r: r + 1, m)".format(
        "x // 2 if is_even(x) else 3 * x + 1"), m) == collatz(m)  # fmt: skip


def collatz(n: int) -> int:
    steps = 0
    while n != 1:
        n, steps = (n // 2 if n % 2 == 0 else 3 * n + 1), steps + 1
    return steps
