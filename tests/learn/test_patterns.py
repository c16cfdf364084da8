"""Patterns: where they occur, and rewriting with them."""

from itertools import islice

from corpora import LIBRARY, programs, read
from hypothesis import assume, given
from hypothesis import strategies as st
from small_compressor import abstractions_in

from dsl.program import Hole, Lambda, Program, walk
from synth.learn.forms import bound, nameless, shifted, unfolded
from synth.learn.patterns import Pattern, Rewriter, cost, filled, gaps, matched, opened_pattern, surely_run


def _pattern(text: str, *open_names: str) -> Program:
    """The pattern of an expression whose free names are gaps."""
    return opened_pattern(nameless(read(f"lambda {', '.join(open_names)}: {text}")), 0)[0]


@given(programs(), st.data())
def test_a_pattern_matches_what_it_was_cut_from(program: Lambda, data: st.DataObject) -> None:
    """And what is found in its gaps, put into them, gives that again."""
    form = nameless(program)
    assert isinstance(form, Lambda)
    part = data.draw(st.sampled_from([part for part in walk(form.body) if part.size <= 15]))
    patterns = list(islice(abstractions_in(part, 3), 200))
    assume(patterns)
    pattern = data.draw(st.sampled_from(patterns))
    found = matched(pattern, part)
    assert found is not None
    assert set(found) == set(gaps(pattern))
    assert filled(pattern, found) == part


def test_gaps_take_nothing_that_the_pattern_binds() -> None:
    pattern = _pattern("map(lambda x: x + g, xs)", "g", "xs")
    inside = nameless(read("lambda xs: map(lambda x: x + x * 2, xs)"))
    outside = nameless(read("lambda xs: map(lambda x: x + length(xs), xs)"))
    assert isinstance(inside, Lambda)
    assert isinstance(outside, Lambda)
    assert matched(pattern, inside.body) is None
    assert matched(pattern, outside.body) is not None


def test_a_gap_that_occurs_twice_stands_for_equal_programs() -> None:
    pattern = _pattern("g * g", "g")
    assert matched(pattern, _pattern("(h + 1) * (h + 1)", "h")) is not None
    assert matched(pattern, _pattern("(h + 1) * (h + 2)", "h")) is None


@given(programs(), st.data())
def test_rewriting_can_be_undone_and_is_never_dearer(program: Lambda, data: st.DataObject) -> None:
    form = nameless(program)
    assert isinstance(form, Lambda)
    part = data.draw(st.sampled_from([part for part in walk(form.body) if part.size <= 15]))
    patterns = list(islice(abstractions_in(part, 3), 200))
    assume(patterns)
    body, _ = opened_pattern(data.draw(st.sampled_from(patterns)), 3)
    assume(not isinstance(body, Hole))
    order = gaps(body)
    made = Rewriter(Pattern("learned.p", body, order), LIBRARY).program(form)
    assert cost(made) <= cost(form)
    assert unfolded(made, {"learned.p": _definition(body, order)}) == form


def _definition(body: Program, order: tuple[str, ...]) -> Program:
    """The pattern as a nameless function of its gaps."""
    last = len(order) - 1
    inside = filled(shifted(body, len(order)), {gap: bound(last - place) for place, gap in enumerate(order)})
    return Lambda(("_",) * len(order), inside) if order else inside


def test_what_a_branch_or_a_lambda_leaves_unrun_is_not_surely_run() -> None:
    def run(text: str) -> set[str]:
        pattern = _pattern(text, "a", "b", "c")
        return {"abc"[int(name[1:])] for name in surely_run(pattern, LIBRARY)}

    assert run("(a if b > 0 else c)") == {"b"}
    assert run("(a if b > 0 else a + c)") == {"a", "b"}
    assert run("[a, b + c]") == {"a", "b", "c"}
    assert run("map(lambda x: x + a, [b, c])") == {"b", "c"}
    assert run("(a > 0 and b > c)") == {"a"}


def test_what_may_fail_is_not_taken_out_of_where_it_may_be_unrun() -> None:
    """`head([])` has no value; under `map` over an empty list nobody asks for it."""
    pattern = Pattern("learned.p", _pattern("map(lambda x: x + a, xs)", "a", "xs"), ("#0", "#1"))
    rewriter = Rewriter(pattern, LIBRARY)
    failing = nameless(read("lambda xs: map(lambda x: x + head(xs), xs)"))
    harmless = nameless(read("lambda n, xs: map(lambda x: x + n, xs)"))
    assert rewriter.program(failing) == failing
    assert rewriter.program(harmless) != harmless
