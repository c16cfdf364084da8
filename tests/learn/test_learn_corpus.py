"""What may be learned from, and what is left out, with its reason."""

import math

import pytest
from corpora import LIBRARY, NUMBERS, corpora, corpus_of, programs, read
from hypothesis import given

from dsl.inference import UNTYPED
from dsl.library import Definition
from dsl.program import Application, Hole, Lambda, Literal, Program, Variable, call, children, rebuild
from dsl.type_system import BOOL, INT, FunctionType, list_of
from synth.learn.corpus import Attempt, Corpus, Dropped
from tasks.task import Example

GOOD = read("lambda xs, n: take(n, xs)")
EXAMPLES = (Example(((1, 2, 3), 2), (1, 2)),)


def _dropped(program: Program | None, t: FunctionType = NUMBERS, examples: tuple[Example, ...] = ()) -> str:
    corpus = Corpus.of([Attempt("one", program, t, examples)], LIBRARY)
    assert corpus.solved == ()
    (dropped,) = corpus.dropped
    assert dropped.task == "one"
    return dropped.reason


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (None, "unsolved: there is no program"),
        (Lambda(("xs", "n"), Hole("", UNTYPED)), "unsolved: the program has holes"),
        (Variable("xs"), "ill-typed: expected a function of 2 parameters"),
        (Lambda(("xs",), Variable("xs")), "ill-typed: expected a function of 2 parameters"),
        (Lambda(("xs", "n"), Variable("ys")), "ill-typed: expected a variable or a word of the library, found `ys`"),
        (Lambda(("xs", "n"), Variable("n")), "ill-typed: expected list[int], found int"),
        (
            Lambda(("xs", "n"), call("learned.gone", Variable("xs"))),
            "ill-typed: expected a variable or a word of the library, found `learned.gone`",
        ),
        (
            Lambda(("xs", "n"), Application(Literal(3), (Variable("xs"),))),
            "ill-typed: expected a function, found this function of type int",
        ),
    ],
    ids=range(8),
)
def test_bad_programs_are_dropped_with_a_reason(program: Program | None, reason: str) -> None:
    assert _dropped(program) == reason


def test_a_program_that_misses_an_example_is_unsolved() -> None:
    wrong = (*EXAMPLES, Example(((1, 2, 3), 1), (3,)))
    assert _dropped(GOOD, examples=wrong) == "unsolved: the program does not give the output of example 2"
    failing = read("lambda xs, n: [head(xs)]")
    assert "example 1" in _dropped(failing, examples=(Example(((), 1), (3,)),))


def test_a_program_that_an_earlier_task_has_is_dropped_whatever_its_names() -> None:
    other = read("lambda ys, m: take(m, ys)")
    corpus = Corpus.of([Attempt("one", GOOD, NUMBERS), Attempt("two", other, NUMBERS, EXAMPLES)], LIBRARY)
    assert [solved.task for solved in corpus] == ["one"]
    assert corpus.dropped == (Dropped("two", "duplicate: the program of one"),)


def test_programs_of_two_types_are_not_duplicates() -> None:
    program = Lambda(("xs",), call("list.reverse", Variable("xs")))
    types = [FunctionType((list_of(t),), list_of(t)) for t in (INT, BOOL)]
    corpus = Corpus.of([Attempt(str(t), program, t) for t in types], LIBRARY)
    assert len(corpus) == 2


@given(corpora())
def test_good_programs_are_kept_and_have_finite_bits(found: list[Lambda]) -> None:
    """Also those with lets, which no search builds; the corpus is as long as its programs together."""
    corpus = Corpus.of([Attempt(str(i), p, NUMBERS) for i, p in enumerate(found)], LIBRARY)
    assert not [d for d in corpus.dropped if not d.reason.startswith("duplicate")]
    bits = [Corpus((solved,)).bits(LIBRARY) for solved in corpus]
    assert all(0 < b < math.inf for b in bits)
    assert corpus.bits(LIBRARY) == pytest.approx(sum(bits))


@given(programs())
def test_bits_do_not_depend_on_names(program: Lambda) -> None:
    renamed = Lambda(("given", "n2"), _renamed(program.body))
    one, other = (Corpus.of([Attempt("t", p, NUMBERS)], LIBRARY) for p in (program, renamed))
    assert one.bits(LIBRARY) == pytest.approx(other.bits(LIBRARY))


def _renamed(p: Program) -> Program:
    if isinstance(p, Variable):
        return Variable({"xs": "given", "n": "n2"}.get(p.name, p.name))
    return rebuild(p, tuple(map(_renamed, children(p))))


def test_a_word_for_what_is_often_said_saves_bits() -> None:
    """Bits are those of the search's distribution: the cost of a word is not that of what it stands for."""
    words = read("lambda xs: map(lambda x: x * 2 + 1, xs)")
    library = LIBRARY.extend(Definition("learned.odd", FunctionType((list_of(INT),), list_of(INT)), words))
    said = Attempt("t", Lambda(("xs", "n"), call("learned.odd", Variable("xs"))), NUMBERS)
    assert Corpus.of([said], library).bits(library) < corpus_of("map(lambda x: x * 2 + 1, xs)").bits(LIBRARY)
