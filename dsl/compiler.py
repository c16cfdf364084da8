"""Programs as Python closures: the interpreter's meaning, several times faster.

How it is fast, and stays equal:

* Names are looked up once. Variables, literals and constants live in one tuple, the environment, read by position.
* Fuel is charged by block (a body, or an argument that may not be needed), all its applications at once, at its
  start. So fuel may seem to run out early; where it does, the interpreter runs the program again and decides (but see
  `Compiler.bounded`). Where Python's own stack runs out, the program is run again with a larger one.
* Results are checked by measures made once for a type, which say what `fault_of` would say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TypeAlias, assert_never

from dsl.compiled_calls import (
    Block,
    Code,
    Meter,
    Word,
    call_block,
    call_lazy,
    call_primitive,
    call_value,
    doubt,
    function_of_block,
    function_of_primitive,
    let,
    make_closure,
    word_of,
)
from dsl.deep_stack import deep_stack
from dsl.interpreter import DEFAULT_FUEL, FEW_LEVELS, NESTING_LIMIT, Stop, frames_for, levels_of, run
from dsl.library import Definition, Library
from dsl.primitive import Primitive
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, names, walk
from dsl.type_system import FunctionType
from dsl.values import Cause, Failure, Outcome, holds_function

__all__ = ["Compiled", "Compiler", "compile_program"]

Compiled: TypeAlias = Callable[[Sequence[object]], Outcome]
"""A program ready to run: from its arguments to its value, or why it has none."""


def compile_program(program: Program, library: Library, *, fuel: int = DEFAULT_FUEL) -> Compiled:
    """The resolved program as a Python function, equal to `run` in every outcome.

    To compile many programs over one library, keep a `Compiler`, which compiles its definitions only once.

    >>> from dsl.program import Lambda, Variable
    >>> compile_program(Lambda(("x",), Variable("x")), Library())((3,))
    3
    """
    return Compiler(library).compile(program, fuel=fuel)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Only the interpreter can say what a run comes to; or, at so many `levels`, it may want for Python's stack."""

    levels: int


_UNDECIDED = Failure(Cause.OUT_OF_FUEL, detail="more than its share")


class _UncompilableError(Exception):
    """The program needs something that only the interpreter does."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where the variables of a place in a program are in its environment, which is `width` long."""

    positions: Mapping[str, int]
    width: int

    def bind(self, *bound: str) -> _Scope:
        positions = dict(self.positions)
        positions.update({name: self.width + i for i, name in enumerate(bound)})
        return _Scope(positions, self.width + len(bound))


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles programs over one library; definitions are compiled when first needed, and kept."""

    library: Library
    _blocks: dict[str, Block] = field(default_factory=dict, repr=False)
    _words: dict[str, Word] = field(default_factory=dict, repr=False)

    def compile(self, program: Program, *, fuel: int = DEFAULT_FUEL) -> Compiled:
        """As `compile_program`."""

        def interpret(arguments: Sequence[object]) -> Outcome:
            return run(program, arguments, self.library, fuel=fuel)

        attempt = self._attempt(program, fuel, NESTING_LIMIT)
        if attempt is None:
            return interpret

        def compiled(arguments: Sequence[object]) -> Outcome:
            found = attempt(arguments)
            for most in (FEW_LEVELS, NESTING_LIMIT):
                if type(found) is not _Doubt or not found.levels or (most > FEW_LEVELS >= found.levels):
                    break
                with deep_stack(frames_for(most)):
                    found = attempt(arguments)
            return interpret(arguments) if type(found) is _Doubt else found

        return compiled

    def bounded(self, program: Program, *, fuel: int, nesting: int) -> Compiled:
        """As `compile`, for calls that must not take long: what needs more than its share is a Failure, at once.

        `nesting` is the most levels that may be running at once. The same arguments always give the same outcome, which
        is that of `run` unless it is a Failure: fuel is charged by block, and the interpreter is never asked.
        """
        attempt, frames = self._attempt(program, fuel, nesting), frames_for(nesting)
        if attempt is None:
            return lambda arguments: run(program, arguments, self.library, fuel=fuel)

        def compiled(arguments: Sequence[object]) -> Outcome:
            with deep_stack(frames):  # whatever the stack of the caller
                found = attempt(arguments)
            return _UNDECIDED if type(found) is _Doubt else found

        return compiled

    def _attempt(
        self, program: Program, fuel: int, nesting: int
    ) -> Callable[[Sequence[object]], Outcome | _Doubt] | None:
        """Runs the program's closures; what comes of it may be in doubt. None if it cannot be compiled."""
        try:
            self._compile_definitions(program)
            block = self._block(program)
        except (_UncompilableError, RecursionError):
            return None
        code, constants, arity, steps = block.code, block.constants, block.arity, block.steps
        unused = NESTING_LIMIT - nesting
        levels = block.levels + unused

        def attempt(arguments: Sequence[object]) -> Outcome | _Doubt:
            if len(arguments) != arity or fuel < steps:
                return _Doubt(0)
            meter = Meter(fuel - steps, levels)
            try:
                value = code((meter, *constants, *arguments))
                return _Doubt(0) if holds_function(value) else value
            except Stop as stop:
                if not meter.in_doubt:
                    return stop.failure
                return _Doubt(0 if meter.fuel < 0 or meter.nesting > NESTING_LIMIT else meter.nesting - unused)
            except RecursionError:
                return _Doubt(meter.nesting - unused)

        return attempt

    def _compile_definitions(self, program: Program) -> None:
        """Compile what the program uses, the used before its users, without Python's recursion."""
        waiting, begun = [*self._definitions_in(program)], set[str]()
        while waiting:
            name = waiting[-1]
            definition = self.library.entries[name]
            assert isinstance(definition, Definition)
            used = self._definitions_in(definition.program)
            if name in self._blocks or not used:
                begun.discard(waiting.pop())
                self._blocks[name] = self._blocks.get(name) or self._block(definition.program)
            elif name in begun or not begun.isdisjoint(used):
                raise _UncompilableError(f"{name} is defined by way of itself")
            else:
                begun.add(name)
                waiting.extend(used)

    def _definitions_in(self, program: Program) -> frozenset[str]:
        """The definitions that a program uses and that are not compiled yet."""
        found = frozenset(names(program)) - self._blocks.keys()
        return frozenset(name for name in found if isinstance(self.library.entries.get(name), Definition))

    def _block(self, program: Program) -> Block:
        parameters, body = (program.parameters, program.body) if isinstance(program, Lambda) else ((), program)
        constants = {node: self._constant(node) for node in walk(body) if self._is_constant(node)}
        positions = {node: 1 + i for i, node in enumerate(constants)}
        scope = _Scope({}, 1 + len(constants)).bind(*parameters)
        code = _BodyCompiler(self, positions).code(body, scope)
        return Block(len(parameters), code, tuple(constants.values()), self.steps(body), levels_of(body))

    def _is_constant(self, node: Program) -> bool:
        """Whether a node has the same value in every run: a literal, or a primitive without parameters."""
        if isinstance(node, Name):
            entry = self.library.entries.get(node.name)
            return isinstance(entry, Primitive) and not isinstance(entry.type, FunctionType)
        return isinstance(node, Literal)

    def _constant(self, node: Program) -> object:
        value = run(node, (), self.library)
        if isinstance(value, Failure):
            raise _UncompilableError(f"a constant has no value: {value}")
        return value

    def block(self, name: str) -> Block:
        """A definition that has been compiled."""
        return self._blocks[name]

    def word(self, primitive: Primitive) -> Word:
        """What the calls of a primitive have in common; not for primitives that give functions."""
        word = self._words.get(primitive.name)
        if word is None:
            word = self._words[primitive.name] = word_of(primitive)
        if isinstance(word.result, FunctionType):
            raise _UncompilableError(f"{primitive.name} gives a function, whose calls have to be watched")
        return word

    def steps(self, p: Program) -> int:
        """The applications in a tree that are run whenever it is: not those under a lambda or in a lazy argument."""
        match p:
            case Application(function, arguments):
                entry = self.library.entries.get(function.name) if isinstance(function, Name) else None
                lazy = isinstance(entry, Primitive) and entry.lazy is not None
                return 1 + (0 if lazy else self.steps(function) + sum(map(self.steps, arguments)))
            case Let(_, value, body):
                return self.steps(value) + self.steps(body)
            case _:
                return 0


@dataclass(frozen=True, slots=True)
class _BodyCompiler:
    """Compiles the nodes of one body; `positions` says where in the environment its constants are."""

    compiler: Compiler
    positions: Mapping[Program, int]

    def code(self, p: Program, scope: _Scope) -> Code:
        match p:
            case Variable(name):
                return itemgetter(scope.positions[name]) if name in scope.positions else doubt
            case Literal():
                return itemgetter(self.positions[p])
            case Name():
                return itemgetter(self.positions[p]) if p in self.positions else self._value_of_word(p.name)
            case Lambda(parameters, body):
                code = self.code(body, scope.bind(*parameters))
                return make_closure(code, len(parameters), 1 + self.compiler.steps(body), levels_of(body))
            case Application():
                return self._application(p, scope)
            case Let(name, value, body):
                return let(self.code(value, scope), self.code(body, scope.bind(name)))
            case Hole():
                return doubt
        assert_never(p)

    def _value_of_word(self, name: str) -> Code:
        """A word that stands as a value: a function, or a constant that has a definition."""
        entry = self.compiler.library.entries.get(name)
        match entry:
            case Primitive():
                return function_of_primitive(self.compiler.word(entry))
            case Definition(program=Lambda()):
                return function_of_block(self.compiler.block(name))
            case Definition():
                return call_block(self.compiler.block(name), ())
            case None:
                return doubt
        assert_never(entry)

    def _application(self, p: Application, scope: _Scope) -> Code:
        arguments = tuple([self.code(argument, scope) for argument in p.arguments])
        entry = self.compiler.library.entries.get(p.function.name) if isinstance(p.function, Name) else None
        match entry:
            case Primitive(type=FunctionType(), lazy=None):
                return call_primitive(self.compiler.word(entry), arguments)
            case Primitive(type=FunctionType()):
                steps = tuple(map(self.compiler.steps, p.arguments))
                return call_lazy(self.compiler.word(entry), arguments, steps)
            case Definition(program=Lambda()):
                return call_block(self.compiler.block(entry.name), arguments)
            case _:
                return call_value(self.code(p.function, scope), arguments)
