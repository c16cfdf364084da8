"""Compression: equal programs, typed definitions, and no worse than stitch alone."""

import pytest
from corpora import INPUTS, LIBRARY, NUMBERS, corpora, corpus_of
from hypothesis import given, settings

from dsl.inference import infer, resolve
from dsl.interpreter import run
from dsl.program import Lambda, Name, Program, walk
from dsl.type_system import FunctionType, generalise, show_type
from dsl.values import Failure
from synth.learn.compression import Compression, compress
from synth.learn.corpus import Attempt, Corpus
from synth.learn.forms import index_of, inner_parts, nameless, normal, unfolded
from synth.learn.patterns import WORD_COST, cost
from synth.learn.stitching import stitch_cost

SHARING = (
    "map(lambda x: x * 2 + 1, filter(is_even, xs))",
    "sum(map(lambda x: x * 2 + 1, xs))",
    "reverse(map(lambda y: y * 2 + 1, take(n, xs)))",
    "take(n, sort(filter(lambda x: x > 3, xs)))",
    "take(2, sort(filter(lambda x: x > n, xs)))",
    "drop(n, sort(filter(lambda z: z > 5, tail(xs))))",
)


def _shapes(made: Compression) -> dict[str, str]:
    return {item.definition.short: show_type(item.definition.type) for item in made.learned}


def _total(made: Compression) -> int:
    """What stitch would say that the rewritten programs and the definitions cost."""
    bodies = [nameless(item.definition.program) for item in made.learned]
    return sum(cost(nameless(s.program)) for s in made.corpus) + sum(map(_body_cost, bodies))


def _body_cost(form: Program) -> int:
    """What a definition costs: its body, of which the parameters are free."""
    if not isinstance(form, Lambda):
        return cost(form)
    return cost(form.body) - WORD_COST * _uses_of_parameters(form.body, len(form.parameters), 0)


def _uses_of_parameters(p: Program, count: int, depth: int) -> int:
    index = index_of(p)
    if index is not None:
        return int(depth <= index < depth + count)
    return sum(_uses_of_parameters(part, count, depth + binds) for part, binds in inner_parts(p))


def test_what_programs_share_becomes_typed_words() -> None:
    made = compress(corpus_of(*SHARING), LIBRARY)
    assert _shapes(made) == {
        "sort_filter_above": "(A, list[A]) -> list[A] where A: ordered",
        "map_increment_double": "(list[int]) -> list[int]",
    }
    told = {item.definition.short: (item.uses, item.tasks) for item in made.learned}
    assert told["sort_filter_above"] == (3, ("task3", "task4", "task5"))
    assert told["map_increment_double"] == (3, ("task0", "task1", "task2"))
    assert made.bits_after < made.bits_before
    assert all(item.saved_bits > 0 for item in made.learned)
    assert made.discarded == ()
    assert made.dropped == ()


def _check_equivalence(corpus: Corpus, made: Compression) -> None:
    """Every program has its type and its values, and is its normal form again once definitions are put in."""
    known = {item.definition.name: nameless(item.definition.program) for item in made.learned}
    for before, after in zip(corpus, made.corpus, strict=True):
        assert (before.task, before.type, before.inputs) == (after.task, after.type, after.inputs)
        assert resolve(after.program, made.library, expected=before.type).program == after.program
        plain = unfolded(nameless(after.program), known)
        assert plain in (nameless(before.program), normal(before.program, LIBRARY))
        for arguments in INPUTS:
            wanted, value = run(before.program, arguments, LIBRARY), run(after.program, arguments, made.library)
            assert wanted == value or isinstance(wanted, Failure)
    for item in made.learned:
        definition = item.definition
        assert made.library[definition.name] == definition
        assert generalise(infer(definition.program, made.library)) == definition.type
        assert item.uses >= 2


@settings(max_examples=40)
@given(corpora(most=5))
def test_programs_mean_what_they_meant(found: list[Lambda]) -> None:
    corpus = Corpus.of([Attempt(str(i), p, NUMBERS) for i, p in enumerate(found)], LIBRARY)
    _check_equivalence(corpus, compress(corpus, LIBRARY, most=4, arity=2))


@settings(max_examples=40)
@given(corpora(most=5))
def test_compression_is_no_worse_than_stitch_alone(found: list[Lambda]) -> None:
    """By stitch's own cost, on the same programs, wherever all that stitch finds can be a definition."""
    corpus = Corpus.of([Attempt(str(i), p, NUMBERS) for i, p in enumerate(found)], LIBRARY)
    made = compress(corpus, LIBRARY, most=4, arity=2)
    forms = [nameless(solved.program) for solved in corpus]
    if not made.discarded and not made.dropped and len(forms) > 1:
        assert _total(made) <= stitch_cost(forms, most=4, arity=2)


@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_more_is_learned_than_asked_for(most: int) -> None:
    made = compress(corpus_of(*SHARING), LIBRARY, most=most)
    assert len(made.learned) == most
    _check_equivalence(corpus_of(*SHARING), made)


@pytest.mark.parametrize("arity", [0, 1, 2])
def test_definitions_have_no_more_parameters_than_allowed(arity: int) -> None:
    made = compress(corpus_of(*SHARING), LIBRARY, arity=arity)
    assert all(len(item.definition.parameters) <= arity for item in made.learned)
    _check_equivalence(corpus_of(*SHARING), made)


def test_the_same_corpus_gives_the_same() -> None:
    assert compress(corpus_of(*SHARING), LIBRARY) == compress(corpus_of(*SHARING), LIBRARY)


def test_functions_become_words_that_are_passed_by_name() -> None:
    """What is learned of a lambda has the lambda's parameters, and one that takes no more stands alone."""
    made = compress(
        corpus_of(
            "map(lambda x: x * x + 3 * x, xs)",
            "filter(is_even, map(lambda x: x * x + 3 * x, xs))",
            "sum(map(lambda x: x * x + 3 * x, take(n, xs)))",
            "any(lambda y: y * y + 3 * y > 7, xs)",
        ),
        LIBRARY,
        most=1,
    )
    (item,) = made.learned
    assert show_type(item.definition.type) == "(int) -> int"
    first = made.corpus.solved[0].program
    assert any(node == Name(item.definition.name) for node in walk(first))
    assert sum(isinstance(node, Lambda) for node in walk(first)) == 1


def test_a_gap_may_stand_for_a_function_of_several_parameters() -> None:
    made = compress(
        corpus_of(
            "sort(zip_with(lambda x, y: x - y * n, xs, tail(xs)))",
            "sort(zip_with(lambda x, y: y, xs, tail(xs)))",
            "reverse(sort(zip_with(lambda x, y: x + 7, xs, tail(xs))))",
        ),
        LIBRARY,
        most=1,
    )
    assert list(_shapes(made).values()) == ["((A, A) -> B, list[A]) -> list[B] where B: ordered"]


def test_what_has_no_type_is_put_aside_and_counted() -> None:
    """One gap would stand for a function of numbers and of truth values, which no parameter is."""
    corpus = corpus_of(
        "(map(singleton, sort(xs)), map(singleton, map(is_even, sort(xs))))",
        "(map(lambda x: [x, x], sort(xs)), map(lambda x: [x, x], map(is_even, sort(xs))))",
        "(map(lambda x: (x, n), sort(xs)), map(lambda x: (x, n), map(is_even, sort(xs))))",
    )
    assert len(corpus) == 3
    made = compress(corpus, LIBRARY)
    first = made.discarded[0]
    assert first.reason == "it has no type: argument 1 of `list.sort`: expected list[int], found list[bool]"
    assert first.body == "(map(gap1, sort(gap0)), map(gap1, map(is_even, sort(gap0))))"
    assert [show_type(item.definition.type) for item in made.learned] == [
        "((int) -> A, (bool) -> B, list[int]) -> tuple[list[A], list[B]]"
    ]
    _check_equivalence(corpus, made)


def test_what_may_not_be_run_is_not_taken_out() -> None:
    """`n // k` has no value for 0; a call would run it where the programs do not."""
    corpus = corpus_of(
        "(n // length(xs) if length(xs) > 0 else 0 - 7)",
        "(n // sum(xs) if length(xs) > 0 else 0 - 7)",
        "(n // product(xs) if length(xs) > 0 else 0 - 7)",
    )
    made = compress(corpus, LIBRARY)
    _check_equivalence(corpus, made)
    empty = run(made.corpus.solved[0].program, ((), 3), made.library)
    assert empty == -7


@pytest.mark.parametrize("texts", [(), ("xs",), ("take(n, xs)", "take(n, xs)")])
def test_too_little_to_learn_from_gives_nothing(texts: tuple[str, ...]) -> None:
    corpus = corpus_of(*texts)
    made = compress(corpus, LIBRARY)
    assert (made.learned, made.library, made.corpus.solved) == ((), LIBRARY, corpus.solved)
    assert made.bits_after == made.bits_before
    assert made.dropped == corpus.dropped


def test_learning_goes_on_from_what_was_learned() -> None:
    """Words of an earlier sleep are words like others, and none is overwritten."""
    first = compress(corpus_of(*SHARING), LIBRARY)
    later = compress(first.corpus, first.library)
    names = {item.definition.name for item in first.learned}
    assert not names & {item.definition.name for item in later.learned}
    assert all(name in later.library for name in names)
    more = corpus_of("take(n, xs) + reverse(sort(xs))", "drop(n, xs) + reverse(sort(xs))", "reverse(sort(xs)) + [n]")
    second = compress(Corpus((*first.corpus.solved, *more.solved)), first.library)
    assert all(isinstance(item.definition.type, FunctionType) for item in second.learned)
