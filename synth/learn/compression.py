"""Compression: what solved programs have in common becomes definitions, and the programs are rewritten with them.

stitch finds an abstraction at a time, in the programs as they are by then; a pattern that cannot be a definition is
put aside. All rewriting is done here, and checked: a program whose rewriting is not the same program with definitions
put in for their names, of the same type, and with the same values, stays as it was.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from dsl.errors import DslError
from dsl.inference import resolve
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.printer import show
from dsl.program import Hole, Lambda, Name, Program, Variable, holes, names, walk
from dsl.type_system import INT, FunctionType, apply, type_variables
from dsl.values import Failure, agree
from synth.learn.corpus import Corpus, Dropped, Solved, program_cost
from synth.learn.definitions import Untypable, definition_of
from synth.learn.expansion import expanded
from synth.learn.forms import beta_reduced, named, nameless, normal, unfolded
from synth.learn.patterns import Rewriter, body_cost, cost, filled, gaps, opened_pattern, with_gap_apart
from synth.learn.stitching import Abstraction, abstractions_of
from synth.learn.worked_examples import examples_of
from synth.search.tidy import tidy

__all__ = ["Compression", "Discarded", "Learned", "compress"]

_MOST_DISCARDED = 20
"""Abstractions that may come to nothing before no more are asked for."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A definition that was learned: how often it is used, what that saves, and where it came from.

    `uses` counts calls in the rewritten programs and in other learned definitions. `saved_bits` is what the corpus and
    the library would be longer without it; below zero, it does not pay. `examples` are calls of it and their values,
    `tasks` those whose programs use it, also by way of other definitions.
    """

    definition: Definition
    uses: int
    saved_bits: float
    examples: tuple[str, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discarded:
    """An abstraction that did not become a definition, and why."""

    body: str
    reason: str


@dataclass(frozen=True, slots=True)
class Compression:
    """What a corpus was compressed to.

    `library` is the old one with the learned definitions, `corpus` the same tasks with their programs rewritten.
    `bits_before` and `bits_after` are description lengths of the programs and of the definitions that were learned.
    `dropped` are tasks that nothing was learned from, or whose programs stayed as they were where they could have been
    rewritten; `discarded` what stitch found and the language has no use for.
    """

    library: Library
    learned: tuple[Learned, ...]
    corpus: Corpus
    bits_before: float
    bits_after: float
    dropped: tuple[Dropped, ...] = ()
    discarded: tuple[Discarded, ...] = ()


def compress(
    corpus: Corpus, library: Library, *, most: int = 10, arity: int = 3, functions: bool = True
) -> Compression:
    """The corpus rewritten with at most `most` new definitions of at most `arity` parameters.

    With `functions`, definitions may take functions of what they bind themselves, as `map` does (see `expansion`).
    The programs are brought to their normal form under the laws of the words first. The same corpus and library give
    the same result, in any process.
    """
    forms = tuple(_normal_form(solved, library) for solved in corpus)
    work = _Work(library, forms, arity, functions)
    work.learn(most)
    rewritten, stayed = _checked(corpus, forms, work)
    learned_library = library.extend(*work.definitions)
    made = Corpus(rewritten, corpus.dropped)
    bits = _bits(made, library, work.definitions)
    learned = tuple(_learned(d, made, library, work.definitions, bits) for d in work.definitions)
    return Compression(
        learned_library,
        learned,
        made,
        corpus.bits(library),
        bits,
        (*corpus.dropped, *stayed),
        tuple(work.discarded),
    )


# ---- finding ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gain:
    """A definition, the programs rewritten with it, and what that saves, as stitch counts."""

    definition: Definition
    programs: tuple[Program, ...]
    saved: int


@dataclass(slots=True)
class _Work:
    """Programs, and what has been learned from them so far; all programs are nameless."""

    library: Library
    programs: tuple[Program, ...]
    arity: int
    functions: bool
    definitions: list[Definition] = field(default_factory=list)
    discarded: list[Discarded] = field(default_factory=list)
    _refused: set[Program] = field(default_factory=set)

    @property
    def words(self) -> Library:
        """The library with what has been learned."""
        return self.library.extend(*self.definitions)

    def learn(self, most: int) -> None:
        """Learn definitions until there are so many, or nothing more is worth one."""
        for _ in range(most):  # places that come free are filled; each round learns one at least, or is the last
            while len(self.definitions) < most and self.step():
                pass
            learned = len(self.definitions)
            self.drop_unused()
            if len(self.definitions) in (learned, 0):
                return

    def step(self) -> bool:
        """Learn one more definition, the one that saves most of those that are proposed; whether there was one."""
        while len(self._refused) < _MOST_DISCARDED:
            proposed = self._proposed()
            if not proposed:
                return False
            gains = [gain for found in proposed if (gain := self._judged(found)) is not None]
            if gains:
                best = max(gains, key=lambda gain: gain.saved)  # the first of equals
                self.programs = best.programs
                self.definitions.append(best.definition)
                return True
        return False

    def _proposed(self) -> list[Abstraction]:
        """The best abstractions that have not been refused, of the programs as they are, and of them expanded."""
        if len(self.programs) < 2:
            return []
        forms = [self.programs]
        if self.functions and (apart := tuple(map(expanded, self.programs))) != self.programs:
            forms.append(apart)
        found = [best for programs in forms if (best := self._best_of(programs)) is not None]
        return list({abstraction.body: abstraction for abstraction in found}.values())

    def _best_of(self, programs: Sequence[Program]) -> Abstraction | None:
        try:
            found = abstractions_of(programs, most=1 + len(self._refused), arity=self.arity)
            bodies = (replace(abstraction, body=beta_reduced(abstraction.body)) for abstraction in found)
            return next((abstraction for abstraction in bodies if abstraction.body not in self._refused), None)
        except DslError as error:
            self.discarded.append(Discarded("", error.message))
            return None

    def _judged(self, found: Abstraction) -> _Gain | None:
        """What an abstraction would make of the programs; None where it is refused."""
        body, parameters = opened_pattern(found.body, found.arity)
        trailing = [f"#{found.arity + place}" for place in range(parameters)]
        gain = self._gain(body, trailing)
        if isinstance(gain, _Gain):
            return gain
        self._refused.add(found.body)
        self.discarded.append(Discarded(_text(body, self.words), gain))
        # A gap that stands for programs of two types is two gaps.
        shared = [name for name in gaps(body) if sum(hole.name == name for hole in holes(body)) > 1]
        first = found.arity + parameters
        tried = (self._gain(with_gap_apart(body, name, first), trailing) for name in shared)
        return next((gain for gain in tried if isinstance(gain, _Gain)), None)

    def _gain(self, body: Program, trailing: Sequence[str]) -> _Gain | str:
        """A pattern as a definition and all programs rewritten with it; why not, where it cannot be or does not pay."""
        if isinstance(body, Hole):
            return "it is a gap and nothing else"
        made = definition_of(body, trailing, self.words)
        if isinstance(made, Untypable):
            return made.reason
        definition, pattern = made
        if len(pattern.order) > self.arity:
            return f"it has {len(pattern.order)} parameters, and {self.arity} are allowed"
        rewriter = Rewriter(pattern, self.words)
        programs = tuple(map(rewriter.program, self.programs))
        changed = sum(a != b for a, b in zip(programs, self.programs, strict=True))
        saved = sum(map(cost, self.programs)) - sum(map(cost, programs)) - body_cost(body)
        if changed < 2 or saved <= 0:
            return "too few of its uses are sure to run the same parts"
        return _Gain(definition, programs, saved)

    def drop_unused(self) -> None:
        """Put definitions back in that later ones have left with one use, or none: they only cost."""
        while (single := next((d for d in self.definitions if self._uses(d) < 2), None)) is not None:
            known = {single.name: nameless(single.program)}
            self.definitions.remove(single)
            self.programs = tuple(unfolded(p, known) for p in self.programs)
            self.definitions = [_without(d, known) for d in self.definitions]

    def _uses(self, definition: Definition) -> int:
        return _count(definition.name, (*self.programs, *(d.program for d in self.definitions)))


def _text(body: Program, library: Library) -> str:
    """A pattern as a person may read it, its gaps as variables `gap0`, `gap1`, ..."""
    values: dict[str, Program] = {name: Variable(f"gap{name[1:]}") for name in gaps(body)}
    program = named(filled(body, values))
    try:
        return show(program, library)
    except DslError:
        return repr(program)


def _count(name: str, programs: Iterable[Program]) -> int:
    return sum(isinstance(node, Name) and node.name == name for p in programs for node in walk(p))


def _without(definition: Definition, known: dict[str, Program]) -> Definition:
    """A definition with others put in for their names."""
    if known.keys().isdisjoint(names(definition.program)):
        return definition
    made = unfolded(nameless(definition.program), known)
    program = tidy(named(made, definition.parameters, definition.parameters))
    return replace(definition, program=program)


# ---- programs and back --------------------------------------------------------------------------------------------


def _normal_form(solved: Solved, library: Library) -> Program:
    """A program's normal form; where that has another type, or other values, the program as it is."""
    own = nameless(solved.program)
    form = normal(solved.program, library)
    if form == own:
        return own
    made = _restored(form, solved, library)
    return own if made is None or not _same_values(made, solved, library, library) else form


def _restored(form: Program, solved: Solved, library: Library) -> Lambda | None:
    """A nameless program with names, those of the task for its parameters; None where it has not the task's type."""
    made = tidy(named(form, solved.program.parameters))
    try:
        found = resolve(made, library, expected=solved.type).program
    except DslError:
        return None
    return made if found == made and isinstance(made, Lambda) else None


def _same_values(program: Lambda, solved: Solved, library: Library, old: Library) -> bool:
    """Whether a program gives what the solved task's own does, wherever that gives a value."""
    for arguments in solved.inputs:
        wanted = run(solved.program, arguments, old)
        if not isinstance(wanted, Failure):
            value = run(program, arguments, library)
            if isinstance(value, Failure) or not agree(value, wanted):
                return False
    return True


def _checked(corpus: Corpus, forms: Sequence[Program], work: _Work) -> tuple[tuple[Solved, ...], tuple[Dropped, ...]]:
    """The tasks with their rewritten programs, and those whose programs had to stay as they were."""
    words = work.words
    known = {d.name: nameless(d.program) for d in work.definitions}
    rewritten: list[Solved] = []
    stayed: list[Dropped] = []
    for solved, form, program in zip(corpus, forms, work.programs, strict=True):
        if program == nameless(solved.program):
            rewritten.append(solved)
            continue
        made = _restored(program, solved, words)
        same = made is not None and unfolded(nameless(made), known) == form
        if made is not None and same and _same_values(made, solved, words, work.library):
            rewritten.append(replace(solved, program=made))
        else:
            rewritten.append(solved)
            reason = "it would not have its type" if made is None else "it would not mean the same"
            stayed.append(Dropped(solved.task, f"not rewritten: {reason}"))
    return tuple(rewritten), tuple(stayed)


# ---- what is saved ------------------------------------------------------------------------------------------------


def _bits(corpus: Corpus, library: Library, definitions: Sequence[Definition]) -> float:
    """Bits of the programs and of the definitions that they are written with."""
    words = library.extend(*definitions)
    return corpus.bits(words) + math.fsum(_definition_bits(d, words) for d in definitions)


def _definition_bits(definition: Definition, library: Library) -> float:
    """Bits of a definition's body, as those of a program of its type, with ints for what its type leaves open."""
    t = apply({v.name: INT for v in type_variables(definition.type)}, definition.type)
    program = definition.program
    whole = program if isinstance(program, Lambda) else Lambda((), program)
    request = t if isinstance(t, FunctionType) and whole is program else FunctionType((), t)
    return program_cost(Solved(definition.name, whole, request), library)


def _learned(
    definition: Definition, corpus: Corpus, library: Library, definitions: Sequence[Definition], bits: float
) -> Learned:
    """What is told of a definition, where the corpus takes so many bits with all of them."""
    words = library.extend(*definitions)
    known = {definition.name: nameless(definition.program)}
    others = [_without(d, known) for d in definitions if d is not definition]
    plain = Corpus(tuple(_put_back(solved, known) for solved in corpus))
    saved = _bits(plain, library, others) - bits
    users = _users(definition.name, definitions)
    using = tuple(s for s in corpus if not users.isdisjoint(names(s.program)))
    uses = _count(definition.name, (*(s.program for s in corpus), *(d.program for d in definitions)))
    return Learned(definition, uses, saved, examples_of(definition, using, words), tuple(s.task for s in using))


def _put_back(solved: Solved, known: dict[str, Program]) -> Solved:
    if known.keys().isdisjoint(names(solved.program)):
        return solved
    made = tidy(named(unfolded(nameless(solved.program), known), solved.program.parameters))
    assert isinstance(made, Lambda), "putting a definition in keeps the form"
    return replace(solved, program=made)


def _users(name: str, definitions: Iterable[Definition]) -> set[str]:
    """A definition and those that use it, by whatever way."""
    found = {name}
    for definition in definitions:  # each comes after those that it uses
        if not found.isdisjoint(names(definition.program)):
            found.add(definition.name)
    return found
