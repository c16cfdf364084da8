"""Values and words become numbers by what they are: nested types need nothing of their own, names do not count."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.library import Definition, Library
from dsl.parser import parse, parse_type
from dsl.primitive import Primitive
from dsl.primitives import CORE
from dsl.type_system import BOOL, INT, REAL, TEXT, FunctionType, Type, TypeConstructor, list_of, option_of, tuple_of
from dsl.values import Some
from synth.conformance import renamed
from synth.guide import features
from synth.guide.arrays import MOST_EXAMPLES, inputs_of, seen_examples, with_cuts
from synth.guide.choices import Choices
from synth.guide.features import COLUMNS, OUTPUT_SLOT, SCALARS, scalar_features, scalar_of, tokens_of, type_features
from synth.guide.guide import CannotGuide
from synth.guide.places import Grounds, decisions_of
from synth.guide.properties import PROPERTY_WIDTH, properties_of
from synth.guide.words import Known, definition_shares, word_features
from tasks.task import Example, Spec

INTS = list_of(INT)
EVENS = Spec(("xs",), FunctionType((INTS,), INTS), CORE, (Example(((1, 2, 3),), (2,)), Example(((4, 5),), (4,))))

VALUES: dict[Type, st.SearchStrategy[object]] = {
    INT: st.integers(-(2**63), 2**63 - 1),
    BOOL: st.booleans(),
    TEXT: st.text(max_size=20),
    REAL: st.floats(allow_nan=False, allow_infinity=False),
}


def _values(t: Type) -> st.SearchStrategy[object]:
    match t:
        case TypeConstructor("list", (item,)):
            return st.lists(_values(item), max_size=20).map(tuple)
        case TypeConstructor("tuple", items):
            return st.tuples(*map(_values, items))
        case TypeConstructor("option", (item,)):
            return st.one_of(st.none(), _values(item).map(Some))
    return VALUES[t]


TYPES = st.recursive(
    st.sampled_from([INT, BOOL, TEXT, REAL]),
    lambda inner: st.one_of(
        inner.map(list_of), inner.map(option_of), st.tuples(inner, inner).map(lambda p: tuple_of(*p))
    ),
    max_leaves=4,
)


@given(TYPES.flatmap(lambda t: st.tuples(st.just(t), _values(t))), st.integers(0, 9))
def test_every_value_of_a_nested_type_has_tokens(typed: tuple[Type, object], slot: int) -> None:
    t, value = typed
    tokens = tokens_of(value, t, slot)
    assert tokens
    for token in tokens:
        assert len(token) == len(COLUMNS)
        assert all(0 <= part < count for part, (_, count) in zip(token, COLUMNS, strict=True))


@given(
    st.lists(st.integers(-1000, 1000), max_size=14).map(tuple),
    st.lists(st.integers(-1000, 1000), max_size=14).map(tuple),
)
def test_short_lists_of_ints_that_differ_have_tokens_that_differ(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert (tokens_of(one, INTS, 0) == tokens_of(other, INTS, 0)) == (one == other)


def test_a_list_of_lists_is_told_from_one_list() -> None:
    flat, nested = tokens_of((1, 2, 3), INTS, 0), tokens_of(((1, 2), (3,)), list_of(INTS), 0)
    assert len(nested) == len(flat) + 2
    assert {token[5] for token in nested} == {0, 1, 2}


def test_long_lists_show_both_ends() -> None:
    tokens = tokens_of(tuple(range(100)), INTS, 0)
    numbers = [token[0] - scalar_of(0, INT) for token in tokens[1:]]
    assert numbers[0] == 0
    assert numbers[-1] == 99
    assert len(numbers) == 14


def test_scalars_have_features_of_their_own() -> None:
    features = scalar_features()
    assert len(features) == SCALARS
    assert np.isfinite(features).all()
    rows = {scalar_of(value, INT) for value in range(-20, 100)}
    assert len({features[row].tobytes() for row in rows}) == len(rows)


@pytest.mark.parametrize(
    "t", [TypeConstructor("tree"), list_of(TypeConstructor("shape")), TypeConstructor("grid", (INT,))]
)
def test_a_type_that_nobody_knows_is_refused(t: Type) -> None:
    spec = replace(EVENS, type_request=FunctionType((t,), INTS))
    with pytest.raises(CannotGuide, match=r"no encoder for type (tree|shape|grid\[int\])"):
        inputs_of(spec)


def test_types_have_features_by_their_parts() -> None:
    texts = (
        "int",
        "list[int]",
        "list[list[int]]",
        "tuple[int, bool]",
        "tuple[bool, int]",
        "(int) -> bool",
        "option[int]",
    )
    rows = {type_features(parse_type(text)).tobytes() for text in texts}
    assert len(rows) == len(texts)


# ---- examples --------------------------------------------------------------------------------------------------------


@given(st.permutations(range(25)), st.integers(1, 25))
def test_the_order_of_examples_does_not_count(order: list[int], count: int) -> None:
    examples = tuple(Example(((n, n + 1),), (n,)) for n in order)[:count]
    seen = seen_examples(examples)
    assert seen == seen_examples(tuple(reversed(examples)))
    assert len(seen) == min(count, MOST_EXAMPLES)
    one, other = (inputs_of(replace(EVENS, examples=e)) for e in (examples, tuple(reversed(examples))))
    assert (one.tokens == other.tokens).all()
    assert (one.properties == other.properties).all()


def test_properties_say_what_holds() -> None:
    def row(*pairs: tuple[tuple[int, ...], tuple[int, ...]]) -> bytes:
        found = properties_of([Example((a,), b) for a, b in pairs])
        assert found.shape == (PROPERTY_WIDTH,)
        return found.tobytes()

    backwards, sorted_, kept = (
        row(*pairs)
        for pairs in (
            (((3, 1, 2), (2, 1, 3)), ((5, 6), (6, 5))),
            (((3, 1, 2), (1, 2, 3)), ((6, 5), (5, 6))),
            (((3, 1, 2), (3, 2)), ((6, 5), (6,))),
        )
    )
    assert len({backwards, sorted_, kept}) == 3


# ---- words -----------------------------------------------------------------------------------------------------------


def test_words_are_known_by_what_they_do_not_by_their_names() -> None:
    other, _ = renamed(EVENS)
    assert (word_features(other.library) == word_features(CORE)).all()
    assert (definition_shares(other.library) == definition_shares(CORE)).all()


def test_almost_all_words_are_told_apart() -> None:
    rows = [row.tobytes() for row in word_features(CORE)]
    assert len(set(rows)) >= len(rows) - 5


def test_a_definition_is_known_by_what_it_does_and_by_its_words() -> None:
    program = parse("lambda ns: sum(map(lambda n: n * n, ns))", CORE, expected=FunctionType((INTS,), INT))
    library = CORE.extend(Definition("own.squares", FunctionType((INTS,), INT), program))
    shares = definition_shares(library)
    place = list(library.entries).index("own.squares")
    used = {name for name, share in zip(library.entries, shares[place], strict=True) if share}
    assert used == {"list.sum", "list.map", "int.multiply"}
    assert shares[place].sum() == pytest.approx(1.0)
    assert shares.sum() == pytest.approx(1.0)
    features = word_features(library)
    assert (features[:-1] == word_features(CORE)).all()
    same_type = list(library.entries).index("list.sum")
    assert not (features[place] == features[same_type]).all()


def test_a_word_that_raises_is_described_all_the_same() -> None:
    def broken(*_: object) -> object:
        raise RuntimeError("out of order")

    entry = replace(CORE["list.sum"], name="own.broken", function=broken)  # type: ignore[type-var]
    row = word_features(Library.of(entry))
    assert np.isfinite(row).all()


# ---- programs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "xs",
        "map(lambda x: x * 2, xs)",
        "map(negate, filter(is_even, xs))",
        "map(lambda y: fold(lambda a, b: a + b * y, 0, xs), xs)",
        "map(lambda y: length(filter(lambda z: z > y, xs)), xs)",
        "sort(xs) if length(xs) > 3 else [] + xs",
    ],
)
def test_programs_are_decisions_in_pre_order(text: str) -> None:
    program = parse(f"lambda xs: {text}", CORE, expected=EVENS.type_request)
    grounds = Grounds(EVENS, Choices(CORE))
    decisions = decisions_of(program, grounds)  # type: ignore[arg-type]
    assert decisions is not None
    assert decisions[0].size == len(decisions)
    for at, decision in enumerate(decisions):
        production = decision.options.productions[decision.chosen]
        assert production.result == decision.place.result
        parts, next_ = 1, at + 1
        for t in production.parameters:
            assert decisions[next_].place.type == t
            parts += decisions[next_].size
            next_ += decisions[next_].size
        assert decision.size == parts


def test_a_program_that_the_grammar_lacks_is_no_decisions() -> None:
    program = parse("lambda xs: map(lambda x: x + 123456, xs)", CORE, expected=EVENS.type_request)
    assert decisions_of(program, Grounds(EVENS, Choices(CORE))) is None  # type: ignore[arg-type]


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_cuts_leave_whole_subtrees_out(seed: int, share: float) -> None:
    sizes = np.array([8, 3, 1, 1, 4, 2, 1, 1], np.int16)
    kept, cut = with_cuts(sizes, 3, share, random.Random(seed))
    assert kept[0] == 0
    assert not cut[0]
    covered = [at for k, off in zip(kept, cut, strict=True) for at in range(k, k + (int(sizes[k]) if off else 1))]
    assert covered == list(range(8))
    assert all(sizes[k] <= 3 for k, off in zip(kept, cut, strict=True) if off)


def test_what_a_primitive_does_is_found_out_once() -> None:
    known: Known = {}
    rows = word_features(CORE, known)
    assert len(known) == sum(isinstance(entry, Primitive) for entry in CORE)
    for entry in list(CORE)[:3]:
        known[id(entry)] = known[id(entry)][0], np.zeros_like(rows[0])
    again = word_features(CORE, known)
    assert not again[:3].any()
    assert (again[3:] == rows[3:]).all()


def test_lists_of_ints_have_the_tokens_that_any_list_of_them_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short way for lists of ints against the one for all types."""
    values = [(), (5,), tuple(range(-3, 30)), (2000, -2000, 1024, -1024)]
    nested = tuple(values)
    ints = INTS
    short = [tokens_of(v, ints, 2) for v in values] + [tokens_of(nested, list_of(ints), OUTPUT_SLOT)]
    monkeypatch.setattr(features, "_INTS", None)
    assert short == [tokens_of(v, ints, 2) for v in values] + [tokens_of(nested, list_of(ints), OUTPUT_SLOT)]


def test_options_that_are_kept_are_those_of_a_table_that_keeps_none() -> None:
    """One table for many specs against a fresh one for each."""
    shared = Choices(CORE)
    for shift in (0, 0, 30, 40):
        examples = tuple(Example((tuple(range(n)),), (shift, n)) for n in (3, 4, 6))
        spec = Spec(("xs",), FunctionType((INTS,), INTS), CORE, examples)
        kept, fresh = Grounds(spec, shared), Grounds(spec, Choices(CORE))
        one, other = kept.options(kept.root), fresh.options(fresh.root)
        assert one.productions == other.productions
        assert np.array_equal(one.bits, other.bits)
        shapes = [
            [table.shapes[row] for row in rows] for table, rows in ((shared, one.rows), (fresh.choices, other.rows))
        ]
        assert np.array_equal(*shapes)
