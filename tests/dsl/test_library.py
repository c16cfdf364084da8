"""Libraries as values: adding, hiding, dropping, looking up, comparing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import libraries

from dsl.errors import LibraryError, PrimitiveError
from dsl.library import Definition, Library, nearest
from dsl.primitive import Primitive, primitive, primitive_of
from dsl.primitives import CORE
from dsl.program import Lambda, Literal, Name, Program, Variable, call
from dsl.type_system import INT, FunctionType, list_of

UNARY = FunctionType((INT,), INT)
x = Variable("x")


def word(name: str, function: Callable[..., object] = abs) -> Primitive:
    return Primitive(name, UNARY, function, parameters=("x",))


def definition(name: str, *uses: str, origin: str = "") -> Definition:
    """A definition that applies words, one after the other."""
    body: Program = x
    for use in uses:
        body = call(use, body)
    return Definition(name, UNARY, Lambda(("x",), body), origin=origin)


SMALL = Library.of(word("int.add"), word("real.add"), word("int.sub"), word("plain"))
LAYERED = SMALL.extend(
    definition("my.one", "int.add"),
    definition("my.two", "my.one", "int.sub"),
    definition("my.three", "my.two", "my.one"),
    definition("my.other", "real.add"),
)


# ---- Making and looking up ------------------------------------------------------------------------------------------


def test_a_module_gives_its_primitives_under_its_namespace() -> None:
    source = "from dsl import primitive\nfrom dsl.primitives.integers import add\n\n"
    source += "@primitive\ndef double(x: int) -> int:\n    'Twice.'\n    return x + x\n\ndef helper() -> None: ...\n"
    module = ModuleType("some.package.geometry")
    exec(source, vars(module))
    assert list(Library.of(module).entries) == ["geometry.double"]  # `add` is another module's
    module.NAMESPACE = "shape"  # type: ignore[attr-defined]
    assert list(Library.of(module).entries) == ["shape.double"]


def test_single_functions_and_entries_are_words_too() -> None:
    @primitive
    def double(x: int) -> int:
        """Twice."""
        return x + x

    assert list(Library.of(double, word("int.add")).entries) == ["double", "int.add"]
    assert Library.of(double)["double"] == primitive_of(double)
    with pytest.raises(
        PrimitiveError, match="expected a function decorated with @primitive, found <built-in function abs>"
    ):
        Library.of(abs)


def test_a_short_name_stands_for_all_words_that_end_in_it() -> None:
    assert [entry.name for entry in SMALL.candidates("add")] == ["int.add", "real.add"]
    assert [entry.name for entry in SMALL.candidates("int.add")] == ["int.add"]
    assert [entry.name for entry in SMALL.candidates("plain")] == ["plain"]
    assert SMALL.candidates("nothing") == ()


def test_a_word_may_be_meant_by_its_name_its_short_name_or_its_namespace() -> None:
    assert SMALL.matching("add") == ("int.add", "real.add")
    assert SMALL.matching("int") == ("int.add", "int.sub")
    assert SMALL.matching("int.sub") == ("int.sub",)
    with pytest.raises(LibraryError) as error:
        SMALL.matching("ad")
    assert str(error.value) == "the library has no word 'ad'\nhint: did you mean 'add'?"
    with pytest.raises(LibraryError) as error:
        SMALL.matching("zzzzzz")
    assert str(error.value) == "the library has no word 'zzzzzz'"


def test_the_nearest_name_is_near_or_none() -> None:
    assert nearest("fliter", ("filter", "map")) == "filter"
    assert nearest("xyz", ("filter", "map")) is None


@settings(max_examples=25)
@given(libraries())
def test_every_word_is_found_by_its_qualified_name(library: Library) -> None:
    assert len(library) == len(list(library)) == len(library.entries)
    for entry in library:
        assert entry.name in library
        assert library[entry.name] == entry
        assert library.candidates(entry.name) == (entry,)
    for short, qualified in library.shorts.items():
        assert qualified
        assert all(library[name].short == short for name in qualified)


# ---- Extending ------------------------------------------------------------------------------------------------------


def test_a_library_is_never_changed() -> None:
    before = (dict(SMALL.entries), dict(SMALL.shorts))
    SMALL.extend(word("new.add"), shadow=True)
    SMALL.only(["plain"])
    SMALL.without(["plain"])
    assert (dict(SMALL.entries), dict(SMALL.shorts)) == before
    with pytest.raises(TypeError):
        SMALL.entries["new"] = word("new")  # type: ignore[index]


def test_two_words_of_one_qualified_name_are_refused() -> None:
    first = definition("my.f", "int.add", origin="a.syn:3")
    second = definition("my.f", "int.sub", origin="b.syn:7")
    with pytest.raises(LibraryError) as error:
        SMALL.extend(first, second)
    assert str(error.value) == "duplicate name 'my.f': the definition in a.syn:3 and the definition in b.syn:7"
    with pytest.raises(LibraryError, match=r"the primitive at <built-in function abs> and the primitive at .*:\d+$"):
        SMALL.extend(word("plain", lambda x: x))


def test_the_same_word_twice_is_once() -> None:
    assert SMALL.extend(word("int.add"), SMALL) == SMALL


def test_a_word_may_hide_others_of_its_short_name() -> None:
    mine = definition("my.add", "int.add")
    assert [e.name for e in SMALL.extend(mine).candidates("add")] == ["int.add", "real.add", "my.add"]
    hiding = SMALL.extend(mine, shadow=True)
    assert [e.name for e in hiding.candidates("add")] == ["my.add"]
    assert [e.name for e in hiding.candidates("int.add")] == ["int.add"]
    # Two that come together do not hide each other.
    both = SMALL.extend(mine, definition("your.add", "int.add"), shadow=True)
    assert [e.name for e in both.candidates("add")] == ["my.add", "your.add"]
    # What is hidden stays so in what is made of the library.
    for library in (hiding.without(["plain"]), hiding.only(["int", "my"]), Library().extend(hiding)):
        assert [e.name for e in library.candidates("add")] == ["my.add"]


@settings(max_examples=25)
@given(libraries(), libraries())
def test_extending_adds_all_or_names_the_clash(a: Library, b: Library) -> None:
    clashes = {name for name in a.entries if name in b and a[name] != b[name]}
    if clashes:
        with pytest.raises(LibraryError, match="duplicate name"):
            a.extend(b)
    else:
        assert a.extend(b).entries.keys() == a.entries.keys() | b.entries.keys()
        assert a.extend(a) == a


# ---- Parts ----------------------------------------------------------------------------------------------------------


def test_keeping_words_keeps_what_defines_them() -> None:
    assert set(LAYERED.only(["my.two"]).entries) == {"my.two", "my.one", "int.add", "int.sub"}
    assert set(LAYERED.only(["add"]).entries) == {"int.add", "real.add"}
    assert set(LAYERED.only([]).entries) == set()


def test_dropping_words_drops_what_uses_them() -> None:
    assert set(LAYERED.without(["int.sub"]).entries) == {"int.add", "real.add", "plain", "my.one", "my.other"}
    assert set(LAYERED.without(["my"]).entries) == set(SMALL.entries)
    assert LAYERED.without([]) == LAYERED


@settings(max_examples=25)
@given(libraries(), st.data())
def test_every_part_of_a_library_is_whole(library: Library, data: st.DataObject) -> None:
    """No definition is left without a word that it needs, and all but those are kept."""
    chosen = data.draw(st.sets(st.sampled_from(sorted(library.entries)), max_size=4))
    kept, rest = library.only(chosen), library.without(chosen)
    assert chosen <= kept.entries.keys()
    assert not chosen & rest.entries.keys()
    for part in (kept, rest):
        assert all(used in part for used in _used_by(part) if used in library)
        assert all(part[name] == library[name] for name in part.entries)
        assert part.only(part.entries) == part


def _used_by(library: Library) -> set[str]:
    return {used for _, used in library.graph().edges}


def test_the_graph_has_an_edge_from_user_to_used() -> None:
    graph = LAYERED.graph()
    assert set(graph.nodes) == set(LAYERED.entries)
    assert set(graph.edges) == {
        ("my.one", "int.add"),
        ("my.two", "my.one"),
        ("my.two", "int.sub"),
        ("my.three", "my.two"),
        ("my.three", "my.one"),
        ("my.other", "real.add"),
    }


# ---- Digests --------------------------------------------------------------------------------------------------------


def test_a_digest_is_of_the_content() -> None:
    assert LAYERED.digest() == Library.of(*reversed([*LAYERED])).digest()
    assert LAYERED.digest() != LAYERED.without(["plain"]).digest()
    five, six = (Definition("my.n", INT, Literal(n)) for n in (5, 6))
    assert SMALL.extend(five).digest() != SMALL.extend(six).digest()
    assert SMALL.extend(five).digest() != SMALL.extend(replace(five, type=list_of(INT))).digest()


def test_a_digest_sees_how_a_primitive_is_computed() -> None:
    def one(x: int) -> int:
        return x + 1

    def two(x: int) -> int:
        return x + 2

    assert Library.of(word("f", one)).digest() != Library.of(word("f", two)).digest()
    assert CORE.digest() == CORE.digest()


# ---- Definitions ----------------------------------------------------------------------------------------------------


def test_a_definition_knows_its_short_name_summary_and_parameters() -> None:
    made = replace(definition("my.one", "int.add"), documentation="\nAdds.\n\nMore.\n")
    assert (made.short, made.summary, made.parameters) == ("one", "Adds.", ("x",))
    assert Definition("n", INT, Name("int.pi")).parameters == ()


# ---- Auxiliary words ------------------------------------------------------------------------------------------------


def test_a_basis_keeps_what_its_words_are_defined_by_out_of_the_vocabulary() -> None:
    made = LAYERED.basis(["two", "plain"])
    assert [entry.name for entry in made.vocabulary] == ["plain", "my.two"]
    assert made.auxiliary == {"int.add", "int.sub", "my.one"}
    assert made.candidates("one") == ()
    assert [entry.name for entry in made.candidates("my.one")] == ["my.one"]
    assert LAYERED.basis(["two"]).only(["two"]).auxiliary == {"int.add", "int.sub", "my.one"}


def test_an_auxiliary_word_that_is_asked_for_is_none() -> None:
    made = LAYERED.basis(["two", "plain"])
    assert made.only(["two", "int.add"]).auxiliary == {"int.sub", "my.one"}
    again = made.extend(LAYERED["my.one"])
    assert again.auxiliary == {"int.add", "int.sub"}
    assert again.candidates("one") == (LAYERED["my.one"],)


def test_an_added_library_brings_its_auxiliary_words() -> None:
    made = LAYERED.basis(["two"])
    assert Library().extend(made).auxiliary == made.auxiliary
    assert LAYERED.extend(made).auxiliary == frozenset(), "there they are words already"
    assert made.without(["int.add"]).auxiliary == {"int.sub"}


@given(libraries(), st.data())
def test_a_basis_has_the_entries_of_only(library: Library, data: st.DataObject) -> None:
    keep = data.draw(st.lists(st.sampled_from(sorted(library.entries)), unique=True)) if len(library) else []
    made = library.basis(keep)
    assert made.entries == library.only(keep).entries
    assert {entry.name for entry in made.vocabulary} == set(keep)


def test_which_words_are_auxiliary_changes_the_digest() -> None:
    assert LAYERED.basis(["two"]).digest() != LAYERED.only(["two"]).digest()
