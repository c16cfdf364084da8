"""What learned definitions are worth: bits of solutions that they were not made from, and how often they are used.

Tasks are split into three parts by their names: definitions are made from the first, judged on the second, and looked
at with the third once, in the end. A definition pays where it makes the known solutions of the second part shorter
under the distribution that the search has for programs (`synth.pcfg`): less by its uses than it costs all programs that
there is one more word to choose from.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dsl.errors import DslError, InterfaceError
from dsl.inference import resolve
from dsl.library import Definition, Library
from dsl.program import Lambda, Program, names
from dsl.type_system import Type
from synth.learn.compression import Compression, Learned
from synth.learn.corpus import Corpus, Solved, program_cost
from synth.learn.forms import inlined, named, normal
from synth.learn.inlining import inline
from synth.learn.rewriting import Rewriting
from synth.learn.words import learned_in

__all__ = ["LibraryValue", "Reuse", "Split", "Worth", "judge", "reuse", "split", "value_of"]


# ---- tasks apart ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Split:
    """Tasks by name: to learn from, to judge by what was learned, and to look at once, in the end."""

    compress: tuple[str, ...] = ()
    validate: tuple[str, ...] = ()
    test: tuple[str, ...] = ()


def split(tasks: Sequence[str], seed: int, shares: tuple[float, float, float] = (0.5, 0.25, 0.25)) -> Split:
    """Tasks split by hashes of their names into parts of these shares; one more task moves at most two others.

    The order of the tasks does not matter. Raises InterfaceError for shares that do not make a whole.

    >>> split(["a", "b", "c", "d"], seed=1)
    Split(compress=('a', 'd'), validate=('b',), test=('c',))
    """
    if min(shares) < 0 or not math.isclose(sum(shares), 1.0):
        raise InterfaceError(f"expected three shares that add up to 1, found {', '.join(map(str, shares))}")
    order = sorted(tasks, key=lambda name: (hashlib.sha256(f"{seed}:{name}".encode()).digest(), name))
    ends = [int(share * len(order) + 0.5) for share in (shares[0], shares[0] + shares[1])]
    parts = (set(order[: ends[0]]), set(order[ends[0] : ends[1]]), set(order[ends[1] :]))
    return Split(*(tuple(name for name in tasks if name in part) for part in parts))


# ---- bits -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Worth:
    """By how many bits a definition changes solutions, against the library without it: below zero, it pays.

    `programs` counts the solutions that name it. One that does not pay is not `kept`; what the others are worth is
    reckoned without it.
    """

    name: str
    bits_change: float
    programs: int
    kept: bool


@dataclass(frozen=True, slots=True)
class LibraryValue:
    """What definitions are worth on solutions: their bits with none of them, with all, and with those that pay.

    `using` counts the solutions that name at least one of those that pay.
    """

    worths: tuple[Worth, ...]
    solutions: int
    using: int
    bits_without: float
    bits_with: float
    bits_kept: float

    @property
    def not_paying(self) -> tuple[str, ...]:
        """The names of the definitions to be taken back."""
        return tuple(worth.name for worth in self.worths if not worth.kept)


def judge(library: Library, found: Compression, validated: Corpus) -> tuple[tuple[Learned, float], ...]:
    """For each definition that was learned over a library, by how many bits it changes solutions of other tasks.

    What the library learned earlier is not judged again.
    """
    definitions = [learned.definition for learned in found.learned]
    changes = {w.name: w.bits_change for w in value_of(definitions, library, validated, learned_in(library)).worths}
    return tuple((learned, changes[learned.definition.name]) for learned in found.learned)


def value_of(
    definitions: Iterable[Definition],
    library: Library,
    solved: Iterable[Solved],
    earlier: Iterable[Definition] = (),
    *,
    take_back: bool = True,
) -> LibraryValue:
    """What definitions over a library are worth on solutions; `earlier` are words of the library to write these with.

    The definition that lengthens the solutions most is taken back, then the next, until each that is left pays while
    the others are there. So of two that do the same, one is kept. Where there are no solutions, nothing is known
    against any. Without `take_back`, each is weighed while all others are there, once.
    """
    made = tuple(definitions)
    scale = _Scale.of(made, library, solved, tuple(earlier))
    kept = made
    changes: dict[str, float] = {}
    while kept and scale.solved:
        total = scale.bits(kept)
        found = {d.name: total - scale.bits(_less(kept, d)) for d in kept}
        worst = max(reversed(kept), key=lambda d: found[d.name])
        changes |= found
        if found[worst.name] < 0:
            break
        if not take_back:
            kept = tuple(d for d in kept if found[d.name] < 0)
            break
        kept = _less(kept, worst)
    uses = Counter(name for used in scale.using(made) for name in used)
    worths = tuple(Worth(d.name, changes.get(d.name, 0.0), uses[d.name], d in kept) for d in made)
    without, everything, paying = (scale.bits(which) for which in ((), made, kept))
    using = sum(bool(used) for used in scale.using(kept))
    return LibraryValue(worths, len(scale.solved), using, without, everything, paying)


def _less(definitions: tuple[Definition, ...], one: Definition) -> tuple[Definition, ...]:
    return tuple(d for d in definitions if d is not one)


@dataclass(slots=True)
class _Scale:
    """Weighs solutions, which are written without the definitions, under the library with some of them.

    Solutions and definitions are in the normal form that the laws of the words give, so that more are found.
    """

    library: Library
    earlier: tuple[Definition, ...]
    solved: tuple[Solved, ...]
    _written: dict[frozenset[str], tuple[Program, ...]] = field(default_factory=dict)
    _bits: dict[frozenset[str], list[tuple[float, float]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        definitions: tuple[Definition, ...],
        library: Library,
        solved: Iterable[Solved],
        earlier: tuple[Definition, ...],
    ) -> _Scale:
        """For some definitions; `earlier` are others to write the solutions with, which the library has."""
        everything = (*earlier, *definitions)
        plain = tuple(_as(s, _plain(s.program, everything, library, s.type)) for s in solved)
        return cls(library, earlier, plain)

    def bits(self, definitions: tuple[Definition, ...]) -> float:
        """Bits of all solutions under the library with definitions, each written as is shortest."""
        return math.fsum(min(pair) for pair in self._both(definitions))

    def using(self, definitions: tuple[Definition, ...]) -> list[frozenset[str]]:
        """For each solution, which of the definitions it names where it is written as is shortest."""
        own = frozenset(d.name for d in definitions)
        written = zip(self._rewritten(definitions), self._both(definitions), strict=True)
        return [own & set(names(program)) if after <= before else frozenset() for program, (before, after) in written]

    def _both(self, definitions: tuple[Definition, ...]) -> list[tuple[float, float]]:
        """Bits of each solution without definitions and with them, if the library has them."""
        key = frozenset(d.name for d in definitions)
        if key not in self._bits:
            words = self.library.extend(*definitions)
            written = zip(self.solved, self._rewritten(definitions), strict=True)
            self._bits[key] = [(program_cost(s, words), program_cost(_as(s, program), words)) for s, program in written]
        return self._bits[key]

    def _rewritten(self, definitions: tuple[Definition, ...]) -> tuple[Program, ...]:
        """The solutions written with definitions; those that used none of what is now missing stay as they were."""
        key = frozenset(d.name for d in definitions)
        if key not in self._written:
            everything = (*self.earlier, *definitions)
            forms = (replace(d, program=_plain(d.program, everything, self.library, d.type)) for d in everything)
            rewriting = Rewriting.of(forms, self.library)
            more = [(other - key, programs) for other, programs in self._written.items() if other > key]
            made = []
            for place, solved in enumerate(self.solved):
                known = (programs[place] for gone, programs in more if gone.isdisjoint(names(programs[place])))
                made.append(next(known, None) or rewriting(solved.program, expected=solved.type))
            self._written[key] = tuple(made)
        return self._written[key]


def _as(solved: Solved, program: Program) -> Solved:
    assert isinstance(program, Lambda), "inlining and rewriting keep the outermost lambda"
    return replace(solved, program=program)


def _plain(program: Program, definitions: Sequence[Definition], library: Library, t: Type) -> Program:
    """A program without definitions, lets and laws' detours: in normal form, if that has the same type."""
    plain = inlined(inline(program, definitions))
    form = named(normal(plain, library), plain.parameters if isinstance(plain, Lambda) else ())
    try:
        return resolve(form, library, expected=t).program
    except DslError:
        return plain


# ---- use ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reuse:
    """How often a definition is used: its calls in programs, programs that name it, those that use it by way of others.

    `programs` name it; `reached` name it or a definition that is made of it. `definitions` are the others that name it.
    """

    name: str
    calls: int
    programs: int
    reached: int
    definitions: int


def reuse(definitions: Iterable[Definition], programs: Iterable[Program]) -> tuple[Reuse, ...]:
    """How often each of some definitions is used in programs, and in the others."""
    made = {d.name: set(names(d.program)) for d in definitions}
    inside = {name: _reached(name, made) for name in made}
    calls: Counter[str] = Counter()
    named_in: Counter[str] = Counter()
    reached: Counter[str] = Counter()
    for program in programs:
        used = Counter(name for name in names(program) if name in made)
        calls += used
        named_in.update(used.keys())
        reached.update(frozenset().union(*(inside[name] for name in used)))
    within = Counter(used for name, uses in made.items() for used in uses if used in made and used != name)
    return tuple(Reuse(name, calls[name], named_in[name], reached[name], within[name]) for name in made)


def _reached(name: str, uses: Mapping[str, set[str]]) -> frozenset[str]:
    """A definition and all that it is made of."""
    found, waiting = {name}, [name]
    while waiting:
        fresh = {used for used in uses[waiting.pop()] if used in uses} - found
        found |= fresh
        waiting.extend(fresh)
    return frozenset(found)
