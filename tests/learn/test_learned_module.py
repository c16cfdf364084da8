"""The file of what was learned: written, read, edited by hand, renamed, broken."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import LIBRARY, NUMBERS, corpora, corpus_of
from hypothesis import given, settings

from dsl.errors import DslError
from dsl.inference import infer
from dsl.interpreter import run
from dsl.library import Definition
from dsl.parser import parse, parse_value
from dsl.program import Lambda
from synth.learn.compression import Compression, compress
from synth.learn.corpus import Attempt, Corpus
from synth.learn.module import documented, learned_text, provenance, read_learned, with_documentation, write_learned

SHARING = (
    "map(lambda x: x * 2 + 1, filter(is_even, xs))",
    "sum(map(lambda x: x * 2 + 1, xs))",
    "reverse(map(lambda y: y * 2 + 1, take(n, xs)))",
    "take(n, sort(filter(lambda x: x > 3, xs)))",
    "take(2, sort(filter(lambda x: x > n, xs)))",
    "sum(map(lambda x: x * x, zip_with(max, xs, tail(xs))))",
    "last(map(negate, zip_with(max, tail(xs), tail(tail(xs)))))",
)


def _compressed() -> Compression:
    return with_documentation(compress(corpus_of(*SHARING), LIBRARY), iteration=2)


def _definitions(made: Compression) -> list[Definition]:
    return [item.definition for item in made.learned]


def test_the_file_reads_like_one_written_by_hand(golden: Callable[[Path, str], None]) -> None:
    text = learned_text(_definitions(_compressed()), LIBRARY)
    golden(Path(__file__).parents[1] / "golden" / "learned.syn", text)


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    """But for where it came from; and its text is the same again."""
    made = _compressed()
    path = tmp_path / "learned.syn"
    write_learned(path, _definitions(made), LIBRARY)
    read = read_learned(path, LIBRARY)
    assert [replace(d, origin="") for d in read] == [replace(d, origin="") for d in _definitions(made)]
    assert learned_text([d for d in read if isinstance(d, Definition)], LIBRARY) == path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["learned.syn"]


@settings(max_examples=30)
@given(corpora(most=5))
def test_whatever_is_learned_can_be_written_and_read(found: list[Lambda]) -> None:
    corpus = Corpus.of([Attempt(str(i), p, NUMBERS) for i, p in enumerate(found)], LIBRARY)
    made = with_documentation(compress(corpus, LIBRARY, most=4))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learned.syn"
        write_learned(path, _definitions(made), LIBRARY)
        read = read_learned(path, LIBRARY)
    assert {d.name: replace(d, origin="") for d in read} == {d.name: replace(d, origin="") for d in _definitions(made)}


def test_examples_in_the_documentation_are_true() -> None:
    """Each line is a call and its value, as the interpreter has it."""
    made = _compressed()
    assert made.learned
    for item in made.learned:
        assert 1 <= len(item.examples) <= 3
        for line in item.examples:
            call, _, value = line.rpartition(" = ")
            program = parse(call, made.library)
            wanted = parse_value(value, infer(program, made.library), made.library)
            assert run(Lambda((), program), (), made.library) == wanted


def test_the_documentation_says_where_a_definition_was_learned() -> None:
    made = _compressed()
    assert [provenance(item.definition) for item in made.learned] == [(2, item.tasks) for item in made.learned]
    assert made.library[made.learned[0].definition.name] == made.learned[0].definition
    assert provenance(replace(made.learned[0].definition, documentation="By hand.")) == (None, ())


def test_long_lists_of_tasks_are_cut() -> None:
    item = _compressed().learned[0]
    many = replace(item, tasks=tuple(f"t{i}" for i in range(20)))
    definition = documented(many)
    assert "from 20 tasks: t0, t1" in definition.summary
    assert "and 12 more." in definition.summary
    assert provenance(definition) == (None, tuple(f"t{i}" for i in range(8)))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "learned.syn"
    write_learned(path, _definitions(_compressed()), LIBRARY)
    return path


def test_a_renamed_file_and_renamed_words_read(written: Path) -> None:
    text = written.read_text(encoding="utf-8").replace("map_increment_double", "odd_ones")
    other = written.with_name("my words.syn")
    other.write_text(text, encoding="utf-8")
    read = read_learned(other, LIBRARY)
    assert "learned.odd_ones" in read


def test_a_definition_edited_by_hand_counts(written: Path) -> None:
    text = written.read_text(encoding="utf-8")
    edited = text.replace("x * 2 + 1", "x * 3 + 1")
    assert edited != text
    written.write_text(edited, encoding="utf-8")
    library = LIBRARY.extend(read_learned(written, LIBRARY))
    assert run(parse("lambda xs: map_increment_double(xs)", library), ((1, 2),), library) == (4, 7)


@pytest.mark.parametrize(
    ("pattern", "text", "message"),
    [
        (r"x \* 2 \+ 1", "x * 2 + True", "no word `+` fits the types (int, bool)"),
        (r"= map\(lambda x: x \* 2 \+ 1, xs\)", "= map_increment_double(xs)", "do not use themselves"),
        (r"x \* 2 \+ 1", "twice(x) + 1", "found `twice`"),
        (r"-> list\[int\]", "-> list[itn]", "found `itn`"),
    ],
)
def test_a_broken_file_says_what_is_wrong_and_where(written: Path, pattern: str, text: str, message: str) -> None:
    written.write_text(re.sub(pattern, text, written.read_text(encoding="utf-8"), count=1), encoding="utf-8")
    with pytest.raises(DslError) as raised:
        read_learned(written, LIBRARY)
    assert message in str(raised.value)
    assert "learned.syn" in str(raised.value)
