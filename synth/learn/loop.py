"""Wake and sleep: solve, compress, and keep what pays, as functions from values to values.

One round: the tasks are searched with the words there are (`wake`); what their programs have in common becomes
definitions, and those that make programs longer which they were not made from are taken back (`sleep`); and if searches
with the new words do worse, all of them are (`pays`). Nothing here knows of files or processes; `synth.learn.run` does
a round after the other in a directory, `Synthesizer.fit` in memory.

The loop is from Ellis et al., "DreamCoder", 2021; what pays is judged on tasks that nothing was learned from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from dsl.errors import DslError
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.parser import parse
from dsl.printer import show
from dsl.program import Lambda, names
from synth.learn.compression import Compression, Learned
from synth.learn.corpus import Attempt, Corpus, Dropped
from synth.learn.words import learned_in, without_words
from synth.pcfg import program_bits
from synth.workload import Item
from tasks.task import Task, missed

__all__ = [
    "Compressor",
    "Effort",
    "Growth",
    "Judge",
    "Judged",
    "Pieces",
    "attempts_of",
    "pays",
    "sleep",
    "unfold",
    "unfolded_text",
]


class Compressor(Protocol):
    """Finds what programs have in common; `synth.learn.compression.compress` is one."""

    def __call__(self, corpus: Corpus, library: Library, *, most: int, arity: int) -> Compression:
        """The corpus rewritten with at most `most` new definitions of at most `arity` parameters."""
        ...


Judge = Callable[[Library, Compression, Corpus], Sequence[tuple[Learned, float]]]
"""Says for each learned definition by how many bits it changes programs that it was not learned from."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What sleep is made of: how to find definitions, judge them, and write them down for people.

    `document` gives a learned definition its documentation: what it is, examples, and from which tasks of which
    iteration it came.
    """

    compress: Compressor
    judge: Judge
    document: Callable[[Learned, int], Definition]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a search for a task came to: whether a program fits, after how many evaluations it ended."""

    solved: bool
    evaluations: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A learned definition, by how many bits it changes programs of other tasks (None: there are none), and whether
    it was kept.
    """

    learned: Learned
    bits_change: float | None
    kept: bool


@dataclass(frozen=True, slots=True)
class Growth:
    """What a sleep came to: the library with what was kept, and the programs of the corpus rewritten with that.

    `bits_before` and `bits_after` are the lengths of these programs under the library before and after.
    """

    library: Library
    judged: tuple[Judged, ...]
    corpus: Corpus
    bits_before: float
    bits_after: float
    dropped: tuple[Dropped, ...] = ()

    @property
    def kept(self) -> tuple[Learned, ...]:
        """The definitions that were kept."""
        return tuple(judged.learned for judged in self.judged if judged.kept)


def attempts_of(items: Iterable[Item], texts: Mapping[str, Iterable[str]]) -> tuple[Attempt, ...]:
    """For each task the shortest program known, by the words that the task has now; `texts` are those found so far.

    A text that can no longer be read, because a word that it uses is gone, is left out.
    """
    return tuple(
        _attempt(item.name, item.content, texts.get(item.name, ())) for item in items if isinstance(item.content, Task)
    )


def _attempt(name: str, task: Task, texts: Iterable[str]) -> Attempt:
    programs = [program for text in texts if (program := _read(text, task)) is not None]
    if not programs:
        return Attempt(name, None, task.type_request)
    shortest = min(programs, key=lambda program: (_bits(program, task), program.size, repr(program)))
    examples = task.examples
    if task.noise:  # what the program misses was taken for noise when it was judged
        outcomes = [run(shortest, example.arguments, task.library) for example in examples]
        wrong = set(missed(examples, outcomes))
        examples = tuple(example for number, example in enumerate(examples) if number not in wrong)
    return Attempt(name, shortest, task.type_request, examples)


def _read(text: str, task: Task) -> Lambda | None:
    try:
        program = parse(text, task.library, expected=task.type_request)
    except DslError:
        return None
    return program if isinstance(program, Lambda) else Lambda((), program)


def _bits(program: Lambda, task: Task) -> float:
    bits = program_bits(program, task.spec)
    return math.inf if bits is None else bits


# ---- sleep ----------------------------------------------------------------------------------------------------------


def sleep(
    corpus: Corpus,
    validated: Corpus,
    library: Library,
    pieces: Pieces,
    *,
    most: int = 10,
    arity: int = 3,
) -> Growth:
    """Compress a corpus, and take back the definitions that do not make the programs in `validated` shorter.

    Where there are none of these, nothing is known against a definition, and all are kept. What a kept definition is
    defined by is kept with it.
    """
    found = pieces.compress(corpus, library, most=most, arity=arity)
    changes = dict(_changes(found, validated, library, pieces.judge))
    wanted = {name for name, change in changes.items() if change is None or change < 0}
    kept = _with_what_they_use(wanted, found)
    gone = [learned.definition for learned in found.learned if learned.definition.name not in kept]
    grown = found.library.without([definition.name for definition in gone]) if gone else found.library
    rewritten = tuple(replace(s, program=without_words(s.program, gone)) for s in found.corpus)
    judged = tuple(
        Judged(learned, changes[learned.definition.name], learned.definition.name in kept) for learned in found.learned
    )
    after = Corpus(rewritten, found.corpus.dropped)
    dropped = tuple(dict.fromkeys((*corpus.dropped, *found.dropped)))
    return Growth(grown, judged, after, corpus.bits(library), after.bits(grown), dropped)


def _changes(
    found: Compression, validated: Corpus, library: Library, judge: Judge
) -> Iterator[tuple[str, float | None]]:
    if not validated.solved:
        yield from ((learned.definition.name, None) for learned in found.learned)
        return
    yield from ((learned.definition.name, change) for learned, change in judge(library, found, validated))


def _with_what_they_use(wanted: set[str], found: Compression) -> set[str]:
    """The names, and those of learned definitions that these are defined by."""
    bodies = {learned.definition.name: learned.definition.program for learned in found.learned}
    reached, waiting = set(wanted), list(wanted)
    while waiting:
        fresh = {name for name in names(bodies[waiting.pop()]) if name in bodies} - reached
        reached |= fresh
        waiting.extend(fresh)
    return reached


def pays(before: Mapping[str, Effort], after: Mapping[str, Effort]) -> bool:
    """Whether searches for the same tasks did at least as well after as before: more solved, or as many with no more
    evaluations in all.

    >>> pays({"a": Effort(True, 500)}, {"a": Effort(True, 400)})
    True
    >>> pays({"a": Effort(True, 500)}, {"a": Effort(False, 9)})
    False
    """
    both = before.keys() & after.keys()
    solved = sum(after[task].solved for task in both) - sum(before[task].solved for task in both)
    spent = sum(after[task].evaluations for task in both) - sum(before[task].evaluations for task in both)
    return solved > 0 or (solved == 0 and spent <= 0)


# ---- programs without learned words ---------------------------------------------------------------------------------


def unfold(program: Lambda, library: Library) -> Lambda:
    """A program with every learned word replaced by what it stands for."""
    return without_words(program, learned_in(library))


def unfolded_text(text: str, task: Task) -> str:
    """The text of a solution without learned words; such a text can be read whatever becomes of these."""
    program = _read(text, task)
    if program is None:
        return text
    plain = unfold(program, task.library)
    if plain == program:
        return text
    variables = dict(zip(plain.parameters, task.type_request.parameters, strict=True))
    body = show(plain.body, task.library, expected=task.result_type, variables=variables)
    return f"lambda {', '.join(plain.parameters)}: {body}" if plain.parameters else body
