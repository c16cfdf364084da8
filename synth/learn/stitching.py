"""Programs as stitch reads them, and the abstractions that it finds, as patterns.

stitch (Bowers et al., "Top-down synthesis for library learning", 2023) reads curried lambda terms. A word or constant
is a token that says nothing but its number; a lambda of several parameters is as many lambdas that stitch is told to
keep together; `let` is a token applied to the value and a lambda.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias, assert_never

from dsl.errors import ResourceError
from dsl.program import Application, Hole, Lambda, Let, Literal, Name, Program, Variable, walk
from synth.learn.forms import bound, index_of
from synth.learn.patterns import filled, gap

__all__ = ["Abstraction", "Tokens", "abstractions_of", "stitch_cost"]

_TOKEN = re.compile(r"[()]|[^\s()]+")
_LET = "let"
_CALL = "call"
"""The token of a function that is applied where it stands: stitch's gaps may be its first argument, but no function."""
_LET_TAG = 1
"""The tag of the lambda under a let. Functions of n > 1 parameters have the tag 2 n, and the lambdas inside that one
2 n + 1; functions of one parameter have none."""
_FIRST_OF_WHOLES = 1000
"""The tag of the first program's outermost lambda; each has one of its own."""

Tree: TypeAlias = "str | list[Tree]"


@dataclass(frozen=True, slots=True)
class Abstraction:
    """A pattern that stitch found in programs: its gaps are `#0` to one less than `arity`; `utility` is what it saves.

    Earlier abstractions of the same run that it uses are put in.
    """

    body: Program
    arity: int
    utility: int


@dataclass(slots=True)
class Tokens:
    """Tokens for words and constants, and back."""

    _leaves: list[Program] = field(default_factory=list)
    _numbers: dict[Program, int] = field(default_factory=dict)

    def whole(self, p: Program, number: int) -> str:
        """The text of a whole program, whose outermost lambda is like no other: no abstraction may begin there."""
        if not isinstance(p, Lambda):
            return self.text(p)
        count = len(p.parameters)
        return f"(lam_{_FIRST_OF_WHOLES + number} " * count + self.text(p.body) + ")" * count

    def text(self, p: Program) -> str:
        """A nameless program as stitch reads it. Raises ValueError where it cannot."""
        match p:
            case Name() | Literal():
                return self._token(p)
            case Variable(name):
                return name if index_of(p) is not None else self._token(p)
            case Lambda(parameters, body):
                outer, inner = _heads(len(parameters))
                return f"({outer} " + f"({inner} " * (len(parameters) - 1) + self.text(body) + ")" * len(parameters)
            case Let(_, value, body):
                return f"({_LET} {self.text(value)} (lam_{_LET_TAG} {self.text(body)}))"
            case Application(Lambda() as function, (_, *_) as arguments):
                return f"({' '.join([_CALL, self.text(function), *map(self.text, arguments)])})"
            case Application(function, (_, *_) as arguments):
                return f"({' '.join([self.text(function), *map(self.text, arguments)])})"
            case Hole() | Application():
                raise ValueError("a program to learn from has no holes, and no function without arguments is applied")
        assert_never(p)

    def _token(self, leaf: Program) -> str:
        number = self._numbers.get(leaf)
        if number is None:
            number = self._numbers[leaf] = len(self._leaves)
            self._leaves.append(leaf)
        return f"w{number}"

    def program(self, text: str, known: Mapping[str, tuple[Program, int]]) -> Program:
        """The pattern that a text of stitch's stands for; `known` are bodies and arities of the names that it made."""
        return self._program(_tree(iter(_TOKEN.findall(text))), known)

    def _program(self, tree: Tree, known: Mapping[str, tuple[Program, int]]) -> Program:
        if isinstance(tree, str):
            return self._atom(tree, known)
        head, *rest = tree
        if isinstance(head, str) and (head == "lam" or head.startswith("lam_")):
            return self._function(tree, known)
        if head == _LET:
            return self._let(rest, known)
        parts = tuple(self._program(part, known) for part in rest)
        if head == _CALL:
            return Application(parts[0], parts[1:])
        if isinstance(head, str) and head in known:
            body, arity = known[head]
            made = filled(body, {f"#{i}": part for i, part in enumerate(parts[:arity])})
            return Application(made, parts[arity:]) if len(parts) > arity else made
        return Application(self._program(head, known), parts)

    def _atom(self, token: str, known: Mapping[str, tuple[Program, int]]) -> Program:
        if token.startswith("$"):
            return bound(int(token[1:]))
        if token.startswith("#"):
            return gap(int(token[1:]))
        return known[token][0] if token in known else self._leaves[int(token[1:])]

    def _function(self, tree: list[Tree], known: Mapping[str, tuple[Program, int]]) -> Program:
        """As many lambdas as their tag says, as one."""
        count = int(str(tree[0]).partition("_")[2] or 2) // 2
        outer, inner = _heads(count)
        body: Tree = tree
        for head in (outer, *[inner] * (count - 1)):
            if not isinstance(body, list) or len(body) != 2 or body[0] != head:
                raise ValueError("the lambdas of one function were taken apart")
            body = body[1]
        return Lambda(("_",) * count, self._program(body, known))

    def _let(self, rest: list[Tree], known: Mapping[str, tuple[Program, int]]) -> Program:
        value, body = rest
        if not isinstance(body, list) or body[0] != f"lam_{_LET_TAG}":
            raise ValueError("a let was taken apart")
        return Let("_", self._program(value, known), self._program(body[1], known))


def _tree(tokens: Iterator[str]) -> Tree:
    """What the next tokens spell."""
    token = next(tokens)
    if token != "(":
        return token
    made: list[Tree] = []
    while (following := next(tokens)) != ")":
        made.append(_tree(chain((following,), tokens)))
    return made


def _heads(count: int) -> tuple[str, str]:
    """How the first lambda of a function of so many parameters begins, and how the others do."""
    if not 0 < count < _FIRST_OF_WHOLES // 2:
        raise ValueError(f"a function of {count} parameters")
    return ("lam" if count == 1 else f"lam_{2 * count}"), f"lam_{2 * count + 1}"


def _tags(programs: Sequence[Program]) -> str:
    """The tags of lambdas that are never taken apart from what is above them."""
    counts = {len(node.parameters) for p in programs for node in walk(p) if isinstance(node, Lambda)}
    return ",".join(map(str, (_LET_TAG, *sorted(2 * count + 1 for count in counts if count > 1))))


@dataclass(frozen=True, slots=True)
class _Found:
    """What stitch says: the texts and arities of what it found, what each saves, and the cost before all."""

    abstractions: tuple[tuple[str, str, int, int], ...]
    cost: int


def _compressed(texts: Sequence[str], tags: str, most: int, arity: int) -> _Found:
    import stitch_core  # compiled code that only compression needs

    try:
        found = stitch_core.compress(
            list(texts),
            iterations=most,
            max_arity=arity,
            threads=1,
            silent=True,
            no_curried_bodies=True,
            no_curried_metavars=True,
            fused_lambda_tags=tags,
        ).json
    except stitch_core.StitchException as error:
        raise ResourceError(f"stitch gave up on {len(texts)} programs: {str(error).partition(chr(10))[0]}") from None
    made = tuple((a["name"], a["body"], int(a["arity"]), int(a["utility"])) for a in found["abstractions"])
    return _Found(made, int(found["original_cost"]))


def abstractions_of(programs: Sequence[Program], *, most: int, arity: int) -> Iterator[Abstraction]:
    """What stitch finds in nameless programs, the best first, up to the first that stands for no program.

    Each is found in the programs as rewritten with those before it. Raises ResourceError where stitch gives up.
    """
    tokens = Tokens()
    found = _compressed([tokens.whole(p, number) for number, p in enumerate(programs)], _tags(programs), most, arity)
    known: dict[str, tuple[Program, int]] = {}
    for name, text, gaps, utility in found.abstractions:
        try:
            body = tokens.program(text, known)
        except (ValueError, ResourceError):
            return
        known[name] = (body, gaps)
        yield Abstraction(body, gaps, utility)


def stitch_cost(programs: Sequence[Program], *, most: int, arity: int) -> int:
    """What nameless programs and what stitch finds in them cost together once stitch alone has compressed them.

    To compare with: nothing here is typed or run.
    """
    tokens = Tokens()
    found = _compressed([tokens.whole(p, number) for number, p in enumerate(programs)], _tags(programs), most, arity)
    return found.cost - sum(utility for *_, utility in found.abstractions)
