"""Functions set apart, the gaps that take them, and the words that compression makes of them."""

from corpora import programs
from hypothesis import given

from dsl.library import Library
from dsl.module_file import show_definition
from dsl.primitives import CORE
from dsl.program import Application, Hole, Lambda
from synth.learn.compression import compress
from synth.learn.corpus import Attempt, Corpus
from synth.learn.expansion import expanded
from synth.learn.forms import beta_reduced, bound, inlined, nameless
from synth.learn.patterns import filled, gap, matched
from tasks.load import load_suite

MAPS = ("one_more_each", "twice_each", "three_less_each")
FILTERS = ("positives", "above_five", "below")


@given(programs())
def test_a_program_is_what_its_expansion_gives(program: Lambda) -> None:
    form = nameless(inlined(program))
    assert beta_reduced(expanded(form)) == form


@given(programs())
def test_a_function_fills_its_gap_back_to_what_it_was_taken_from(program: Lambda) -> None:
    """Of a function of two, the gap applied to both takes all of its body; to one, nothing that uses the other."""
    body = nameless(inlined(program))
    assert isinstance(body, Lambda)
    subject = Lambda(("_", "_"), body.body)
    both = Lambda(("_", "_"), Application(gap(0), (bound(1), bound(0))))
    found = matched(both, subject)
    assert found is not None
    assert beta_reduced(filled(both, found)) == subject
    one = Lambda(("_", "_"), Application(gap(0), (bound(0),)))
    found = matched(one, subject)
    assert found is None or beta_reduced(filled(one, found)) == subject


def test_gaps_are_applied_to_different_variables_of_the_pattern_only() -> None:
    subject = Lambda(("_",), bound(0))
    assert matched(Lambda(("_",), Application(gap(0), (bound(0), bound(0)))), subject) is None
    assert matched(Lambda(("_",), Application(Hole("#0", gap(0).type), (gap(1),))), subject) is None


def _solutions(*names: str) -> Corpus:
    suite = {task.name: task for task in load_suite("growing", CORE)}
    tasks = [suite[name] for name in names]
    return Corpus.of([Attempt(t.name, t.solution, t.type_request, t.examples) for t in tasks], _minimal())


def _minimal() -> Library:
    return next(iter(load_suite("growing", CORE))).library


def test_map_and_filter_are_found_in_folds() -> None:
    made = compress(_solutions(*MAPS, *FILTERS), _minimal())
    found = {show_definition(item.definition, made.library).partition(" = ")[2].strip() for item in made.learned}
    assert found >= {
        "fold_right(lambda x, acc: cons(f(x), acc), [], xs)",
        "fold_right(lambda x, acc: cons(x, acc) if f(x) else acc, [], xs)",
    }
    assert made.dropped == ()


def test_without_functions_they_are_not() -> None:
    made = compress(_solutions(*MAPS, *FILTERS), _minimal(), functions=False)
    assert not any("f(x)" in show_definition(item.definition, made.library) for item in made.learned)
