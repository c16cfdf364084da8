"""Searches as arms: what they learn is used by the next attempt, and changes no program that they have."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from dsl.interpreter import run
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda
from synth.learn.arms import Outcome, SearchArm, extended, lost, search
from synth.learn.compression import Compression, compress
from synth.learn.corpus import Corpus
from tasks.suite import Suite
from tasks.task_file import read_tasks

_TEXT = "\n".join(
    f"""task {name}(xs: list[int]) -> list[int]
    example [3, 1, 2, 9] -> {first}
    example [8, 8, 4, 0, 5] -> {second}
    example [7, 9, 6, 1, 1, 2] -> {third}
    holdout [10, 4, 20, 1, 1, 0, 2] -> {held}
    solution {solution}
"""
    for name, first, second, third, held, solution in (
        ("cut", "[2, 3, 9]", "[4, 5, 8, 8]", "[1, 2, 6, 7, 9]", "[1, 1, 2, 4, 10, 20]", "tail(sort(xs))"),
        ("cut_back", "[9, 3, 2]", "[8, 8, 5, 4]", "[9, 7, 6, 2, 1]", "[20, 10, 4, 2, 1, 1]", "reverse(tail(sort(xs)))"),
        ("cut_twice", "[3, 9]", "[5, 8, 8]", "[2, 6, 7, 9]", "[1, 2, 4, 10, 20]", "tail(tail(sort(xs)))"),
    )
)
_FOUND = {
    "cut": "lambda xs: tail(sort(xs))",
    "cut_back": "lambda xs: reverse(tail(sort(xs)))",
    "cut_twice": "lambda xs: tail(tail(sort(xs)))",
}


@pytest.fixture
def suite() -> Suite:
    return read_tasks(_TEXT, CORE, name="cuts")


def _outcome(task: str) -> Outcome:
    return Outcome(task, True, True, 0.1, 10, 5, program=_FOUND[task])


def test_what_is_learned_is_a_word_of_the_next_attempt(suite: Suite) -> None:
    arm = SearchArm("with", search, compress)
    grown, sleep = arm.after_wave([(task, _outcome(task.name)) for task in suite])
    (word,) = sleep.words
    assert word.text.endswith("= tail(sort(xs))")
    assert sleep.seconds > 0
    assert sleep.library_bits > 0
    assert sleep.library_bits + sleep.corpus_bits < sleep.plain_bits + 20
    before, after = (a.attempt(suite["cut_twice"], 5_000) for a in (arm, grown))
    assert before.right
    assert after.right
    assert before.learned == ()
    assert after.learned == (word.name,)


def test_rewritten_programs_do_what_they_did(suite: Suite) -> None:
    grown, sleep = SearchArm("with", search, compress).after_wave([(task, _outcome(task.name)) for task in suite])
    assert sleep.kept == ("cut", "cut_back", "cut_twice")
    assert sleep.lost == ()
    library = extended(CORE, grown.learned)
    for met in grown.met:
        assert met.program != parse(_FOUND[met.task.name], CORE)
        for pair in (*met.task.examples, *met.task.holdout):
            assert run(met.program, pair.arguments, library) == pair.output


def test_a_program_that_is_broken_by_learning_is_reported(suite: Suite) -> None:
    """The check does not take the compressor's word for it."""
    grown, sleep = SearchArm("with", search, _spoiling).after_wave([(task, _outcome(task.name)) for task in suite])
    assert sleep.lost == ("cut", "cut_back", "cut_twice")
    assert sleep.kept == ()
    assert grown.learned == ()


def _spoiling(corpus: Corpus, library: object) -> Compression:
    spoilt = parse("lambda xs: drop(9, xs)", CORE, expected=corpus.solved[0].type)
    assert isinstance(spoilt, Lambda)
    solved = tuple(replace(item, program=spoilt) for item in corpus)
    return Compression(CORE, (), Corpus(solved), 0.0, 0.0)


def test_an_arm_without_compression_learns_nothing(suite: Suite) -> None:
    arm, sleep = SearchArm("without", search).after_wave([(task, _outcome(task.name)) for task in suite])
    assert (arm.learned, sleep.words, sleep.library_bits) == ((), (), 0)
    assert sleep.corpus_bits == pytest.approx(sleep.plain_bits)
    assert len(sleep.kept) == 3


def test_unsolved_and_wrong_tasks_are_met_too(suite: Suite) -> None:
    wrong = replace(_outcome("cut"), right=False)
    met = [(suite["cut"], wrong), (suite["cut_back"], lost("cut_back", "it hung", 1.0))]
    arm, sleep = SearchArm("with", search, compress).after_wave(met)
    assert [item.task.name for item in arm.met] == ["cut"], "examples are all that learning may look at"
    assert (sleep.kept, sleep.lost) == ((), ()), "what was not right cannot be lost"
    assert SearchArm("with", search, compress).after_wave([]) == (
        SearchArm("with", search, compress),
        replace(sleep, corpus_bits=0.0, plain_bits=0.0, seconds=0.0),
    )


def test_a_copy_for_another_process_attempts_the_same(suite: Suite) -> None:
    grown, _ = SearchArm("with", search, compress).after_wave([(task, _outcome(task.name)) for task in suite])
    copy = pickle.loads(pickle.dumps(grown))
    assert copy.learned == grown.learned
    one, other = (replace(a.attempt(suite["cut_twice"], 2_000), seconds=0.0) for a in (grown, copy))
    assert one == other


def test_an_extended_library_is_made_once() -> None:
    grown, _ = SearchArm("with", search, compress).after_wave(
        [(task, _outcome(task.name)) for task in read_tasks(_TEXT, CORE, name="cuts")]
    )
    assert extended(CORE, grown.learned) is extended(CORE, grown.learned)
    assert extended(CORE, ()) is CORE
