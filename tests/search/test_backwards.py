"""The search backwards on banks of a slow search forwards: what it finds is right, and within how many evaluations."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from fake_banks import CORE, FIRST_ORDER, HIGHER_ORDER, INNER, INTS, FakeSearch, called, word
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.printer import show
from dsl.type_system import INT, Type
from synth.search.backwards import Backwards
from synth.search.goals import NO_VALUE, Free, goal_of
from synth.search.schedule import TOP
from synth.search.surroundings import Solution

INPUTS = [(3, 1, 2), (5, 5, -7, 0), (4, 6), (9, 2, 2, 8, 1)]


def text(search: FakeSearch, solution: Solution) -> str:
    return show(search.program(solution.program), CORE)


def search_on(search: FakeSearch, backwards: Backwards, last: int) -> list[Solution]:
    """Raise the bound until something is found; all that is found costs what it says."""
    for bound in range(1, last + 1):
        if found := [*backwards.expand(bound), *backwards.match()]:
            assert all(solution.cost == search.cost(solution.program) for solution in found)
            return found
    return []


def is_right(search: FakeSearch, solution: Solution, outputs: Sequence[object]) -> bool:
    pairs = zip(search.outputs(solution.program), outputs, strict=True)
    return all(isinstance(wanted, Free) or out == wanted for out, wanted in pairs)


def cheapest(search: FakeSearch, found: Sequence[Solution]) -> set[str]:
    least = min(solution.cost for solution in found)
    return {text(search, solution) for solution in found if solution.cost == least}


# ---- Chains ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outputs", "wanted", "most"),
    [
        # Both parts of each word are found apart: no argument is tried.
        ([(sum(xs), *xs[::-1], len(xs)) for xs in INPUTS], "cons(sum(xs), append(reverse(xs), length(xs)))", 60),
        # A part that must be tried, and one that need not; two parts that must be tried.
        ([(*xs[1:], max(xs), *sorted(xs)) for xs in INPUTS], "tail(xs) + cons(maximum(xs), sort(xs))", 900),
        ([(*xs[1:], *xs[::-1], *sorted(xs)) for xs in INPUTS], "tail(xs) + reverse(xs) + sort(xs)", 3600),
        # A function known by its points: looked up; or itself taken apart; or one step down.
        ([tuple(x * 2 for x in xs) for xs in INPUTS], "map(lambda x: int.add(x, x), xs)", 60),
        ([tuple(x * x + 1 for x in xs) for xs in INPUTS], "map(lambda x: x * x + 1, xs)", 600),
        ([(len(xs), *(x * x for x in xs)) for xs in INPUTS], "cons(length(xs), map(lambda x: x * x, xs))", 200),
        ([tuple(x for x in sorted(xs) if x > 2) for xs in INPUTS], "filter(lambda x: 2 < x, sort(xs))", 200),
    ],
)
def test_chains_are_found_within_few_evaluations(outputs: list[object], wanted: str, most: int) -> None:
    """Programs of 7 or 8 words from banks of programs of at most 3."""
    search = FakeSearch(INPUTS, 3)
    found = search_on(search, search.goal(outputs), 6)
    assert all(is_right(search, solution, outputs) for solution in found)
    assert wanted in {text(search, solution) for solution in found}
    assert search.evaluations <= most


def test_a_list_of_five_numbers_is_taken_apart_item_by_item() -> None:
    """Steps that need nothing given lead deeper than two words down."""
    outputs = [(max(xs), xs[-1], len(xs), xs[0], min(xs)) for xs in INPUTS]
    search = FakeSearch(INPUTS, 3)
    found = search_on(search, search.goal(outputs), 6)
    assert found
    assert all(is_right(search, solution, outputs) for solution in found)
    assert search.evaluations <= 900


def test_the_branches_of_a_choice_are_found_apart() -> None:
    outputs = [tuple(sorted(xs)) if xs[-1] < 2 else xs[::-1] for xs in INPUTS]
    search = FakeSearch(INPUTS, 4)
    found = search_on(search, search.goal(outputs), 5)
    assert all(is_right(search, solution, outputs) for solution in found)
    assert "sort(xs) if last(xs) < 2 else reverse(xs)" in {text(search, solution) for solution in found}


def test_queries_want_nothing_and_several_outputs_may_be_wanted() -> None:
    outputs = [Free.IDLE if len(xs) == 2 else (*xs, len(xs)) for xs in INPUTS]
    search = FakeSearch(INPUTS, 2)
    found = search_on(search, search.goal(outputs), 4)
    assert any(text(search, solution) == "append(xs, length(xs))" for solution in found)
    assert all(is_right(search, solution, outputs) for solution in found)
    # One list or the other on each row; steps with several holes are not taken, for they might mix the two.
    wishes = [((*xs, *xs), (*xs, *xs[::-1])) for xs in INPUTS]
    backwards = Backwards(CORE.entries, search, search.store, (TOP, INTS), goal_of(wishes, INTS, search.store))
    found = search_on(search, backwards, 3)
    assert {text(search, solution) for solution in found} >= {"list.concat(xs, xs)", "xs + reverse(xs)"}
    for solution in found:
        assert all(out in wish for out, wish in zip(search.outputs(solution.program), wishes, strict=True))


# ---- What is found is complete, right, and cheapest -----------------------------------------------------------------

TWO_STEPS = [p for p in FIRST_ORDER if p.key in ("list.cons", "list.append", "list.concat", "int.add", "list.reverse")]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_chain_of_two_steps_is_found(data: st.DataObject) -> None:
    """A program built at random from the banks is found, or one that costs no more."""
    search = FakeSearch(INPUTS, 3, productions=TWO_STEPS)
    room = search.rooms[TOP]

    def drawn(t: Type, depth: int) -> tuple[int, list[object]]:
        if depth == 0:
            cost, column, _ = data.draw(st.sampled_from(room.found[t]))
            return cost, column
        production = data.draw(st.sampled_from([p for p in TWO_STEPS if p.result == t]))
        deep = data.draw(st.integers(0, len(production.parameters) - 1))
        parts = [drawn(p, depth - 1 if i == deep else 0) for i, p in enumerate(production.parameters)]
        columns = zip(*(column for _, column in parts), strict=True)
        return 1 + sum(c for c, _ in parts), [called(CORE[production.key], arguments) for arguments in columns]

    cost, column = drawn(data.draw(st.sampled_from([INT, INTS])), 2)
    if NO_VALUE in column:
        return
    t = INTS if isinstance(column[0], tuple) else INT
    backwards = search.goal(column, t)
    # What the search forwards has already: not looked for.
    if any(known == column for _, known, _ in room.found[t]):
        return
    found = [*backwards.expand(cost), *backwards.match()]
    assert found
    assert min(solution.cost for solution in found) <= cost
    for solution in found:
        assert is_right(search, solution, column)
        assert solution.cost == search.cost(solution.program)


def test_banks_that_grow_late_give_the_same() -> None:
    """Classes that turn up after a bound was reached are still tried as arguments, and compared with goals."""
    outputs = [(*xs[:2], max(xs), *sorted(xs)) for xs in INPUTS]
    at_once = FakeSearch(INPUTS, 3)
    backwards = at_once.goal(outputs)
    backwards.expand(5)
    wanted = cheapest(at_once, backwards.match())
    late = FakeSearch(INPUTS, 1)
    backwards = late.goal(outputs)
    found = []
    for level in (1, 2, 3):
        for room in late.rooms.values():
            room.raise_to(level)
        found.extend((*backwards.expand(5), *backwards.match()))
    assert wanted
    assert cheapest(late, found) == wanted
    assert backwards.goals.keys() == at_once.backwards.goals.keys()


def test_a_search_that_was_cut_off_goes_on_where_it_was() -> None:
    outputs = [(*xs[1:], *xs[::-1], *sorted(xs)) for xs in INPUTS]
    whole, cut = FakeSearch(INPUTS, 3), FakeSearch(INPUTS, 3)
    backwards = whole.goal(outputs)
    backwards.expand(5)
    wanted = backwards.match()
    backwards, found = cut.goal(outputs), []
    for budget in range(0, 2000, 97):
        cut.budget = budget
        try:
            found.extend(backwards.expand(5))
            found.extend(backwards.match())
            break
        except TimeoutError:
            assert cut.evaluations <= budget
    assert sorted(text(cut, s) for s in found) == sorted(text(whole, s) for s in wanted)


def test_the_universe_grows_with_the_points_that_are_asked_about() -> None:
    """Goals already open in the scope of a function move with its rows, and still are met by the same bodies."""
    outputs = [tuple(x * x + 1 for x in xs) for xs in INPUTS]
    search = FakeSearch(INPUTS, 3, universe=lambda xs: sorted(set(xs))[1:2])
    few = len(search.rooms[INNER].rows)
    backwards = search.goal(outputs)
    found = search_on(search, backwards, 6)
    assert len(search.rooms[INNER].rows) > few
    assert "map(lambda x: x * x + 1, xs)" in {text(search, solution) for solution in found}
    assert all(is_right(search, solution, outputs) for solution in found)
    rows = {INNER: len(search.rooms[INNER].rows), TOP: len(INPUTS)}
    assert all(goal.rows == rows[place[0]] for place, goals in backwards.goals.items() for goal in goals)


def test_no_goal_is_open_twice_and_none_beyond_the_cap() -> None:
    outputs = [(*xs[1:], *xs[::-1], *sorted(xs)) for xs in INPUTS]
    search = FakeSearch(INPUTS, 3)
    backwards = search.goal(outputs)
    backwards.expand(6)
    keys = [(place, goal.key) for place, goals in backwards.goals.items() for goal in goals]
    assert len(keys) == len(set(keys)) > 30
    assert not backwards.is_full
    capped = Backwards(
        CORE.entries,
        search,
        search.store,
        (TOP, INTS),
        goal_of([(o,) for o in outputs], INTS, search.store),
        most_goals=30,
    )
    capped.expand(6)
    assert capped.is_full
    assert sum(map(len, capped.goals.values())) <= 30 + 1  # a step may open two at once


def test_goals_that_any_program_meets_are_not_opened() -> None:
    """Nor the goal above once more: `reverse(reverse(?))` leads back to it."""
    search = FakeSearch([(), (), ()], 2, productions=[word("list.reverse", (INTS,), INTS), *HIGHER_ORDER])
    backwards = search.goal([(), (), ()])
    backwards.expand(6)
    assert all(not goal.wants_nothing for goals in backwards.goals.values() for goal in goals)
    search = FakeSearch(INPUTS, 2, productions=[word("list.reverse", (INTS,), INTS)])
    backwards = search.goal([xs * 2 for xs in INPUTS])
    backwards.expand(6)
    assert {place: len(goals) for place, goals in backwards.goals.items()} == {(TOP, INTS): 2}
