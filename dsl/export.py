"""Programs in the forms that other tools read: a standalone Python function, an s-expression."""

from __future__ import annotations

import ast
import copy
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, assert_never

from dsl.errors import InterfaceError
from dsl.interpreter import run
from dsl.library import Definition, Library
from dsl.primitive import Primitive
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, names, walk
from dsl.python_source import PythonSource, is_reserved
from dsl.type_system import FunctionType, Type, TypeConstructor, TypeVariable
from dsl.values import Failure, Some, agree

__all__ = ["ExampleLike", "to_python", "to_s_expression"]


class ExampleLike(Protocol):
    """Arguments, and the output wanted for them."""

    @property
    def arguments(self) -> tuple[object, ...]:
        """In the order of the parameters."""
        ...

    @property
    def output(self) -> object:
        """The wanted output."""
        ...


# ---- S-expressions --------------------------------------------------------------------------------------------------


def to_s_expression(program: Program) -> str:
    """The program as DreamCoder and Stitch write them: curried lambdas, variables by number, innermost 0.

    Each literal is one token, as JSON without blanks; a hole is `?` with its name; a let is an applied lambda.

    >>> from dsl.program import call
    >>> to_s_expression(Lambda(("x",), call("int.add", Variable("x"), Literal(1))))
    '(lam (int.add $0 1))'
    """
    return _s_expression(program, ())


def _s_expression(p: Program, bound: tuple[str, ...]) -> str:
    match p:
        case Name(name):
            return name
        case Literal(value):
            return _token(value)
        case Variable(name):
            return f"${bound.index(name)}" if name in bound else name
        case Lambda(parameters, body):
            inside = _s_expression(body, (*reversed(parameters), *bound))
            return "(lam " * len(parameters) + inside + ")" * len(parameters)
        case Application(function, arguments):
            return f"({' '.join(_s_expression(part, bound) for part in (function, *arguments))})"
        case Let(name, value, body):
            return f"((lam {_s_expression(body, (name, *bound))}) {_s_expression(value, bound)})"
        case Hole(name):
            return f"?{name}"
    assert_never(p)


def _token(value: object) -> str:
    """A literal without blanks and parentheses: readers of s-expressions split at those."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace(" ", "\\u0020").replace("(", "\\u0028").replace(")", "\\u0029")


# ---- Python ---------------------------------------------------------------------------------------------------------


def to_python(
    program: Program, name: str, request: FunctionType, library: Library, examples: Iterable[ExampleLike] = ()
) -> str:
    """A Python module of one typed function of that name, which runs without this package.

    The examples are its doctests, which `python FILE` runs. Words that consist of one expression are written out; the
    source of others, and definitions, come with it. Python's integers have no end, and its reals may be infinite:
    where the language has no value, Python may have one. A name that Python has taken gets an underscore. Raises
    InterfaceError for a program with holes, and for words without Python source.
    """
    source = PythonSource()
    name = source.fresh(name)
    source.taken |= set(_variables(program, library))
    export = _Export(library, source, name)
    main = export.function(name, program, request, _docstring(program, name, library, examples))
    return export.module(main)


def _variables(program: Program, library: Library) -> Iterator[str]:
    """The variables of a program and of the definitions that it uses."""
    used = library.only(word for word in names(program) if word in library)
    bodies = [entry.program for entry in used if isinstance(entry, Definition)]
    for node in (node for body in (program, *bodies) for node in walk(body)):
        match node:
            case Lambda(parameters):
                yield from parameters
            case Let(bound):
                yield bound
            case _:
                pass


def _docstring(program: Program, name: str, library: Library, examples: Iterable[ExampleLike]) -> str:
    tests: list[str] = []
    for example in examples:
        if not all(map(_is_spelled, (*example.arguments, example.output))):
            continue
        outcome = run(program, example.arguments, library)
        # Of reals the digits that Python will show; of a program that is wrong here, what was wanted.
        good = not isinstance(outcome, Failure) and agree(outcome, example.output)
        shown = repr(outcome if good else example.output)
        test = f"{name}({', '.join(map(repr, example.arguments))})"
        tests += [f">>> {test} is None", "True"] if shown == "None" else [f">>> {test}", shown]
    return "\n".join(["A program that was found by its examples.", *(["", *tests] if tests else [])])


def _is_spelled(value: object) -> bool:
    """Whether Python's `repr` of a value is source that gives it again."""
    match value:
        case None | bool() | int() | float() | str():
            return True
        case tuple():
            return all(map(_is_spelled, value))
        case Some(inner):
            return _is_spelled(inner)
        case _:
            return False


Scope: TypeAlias = Mapping[str, str]
"""Variables of the language -> their names in Python."""

_RUN_TESTS = """

if __name__ == "__main__":
    import doctest

    raise SystemExit(doctest.testmod().failed > 0)
"""


@dataclass(slots=True)
class _Export:
    """A Python module being written."""

    library: Library
    source: PythonSource
    main: str
    defined: dict[str, str] = field(default_factory=dict)
    """Names in Python of the definitions that are functions there already."""

    def module(self, main: str) -> str:
        imports = sorted(self.source.imports, key=lambda line: (line.startswith("from"), line))
        text = '"""A program found by its examples, and the words that it uses. Run this file to test it."""\n\n'
        text += "\n\n".join(["from __future__ import annotations", *(["\n".join(imports)] if imports else [])])
        before = ""
        for statement in (*self.source.statements, main):
            close = "\n" not in before + statement  # constants stand together
            text += ("\n" if close and before else "\n\n" if close else "\n\n\n") + statement
            before = statement
        return text + "\n" + _RUN_TESTS

    def function(self, name: str, program: Program, request: FunctionType, documentation: str) -> str:
        """The source of a function that has the program for its body."""
        if not isinstance(program, Lambda):
            parameters = tuple(self.source.fresh(f"argument_{i}") for i in range(len(request.parameters)))
            applied = Application(program, tuple(map(Variable, parameters))) if parameters else program
            program = Lambda(parameters, applied)
        scope = self._bind({}, program.parameters)
        typed = [
            f"{scope[parameter]}: {self.annotation(t)}"
            for parameter, t in zip(program.parameters, request.parameters, strict=True)
        ]
        head = f"def {name}({', '.join(typed)}) -> {self.annotation(request.result)}:"
        lines = [*_quoted(documentation), *self._statements(program.body, scope)]
        return "\n".join([head, *(f"    {line}" if line else "" for line in lines)])

    def _statements(self, body: Program, scope: Scope) -> Iterator[str]:
        """An assignment for each let around the value, then the return."""
        while isinstance(body, Let):
            value = self.expression(body.value, scope)
            # Always a new name: a lambda before may mean an earlier variable that was called the same.
            scope = self._bind(scope, (body.name,))
            yield f"{scope[body.name]} = {_text(value)}"
            body = body.body
        yield f"return {_text(self.expression(body, scope))}"

    def _bind(self, scope: Scope, bound: Sequence[str]) -> dict[str, str]:
        """The scope with more variables, named as in the program unless that name means something else here."""
        new = dict(scope)
        for name in bound:
            usable = name.isidentifier() and not is_reserved(name) and name != self.main
            new[name] = name if usable and name not in new.values() else self.source.fresh(name)
        return new

    # ---- Types ------------------------------------------------------------------------------------------------------

    def annotation(self, t: Type) -> str:
        """The Python type of the values of a type."""
        match t:
            case TypeVariable(name):
                return self._type_variable(name)
            case FunctionType(parameters, result):
                function = self.source.import_name("collections.abc", "Callable")
                return f"{function}[[{', '.join(map(self.annotation, parameters))}], {self.annotation(result)}]"
            case TypeConstructor("list", (item,)):
                return f"tuple[{self.annotation(item)}, ...]"
            case TypeConstructor("tuple", items):
                return f"tuple[{', '.join(map(self.annotation, items))}]"
            case TypeConstructor("option", (item,)):
                return f"{self.source.add(Some)}[{self.annotation(item)}] | None"
            case TypeConstructor(name) if name in _PYTHON_TYPES:
                return _PYTHON_TYPES[name]
            case TypeConstructor():
                return self.source.import_name("typing", "Any")
        assert_never(t)

    def _type_variable(self, name: str) -> str:
        make = self.source.import_name("typing", "TypeVar")
        statement = f'{name} = {make}("{name}")'
        if statement not in self.source.statements:
            name = self.source.fresh(name)
            self.source.statements.append(f'{name} = {make}("{name}")')
        return name

    # ---- Expressions ------------------------------------------------------------------------------------------------

    def expression(self, p: Program, scope: Scope) -> ast.expr:
        match p:
            case Literal(value):
                return _value(value)
            case Variable(name):
                return ast.Name(scope.get(name, name))
            case Name(name):
                return self._word(self._entry(name))
            case Lambda(parameters, body):
                inner = self._bind(scope, parameters)
                return _lambda([inner[name] for name in parameters], self.expression(body, inner))
            case Application():
                return self._application(p, scope)
            case Let(name, value, body):
                inner = self._bind(scope, (name,))
                function = _lambda([inner[name]], self.expression(body, inner))
                return _call(function, [self.expression(value, scope)])
            case Hole(name):
                raise InterfaceError(f"expected a program without holes, found ?{name}", hint="fill it first")
        assert_never(p)

    def _application(self, p: Application, scope: Scope) -> ast.expr:
        arguments = [self.expression(argument, scope) for argument in p.arguments]
        entry = self._entry(p.function.name) if isinstance(p.function, Name) else None
        if isinstance(entry, Primitive):
            inlined = self._inlined(entry, arguments)
            return self._called(entry, arguments) if inlined is None else inlined
        if isinstance(entry, Definition):
            return _call(ast.Name(self._definition(entry)), arguments)
        return _call(self.expression(p.function, scope), arguments)

    def _entry(self, name: str) -> Primitive | Definition:
        if name not in self.library:
            raise InterfaceError(f"expected a program over the words of the library, found {name!r}, which is none")
        return self.library[name]

    def _word(self, entry: Primitive | Definition) -> ast.expr:
        """A word that stands as a value."""
        is_constant = not isinstance(entry.type, FunctionType)
        match entry:
            case Primitive():
                inlined = self._inlined(entry, []) if is_constant else None
                if inlined is not None:
                    return inlined
                function: ast.expr = ast.Name(self.source.add(entry.function))
            case Definition():
                function = ast.Name(self._definition(entry))
        return _call(function, []) if is_constant else function

    def _definition(self, entry: Definition) -> str:
        if entry.name not in self.defined:
            name = self.source.fresh(entry.short, entry.name)
            self.defined[entry.name] = name
            request = entry.type if isinstance(entry.type, FunctionType) else FunctionType((), entry.type)
            text = self.function(name, entry.program, request, entry.summary or f"The definition of {entry.name}.")
            self.source.statements.append(text)
        return self.defined[entry.name]

    def _called(self, entry: Primitive, arguments: list[ast.expr]) -> ast.expr:
        if entry.lazy is None:
            return _call(ast.Name(self.source.add(entry.function)), arguments)
        # A lazy word asks for its arguments by position: `force(i)` is `(lambda: a, lambda: b)[i]()`.
        position = self.source.fresh("position")
        thunks = ast.Tuple([_lambda([], argument) for argument in arguments])
        force = _lambda([position], _call(ast.Subscript(thunks, ast.Name(position)), []))
        return _call(ast.Name(self.source.add(entry.lazy)), [force])

    def _inlined(self, entry: Primitive, arguments: list[ast.expr]) -> ast.expr | None:
        """The one expression of a primitive with the arguments in it, where that means the same."""
        body = self.source.returned_by(entry.function)
        if body is None or len(entry.parameters) != len(arguments):
            return None
        values = dict(zip(entry.parameters, arguments, strict=True))
        nodes = list(ast.walk(body))
        uses = Counter(node.id for node in nodes if isinstance(node, ast.Name))
        # Not where an argument would come under a binder, be written or run twice, or be run or not by turns.
        once = all(uses[name] == 1 or (uses[name] and _is_simple(value)) for name, value in values.items())
        chooses = any(isinstance(node, ast.IfExp | ast.BoolOp) for node in nodes)
        strict = not chooses or entry.lazy is not None or all(map(_is_simple, arguments))
        if any(isinstance(node, _BINDERS) for node in nodes) or not once or not strict:
            return None
        if entry.lazy is not None and not isinstance(body, ast.IfExp | ast.BoolOp):
            return None
        others = {node.id for node in nodes if isinstance(node, ast.Name)} - values.keys()
        renamed = {name: ast.Name(new) for name, new in self.source.add_names(entry.function, others).items()}
        return _Substitution({**renamed, **values}).visit(copy.deepcopy(body))  # type: ignore[no-any-return]


_PYTHON_TYPES = {"int": "int", "bool": "bool", "real": "float", "text": "str"}
_BINDERS = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.NamedExpr)


class _Substitution(ast.NodeTransformer):
    """Puts expressions for names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def _is_simple(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Name | ast.Constant)


def _value(value: object) -> ast.expr:
    match value:
        case tuple():
            return ast.Tuple([_value(item) for item in value])
        case int() | float() if not isinstance(value, bool) and math.copysign(1, value) < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        case bool() | int() | float() | str():
            return ast.Constant(value)
        case _:
            raise InterfaceError(f"expected a literal that Python can spell, found a {type(value).__name__}")


def _lambda(parameters: list[str], body: ast.expr) -> ast.expr:
    arguments = [ast.arg(parameter) for parameter in parameters]
    return ast.Lambda(ast.arguments([], arguments, kwonlyargs=[], kw_defaults=[], defaults=[]), body)


def _call(function: ast.expr, arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(function, arguments, [])


def _text(expression: ast.expr) -> str:
    return ast.unparse(ast.fix_missing_locations(expression))


def _quoted(documentation: str) -> list[str]:
    text = documentation.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    lines = text.split("\n")
    lines[0] = '"""' + lines[0]
    return [*lines, '"""'] if len(lines) > 1 or text.endswith('"') else [lines[0] + '"""']
