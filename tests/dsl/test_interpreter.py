"""The interpreter: values, every cause of failure, laziness, limits, and traces.

All but the traces is checked both ways: what is compiled must end in the same value or the same failure.
"""

from __future__ import annotations

import sys

import pytest
import running_words
from both_ways import evaluate
from hypothesis import given, settings
from hypothesis import strategies as st
from typed_programs import Case, cases

from dsl.interpreter import DEFAULT_FUEL, NESTING_LIMIT, TRACED_VALUES, run, trace
from dsl.library import Definition, Library
from dsl.primitives import CORE
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, call
from dsl.type_system import INT
from dsl.values import SIZE_LIMIT, Cause, Failure

WORDS = CORE.extend(Library.of(running_words))
x, y, f, xs = map(Variable, ("x", "y", "f", "xs"))
one, two, zero = map(Literal, (1, 2, 0))


def value_of(body: Program, library: Library = WORDS, **arguments: object) -> object:
    return evaluate(Lambda(tuple(arguments), body), tuple(arguments.values()), library)


def cause_of(body: Program, **arguments: object) -> Cause:
    outcome = value_of(body, **arguments)
    assert isinstance(outcome, Failure), outcome
    return outcome.cause


# ---- Values ---------------------------------------------------------------------------------------------------------


def test_every_kind_of_node_has_its_value() -> None:
    double = Lambda(("x",), call("int.add", x, x))
    assert value_of(call("list.map", double, xs), xs=(1, 2)) == (2, 4)
    assert value_of(call("list.map", Name("int.negate"), xs), xs=(1, 2)) == (-1, -2)
    assert value_of(Let("f", double, Application(f, (Application(f, (two,)),)))) == 8
    assert value_of(Application(double, (two,))) == 4
    assert value_of(Name("odd.answer")) == 42
    assert evaluate(Literal((1, 2)), (), WORDS) == (1, 2)


def test_a_word_may_stand_for_a_program() -> None:
    assert evaluate(Name("list.reverse"), ((1, 2),), WORDS) == (2, 1)


def test_lambdas_capture_the_variables_around_them() -> None:
    adders = Lambda(("x",), call("list.map", Lambda(("y",), call("int.add", x, y)), xs))
    assert value_of(call("list.map", adders, xs), xs=(1, 2)) == ((2, 3), (3, 4))
    kept = Let("x", one, Let("f", Lambda(("y",), call("int.add", x, y)), Let("x", two, Application(f, (x,)))))
    assert value_of(kept) == 3


def test_an_inner_name_hides_an_outer_one() -> None:
    assert (
        value_of(Let("x", call("int.add", x, one), Application(Lambda(("x",), call("int.add", x, x)), (x,))), x=1) == 4
    )


def test_branches_that_are_not_taken_are_not_run() -> None:
    fails = call("odd.undefined", zero)
    yes, no = Literal(True), Literal(False)
    failing = call("order.eq", fails, zero)
    assert value_of(call("control.if", yes, one, fails)) == 1
    assert value_of(call("control.if", no, fails, two)) == 2
    assert value_of(call("bool.and", no, failing)) is False
    assert value_of(call("bool.or", yes, failing)) is True
    assert value_of(call("odd.implies", no, failing)) is True
    assert cause_of(call("bool.and", yes, failing)) is Cause.UNDEFINED
    assert cause_of(call("bool.and", failing, no)) is Cause.UNDEFINED


def test_a_lazy_word_as_a_value_takes_values() -> None:
    assert value_of(call("list.fold", Name("bool.and"), Literal(True), Literal((True, False)))) is False


def definition(name: str, program: Program) -> Definition:
    """A definition whose type no run looks at."""
    return Definition(name, INT, program)


def test_definitions_call_definitions() -> None:
    double = definition("my.double", Lambda(("x",), call("int.add", x, x)))
    quadruple = definition("my.quadruple", Lambda(("x",), call("my.double", call("my.double", x))))
    ten = definition("my.ten", Literal(10))
    alias = definition("my.alias", Name("my.quadruple"))
    library = WORDS.extend(double, quadruple, ten, alias)
    assert value_of(call("my.quadruple", Name("my.ten")), library) == 40
    assert value_of(call("my.alias", Name("my.ten")), library) == 40
    assert value_of(call("list.map", Name("my.alias"), Literal((1, 2))), library) == (4, 8)
    # A definition sees its own parameters, not the variables of whoever calls it.
    leaky = definition("my.leaky", Lambda(("y",), x))
    assert value_of(call("my.leaky", one), WORDS.extend(leaky), x=1) == Failure(
        Cause.FAULT, "x", "nothing binds this variable"
    )


def test_functions_that_primitives_give_are_functions() -> None:
    twice = call("odd.compose", Name("int.negate"), Lambda(("x",), call("int.add", x, one)))
    assert value_of(call("list.map", twice, xs), xs=(1, 2)) == (-2, -3)
    assert value_of(Application(call("odd.divider", Literal(7)), (two,))) == 3


@pytest.mark.parametrize(("argument", "cause"), [(zero, Cause.FAULT), (one, Cause.FAULT)])
def test_functions_that_primitives_give_are_held_to_their_word(argument: Program, cause: Cause) -> None:
    outcome = value_of(call("odd.call_it", call("odd.divider", Literal(7)), argument))
    assert isinstance(outcome, Failure)
    assert (outcome.cause, outcome.where) == (cause, "odd.divider")


# ---- Failures -------------------------------------------------------------------------------------------------------

FAILING = {
    "lies": (Cause.FAULT, "expected a value of int, found True"),
    "lies_inside": (Cause.FAULT, "expected a value of list[int], found (1, True)"),
    "gives_a_list": (Cause.FAULT, "expected a value of list[int], found [1]"),
    "gives_nothing": (Cause.FAULT, "expected a value of int, found None"),
    "unprintable": (Cause.FAULT, "expected a value of list[int], found "),
    "crashes": (Cause.FAULT, "it raised ValueError: not 1"),
    "crashes_silently": (Cause.FAULT, "it raised _SilentError: (an exception whose text cannot be shown)"),
    "undefined": (Cause.UNDEFINED, "never defined"),
    "declares_overflow": (Cause.UNDEFINED, ""),
    "too_large": (Cause.TOO_LARGE, ""),
    "out_of_memory": (Cause.TOO_LARGE, ""),
    "recurses": (Cause.TOO_LARGE, "it called itself too deeply"),
    "not_a_number": (Cause.UNDEFINED, "not a finite number: inf"),
    "not_numbers": (Cause.UNDEFINED, "not a finite number: inf"),
}


@pytest.mark.parametrize("word", FAILING)
def test_a_failure_says_why_and_where(word: str) -> None:
    cause, detail = FAILING[word]
    outcome = value_of(call(f"odd.{word}", one))
    assert isinstance(outcome, Failure)
    assert (outcome.cause, outcome.where) == (cause, f"odd.{word}")
    assert outcome.detail.startswith(detail)


def test_a_generator_is_no_list() -> None:
    assert cause_of(call("odd.gives_a_generator", one)) is Cause.FAULT


def test_a_declared_exception_means_undefined_where_it_is_raised() -> None:
    assert value_of(call("odd.declares", one)) == 2
    assert cause_of(call("odd.declares", two)) is Cause.UNDEFINED


def test_integers_beyond_64_bits_overflow() -> None:
    assert value_of(call("odd.power_of_two", Literal(62))) == 2**62
    assert cause_of(call("odd.power_of_two", Literal(63))) is Cause.OVERFLOW
    assert cause_of(call("odd.powers_of_two", Literal(64))) is Cause.OVERFLOW
    assert cause_of(call("int.power", two, Literal(10**9))) is Cause.OVERFLOW


def test_a_value_has_a_largest_size() -> None:
    assert len(value_of(call("odd.repeat", one, Literal(SIZE_LIMIT - 1)))) == SIZE_LIMIT - 1  # type: ignore[arg-type]
    assert cause_of(call("odd.repeat", one, Literal(SIZE_LIMIT))) is Cause.TOO_LARGE
    assert cause_of(call("odd.stretch", Literal(SIZE_LIMIT + 1))) is Cause.TOO_LARGE
    hundred = call("odd.repeat", one, Literal(100))
    assert cause_of(call("odd.repeat", hundred, Literal(100))) is Cause.TOO_LARGE
    assert cause_of(call("odd.hold", call("odd.repeat", one, Literal(SIZE_LIMIT - 1)))) is Cause.TOO_LARGE


def test_a_tower_of_shared_values_is_measured_in_no_time() -> None:
    body: Program = one
    for _ in range(100):
        body = Let("x", body, call("odd.pair", x, x))
    assert cause_of(body) is Cause.TOO_LARGE


def test_a_hole_has_no_value_but_may_stand_where_it_is_not_needed() -> None:
    hole = Hole("f", INT)
    assert value_of(hole) == Failure(Cause.UNDEFINED, "?f", "a hole has no value until it is filled")
    assert value_of(call("control.if", Literal(True), one, hole)) == 1


def test_ill_typed_programs_fail_as_well() -> None:
    assert value_of(Application(one, (two,))) == Failure(
        Cause.FAULT, "", "expected a function to apply, found a value of Python's int"
    )
    assert value_of(Application(Lambda(("x",), x), (one, two))) == Failure(
        Cause.FAULT, "", "expected 1 arguments, found 2"
    )
    assert cause_of(call("int.add", one)) is Cause.FAULT
    assert cause_of(call("nowhere.word", one)) is Cause.FAULT
    assert cause_of(Name("nowhere.word")) is Cause.FAULT
    assert cause_of(call("odd.calls_with_two", Lambda(("x",), x), one)) is Cause.FAULT
    assert cause_of(call("odd.odd_lazy", Literal(True), Literal(True))) is Cause.FAULT
    assert cause_of(Name("odd.broken_constant")) is Cause.UNDEFINED
    assert evaluate(Lambda(("x",), x), (), WORDS) == Failure(Cause.FAULT, "", "expected 1 arguments, found 0")


@pytest.mark.parametrize("body", [Name("int.add"), Lambda(("x",), x), call("odd.hold", Name("int.add"))])
def test_a_function_is_no_result(body: Program) -> None:
    outcome = value_of(body)
    assert outcome == Failure(Cause.FAULT, "", "expected a value, found a function, which only programs can use")


def test_ctrl_c_passes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        value_of(call("odd.interrupts", one))


@pytest.mark.parametrize("word", ["forgives", "forgives_all", "replaces_all", "declares_everything", "call_it"])
def test_a_primitive_cannot_swallow_the_failure_of_a_function(word: str) -> None:
    fails = Lambda(("x",), call("int.divide", x, zero))
    outcome = value_of(call(f"odd.{word}", fails, one))
    assert isinstance(outcome, Failure)
    assert (outcome.cause, outcome.where) == (Cause.UNDEFINED, "int.divide")


@pytest.mark.parametrize("word", ["forgives", "forgives_all", "replaces_all", "declares_everything", "call_it"])
def test_a_primitive_cannot_swallow_the_end_of_fuel(word: str) -> None:
    program = Lambda((), call(f"odd.{word}", Lambda(("x",), call("int.add", x, one)), one))
    assert evaluate(program, (), WORDS, fuel=2) == Failure(Cause.OUT_OF_FUEL)
    assert evaluate(program, (), WORDS, fuel=3) == 2


# ---- Limits ---------------------------------------------------------------------------------------------------------


def test_fuel_counts_applications_and_calls_of_functions() -> None:
    program = Lambda(("xs",), call("list.map", Lambda(("x",), call("int.add", x, x)), xs))
    assert evaluate(program, ((1, 2, 3),), WORDS, fuel=7) == (2, 4, 6)
    assert evaluate(program, ((1, 2, 3),), WORDS, fuel=6) == Failure(Cause.OUT_OF_FUEL)
    assert evaluate(Lambda(("xs",), xs), ((),), WORDS, fuel=0) == ()


def test_nested_folds_run_out_of_fuel() -> None:
    numbers = Literal(tuple(range(100)))
    body: Program = call("int.add", x, y)
    for _ in range(3):
        body = call("list.fold", Lambda(("x", "y"), body), zero, numbers)
    assert cause_of(body, x=0, y=0) is Cause.OUT_OF_FUEL


def deep(levels: int, around: str = "int.negate") -> Program:
    body: Program = one
    for _ in range(levels):
        body = call(around, body)
    return body


def test_the_deepest_programs_run_whatever_the_stack_of_their_caller() -> None:
    before = sys.getrecursionlimit()
    lazy: Program = one
    for _ in range(190):
        lazy = call("control.if", Literal(True), lazy, zero)
    applied: Program = one
    for _ in range(90):
        applied = call("odd.call_it", Lambda(("x",), applied), one)

    def from_deep_inside(frames: int) -> object:
        return (value_of(deep(190)), value_of(lazy), value_of(applied)) if frames == 0 else from_deep_inside(frames - 1)

    assert from_deep_inside(500) == (1, 1, 1)
    assert sys.getrecursionlimit() == before


def chain(length: int) -> tuple[Library, Program]:
    """Definitions that call each other in a row."""
    first = definition("my.f0", Lambda(("x",), x))
    bodies = [Lambda(("x",), call(f"my.f{i - 1}", call("int.negate", x))) for i in range(1, length)]
    library = WORDS.extend(first, *(definition(f"my.f{i}", body) for i, body in enumerate(bodies, 1)))
    return library, call(f"my.f{length - 1}", one)


def test_calls_nest_to_a_limit() -> None:
    library, body = chain(3001)
    assert value_of(body, library) == 1
    library, body = chain(6000)
    outcome = value_of(body, library)
    assert outcome == Failure(Cause.TOO_LARGE, "", f"calls are nested more than {NESTING_LIMIT} levels deep")


def test_a_definition_by_way_of_itself_ends() -> None:
    loop = definition("my.loop", Lambda(("x",), call("my.loop", x)))
    endless = definition("my.endless", Name("my.endless"))
    library = WORDS.extend(loop, endless)
    for body in (call("my.loop", one), Name("my.endless")):
        outcome = value_of(body, library)
        assert isinstance(outcome, Failure)
        assert outcome.cause is Cause.TOO_LARGE


def test_a_tower_of_closures_ends() -> None:
    """A fold whose accumulator is a function makes calls as deep as the list is long."""
    grow = Lambda(("f", "x"), Lambda(("y",), Application(f, (call("int.add", x, y),))))
    body = Application(call("list.fold", grow, Lambda(("y",), y), xs), (zero,))
    assert value_of(body, xs=tuple(range(100))) == sum(range(100))
    assert cause_of(body, xs=(1,) * 5000) is Cause.TOO_LARGE


# ---- Laws -----------------------------------------------------------------------------------------------------------


@given(cases(CORE))
def test_a_well_typed_program_of_built_in_words_has_no_faults(case: Case) -> None:
    """Values are of the declared types, failures of the declared causes; nothing is raised."""
    for arguments in case.inputs:
        outcome = evaluate(case.program, arguments, CORE, fuel=2_000)
        assert not (isinstance(outcome, Failure) and outcome.cause is Cause.FAULT), outcome


@settings(max_examples=50)
@given(cases(CORE), st.integers(0, 200))
def test_more_fuel_never_changes_a_value(case: Case, fuel: int) -> None:
    for arguments in case.inputs:
        outcome = evaluate(case.program, arguments, CORE, fuel=fuel)
        if not isinstance(outcome, Failure) or outcome.cause is not Cause.OUT_OF_FUEL:
            assert evaluate(case.program, arguments, CORE, fuel=2 * fuel + 5) == outcome


# ---- Traces ---------------------------------------------------------------------------------------------------------


def rows(body: Program, **arguments: object) -> dict[tuple[int, ...], tuple[object, ...]]:
    program = Lambda(tuple(arguments), body)
    found = trace(program, tuple(arguments.values()), WORDS)
    assert found.outcome == run(program, tuple(arguments.values()), WORDS)
    return {occurrence.path: occurrence.values for occurrence in found.occurrences}


def test_a_trace_has_the_value_of_every_part() -> None:
    body = call("list.map", Lambda(("x",), call("int.add", x, one)), call("list.reverse", xs))
    assert rows(body, xs=(1, 2)) == {
        (0,): ((3, 2),),
        (0, 1): (),  # the function
        (0, 1, 0): (3, 2),
        (0, 1, 0, 1): (2, 1),
        (0, 1, 0, 2): (1, 1),
        (0, 2): ((2, 1),),
        (0, 2, 1): ((1, 2),),
    }


def test_one_node_at_two_places_is_traced_at_each() -> None:
    part = call("int.add", x, one)
    body = call("control.if", Literal(True), part, part)
    assert rows(body, x=1) == {(0,): (2,), (0, 1): (True,), (0, 2): (2,), (0, 2, 1): (1,), (0, 2, 2): (1,)}


def test_a_failure_stands_where_it_began() -> None:
    body = call("int.add", one, call("int.divide", x, zero))
    found = rows(body, x=1)
    (failure,) = found[(0, 2)]
    assert isinstance(failure, Failure)
    assert failure.where == "int.divide"
    assert (0,) not in found


def test_a_failure_in_a_definition_stands_where_that_is_called() -> None:
    library = WORDS.extend(definition("my.bad", Lambda(("x",), call("int.divide", x, zero))))
    found = trace(Lambda((), call("int.add", one, call("my.bad", one))), (), library)
    (row,) = (o for o in found.occurrences if any(isinstance(v, Failure) for v in o.values))
    assert row.program == call("my.bad", one)


def test_a_trace_keeps_the_first_values_and_the_failure() -> None:
    body = call("list.map", Lambda(("x",), call("int.divide", Literal(100), x)), xs)
    found = trace(Lambda(("xs",), body), ((*range(1, 41), 0),), WORDS)
    (row,) = (o for o in found.occurrences if o.path == (0, 1, 0))
    assert (len(row.values), row.times) == (TRACED_VALUES, 41)
    assert row.values[:3] == (100, 50, 33)
    assert isinstance(row.values[-1], Failure)


@settings(max_examples=50)
@given(cases(CORE))
def test_a_trace_ends_as_the_run_does(case: Case) -> None:
    for arguments in case.inputs[:1]:
        found = trace(case.program, arguments, CORE, fuel=500)
        assert found.outcome == run(case.program, arguments, CORE, fuel=500)
        assert all(o.times >= len(o.values) for o in found.occurrences)


def test_the_usual_fuel_is_enough_for_lists_of_a_thousand() -> None:
    numbers = tuple(range(1000))
    assert (
        value_of(call("list.sum", call("list.map", Lambda(("x",), call("int.add", x, one)), xs)), xs=numbers) == 500500
    )
    assert DEFAULT_FUEL >= 10 * SIZE_LIMIT
