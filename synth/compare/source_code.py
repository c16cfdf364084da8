"""How much code is: source text as tokens of its syntax tree, what it calls included, for both sides alike.

Annotations, docstrings, decorators and imports do not count. Helpers from the same package are followed and counted
once; what comes from elsewhere (Python, torch, the language's own core) is one token where it is used, and is listed
by name. So a word that is one call of `sorted` is cheap; the list says why.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = ["Code", "code_of", "tree_tokens"]


@dataclass(frozen=True)
class Code:
    """Tokens of some code with its helpers, and the names that come from elsewhere."""

    tokens: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()


def code_of(*items: str | Callable[..., object]) -> Code:
    """The code of functions and classes, given themselves or as `module:name`, each helper once.

    What has no source in a file of Python is a token of its own. Raises KeyError for a name that a module does not
    define.
    """
    walk = _Walk()
    for item in items:
        module, name = item.split(":") if isinstance(item, str) else _place(item)
        walk.take(module, name)
    counted = {f"{module}.{name}" for module, name in walk.seen if _module(module) is not None}
    return Code(tuple(walk.tokens), tuple(sorted(walk.outside - counted)))


def _place(function: Callable[..., object]) -> tuple[str, str]:
    """Where a function is defined: its module, and the name at the top of it."""
    inner = getattr(function, "func", function)  # of a partial
    name = getattr(inner, "__qualname__", type(inner).__qualname__).partition(".")[0]
    return getattr(inner, "__module__", None) or type(inner).__module__, name


@dataclass(slots=True)
class _Walk:
    """What was met so far."""

    tokens: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def take(self, module: str, name: str) -> None:
        """Count a definition and the helpers that it uses."""
        if (module, name) in self.seen:
            return
        self.seen.add((module, name))
        found = _module(module)
        if found is None:
            self.tokens.append(name)
            self.outside.add(f"{module}.{name}")
            return
        node = found.defined[name]
        self.tokens += tree_tokens(node)
        imported = {**found.imported, **_imports(node)}
        local = _bound(node)
        for used in _used(node):
            if used in found.defined and used not in local:
                self.take(module, used)
            elif used in imported:
                self._import(module, *imported[used])
            elif used not in local and hasattr(builtins, used):
                self.outside.add(used)

    def _import(self, here: str, module: str, name: str) -> None:
        package = here.rpartition(".")[0]
        inside = bool(package) and module.rpartition(".")[0] == package
        found = _module(module) if inside else None
        if found is not None and name in found.defined:
            self.take(module, name)
        else:
            self.outside.add(f"{module}.{name}" if name else module)


@dataclass(frozen=True, slots=True)
class _Module:
    """What a module defines and imports at its top; imports as (module, name), the name empty for the module itself."""

    defined: dict[str, ast.stmt]
    imported: dict[str, tuple[str, str]]


@cache
def _module(name: str) -> _Module | None:
    """A module's source, without running it; None where there is none."""
    loaded = sys.modules.get(name)
    file = getattr(loaded, "__file__", None)
    if file is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            spec = None
        file = spec.origin if spec is not None else None
    if file is None or not file.endswith(".py") or name == "builtins":
        return None
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    defined: dict[str, ast.stmt] = {}
    for node in tree.body:
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                defined.setdefault(node.name, node)
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AnnAssign(target=ast.Name(id=target)):
                defined[target] = node
    return _Module(defined, _imports(tree))


def _imports(tree: ast.AST) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str() as module):
                found |= {alias.asname or alias.name: (module, alias.name) for alias in node.names}
            case ast.Import():
                found |= {alias.asname or alias.name.partition(".")[0]: (alias.name, "") for alias in node.names}
    return found


def _bound(tree: ast.AST) -> set[str]:
    """Names that a definition binds itself: parameters and variables."""
    stored = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return stored | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def _used(tree: ast.AST) -> list[str]:
    """Names that a definition reads, in order, once each."""
    read = (node.id for node in _counted(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return list(dict.fromkeys(read))


def tree_tokens(tree: ast.AST) -> list[str]:
    r"""Tokens of a syntax tree: the kinds of its nodes, its names and its constants.

    >>> tree_tokens(ast.parse("def double(x: int) -> int:\n    'Twice.'\n    return x + x").body[0])
    ['FunctionDef', 'double', 'arguments', 'arg', 'x', 'Return', 'BinOp', 'Name', 'x', 'Add', 'Name', 'x']
    """
    found: list[str] = []
    for node in _counted(tree):
        found.append(type(node).__name__)
        match node:
            case ast.Constant():
                found.append(repr(node.value))
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                found.append(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.append(name)
            case ast.keyword(arg=str() as name):
                found.append(name)
    return found


_NO_PART = (ast.expr_context, ast.Import, ast.ImportFrom, ast.alias)
_LEFT_OUT = frozenset({"annotation", "returns", "decorator_list", "type_comment", "type_params"})


def _counted(node: ast.AST) -> Iterator[ast.AST]:
    """Nodes that count, parents first."""
    if isinstance(node, _NO_PART):
        return
    yield node
    for name, value in ast.iter_fields(node):
        if name in _LEFT_OUT:
            continue
        children = value if isinstance(value, list) else [value]
        if name == "body" and children and _is_docstring(children[0]):
            children = children[1:]
        for child in children:
            if isinstance(child, ast.AST):
                yield from _counted(child)


def _is_docstring(node: object) -> bool:
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case _:
            return False
