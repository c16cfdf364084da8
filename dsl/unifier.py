"""Unification with undo: the state behind type inference.

Types to be found are variables named `~0`, `~1`, ...; what they turned out to be is kept in one dictionary, and a
trail lets a trial be taken back without copying it. Rigid variables (those of a declared type, which inference must
not choose) are constructors with the variable's capitalised name, which no real type has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from dsl.errors import ResourceError
from dsl.type_system import Constraint, FunctionType, Type, TypeConstructor, TypeVariable, has_order

__all__ = ["Unifier"]

_STRENGTH: dict[Constraint, int] = {"any": 0, "eq": 1, "ordered": 2}
_STEP_LIMIT = 500_000
"""Most visits to parts of types in one inference: in `let p = lambda x: (x, x) in p(p(p(...)))` types double."""


class Unifier:
    """Bindings of type variables, extended by `unify`, taken back by `undo`."""

    def __init__(self) -> None:
        self._bindings: dict[str, Type] = {}
        self._trail: list[str] = []
        self._made = 0
        self._steps = 0
        self._rigid: dict[str, Constraint] = {}

    def fresh(self, constraint: Constraint = "any") -> TypeVariable:
        """A new variable."""
        self._made += 1
        return TypeVariable(f"~{self._made}", constraint)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > _STEP_LIMIT:
            raise ResourceError(
                "expected a program whose types can be found in reasonable time, found one whose types grow too large",
                hint="split it into definitions with declared types",
            )

    def mark(self) -> int:
        """A point to which `undo` can go back; grows with every binding."""
        return len(self._trail)

    def undo(self, mark: int) -> None:
        """Forget all bindings made since `mark`."""
        while len(self._trail) > mark:
            del self._bindings[self._trail.pop()]

    def head(self, t: Type) -> Type:
        """The type as far as known at its top; its parts may still be bound variables."""
        while isinstance(t, TypeVariable) and t.name in self._bindings:
            t = self._bindings[t.name]
        return t

    def rigid(self, t: Type) -> Type:
        """A declared type with its variables made rigid: the same name is the same unknown type everywhere."""
        match t:
            case TypeVariable(name, constraint):
                known = self._rigid.get(name, "any")
                self._rigid[name] = max(known, constraint, key=_STRENGTH.__getitem__)
                return TypeConstructor(name)
            case TypeConstructor(name, arguments):
                return TypeConstructor(name, tuple(map(self.rigid, arguments))) if arguments else t
            case FunctionType(parameters, result):
                return FunctionType(tuple(map(self.rigid, parameters)), self.rigid(result))
        assert_never(t)

    @property
    def rigid_names(self) -> tuple[str, ...]:
        """The variables of declared types."""
        return tuple(self._rigid)

    def instantiate(self, t: Type, mapping: dict[str, Type] | None = None) -> Type:
        """A type with its variables replaced by new ones (or by those that `mapping` has, which is extended)."""
        return self._instantiate(t, {} if mapping is None else mapping)

    def _instantiate(self, t: Type, mapping: dict[str, Type]) -> Type:
        match t:
            case TypeVariable(name, constraint):
                found = mapping.get(name)
                if found is None:
                    found = mapping[name] = self.fresh(constraint)
                return found
            case TypeConstructor(name, arguments):
                if not arguments:
                    return t
                return TypeConstructor(name, tuple([self._instantiate(a, mapping) for a in arguments]))
            case FunctionType(parameters, result):
                made = tuple([self._instantiate(p, mapping) for p in parameters])
                return FunctionType(made, self._instantiate(result, mapping))
        assert_never(t)

    def replace(self, t: Type, names: frozenset[str], mapping: dict[str, Type]) -> Type:
        """A type with the (unbound) variables of `names` replaced by new ones: a use of a generalised let."""
        self._step()
        t = self.head(t)
        match t:
            case TypeVariable(name, constraint):
                if name not in names:
                    return t
                return mapping.setdefault(name, self.fresh(constraint))
            case TypeConstructor(name, arguments):
                return TypeConstructor(name, tuple(self.replace(a, names, mapping) for a in arguments))
            case FunctionType(parameters, result):
                made = tuple(self.replace(p, names, mapping) for p in parameters)
                return FunctionType(made, self.replace(result, names, mapping))
        assert_never(t)

    def unify(self, a: Type, b: Type) -> bool:
        """Make two types equal by binding variables; False, with some bindings made, where that is impossible."""
        self._step()
        a, b = self.head(a), self.head(b)
        if a is b:
            return True
        if isinstance(a, TypeVariable):
            return self._bind(a, b)
        if isinstance(b, TypeVariable):
            return self._bind(b, a)
        if isinstance(a, TypeConstructor) and isinstance(b, TypeConstructor):
            xs, ys = a.arguments, b.arguments
            return a.name == b.name and len(xs) == len(ys) and all(map(self.unify, xs, ys))
        if isinstance(a, FunctionType) and isinstance(b, FunctionType):
            if len(a.parameters) != len(b.parameters):
                return False
            return all(map(self.unify, a.parameters, b.parameters)) and self.unify(a.result, b.result)
        return False

    def fits(self, a: Type, b: Type) -> bool:
        """Whether two types could be made equal; binds nothing."""
        mark = self.mark()
        fit = self.unify(a, b)
        self.undo(mark)
        return fit

    def may_fit(self, declared: Type, found: Type) -> bool:
        """A quick look, without instantiating `declared`: False only if they certainly cannot be made equal."""
        found = self.head(found)
        if isinstance(declared, TypeVariable) or isinstance(found, TypeVariable):
            return True
        if isinstance(declared, TypeConstructor) and isinstance(found, TypeConstructor):
            return declared.name == found.name and all(map(self.may_fit, declared.arguments, found.arguments))
        if isinstance(declared, FunctionType) and isinstance(found, FunctionType):
            if len(declared.parameters) != len(found.parameters):
                return False
            return all(map(self.may_fit, declared.parameters, found.parameters)) and self.may_fit(
                declared.result, found.result
            )
        return False

    def _set(self, name: str, t: Type) -> None:
        self._bindings[name] = t
        self._trail.append(name)

    def _bind(self, variable: TypeVariable, t: Type) -> bool:
        if isinstance(t, TypeVariable):
            if t.name == variable.name:
                return True
            if _STRENGTH[variable.constraint] > _STRENGTH[t.constraint]:
                self._set(t.name, variable)
            else:
                self._set(variable.name, t)
            return True
        if isinstance(t, TypeConstructor) and not t.arguments:
            self._set(variable.name, t)
            return variable.constraint == "any" or self._constrain(t, variable.constraint)
        if self._occurs(variable.name, t):
            return False
        self._set(variable.name, t)
        return variable.constraint == "any" or self._constrain(t, variable.constraint)

    def _occurs(self, name: str, t: Type) -> bool:
        self._step()
        t = self.head(t)
        if isinstance(t, TypeVariable):
            return t.name == name
        parts = (*t.parameters, t.result) if isinstance(t, FunctionType) else t.arguments
        for part in parts:  # noqa: SIM110 - a generator would cost a second stack frame for each level
            if self._occurs(name, part):
                return True
        return False

    def _constrain(self, t: Type, constraint: Constraint) -> bool:
        """Make a type meet a constraint, strengthening its variables; False where it cannot."""
        t = self.head(t)
        match t:
            case TypeVariable(name, own):
                if _STRENGTH[own] < _STRENGTH[constraint]:
                    self._set(name, self.fresh(constraint))
                return True
            case TypeConstructor(name, arguments):
                if name in self._rigid:
                    return _STRENGTH[self._rigid[name]] >= _STRENGTH[constraint]
                if constraint == "ordered" and not has_order(TypeConstructor(name)):
                    return False
                for argument in arguments:  # noqa: SIM110 - as in _occurs
                    if not self._constrain(argument, constraint):
                        return False
                return True
            case FunctionType():
                return False
        assert_never(t)

    def free(self, t: Type) -> Iterator[str]:
        """Names of the unbound variables of a type, repeats included."""
        self._step()
        t = self.head(t)
        match t:
            case TypeVariable(name):
                yield name
            case TypeConstructor(_, arguments):
                for argument in arguments:
                    yield from self.free(argument)
            case FunctionType(parameters, result):
                for part in (*parameters, result):
                    yield from self.free(part)

    def final(self, t: Type, names: Mapping[str, str]) -> Type:
        """The type with all bindings put in, unbound variables renamed, rigid ones turned back into variables."""
        self._step()
        t = self.head(t)
        match t:
            case TypeVariable(name, constraint):
                return TypeVariable(names.get(name, name), constraint)
            case TypeConstructor(name, arguments):
                if name in self._rigid:
                    return TypeVariable(name, self._rigid[name])
                return TypeConstructor(name, tuple([self.final(a, names) for a in arguments])) if arguments else t
            case FunctionType(parameters, result):
                made = tuple([self.final(p, names) for p in parameters])
                return FunctionType(made, self.final(result, names))
        assert_never(t)

    def letters(self, types: Iterable[Type]) -> dict[str, str]:
        """Names A, B, ... for the unbound variables of some types, in order of occurrence, past rigid names."""
        found = dict.fromkeys(name for t in types for name in self.free(t))
        letters = (
            letter
            for i in range(len(found) + len(self._rigid))
            if (letter := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i % 26] + (str(i // 26) if i >= 26 else "")) not in self._rigid
        )
        return dict(zip(found, letters, strict=False))
