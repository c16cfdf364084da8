"""Learned words are words: searches build with them, the printer, the exporter and the guide take them."""

import random

import numpy as np
import pytest
from corpora import INPUTS, LIBRARY, corpus_of

from dsl.compiler import compile_program
from dsl.export import to_python
from dsl.parser import parse
from dsl.printer import show
from dsl.program import names
from dsl.type_system import INT, FunctionType, list_of
from synth.budget import Budget
from synth.guide.words import definition_shares, word_features
from synth.learn.compression import Compression, compress
from synth.pipeline import make_solver
from tasks.task import Example, Spec

SHARING = (
    "map(lambda x: x * x - 3, filter(is_odd, xs))",
    "sum(map(lambda x: x * x - 3, xs))",
    "take(n, map(lambda x: x * x - 3, xs))",
    "reverse(sort(filter(lambda x: x > n, xs)))",
    "sum(reverse(sort(filter(lambda x: x > n, tail(xs)))))",
    "take(2, reverse(sort(filter(lambda x: x > n, xs))))",
)
HIDDEN = "lambda xs, n: reverse(sort(filter(lambda x: x > n, map(lambda x: x * x - 3, xs))))"
"""A task that none of the programs solves: two learned words, one after the other."""
GIVEN = (((3, -1, 4, 2), 5), ((9, 1, 2), 0), ((5, 5, 1, 6, 3), 20), ((), 0), ((2, 8, -7, 4), 13))


@pytest.fixture(scope="module")
def learned() -> Compression:
    return compress(corpus_of(*SHARING), LIBRARY)


def _spec(made: Compression, text: str) -> Spec:
    t = FunctionType((list_of(INT), INT), list_of(INT))
    wanted = compile_program(parse(text, LIBRARY, expected=t), LIBRARY)
    return Spec(("xs", "n"), t, made.library, tuple(Example(a, wanted(a)) for a in GIVEN))


def test_a_search_solves_a_task_with_what_was_learned(learned: Compression) -> None:
    """In a fraction of the evaluations that are not enough without."""
    spec = _spec(learned, HIDDEN)
    budget = Budget(evaluations=30_000)
    answer = make_solver().solve(spec, budget, rng=random.Random(0))
    assert answer.program is not None
    assert any(name.startswith("learned.") for name in names(answer.program))
    plain = Spec(spec.parameters, spec.type_request, LIBRARY, spec.examples)
    assert make_solver().solve(plain, budget, rng=random.Random(0)).program is None


def test_rewritten_programs_are_shown_and_read(learned: Compression) -> None:
    for solved in learned.corpus:
        text = show(solved.program, learned.library, expected=solved.type)
        assert "learned." not in text
        assert parse(text, learned.library, expected=solved.type) == solved.program


def test_rewritten_programs_run_as_python(learned: Compression) -> None:
    for solved in learned.corpus:
        source = to_python(solved.program, "solution", solved.type, learned.library)
        scope: dict[str, object] = {}
        exec(compile(source, "exported", "exec"), scope)
        function = scope["solution"]
        assert callable(function)
        run = compile_program(solved.program, learned.library)
        assert all(function(*arguments) == run(arguments) for arguments in INPUTS)


def test_the_guide_knows_a_learned_word_by_what_it_does(learned: Compression) -> None:
    features, shares = word_features(learned.library), definition_shares(learned.library)
    places = {name: place for place, name in enumerate(learned.library.entries)}
    assert np.isfinite(features).all()
    for item in learned.learned:
        place = places[item.definition.name]
        assert shares[place].sum() == pytest.approx(1)
        assert features[place].any()
