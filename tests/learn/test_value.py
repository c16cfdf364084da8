"""Tasks apart, what definitions are worth on solutions, and how often they are used."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.errors import InterfaceError
from dsl.library import Definition
from dsl.module_file import definitions_of
from dsl.parser import parse, parse_file, parse_type
from dsl.program import Lambda, names
from dsl.type_system import FunctionType
from synth.learn.compression import Compression, Learned
from synth.learn.corpus import Corpus, Solved, program_cost
from synth.learn.rewriting import rewrite
from synth.learn.value import Reuse, Split, judge, reuse, split, value_of
from tasks.domains.lists import LISTS

WORDS = LISTS.library
PAYS = "def spread(xs: list[int]) -> int = maximum(xs) - minimum(xs)"
USELESS = "def strange(xs: list[int]) -> list[int] = drop(7, reverse(xs))"


def definitions(*texts: str) -> list[Definition]:
    found = definitions_of(parse_file("\n".join(("syn 1", *texts)) + "\n"), WORDS, "learned")
    made = {entry.short: entry for entry in found if isinstance(entry, Definition)}
    return [made[text.split("(")[0].removeprefix("def ")] for text in texts]


def solutions(*texts: str, result: str = "int") -> Corpus:
    t = parse_type(f"(list[int]) -> {result}")
    assert isinstance(t, FunctionType)
    made = []
    for number, text in enumerate(texts):
        program = parse(f"lambda ys: {text}", WORDS, expected=t)
        assert isinstance(program, Lambda)
        made.append(Solved(f"task{number}", program, t))
    return Corpus(tuple(made))


SPREADS = solutions(
    "maximum(ys) - minimum(ys) + 1",
    "(maximum(ys) - minimum(ys)) * length(ys)",
    "maximum(reverse(ys)) - minimum(reverse(ys))",
    "sum(ys)",
)


# ---- tasks apart ----------------------------------------------------------------------------------------------------


@given(st.lists(st.text("abc1", min_size=1, max_size=5), unique=True, max_size=40), st.integers(0, 5))
def test_each_task_is_in_one_part_and_parts_have_their_shares(tasks: list[str], seed: int) -> None:
    found = split(tasks, seed)
    parts = (found.compress, found.validate, found.test)
    assert sorted(name for part in parts for name in part) == sorted(tasks)
    for part, share in zip(parts, (0.5, 0.25, 0.25), strict=True):
        assert abs(len(part) - share * len(tasks)) <= 1


@given(st.lists(st.text("abc1", min_size=1, max_size=5), unique=True, min_size=1, max_size=40), st.integers(0, 5))
def test_one_more_task_moves_at_most_two(tasks: list[str], seed: int) -> None:
    def parts(split: Split) -> dict[str, str]:
        return {name: part for part in ("compress", "validate", "test") for name in getattr(split, part)}

    before, after = parts(split(tasks[1:], seed)), parts(split(tasks, seed))
    assert sum(after[name] != part for name, part in before.items()) <= 2


def test_the_order_of_tasks_does_not_matter_and_the_seed_does() -> None:
    tasks = [f"task{number}" for number in range(40)]
    assert set(split(tasks, 1).test) == set(split(tasks[::-1], 1).test)
    assert set(split(tasks, 1).test) != set(split(tasks, 2).test)


@pytest.mark.parametrize("shares", [(0.5, 0.5, 0.5), (1.5, -0.25, -0.25)])
def test_shares_must_make_a_whole(shares: tuple[float, float, float]) -> None:
    with pytest.raises(InterfaceError, match="three shares that add up to 1"):
        split(["a"], 1, shares)


# ---- bits -----------------------------------------------------------------------------------------------------------


def _bits(made: Sequence[Definition], solved: Corpus) -> float:
    """The slow twin: every solution written with and without the definitions, under the library with them."""
    words = WORDS.extend(*made)
    total = []
    for item in solved:
        program = rewrite(item.program, made, WORDS, expected=item.type)
        assert isinstance(program, Lambda)
        total.append(min(program_cost(Solved(item.task, p, item.type), words) for p in (item.program, program)))
    return math.fsum(total)


def test_what_shortens_solutions_pays_and_what_only_is_there_does_not() -> None:
    made = definitions(PAYS, USELESS)
    found = value_of(made, WORDS, SPREADS)
    pays, useless = found.worths
    assert (pays.name, pays.kept, pays.programs) == ("learned.spread", True, 3)
    assert (useless.name, useless.kept, useless.programs) == ("learned.strange", False, 0)
    assert pays.bits_change < -10
    assert found.not_paying == ("learned.strange",)
    assert (found.solutions, found.using) == (4, 3)
    assert found.bits_without == pytest.approx(_bits([], SPREADS))
    assert found.bits_with == pytest.approx(_bits(made, SPREADS))
    assert found.bits_kept == pytest.approx(_bits(made[:1], SPREADS))
    assert pays.bits_change == pytest.approx(found.bits_kept - found.bits_without)


def test_a_word_that_lists_alone_could_use_costs_only_there() -> None:
    """Programs of numbers only have the same choices as before."""
    made = definitions(USELESS)
    t = parse_type("(int) -> int")
    assert isinstance(t, FunctionType)
    program = parse("lambda n: n * n", WORDS, expected=t)
    assert isinstance(program, Lambda)
    worth = value_of(made, WORDS, [Solved("square", program, t)]).worths[0]
    assert worth.bits_change >= 0
    assert not worth.kept


def test_of_two_that_do_the_same_one_is_kept() -> None:
    twin = PAYS.replace("spread", "width")
    found = value_of(definitions(PAYS, twin), WORDS, SPREADS)
    assert [worth.kept for worth in found.worths] == [True, False]
    assert found.worths[0].bits_change < 0 <= found.worths[1].bits_change


def test_a_definition_that_is_made_of_one_that_does_not_pay_may_pay() -> None:
    made = definitions(
        "def top(xs: list[int]) -> int = maximum(xs)", "def spread(xs: list[int]) -> int = top(xs) - minimum(xs)"
    )
    found = value_of(made, WORDS, SPREADS)
    assert {worth.name: worth.kept for worth in found.worths} == {"learned.top": False, "learned.spread": True}


def test_solutions_are_taken_in_normal_form() -> None:
    """`0 + x` is x: the definition is found beneath what the laws of the words take away."""
    (spread,) = definitions(PAYS)
    found = value_of([spread], WORDS, solutions("(0 + maximum(ys)) - minimum(ys)", "maximum(ys) - (minimum(ys) + 0)"))
    assert found.worths[0].programs == 2


def test_nothing_is_known_against_a_definition_without_solutions() -> None:
    (worth,) = value_of(definitions(USELESS), WORDS, ()).worths
    assert (worth.bits_change, worth.kept) == (0.0, True)


def test_judging_what_was_learned_leaves_what_was_known_before_alone() -> None:
    earlier, new, useless = definitions(
        "def top(xs: list[int]) -> int = maximum(xs)",
        "def spread(xs: list[int]) -> int = top(xs) - minimum(xs)",
        USELESS,
    )
    library = WORDS.extend(earlier)
    learned = tuple(Learned(definition, 1, 1.0, (), ()) for definition in (new, useless))
    found = Compression(library.extend(new, useless), learned, Corpus(), 0.0, 0.0)
    judged = judge(library, found, SPREADS)
    assert [item.definition.short for item, _ in judged] == ["spread", "strange"]
    assert judged[0][1] < 0 <= judged[1][1]


# ---- use ------------------------------------------------------------------------------------------------------------


def test_reuse_counts_calls_programs_and_ways_by_others() -> None:
    made = definitions(
        "def top(xs: list[int]) -> int = maximum(xs)",
        "def spread(xs: list[int]) -> int = top(xs) - minimum(xs)",
        USELESS,
    )
    words = WORDS.extend(*made)
    programs = [
        parse(text, words)
        for text in ("lambda ys: spread(ys)", "lambda ys: spread(ys) + spread(reverse(ys))", "lambda ys: top(ys)", "1")
    ]
    assert reuse(made, programs) == (
        Reuse("learned.top", calls=1, programs=1, reached=3, definitions=1),
        Reuse("learned.spread", calls=3, programs=2, reached=2, definitions=0),
        Reuse("learned.strange", calls=0, programs=0, reached=0, definitions=0),
    )


def test_rewritten_solutions_name_what_pays() -> None:
    made = definitions(PAYS)
    rewritten = [rewrite(solved.program, made, WORDS, expected=solved.type) for solved in SPREADS]
    assert [set(names(program)) & {"learned.spread"} != set() for program in rewritten] == [True, True, True, False]
