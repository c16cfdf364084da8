"""Library modules: found, read, written, and what their words hide."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import PARAMETERS, polymorphic_types, programs, types

from dsl.errors import DslError, LibraryError
from dsl.grammar import grammar_of, types_in_play
from dsl.inference import resolve
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.module_file import definitions_of, namespace_of, read_module, read_words, show_definition, write_module
from dsl.parser import parse, parse_file
from dsl.primitives import CORE
from dsl.program import Lambda, names
from dsl.type_system import INT, FunctionType, Type, list_of, show_type, type_variables

SHIPPED = sorted((Path(__file__).parents[2] / "dsl" / "modules").glob("**/*.syn"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_modules_can_be_read_and_are_documented(path: Path) -> None:
    """Also as written anew; what a module imports is another module's."""
    module = read_module(path, CORE)
    assert len(module.applied(CORE)) > 0
    for entry in module.definitions:
        assert isinstance(entry, Definition)
        assert entry.documentation, f"say what {entry.name} does"
    own = [d for d in _definitions(module.definitions) if d.name.startswith(f"{namespace_of(path)}.")]
    made = Library.of(*own)
    again = definitions_of(parse_file(write_module(own, CORE)), CORE, namespace_of(path))
    assert _without_origin(again) == _without_origin(made)


def _definitions(library: Library) -> list[Definition]:
    return [entry for entry in library if isinstance(entry, Definition)]


def _without_origin(library: Library) -> list[Definition]:
    return [replace(definition, origin="") for definition in _definitions(library)]


def test_shipped_lists() -> None:
    """The words do what they say."""
    library = read_module("lists", CORE).applied(CORE)

    def value(text: str) -> object:
        return run(Lambda((), parse(text, library)), (), library)

    assert value("evens([1, 2, 4])") == (2, 4)
    assert value("odds([1, 2, 3])") == (1, 3)
    assert value("positives([0, -1, 5])") == (5,)
    assert value("between(1, 3, [0, 1, 2, 3, 4])") == (1, 2, 3)
    assert value("doubled([1, 2])") == (2, 4)
    assert value("squares([-3])") == (9,)
    assert value("differences([1, 4, 2])") == (3, -2)
    assert value("differences([1])") == ()
    assert value("running_sums([1, 2, 3])") == (1, 3, 6)
    assert value("average([1, 2, 4])") == 2
    assert value("(is_palindrome([1, 2, 1]), is_palindrome([1, 2]))") == (True, False)
    assert value("halves([1, 2, 3])") == ((1,), (2, 3))


# ---- bases ----------------------------------------------------------------------------------------------------------

LAMBDABEAM = """
    add subtract multiply divide square min max gt lt eq is_even is_odd if head last slice_to slice_from get minimum
    maximum reverse sort sum map filter count zip_with scan1
"""


def test_the_words_of_lambdabeam() -> None:
    """Its 28 operations, as words of ours: so they keep their kernels."""
    library = read_module("peers.lambdabeam", CORE).applied(CORE)
    assert sorted(entry.short for entry in library.vocabulary) == sorted(LAMBDABEAM.split())
    assert not library.auxiliary
    assert all(entry is CORE[entry.name] for entry in library)


def test_the_words_of_dreamcoder() -> None:
    """Two are defined; what they are defined by is run, and no search uses it."""
    library = read_module("peers/dreamcoder", CORE).applied(CORE)
    assert len(library.vocabulary) == 19
    assert library.auxiliary == {"list.range", "list.unfold", "option.none", "option.some", "tuple.pair"}

    def value(text: str) -> object:
        return run(Lambda((), parse(text, library)), (), library)

    assert value("(range(3), range(-1))") == ((0, 1, 2), ())
    halves = "unfold(100, lambda n: n == 0, lambda n: n, lambda n: n - 30 if n > 30 else 0)"
    assert value(halves) == (100, 70, 40, 10)
    assert productions(library) == {entry.name for entry in library.vocabulary}


def productions(library: Library) -> set[str]:
    """The words that a search over lists of ints may use."""
    request = FunctionType((list_of(INT),), list_of(INT))
    return {production.key for production in grammar_of(library, types_in_play(request, library))}


def test_a_basis_leaves_its_words_and_its_own(tmp_path: Path) -> None:
    path = tmp_path / "few.syn"
    path.write_text("uses map, int.add\nuses list.fold\ndef total(xs: list[int]) -> int = sum(xs)", encoding="utf-8")
    library = read_module(path, CORE).applied(CORE)
    assert {entry.name for entry in library.vocabulary} == {"list.map", "int.add", "list.fold", "few.total"}
    assert library.auxiliary == {"list.sum"}
    assert productions(library) == {"list.map", "int.add", "list.fold", "few.total"}
    assert run(parse("lambda: total([1, 2])", library), (), library) == 3
    with pytest.raises(DslError, match="`sum`"):
        parse("sum([1])", library)


def test_modules_after_a_basis_are_read_over_it(tmp_path: Path) -> None:
    few = read_module("peers.dreamcoder", CORE).applied(CORE)
    more = tmp_path / "more.syn"
    more.write_text("def firsts(n: int) -> list[int] = map(lambda x: x + 1, range(n))", encoding="utf-8")
    assert {e.name for e in read_module(more, few).applied(few).vocabulary} == {
        *(e.name for e in few.vocabulary),
        "more.firsts",
    }
    more.write_text("def firsts(xs: list[int]) -> list[int] = sort(xs)", encoding="utf-8")
    with pytest.raises(DslError, match="`sort`"):
        read_module(more, few)


def test_what_a_module_imports_makes_it_no_basis(tmp_path: Path) -> None:
    """Only the file that a task is in, or that is named, decides."""
    (tmp_path / "mine.syn").write_text("import peers.lambdabeam\ndef f(x: int) -> int = x", encoding="utf-8")
    assert read_module("mine", CORE, near=tmp_path).basis is None
    words = read_words(parse_file("import mine"), CORE, near=tmp_path)
    assert len(words.vocabulary) == len(CORE) + 1


def test_two_bases_are_both_left() -> None:
    words = read_words(parse_file("import peers.lambdabeam\nimport peers.dreamcoder"), CORE)
    assert {"list.scan1", "list.fold_right", "dreamcoder.unfold"} <= {entry.name for entry in words.vocabulary}
    assert "list.fold" not in words


def test_the_uses_lines_of_a_file_decide_over_its_imports() -> None:
    text = "import peers.dreamcoder\nuses dreamcoder.range, list.sort\ndef f(x: int) -> int = x"
    words = read_words(parse_file(text), CORE)
    assert {entry.name for entry in words.vocabulary} == {"dreamcoder.range", "list.sort", "file.f"}


# ---- definitions ----------------------------------------------------------------------------------------------------

TEXT = """
syn 1
import lists

# Comments are no documentation.
def twice_evens(xs: list[int]) -> list[int] = map(twice, evens(xs))  # used before it is defined
    "Twice each even number."
    "And nothing else."

def twice(x: int) -> int = x + x

def largest(xs: list[A]) -> A where A: ordered = maximum(xs)

def limit -> int = 10
"""


def test_definitions() -> None:
    """Types as declared, documentation in lines, any order, constants."""
    made = definitions_of(parse_file(TEXT.strip(), path="mine.syn"), CORE)
    own = {name: entry for name, entry in made.entries.items() if name.startswith("mine.")}
    assert {name: show_type(entry.type) for name, entry in own.items()} == {
        "mine.twice": "(int) -> int",
        "mine.twice_evens": "(list[int]) -> list[int]",
        "mine.largest": "(list[A]) -> A where A: ordered",
        "mine.limit": "int",
    }
    assert own["mine.twice_evens"].documentation == "Twice each even number.\nAnd nothing else."
    assert isinstance(own["mine.twice_evens"], Definition)
    assert list(names(own["mine.twice_evens"].program)) == ["list.map", "mine.twice", "lists.evens"]
    library = CORE.extend(made, shadow=True)
    assert run(parse("lambda: twice_evens([1, 2]) + [limit]", library), (), library) == (4, 10)


def test_own_words_hide_imported_ones_and_these_the_librarys(tmp_path: Path) -> None:
    """The nearest one is meant by the short name; all keep their full names."""
    (tmp_path / "inner.syn").write_text("def sort(x: int) -> int = x\ndef deep(x: int) -> int = x", encoding="utf-8")
    (tmp_path / "outer.syn").write_text("import inner\ndef twice(x: int) -> int = sort(x) + deep(x)", encoding="utf-8")
    text = "import outer\ndef reverse(x: int) -> int = twice(x)\ndef back(xs: list[A]) -> list[A] = list.reverse(xs)"
    words = read_words(parse_file(text, path=str(tmp_path / "tasks.syn")), CORE, near=tmp_path)
    assert list(names(parse("(reverse(1), twice(2))", words))) == ["tuple.pair", "tasks.reverse", "outer.twice"]
    assert list(names(parse("sort([1])", words))) == ["list.sort"], "what a module imports is not handed on"
    assert list(names(parse("inner.sort(1)", words))) == ["inner.sort"], "but has its full name"
    assert list(names(words["tasks.back"].program)) == ["list.reverse"]  # type: ignore[union-attr]


def test_one_module_by_two_ways(tmp_path: Path) -> None:
    """A module imported here and by another import is one module, and its words are known here."""
    (tmp_path / "a.syn").write_text("def f(x: int) -> int = x", encoding="utf-8")
    (tmp_path / "b.syn").write_text("import a\ndef g(x: int) -> int = f(x)", encoding="utf-8")
    for order in ("import a\nimport b", "import b\nimport a"):
        words = read_words(parse_file(order), CORE, near=tmp_path)
        assert list(names(parse("f(g(1))", words))) == ["a.f", "b.g"]


def test_modules_beside_hide_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "lists.syn").write_text("def only(x: int) -> int = x", encoding="utf-8")
    assert list(read_module("lists", CORE, near=tmp_path).definitions.entries) == ["lists.only"]
    (tmp_path / "peers").mkdir()
    (tmp_path / "peers" / "one.syn").write_text("def f(x: int) -> int = x", encoding="utf-8")
    assert list(read_module("peers.one", CORE, near=tmp_path).definitions.entries) == ["one.f"]
    assert list(read_module(str(tmp_path / "peers" / "one.syn"), CORE).definitions.entries) == ["one.f"]


def test_a_broken_task_does_not_break_the_words() -> None:
    text = "def f(x: int) -> int = x\n\ntask t(x: int -> int\n"
    assert "file.f" in read_words(parse_file(text), CORE)
    with pytest.raises(DslError):
        read_words(parse_file("def f(x: int -> int = x"), CORE)


def test_two_modules_may_not_define_the_same_word(tmp_path: Path) -> None:
    (tmp_path / "int.syn").write_text("def add(x: int) -> int = x", encoding="utf-8")
    with pytest.raises(LibraryError, match=re.escape("duplicate name 'int.add'")):
        read_words(parse_file("import int"), CORE, near=tmp_path)


# ---- writing --------------------------------------------------------------------------------------------------------

SHORTS = ("twice", "map", "evens", "add", "limit", "task")


@st.composite
def modules(draw: st.DrawFn) -> list[Definition]:
    """Definitions that use the language's words and each other, and hide some."""
    library, made = CORE, []
    for short in draw(st.lists(st.sampled_from(SHORTS), min_size=1, max_size=3, unique=True)):
        documentation = draw(st.sampled_from(["", "What it does.", 'Says "no", isn\'t it?\n\nMore.', "\\n\t"]))
        t: Type = draw(types(2))
        if isinstance(t, FunctionType):
            parameters = tuple(draw(st.lists(st.sampled_from(PARAMETERS), min_size=2, max_size=2, unique=True)))
            known = dict(zip(parameters, t.parameters, strict=False))
            body = draw(programs(library, t.result, known, max_depth=3))
            definition = Definition(f"mine.{short}", t, Lambda(tuple(known), body), documentation)
        else:
            definition = Definition(f"mine.{short}", t, draw(programs(library, t, max_depth=3)), documentation)
        library = library.extend(definition, shadow=True)
        made.append(definition)
    return made


@settings(max_examples=60)
@given(modules())
def test_reading_inverts_writing(made: list[Definition]) -> None:
    """A module written and read is the same module, whatever hides what."""
    text = write_module(made, CORE)
    again = definitions_of(parse_file(text), CORE, "mine")
    assert {d.name: d for d in _definitions(again)} == {d.name: d for d in made}


@given(polymorphic_types())
def test_declared_types_are_written_in_full(t: Type) -> None:
    """Limits on type variables stand at the end of the head."""
    declared = FunctionType((t,), INT)
    definition = Definition("mine.f", declared, Lambda(("x",), parse("1", CORE)))
    library = CORE.extend(definition)
    (block,) = parse_file(show_definition(definition, library)).definitions
    assert block.parameters is not None
    assert FunctionType(tuple(p.type for p in block.parameters), block.result) == declared
    assert len(type_variables(t)) == 0 or resolve(parse("lambda x: 1", CORE), CORE, expected=declared).type == declared


def test_names_of_files() -> None:
    assert namespace_of(Path("a/my-tasks 2.syn")) == "my_tasks_2"
    assert namespace_of(Path("2.syn")) == "_2"
    assert namespace_of(Path("if.syn")) == "_if"
