"""The Python source of functions, cut out of their modules with everything that they need to run elsewhere.

A statement of a module (a function, a class, a constant) comes with the statements that it refers to. Imports of
installed packages stay imports; what is imported from our own packages, or from a file beside the user's, is cut out
likewise. Two statements of one name are told apart by the name of their module.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import linecache
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from dsl.errors import InterfaceError
from dsl.primitive import primitive

__all__ = ["PythonSource", "is_reserved"]

Statement: TypeAlias = ast.stmt
Edit: TypeAlias = tuple[int, int, int, str]
"""Line (from 1), start and end in it (in bytes, from 0), and the text to put there."""

_OUR_PACKAGES = ("dsl", "tasks", "synth")
_RESERVED = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})


@dataclass(frozen=True, slots=True, eq=False)
class _Module:
    """A module's text, and which of its statements binds each of its names."""

    file: str
    name: str
    values: Mapping[str, Any]
    text: str
    bindings: Mapping[str, Statement]


@dataclass(slots=True)
class PythonSource:
    """A growing piece of Python that runs by itself; `taken` are names that it leaves to others."""

    taken: set[str] = field(default_factory=set)
    imports: dict[str, None] = field(default_factory=dict)
    statements: list[str] = field(default_factory=list)
    _names: dict[tuple[str, str], str] = field(default_factory=dict)
    _modules: dict[str, _Module] = field(default_factory=dict)

    def fresh(self, wanted: str, *others: str) -> str:
        """A name that nothing else has: the wanted one, else another, else a longer one."""
        for name in _spellings(wanted, *others):
            if name not in self.taken and not is_reserved(name):
                self.taken.add(name)
                return name
        raise AssertionError("there are always longer names")

    def add(self, value: Callable[..., Any]) -> str:
        """Cut out a function or a class; the name that it has here. InterfaceError where it has no source to cut."""
        module = self._module_of(value)
        name = value.__name__
        if value.__qualname__ != name or name not in module.bindings:
            raise InterfaceError(
                f"expected a function with Python source of its own, found {value.__qualname__!r} of {module.name}",
                hint="define it with `def` at the top of a module",
            )
        return self._add_name(module, name) or name

    def import_name(self, package: str, name: str) -> str:
        """Import a name of a package; the name that it has here."""
        return self._imported(f"from {package} import {name}", name)

    def returned_by(self, function: Callable[..., Any]) -> ast.expr | None:
        """The one expression that a function consists of, as its module writes it; None if there is more to it."""
        try:
            statement = self._module_of(function).bindings.get(function.__name__)
        except InterfaceError:
            return None
        if not isinstance(statement, ast.FunctionDef) or function.__qualname__ != function.__name__:
            return None
        body = statement.body[1:] if ast.get_docstring(statement) is not None else statement.body
        return body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None

    def add_names(self, function: Callable[..., Any], names: Iterable[str]) -> dict[str, str]:
        """Cut out what names mean in the module of a function; the names that they have here."""
        module = self._module_of(function)
        found = ((name, self._add_name(module, name)) for name in sorted(names))
        return {name: new for name, new in found if new is not None}

    def _module_of(self, value: Callable[..., Any]) -> _Module:
        code = getattr(value, "__code__", None)
        if code is None:
            return self._module_named(value.__module__)
        if code.co_filename not in self._modules:
            text = "".join(linecache.getlines(code.co_filename, value.__globals__))
            self._modules[code.co_filename] = _read(code.co_filename, value.__module__, value.__globals__, text)
        return self._modules[code.co_filename]

    def _module_named(self, name: str) -> _Module:
        module = sys.modules.get(name)
        if module is None:
            raise InterfaceError(f"expected a module that is loaded, found none called {name!r}")
        file = inspect.getsourcefile(module) or name
        if file not in self._modules:
            text = "".join(linecache.getlines(file, vars(module)))
            self._modules[file] = _read(file, name, vars(module), text)
        return self._modules[file]

    def _add_name(self, module: _Module, name: str) -> str | None:
        """Cut out what a name means in a module; the name that it has here, None if it is Python's own."""
        place, statement = (module.file, name), module.bindings.get(name)
        if place in self._names:
            return self._names[place]
        match statement:
            case ast.Import() | ast.ImportFrom():
                self._names[place] = self._import(module, statement, name)
            case None if name in module.values and not hasattr(builtins, name):
                raise InterfaceError(
                    f"expected {name!r} of {module.name} to be defined at the top of its module, found it is not",
                    hint="define or import it by its name, outside `if` and `try`",
                )
            case None:
                return None
            case _:
                self._cut(module, statement, name)
        return self._names[place]

    def _import(self, module: _Module, statement: ast.Import | ast.ImportFrom, name: str) -> str:
        alias = next(a for a in statement.names if (a.asname or a.name.partition(".")[0]) == name)
        if isinstance(statement, ast.Import):
            if not _is_installed(alias.name):
                raise InterfaceError(
                    f"expected {module.name} to import names from {alias.name!r}, found the import of all of it",
                    hint=f"write `from {alias.name} import` and the names: they are cut out, the module is not",
                )
            return self._imported(f"import {alias.name}", name)
        package = "." * statement.level + (statement.module or "")
        if statement.level == 0 and _is_installed(package):
            return self._imported(f"from {package} import {alias.name}", name)
        if statement.level:
            package = _absolute(module, statement)
        return self._add_name(self._module_named(package), alias.name) or alias.name

    def _imported(self, line: str, name: str) -> str:
        bound = line.rpartition(" ")[2].partition(".")[0]
        for known in (line, f"{line} as {name}"):
            if known in self.imports:
                return known.rpartition(" ")[2].partition(".")[0]
        new = self.fresh(name)
        self.imports[line if new == bound else f"{line} as {new}"] = None
        return new

    def _cut(self, module: _Module, statement: Statement, name: str) -> None:
        bound = _bound_by(statement)
        if isinstance(statement, ast.FunctionDef):
            # Named before what it refers to is cut out, which may refer back to it.
            self._names[(module.file, name)] = self.fresh(name, f"{module.name.rpartition('.')[2]}_{name}")
        statement = _without_primitive(module, statement)
        found = ((other, self._add_name(module, other)) for other in sorted(_free_names(statement) - {*bound}))
        renames = {other: new for other, new in found if new is not None}
        if not isinstance(statement, ast.FunctionDef):
            text = _rendered(module, statement, renames)
            if text in self.statements:  # such as `A = TypeVar("A")`, which many modules say
                self._names.update({(module.file, other): other for other in bound})
                return
            for other in bound:
                self._names[(module.file, other)] = self.fresh(other, f"{module.name.rpartition('.')[2]}_{other}")
        renames |= {other: self._names[(module.file, other)] for other in bound}
        self.statements.append(_rendered(module, statement, renames))


def is_reserved(name: str) -> bool:
    """Whether a name means something in all Python code."""
    return name in _RESERVED


def _spellings(*wanted: str) -> Iterator[str]:
    words = ["".join(c if c.isalnum() else "_" for c in word) for word in wanted]
    words = [word if word.isidentifier() else f"_{word}" for word in words]
    yield from words
    yield words[-1] + "_"
    yield from (f"{words[-1]}_{i}" for i in range(2, sys.maxsize))


def _is_installed(package: str) -> bool:
    """Whether an import of the package works wherever the same packages are installed."""
    top = package.partition(".")[0]
    if top in _OUR_PACKAGES:
        return False
    if top in sys.stdlib_module_names or top == "__future__":
        return True
    file = getattr(sys.modules.get(top), "__file__", None)
    return file is None or bool({"site-packages", "dist-packages"} & set(Path(file).parts))


def _absolute(module: _Module, statement: ast.ImportFrom) -> str:
    package = str(module.values.get("__package__") or "").split(".")
    kept = package[: len(package) - (statement.level - 1)]
    return ".".join([*kept, *([statement.module] if statement.module else [])])


def _read(file: str, name: str, values: Mapping[str, Any], text: str) -> _Module:
    if not text:
        raise InterfaceError(f"expected a module with Python source, found none for {name!r}")
    bindings = {bound: statement for statement in ast.parse(text).body for bound in _bound_by(statement)}
    return _Module(file, name, values, text, bindings)


def _bound_by(statement: Statement) -> tuple[str, ...]:
    """The names that a statement at the top of a module binds."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return tuple(alias.asname or alias.name.partition(".")[0] for alias in names)
        case ast.Assign(targets=targets):
            return tuple(n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            return (name,)
        case _:
            return ()


def _free_names(tree: ast.AST) -> set[str]:
    """Names that a piece of code takes from around it."""
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return used - _local_names(tree)


def _local_names(tree: ast.AST) -> set[str]:
    """Names that are parameters or variables somewhere in a piece of code."""
    arguments = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return arguments | {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def _without_primitive(module: _Module, statement: Statement) -> Statement:
    """A function less the decorator that made it a primitive."""
    if not isinstance(statement, ast.FunctionDef):
        return statement
    kept = [d for d in statement.decorator_list if module.values.get(_root(d)) is not primitive]
    copy = ast.FunctionDef(**{name: getattr(statement, name) for name in statement._fields} | {"decorator_list": kept})
    return ast.copy_location(copy, statement)


def _root(decorator: ast.expr) -> str:
    while isinstance(decorator, ast.Call | ast.Attribute):
        decorator = decorator.func if isinstance(decorator, ast.Call) else decorator.value
    return decorator.id if isinstance(decorator, ast.Name) else ""


# ---- Text -----------------------------------------------------------------------------------------------------------


def _rendered(module: _Module, statement: Statement, renames: Mapping[str, str]) -> str:
    """The text of a statement with other names and short docstrings; comments and layout stay."""
    edits = [*_renamings(statement, renames), *_docstrings(statement)]
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        edits += _definition_name(module, statement, renames)
    lines = _edited(module.text, edits).split("\n")
    # An edit keeps its line's number: what a docstring loses, it leaves as empty lines, marked for removal.
    kept = (line for line in lines[statement.lineno - 1 : _end(statement)] if line != _GONE)
    text = [_TO_OUR_TOOLS.sub("", line) for line in kept]
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef | ast.ClassDef) else []
    return "\n".join([*(f"@{_unparsed(d, renames)}" for d in decorators), *text])


_GONE = "\0"
_TO_OUR_TOOLS = re.compile(r"\s*# (noqa|type: ignore).*$")
"""Comments that speak to the linters of the project that the source comes from."""


def _end(node: ast.stmt | ast.expr) -> int:
    assert node.end_lineno is not None, "parsed from text"
    return node.end_lineno


def _unparsed(expression: ast.expr, renames: Mapping[str, str]) -> str:
    copy = ast.parse(ast.unparse(expression), mode="eval")
    for node in ast.walk(copy):
        if isinstance(node, ast.Name):
            node.id = renames.get(node.id, node.id)
    return ast.unparse(copy)


def _renamings(statement: Statement, renames: Mapping[str, str]) -> Iterator[Edit]:
    local = _local_names(statement) - set(_bound_by(statement))
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and node.id in renames and node.id not in local:
            assert node.end_col_offset is not None, "parsed from text"
            yield (node.lineno, node.col_offset, node.end_col_offset, renames[node.id])


def _definition_name(
    module: _Module, statement: ast.FunctionDef | ast.ClassDef, renames: Mapping[str, str]
) -> Iterator[Edit]:
    line = module.text.split("\n")[statement.lineno - 1].encode()
    start = line.index(statement.name.encode(), statement.col_offset + len("def"))
    yield (statement.lineno, start, start + len(statement.name.encode()), renames.get(statement.name, statement.name))


def _docstrings(statement: Statement) -> Iterator[Edit]:
    """Cut each docstring to its first line: its examples call names that this file may not have."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and (text := ast.get_docstring(node)) is not None:
            constant = node.body[0]
            first, last = constant.lineno, _end(constant)
            summary = text.partition("\n")[0].replace("\\", "\\\\").replace('"', '\\"')
            end = constant.end_col_offset if first == last else None
            yield (first, constant.col_offset, 1 << 30 if end is None else end, f'"""{summary}"""')
            yield from ((line, 0, 1 << 30, _GONE) for line in range(first + 1, last + 1))


def _edited(text: str, edits: Iterable[Edit]) -> str:
    lines = [line.encode() for line in text.split("\n")]
    for line, start, end, new in sorted(edits, reverse=True):
        lines[line - 1] = lines[line - 1][:start] + new.encode() + lines[line - 1][end:]
    return "\n".join(line.decode() for line in lines)
