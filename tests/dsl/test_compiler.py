"""Compiled programs: the same outcomes as the interpreter's, which `both_ways` compares here and in its own tests."""

from __future__ import annotations

import threading

import pytest
import running_words
from both_ways import evaluate
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_programs import Case, cases

from dsl.compiler import Compiler, compile_program
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.primitive import primitive, primitive_of
from dsl.primitives import CORE
from dsl.program import Application, Lambda, Let, Literal, Name, Variable, call
from dsl.type_system import BOOL, INT, FunctionType, list_of
from dsl.values import Cause, Failure, key

x, y, xs, f = map(Variable, ("x", "y", "xs", "f"))
one, two = Literal(1), Literal(2)

DEFINED = (
    Definition("my.double", FunctionType((INT,), INT), Lambda(("x",), call("int.add", x, x))),
    Definition("my.quadruple", FunctionType((INT,), INT), Lambda(("x",), call("my.double", call("my.double", x)))),
    Definition("my.small", list_of(INT), Literal((1, 2, 3))),
    Definition("my.total", INT, call("list.sum", Name("my.small"))),
    Definition("my.flip", FunctionType((INT,), INT), Name("int.negate")),
    Definition(
        "my.every",
        FunctionType((FunctionType((INT,), BOOL), list_of(INT)), BOOL),
        Lambda(("f", "xs"), call("list.all", Lambda(("x",), Application(f, (call("my.flip", x),))), xs)),
    ),
)
MINE = CORE.extend(*DEFINED)
ODD = Library.of(running_words).extend(*(CORE[name] for name in ("int.add", "list.map", "control.if", "tuple.pair")))
FUEL = st.one_of(st.integers(0, 30), st.sampled_from((100, 5_000)))
"""A block is charged at once, yet the step that is one too many is the same one."""


@given(cases(CORE, depth=5), FUEL)
def test_built_in_words_compiled(case: Case, fuel: int) -> None:
    for arguments in case.inputs:
        evaluate(case.program, arguments, CORE, fuel=fuel)


@given(
    cases(Library.of(*DEFINED).extend(*(CORE[n] for n in ("int.add", "list.map", "control.if", "int.divide")))), FUEL
)
def test_definitions_compiled(case: Case, fuel: int) -> None:
    for arguments in case.inputs:
        evaluate(case.program, arguments, MINE, fuel=fuel)


QUIET = ODD.without(["odd.interrupts"])


@given(cases(QUIET), FUEL)
def test_words_that_break_their_word_compiled(case: Case, fuel: int) -> None:
    for arguments in case.inputs:
        evaluate(case.program, arguments, QUIET, fuel=fuel)


def test_a_failure_before_the_fuel_ends_is_that_failure() -> None:
    """The block has three steps, so two are too few for it; but the program fails at the second."""
    body = call("int.add", call("int.divide", one, Literal(0)), call("int.negate", one))
    outcome = evaluate(Lambda((), body), (), CORE, fuel=2)
    assert isinstance(outcome, Failure)
    assert outcome.cause is Cause.UNDEFINED


@pytest.mark.parametrize(
    "body",
    [
        call("odd.lies", one),
        call("odd.forgives", Name("odd.crashes"), one),
        call("odd.forgives_all", Lambda(("x",), call("odd.crashes", x)), one),
        call("odd.replaces_all", Name("odd.recurses"), one),
        call("odd.calls_with_two", Lambda(("x",), x), one),
        call("odd.compose", Name("int.add"), Name("int.add")),
        Name("odd.broken_constant"),
        Name("odd.no_such_word"),
        Variable("nothing"),
        Application(one, (two,)),
        Application(Name("odd.answer"), (two,)),
        Let("f", Lambda(("x", "y"), call("int.add", x, y)), Application(f, (one,))),
    ],
    ids=str,
)
def test_odd_programs_fail_alike(body: object) -> None:
    outcome = evaluate(Lambda((), body), (), ODD)  # type: ignore[arg-type]
    assert isinstance(outcome, Failure)


def test_ctrl_c_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        compile_program(Lambda(("x",), call("odd.interrupts", x)), ODD)((1,))
    with pytest.raises(KeyboardInterrupt):
        compile_program(Lambda(("x",), call("odd.forgives", Name("odd.interrupts"), x)), ODD)((1,))


def test_a_compiler_keeps_its_definitions() -> None:
    compiler = Compiler(MINE)
    first = compiler.compile(Lambda(("x",), call("my.quadruple", x)))
    block = compiler.block("my.double")
    second = compiler.compile(Lambda(("x",), call("my.double", x)))
    assert (first((1,)), second((1,))) == (4, 2)
    assert compiler.block("my.double") is block


def test_definitions_by_way_of_themselves_are_left_to_the_interpreter() -> None:
    ping = Definition("my.ping", INT, Lambda(("x",), call("my.pong", x)))
    pong = Definition("my.pong", INT, Lambda(("x",), call("my.ping", x)))
    library = CORE.extend(ping, pong, Definition("my.self", INT, Name("my.self")))
    for body in (call("my.ping", one), Name("my.self")):
        outcome = evaluate(Lambda((), body), (), library)
        assert isinstance(outcome, Failure)
        assert outcome.cause is Cause.TOO_LARGE


def test_a_long_chain_of_definitions_compiles() -> None:
    library = CORE.extend(Definition("my.f0", INT, Lambda(("x",), x)))
    links = (Definition(f"my.f{i}", INT, Lambda(("x",), call(f"my.f{i - 1}", x))) for i in range(1, 6000))
    library = library.extend(*links)
    outcome = evaluate(Lambda((), call("my.f5999", one)), (), library)
    assert isinstance(outcome, Failure)
    assert outcome.cause is Cause.TOO_LARGE
    assert evaluate(Lambda((), call("my.f300", one)), (), library) == 1


def test_a_compiled_program_may_be_run_while_it_runs_and_by_threads() -> None:
    """Fuel belongs to a run, not to the program."""
    inner = compile_program(Lambda(("x",), call("int.add", x, one)), CORE, fuel=1)

    @primitive
    def nested(x: int) -> int:
        """Runs a compiled program."""
        return inner((x,))  # type: ignore[return-value]

    library = CORE.extend(primitive_of(nested))
    program = Lambda(("xs",), call("list.map", Name("nested"), xs))
    compiled = compile_program(program, library)
    results: list[object] = []
    threads = [threading.Thread(target=lambda: results.append(compiled(((1, 2),)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(2, 3)] * 4


@settings(max_examples=30)
@given(cases(CORE))
def test_a_compiled_program_runs_again_as_it_ran(case: Case) -> None:
    compiled = Compiler(CORE).compile(case.program, fuel=2_000)
    for arguments in (*case.inputs, *case.inputs):
        assert key(compiled(arguments)) == key(run(case.program, arguments, CORE, fuel=2_000))
