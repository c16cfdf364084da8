"""Programs to stitch and back, and what it finds against all there is."""

from corpora import corpora, programs, read
from hypothesis import Phase, given, settings
from small_compressor import best_abstraction, utility

from dsl.program import Lambda, Literal, Variable, call, names, walk
from synth.learn.forms import nameless
from synth.learn.stitching import Tokens, abstractions_of


@given(programs())
def test_what_stitch_reads_stands_for_the_program(program: Lambda) -> None:
    form, tokens = nameless(program), Tokens()
    assert isinstance(form, Lambda)
    assert tokens.program(tokens.text(form.body), {}) == form.body
    assert tokens.program(tokens.text(form), {}) == form


def test_constants_of_every_type_come_back() -> None:
    values = (1, True, 1.0, -0.0, 0.0, "a b(c) \\' $0 #1", "", (), (1, 2), ("x y", ")"), ((1,), ()), -(2**63))
    tokens = Tokens()
    body = call("f", *map(Literal, values), Variable("free"), Variable("$0"))
    assert tokens.program(tokens.text(body), {}) == body


@settings(max_examples=60, phases=(Phase.explicit, Phase.generate))
@given(corpora(most=3, depth=3, largest=15))
def test_stitch_finds_the_best_abstraction(found: list[Lambda]) -> None:
    """The first one saves as much as any there is; how it is found does not matter."""
    forms = [nameless(program) for program in dict.fromkeys(found)]
    best, _ = best_abstraction(forms, 2)
    first = next(abstractions_of(forms, most=1, arity=2), None)
    assert (0 if first is None else first.utility) == best
    assert first is None or utility(first.body, forms) == best


def test_functions_of_several_parameters_stay_whole() -> None:
    """No abstraction takes one of the two lambdas of a function apart from the other."""
    texts = (
        "lambda xs: zip_with(lambda x, y: x - y * 2, xs, tail(xs))",
        "lambda xs: zip_with(lambda x, y: y - y * 2, tail(xs), xs)",
        "lambda xs: zip_with(lambda x, y: 3 - y * 2, xs, xs)",
    )
    forms = [nameless(read(text)) for text in texts]
    found = list(abstractions_of(forms, most=5, arity=3))
    functions = [node for a in found for node in walk(a.body) if isinstance(node, Lambda)]
    assert any("int.multiply" in names(a.body) for a in found)
    assert all(len(function.parameters) == 2 for function in functions)
