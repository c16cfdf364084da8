"""Sleep as functions from values to values: what is taken back, what pays, and programs without learned words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, names
from dsl.type_system import INT, FunctionType, list_of
from synth.examples import task_from_examples
from synth.learn.compression import Compression, Learned
from synth.learn.corpus import Attempt, Corpus
from synth.learn.loop import Effort, Pieces, attempts_of, pays, sleep, unfold, unfolded_text
from synth.learn.words import learned_in, with_learned
from synth.workload import Item

INTS = FunctionType((list_of(INT),), list_of(INT))


def definition(name: str, text: str, library: Library = CORE) -> Definition:
    program = parse(text, library, expected=INTS)
    return Definition(f"learned.{name}", INTS, program)


TRIPLE = definition("triple", "lambda xs: map(lambda x: x * 3, xs)")
WITH_TRIPLE = CORE.extend(TRIPLE)
SWAPPED = definition("swapped", "lambda xs: reverse(triple(xs))", WITH_TRIPLE)
GROWN = WITH_TRIPLE.extend(SWAPPED)


def program(text: str, library: Library = CORE) -> Lambda:
    found = parse(text, library, expected=INTS)
    assert isinstance(found, Lambda)
    return found


def corpus(*texts: str) -> Corpus:
    return Corpus.of([Attempt(f"task {n}", program(text), INTS) for n, text in enumerate(texts)], CORE)


BEFORE = corpus("lambda xs: reverse(map(lambda x: x * 3, xs))", "lambda xs: sort(map(lambda x: x * 3, xs))")
AFTER = Corpus(
    tuple(
        replace(solved, program=program(text, GROWN))
        for solved, text in zip(BEFORE, ("lambda xs: swapped(xs)", "lambda xs: sort(triple(xs))"), strict=True)
    )
)


def pieces(changes: Sequence[float]) -> Pieces:
    """A compressor that finds these two words, and a judge that says what they change."""
    learned = tuple(Learned(d, 1, 1.0, (), ("task 0",)) for d in (TRIPLE, SWAPPED))

    def compress(corpus: Corpus, library: Library, *, most: int, arity: int) -> Compression:
        return Compression(GROWN, learned, AFTER, 0.0, 0.0)

    return Pieces(
        compress, lambda *_: tuple(zip(learned, changes, strict=True)), lambda found, iteration: found.definition
    )


VALIDATED = corpus("lambda xs: tail(xs)")


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ((-1.0, -1.0), {"learned.triple", "learned.swapped"}),
        ((-1.0, 1.0), {"learned.triple"}),
        ((1.0, -1.0), {"learned.triple", "learned.swapped"}),  # one is defined by the other
        ((0.0, 2.0), set()),
    ],
)
def test_what_makes_other_programs_no_shorter_is_taken_back(changes: tuple[float, float], kept: set[str]) -> None:
    growth = sleep(BEFORE, VALIDATED, CORE, pieces(changes))
    assert {d.name for d in learned_in(growth.library)} == kept
    assert {learned.definition.name for learned in growth.kept} == kept
    assert [judged.bits_change for judged in growth.judged] == list(changes)
    for solved, original in zip(growth.corpus, BEFORE, strict=True):
        assert set(names(solved.program)) <= set(growth.library.entries)
        assert run(solved.program, [(3, 1, 2)], growth.library) == run(original.program, [(3, 1, 2)], CORE)
    assert growth.bits_before == BEFORE.bits(CORE)
    assert growth.bits_after == growth.corpus.bits(growth.library)


def test_where_nothing_is_there_to_judge_by_all_is_kept() -> None:
    growth = sleep(BEFORE, Corpus(), CORE, pieces(()))
    assert [(judged.kept, judged.bits_change) for judged in growth.judged] == [(True, None), (True, None)]


WORDS = st.sampled_from(["triple", "swapped", "reverse", "sort", "tail"])


@given(st.lists(WORDS, min_size=1, max_size=6), st.lists(st.integers(-9, 9), min_size=1, max_size=5))
def test_an_unfolded_program_does_the_same(words: list[str], xs: list[int]) -> None:
    text = "xs"
    for word in words:
        text = f"{word}({text})"
    whole = program(f"lambda xs: {text}", GROWN)
    plain = unfold(whole, GROWN)
    assert not any(name.startswith("learned.") for name in names(plain))
    assert run(plain, [tuple(xs)], CORE) == run(whole, [tuple(xs)], GROWN)
    assert (plain == whole) == (not {"triple", "swapped"} & set(words))


def test_unfolded_text_can_be_read_without_the_words() -> None:
    task = replace(task_from_examples(["[1, 2] -> [6, 3]"], CORE), library=GROWN)
    text = unfolded_text("lambda xs: swapped(xs)", task)
    assert text == "lambda xs: reverse(map(lambda x: x * 3, xs))"
    assert unfolded_text("lambda xs: sort(xs)", task) == "lambda xs: sort(xs)"
    parse(text, CORE, expected=INTS)


def test_the_shortest_program_known_is_taken_and_what_cannot_be_read_is_not() -> None:
    task = replace(task_from_examples(["[1, 2] -> [6, 3]", "[4] -> [12]"], CORE), library=GROWN)
    texts = ["lambda xs: reverse(map(lambda x: x * 3, xs))", "lambda xs: swapped(xs)", "lambda xs: gone(xs)"]
    (found,) = attempts_of([Item("a", task)], {"a": texts})
    assert found.program == program("lambda xs: swapped(xs)", GROWN)
    (found,) = attempts_of([Item("a", replace(task, library=CORE))], {"a": texts})
    assert found.program == program(texts[0])
    (found,) = attempts_of([Item("a", task)], {})
    assert found.program is None


def test_the_examples_that_were_taken_for_noise_need_not_come_out() -> None:
    lines = ["[1, 2] -> [3, 6]", "[4] -> [12]", "[5] -> [15]", "[7] -> [22]"]
    task = task_from_examples(lines, CORE, noise=0.3)
    attempts = attempts_of([Item("a", task)], {"a": ["lambda xs: map(lambda x: x * 3, xs)"]})
    assert [len(attempt.examples) for attempt in attempts] == [3]
    assert len(Corpus.of(attempts, CORE)) == 1


@given(
    st.dictionaries(
        st.sampled_from("abcde"),
        st.tuples(st.booleans(), st.integers(0, 9), st.booleans(), st.integers(0, 9)),
        min_size=1,
    )
)
def test_what_pays_is_more_solved_or_as_much_for_no_more(tasks: dict[str, tuple[bool, int, bool, int]]) -> None:
    before = {name: Effort(solved, spent) for name, (solved, spent, _, _) in tasks.items()}
    after = {name: Effort(solved, spent) for name, (_, _, solved, spent) in tasks.items()}
    ranks = [
        (sum(e.solved for e in efforts.values()), -sum(e.evaluations for e in efforts.values()))
        for efforts in (before, after)
    ]
    assert pays(before, after) == (ranks[1] >= ranks[0])


def test_a_task_gets_the_learned_words_whose_parts_it_has() -> None:
    assert [d.name for d in learned_in(with_learned(CORE, GROWN))] == ["learned.triple", "learned.swapped"]
    poorer = CORE.without(["reverse"])
    assert [d.name for d in learned_in(with_learned(poorer, GROWN))] == ["learned.triple"]
    assert learned_in(with_learned(CORE.without(["map"]), GROWN)) == ()
