"""Whole programs, tried one by one: parts that several of them have are run once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dsl.compiler import Compiler
from dsl.primitive import Primitive
from dsl.program import Application, Lambda, Literal, Name, Program, Variable, walk
from dsl.values import Failure, agree
from synth.budget import Meter
from synth.search.brief import brief
from tasks.task import Spec

__all__ = ["WholePrograms"]

_Values: TypeAlias = tuple[object, ...]
"""What a part yields for each example: a value, or a Failure."""


@dataclass(slots=True)
class WholePrograms:
    """Runs whole programs on a spec's examples. One evaluation is one word applied, on all examples; what was applied
    before, to the same, is not applied again.
    """

    spec: Spec
    compiler: Compiler
    meter: Meter
    _known: dict[Program, _Values] = field(default_factory=dict)

    def misses(self, program: Lambda) -> int:
        """How many examples a program over the spec's parameters is wrong on."""
        found = self.values(program.body)
        wanted = (e.output for e in self.spec.examples)
        return sum(isinstance(v, Failure) or not agree(v, w) for v, w in zip(found, wanted, strict=True))

    def values(self, part: Program) -> _Values:
        """What a part without free variables but the spec's parameters yields."""
        found = self._known.get(part)
        if found is None:
            found = self._known[part] = self._run(part)
        return found

    def _run(self, part: Program) -> _Values:
        rows = [e.arguments for e in self.spec.examples]
        match part:
            case Variable(name):
                place = self.spec.parameters.index(name)
                return tuple(row[place] for row in rows)
            case Literal(value):
                return (value,) * len(rows)
            case Application(Name() as word, arguments) if not self._is_lazy(word):
                return self._apply(word, arguments, rows)
        return self._compiled(Lambda(self.spec.parameters, part), rows, part)

    def _apply(self, word: Name, arguments: Sequence[Program], rows: Sequence[_Values]) -> _Values:
        """One word on what its arguments yield; functions among them are run where they are needed."""
        given = [None if isinstance(a, Lambda | Name) else self.values(a) for a in arguments]
        fresh = [f"given {i}" for i in range(len(arguments))]  # no name of a program
        parts = [a if known is None else Variable(n) for a, known, n in zip(arguments, given, fresh, strict=True)]
        names = (*self.spec.parameters, *(n for n, known in zip(fresh, given, strict=True) if known is not None))
        inside = [known for known in given if known is not None]
        program = Lambda(names, Application(word, tuple(parts)))
        return self._compiled(program, [(*row, *more) for row, *more in zip(rows, *inside, strict=True)], program.body)

    def _compiled(self, program: Lambda, rows: Sequence[_Values], counted: Program) -> _Values:
        self.meter.check()
        self.meter.count(max(1, sum(isinstance(node, Application) for node in walk(counted))))
        run = brief(self.compiler, program)
        return tuple(_failed(row) or run(row) for row in rows)

    def _is_lazy(self, word: Name) -> bool:
        entry = self.spec.library[word.name]
        return isinstance(entry, Primitive) and entry.lazy is not None


def _failed(row: _Values) -> Failure | None:
    """The failure among arguments, if there is one: words are strict."""
    return next((value for value in row if isinstance(value, Failure)), None)
