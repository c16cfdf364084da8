"""Tasks to learn from are solved by their programs, worth solving, and the same for one seed; files keep them."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from dsl.compiler import Compiler
from dsl.errors import InterfaceError
from dsl.interpreter import run
from dsl.library import Library
from dsl.parser import parse
from dsl.primitives import CORE
from dsl.program import Lambda, Literal, free_variables, names, walk
from dsl.type_system import INT, FunctionType, Type, list_of
from dsl.values import agree, key
from synth.guide.corpus import TrainingTask, read_corpus, replayed, write_corpus
from synth.guide.hindsight import Hindsight, generate
from synth.guide.idleness import is_idle
from synth.pcfg import program_bits, spec_pcfg
from tasks.task import Example, Spec


def tasks_of(seed: int, count: int) -> list[TrainingTask]:
    maker = Hindsight(CORE, random.Random(seed), evaluations=3_000, from_banks=40, deeper=40)
    return list(itertools.islice(maker.tasks(), count))


TASKS = tasks_of(1, 60)


@pytest.mark.parametrize("task", TASKS, ids=range(len(TASKS)))
def test_the_program_solves_its_task(task: TrainingTask) -> None:
    for example in task.spec.examples:
        assert agree(run(task.program, example.arguments, CORE), example.output)
    bits = program_bits(task.program, task.spec)
    assert bits == task.bits


def test_tasks_are_worth_solving() -> None:
    for task in TASKS:
        outputs = [e.output for e in task.spec.examples]
        assert len(set(map(key, outputs))) > 1
        assert free_variables(task.program.body) & set(task.spec.parameters)
        for position in range(len(task.spec.parameters)):
            assert any(key(e.arguments[position]) != key(e.output) for e in task.spec.examples)


def test_there_are_both_kinds_and_many_words() -> None:
    assert {task.source for task in TASKS} == {"hindsight", "dream"}
    assert len({name for task in TASKS for name in names(task.program)}) > 25
    assert max(task.bits for task in TASKS) > 25


def test_one_seed_gives_the_same_tasks() -> None:
    assert tasks_of(1, 20) == TASKS[:20]
    assert tasks_of(2, 5) != TASKS[:5]


def test_no_task_has_a_constant_that_a_search_has_not() -> None:
    for task in tasks_of(3, 120):
        constants = {part for part in walk(task.program.body) if isinstance(part, Literal)}
        assert constants <= {production.head for production in spec_pcfg(task.spec)[1]}


def test_words_that_searches_seldom_use_occur() -> None:
    """Roots are drawn evenly: no word is the root of more than a tenth, and most words of lists occur."""
    tasks = tasks_of(4, 300)
    roots = Counter(name for task in tasks for name in names(getattr(task.program.body, "function", task.program)))
    assert max(roots.values()) < 0.1 * len(tasks)
    words = {name for task in tasks for name in names(task.program)}
    lists = {entry.name for entry in CORE if entry.name.startswith("list.")}
    assert len(words & lists) > 0.6 * len(lists)


def test_programs_of_one_search_behave_differently() -> None:
    maker = Hindsight(CORE, random.Random(5), evaluations=3_000, from_banks=400, deeper=100)
    tasks = list(itertools.islice(maker.tasks(), 30))
    same = [t for t in tasks if [e.arguments for e in t.spec.examples] == [e.arguments for e in tasks[0].spec.examples]]
    assert len(same) > 15
    assert len({key((str(t.spec.type_request), *(e.output for e in t.spec.examples))) for t in same}) == len(same)


def test_tasks_of_one_search_have_different_rows() -> None:
    views = {key(tuple(e.arguments for e in task.spec.examples)) for task in tasks_of(6, 60)}
    assert len(views) >= 12
    assert {len(view) for view in views} != {10}  # type: ignore[arg-type]


def test_a_program_is_the_first_known_of_those_that_agree_on_its_rows() -> None:
    by_view: dict[object, dict[object, set[str]]] = {}
    for task in tasks_of(9, 400):
        view = key((str(task.spec.type_request), tuple(e.arguments for e in task.spec.examples)))
        outputs = key(tuple(e.output for e in task.spec.examples))
        by_view.setdefault(view, {}).setdefault(outputs, set()).add(str(task.program))
    assert all(len(programs) == 1 for view in by_view.values() for programs in view.values())


@pytest.mark.parametrize(
    ("text", "idle"),
    [
        ("map(lambda x: x + 1, xs)", False),
        ("map(lambda x: 1, xs)", True),
        ("cons(min(5, 0), xs)", True),
        ("xs + range(1, 5)", False),
        ("fold(lambda x, y: y, 0, xs)", False),
        ("map(lambda x: sum(xs), xs)", True),
        ("repeat(1, length(xs))", False),
    ],
)
def test_what_computes_more_than_it_needs_is_idle(text: str, idle: bool) -> None:
    variables: dict[str, Type] = {"xs": list_of(INT)}
    assert is_idle(Lambda(("xs",), parse(text, CORE, variables=variables)), Compiler(CORE)) == idle


def test_generating_ends_in_time() -> None:
    tasks = list(generate(CORE, random.Random(7), 0.0))
    assert len(tasks) == 1
    assert tasks == list(itertools.islice(Hindsight(CORE, random.Random(7)).tasks(), 1))


def test_a_file_keeps_tasks(tmp_path: Path) -> None:
    path = tmp_path / "tasks.jsonl"
    assert write_corpus(path, TASKS[:30]) == 30
    assert write_corpus(path, TASKS[30:]) == len(TASKS) - 30
    for before, after in zip(TASKS, read_corpus([path], CORE), strict=True):
        assert after.program == before.program
        assert after.spec == before.spec
        assert (after.bits, after.source) == (round(before.bits, 2), before.source)


# ---- replays ---------------------------------------------------------------------------------------------------------

DOUBLED = Spec(
    ("xs",), FunctionType((list_of(INT),), list_of(INT)), CORE, tuple(Example((a,), a + a) for a in ((1, 2), (3,), ()))
)


def test_a_task_that_was_solved_is_one_to_learn_from() -> None:
    spec = replace(DOUBLED, queries=(((7,),),), noise=0.1)
    (task,), left_out = replayed([(spec, "lambda xs: xs + xs")], CORE)
    assert (task.spec, task.source, left_out) == (DOUBLED, "replay", 0)
    assert task.program == Lambda(("xs",), parse("xs + xs", CORE, variables={"xs": list_of(INT)}))
    assert task.bits == program_bits(task.program, DOUBLED)


@pytest.mark.parametrize(
    "text",
    [
        "lambda xs: reverse(xs) + xs",  # wrong on an example
        "lambda xs: length(xs)",  # of another type
        "lambda ys: ys + ys",  # over other names
        "lambda xs: own.twice(xs)",  # with a word that the library has not
        "lambda xs: (",
        "concat",
        "lambda xs: xs + xs + take(123456, [])",  # with a constant that no search has
    ],
)
def test_what_cannot_be_learned_from_is_left_out_and_counted(text: str) -> None:
    tasks, left_out = replayed([(DOUBLED, text), (DOUBLED, "lambda xs: xs + xs")], CORE)
    assert (len(tasks), left_out) == (1, 1)


def test_a_task_is_replayed_over_the_library_that_is_learned_over() -> None:
    twice = replace(CORE["list.reverse"], name="own.twice", function=lambda xs: xs + xs)  # type: ignore[type-var]
    larger = CORE.extend(Library.of(twice))
    solved = [(replace(DOUBLED, library=larger), "lambda xs: own.twice(xs)")]
    assert replayed(solved, CORE) == ((), 1)
    (task,), _ = replayed(solved, larger)
    assert list(names(task.program)) == ["own.twice"]


@pytest.mark.parametrize("line", ["", "{", "[]", '{"types": ["int"]}', '{"types": ["no such type"]}'])
def test_a_line_that_is_no_task_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "tasks.jsonl"
    write_corpus(path, TASKS[:1])
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(InterfaceError, match="line 2"):
        list(read_corpus([path], CORE))
