"""What a syntax error means: from the state of the parser to a message that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from dsl.errors import Span, SyntaxProblem
from dsl.library import nearest
from dsl.operators import OPERATORS, RESERVED
from dsl.source import END

__all__ = ["explain"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERAND = re.compile(r"[A-Za-z_0-9'\"(\[?]")
_BEFORE_COMMENT = re.compile(r"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^#'"])*""")

_OPERATORS = frozenset(
    {"PLUS", "MINUS", "STAR", "SLASH", "DOUBLE_SLASH", "DOUBLE_STAR", "PERCENT", "COMPARISON", "IN", "NOT", "AND", "OR"}
    | {"_IF", "LPAR", "LSQB"}
)
"""What goes on with an expression."""

_BLOCKS = ("def", "task", "import", "uses")
_LINES = (
    "example", "holdout", "query", "input", "uses", "forbid", "sketch", "noise", "tags", "budget", "solution", "ensure",
)  # fmt: skip

_SHOWN = {
    "NAME": "a name", "WORD": "a word of the library", "TAG": "a tag", "INT": "a whole number", "REAL": "a real",
    "TEXT": "a quoted text", "EQUALS": "'='", "ARROW": "'->'", "COMMA": "','", "COLON": "':'", "DOTS": "'..'",
    "LPAR": "'('", "RPAR": "')'", "LSQB": "'['", "RSQB": "']'", "IN": "`in`", "_ELSE": "`else`", "_IF": "`if`",
    "_WHERE": "`where`", "_OF": "`of`", "_LENGTH": "`length`", "_ITEMS": "`items`", "EVALUATIONS": "`evaluations`",
    "SECONDS": "`s`", "CONSTRAINT": "`eq` or `ordered`", "_END": "the end of the line", "$END": "the end",
}  # fmt: skip
"""How messages call what may come next; all others are left out."""

_CHARACTERS: Mapping[str, str] = {
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not`, or `!=` for unequal",
    "^": "powers are written x ** 2",
    "~": "write `not`",
    ";": "write each on a line of its own",
    "{": "there are no sets and dictionaries; lists are written [1, 2]",
    "\\": "an expression may go on in the next line while a bracket is open",
    ".": "reals have digits on both sides of the dot, and words are called as functions: 1.0, length(xs)",
    "‘": "quotes are ' or \"",
    "’": "quotes are ' or \"",
    "“": "quotes are ' or \"",
    "”": "quotes are ' or \"",
    "−": "a minus is -",
    "–": "a minus is -",
    "×": "write *",
    "÷": "write // for ints, / for reals",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "→": "write ->",
    "λ": "write lambda x: ...",
    "@": "names have letters, digits and _",
    "$": "names have letters, digits and _",
    "`": "words are written without quotes",
}


@dataclass(frozen=True, slots=True)
class _State:
    """Where parsing stopped: what stands there, what could have, and what came before.

    `found` is empty at the end of the text and at the end of a line.
    """

    text: str
    at: int
    span: Span
    found: str
    accepts: frozenset[str]

    @property
    def wants_operand(self) -> bool:
        """An expression may start here."""
        return "LAMBDA" in self.accepts or "HOLE" in self.accepts

    @property
    def wants_value(self) -> bool:
        """A value of a task line starts here."""
        return {"INT_LIST", "TEXT"} <= self.accepts and not self.wants_operand

    @property
    def ends_type(self) -> bool:
        """A type just ended."""
        return "LSQB" in self.accepts and "PLUS" not in self.accepts and not self.wants_value

    @property
    def wants_operator(self) -> bool:
        """An expression just ended, and may go on; the parser may have given up on some ways already."""
        if self.wants_operand or "EXAMPLE" in self.accepts:
            return False
        return (
            "PLUS" in self.accepts
            or not self.accepts.isdisjoint({"RPAR", "RSQB", "_IF", "_ELSE"})
            or self.accepts == {"IN"}
        )

    @property
    def before(self) -> str:
        """The text up to here."""
        return self.text[: self.at]

    @property
    def previous(self) -> str:
        """The last character before, space left out."""
        return self.before.rstrip()[-1:]

    @property
    def line_kind(self) -> str:
        """The first word of the line."""
        return next(iter(self.before.rpartition(END)[2].split()), "")

    @property
    def starts_line(self) -> bool:
        """Only space is before it on its line."""
        return not self.before.rpartition("\n")[2].strip()


def explain(error: UnexpectedInput, text: str, line: int) -> SyntaxProblem:
    """The error to show for one of the parser's; `line` is the number of the text's first line."""
    state = _state(error, text, line)
    for look in _LOOKS:
        if (found := look(state)) is not None:
            return found
    return _generic(state)


def _state(error: UnexpectedInput, text: str, line: int) -> _State:
    session: Any = getattr(error, "interactive_parser", None)
    accepts = frozenset(session.accepts())
    if isinstance(error, UnexpectedToken) and error.token.type not in ("$END", "_END"):
        at, found = int(error.token.start_pos or 0), str(error.token)
    elif isinstance(error, UnexpectedCharacters):
        at = int(error.pos_in_stream or 0)
        found = text[at]
    else:
        at, found = _end_of_content(text, error), ""
    first_line = found.partition("\n")[0]
    return _State(text, at, _place(text, at, line, max(1, len(first_line))), found, accepts)


def _end_of_content(text: str, error: UnexpectedInput) -> int:
    """Where the line that ended too early ends, its comment left out."""
    token = getattr(error, "token", None)
    return _end(text, int(token.start_pos) if token is not None and token.type == "_END" else len(text))


def _end(text: str, at: int) -> int:
    """Where the last content before a position ends: space, comments and empty lines left out."""
    while True:
        start = text.rfind("\n", 0, at) + 1
        content = _BEFORE_COMMENT.match(text, start, at)
        end = start + len(content.group().rstrip(" \t\r\f\x00")) if content else at
        if end > start or start == 0:
            return end
        at = start - 1


def _place(text: str, at: int, line: int, length: int) -> Span:
    return Span(line + text.count("\n", 0, at), at - text.rfind("\n", 0, at), length)


def _problem(state: _State, message: str, hint: str | None = None) -> SyntaxProblem:
    return SyntaxProblem(message, span=state.span, hint=hint)


def _closing(state: _State) -> str | None:
    """What to do about the bracket that is open, if one is."""
    if "RPAR" in state.accepts:
        return "close the open parenthesis with ')'"
    return "close the open bracket with ']'" if "RSQB" in state.accepts else None


# ---- what may be the matter, most telling first ---------------------------------------------------------------------


def _unknown_block(state: _State) -> SyntaxProblem | None:
    if "_TASK" not in state.accepts:
        return None
    word = _IDENTIFIER.match(state.found)
    near = nearest(word.group(), _BLOCKS) if word else None
    hint = f"did you mean `{near}`?" if near else "programs go into a definition: def name(xs: list[int]) -> int = ..."
    if state.found in _LINES:
        hint = "the lines of a task are indented, and stand below its head"
    elif state.before.rpartition("\n")[2]:
        hint = "a block starts at the left margin; indented lines belong to the block above"
    return _problem(state, f"expected `def`, `task` or `import`, found `{_short(state.found)}`", hint)


def _unknown_line(state: _State) -> SyntaxProblem | None:
    if "EXAMPLE" not in state.accepts or not state.found:
        return None
    word = _IDENTIFIER.fullmatch(state.found)
    near = nearest(state.found, _LINES) if word else None
    kinds = ", ".join(_LINES[:-1])  # `ensure` is not honoured yet
    hint = f"did you mean `{near}`?" if near else f"the kinds of lines are {kinds}; a description is in quotes"
    return _problem(state, f"expected a line of a task, found `{_short(state.found)}`", hint)


def _after_definition(state: _State) -> SyntaxProblem | None:
    if not state.starts_line or state.accepts != {"TEXT", "$END"}:
        return None
    hint = "after a definition comes at most its documentation, indented and in quotes"
    return _problem(state, f"expected a quoted text or the next block, found `{_short(state.found)}`", hint)


def _reserved_name(state: _State) -> SyntaxProblem | None:
    if state.found not in RESERVED or "NAME" not in state.accepts or state.wants_operand or state.wants_value:
        return None
    return _problem(state, f"expected a name, found the keyword `{state.found}`", "choose another name")


def _ends_early(state: _State) -> SyntaxProblem | None:
    """The text, or its line, ends while something is open."""
    if state.found or not (state.wants_operand or state.wants_operator):
        return None
    if state.wants_operand:
        last = _last_word(state)
        hint: str | None = f"something is missing after `{last}`" if last else "write an expression"
    elif "_ELSE" in state.accepts:
        hint = "a conditional has three parts: a if c else b"
    elif "IN" in state.accepts and _closing(state) is None:
        hint = "a let has three parts: let x = a in b"
    else:
        hint = _closing(state)
    return _problem(state, "the expression ends too early", hint)


def _last_word(state: _State) -> str:
    found = re.search(r"([A-Za-z_0-9]+|[^\sA-Za-z_0-9]+)$", state.before.rstrip())
    return found.group(1) if found else ""


def _swallowed_line(state: _State) -> SyntaxProblem | None:
    """A bracket was left open, and the next line is read as part of the expression."""
    closing = _closing(state)
    if not (state.starts_line and state.wants_operator and closing and _OPERAND.match(state.found)):
        return None
    end = _end(state.text, state.at)
    line = state.span.line - state.before.count("\n", end)
    place = Span(line, end - state.before.rfind("\n", 0, end))
    return SyntaxProblem("the expression ends too early", span=place, hint=f"{closing}, or put a comma here")


def _conditional(state: _State) -> SyntaxProblem | None:
    if state.found != "if" or not state.wants_operand:
        return None
    return _problem(state, "expected an expression, found `if`", "a conditional is written a if c else b")


def _equals(state: _State) -> SyntaxProblem | None:
    if state.found != "=" or not state.wants_operator:
        return None
    return _problem(
        state, "expected an operator or the end of the expression, found `=`",
        "values are compared with `==`; a name is given by let x = a in b",
    )  # fmt: skip


def _chain(state: _State) -> SyntaxProblem | None:
    if not state.wants_operator or state.found not in ("==", "!=", "<", "<=", ">", ">=", "in", "not"):
        return None
    return _problem(state, f"expected one comparison, found a second, `{state.found}`", "write a < b and b < c")


def _step(state: _State) -> SyntaxProblem | None:
    if state.found != ":" or not state.wants_operator or state.accepts - _OPERATORS != {"RSQB"}:
        return None
    return _problem(state, "expected ']', found a second `:`", "slices have no step; xs[a:b] is from a up to b")


def _whole_slice(state: _State) -> SyntaxProblem | None:
    if state.found != "]" or state.previous not in ("[", ":"):
        return None
    hint = "a slice has a start, an end or both: xs[1:], xs[:3], xs[1:3]" if state.previous == ":" else None
    return _problem(state, "expected an expression, found `]`", hint)


def _adjacent(state: _State) -> SyntaxProblem | None:
    """Two expressions with nothing between them."""
    if not state.wants_operator or not state.found or not _OPERAND.match(state.found):
        return None
    number = re.search(r"(?<![A-Za-z_0-9.])[0-9_]+$", state.before)
    hint: str | None = None
    if number and re.fullmatch(r"[eE][0-9]*", state.found):
        hint = f"reals have a dot: {number.group()}.0{state.found}"
    elif number and state.found[0].isalpha():
        hint = f"names start with a letter; a product is written {number.group()} * {state.found}"
    elif state.found[0] in "'\"" and re.search(r"\b[fFrRbBuU]$", state.before):
        hint = "texts have no prefix"
    elif state.found.startswith("?"):
        hint = "a conditional is written a if c else b"
    elif state.found == "for":
        hint = "there are no comprehensions; use map and filter"
    elif state.found == "[":
        hint = "a subscript follows its list directly"
    elif re.search(r"[A-Za-z_]\s*$", state.before) and state.found not in RESERVED:
        hint = "a function is called with parentheses: f(x)"
    return _problem(state, f"expected {_expected(state)}, found `{_short(state.found)}`", hint)


def _after_type(state: _State) -> SyntaxProblem | None:
    if not state.ends_type or state.found not in ("->", "(", "|", "?"):
        return None
    hint = {
        "->": _closing(state) or "a function's type is written (int, int) -> int",
        "(": "the types of items are in brackets: list[int]",
        "|": "a value has one type; one that may be missing has an option[int]",
        "?": "one that may be missing has an option[int]",
    }[state.found]
    return _problem(state, f"expected {_expected(state)}, found `{state.found}`", hint)


def _unknown_character(state: _State) -> SyntaxProblem | None:
    if state.found not in _CHARACTERS:
        return None
    return _problem(state, f"expected {_expected(state)}, found `{state.found}`", _CHARACTERS[state.found])


def _arrow(state: _State) -> SyntaxProblem | None:
    """An example whose sides are not parted by `->`."""
    if "ARROW" not in state.accepts or state.wants_operand:
        return None
    found = f"`{_short(state.found)}`" if state.found else "the end of the line"
    hint = None
    if state.line_kind in ("example", "holdout"):
        hint = "an example is written: example [1, 2] -> [2, 4]"
    elif state.found in (":", "=") or not state.found:
        hint = "the type of the result comes next: -> int"
    return _problem(state, f"expected {_expected(state)}, found {found}", hint)


def _expected(state: _State) -> str:
    """What may come next, in words."""
    if state.wants_operand:
        return "an expression"
    if "PLUS" in state.accepts:
        return "an operator or the end of the expression"
    if state.wants_value:
        return "a value"
    if {"NAME", "LPAR"} == state.accepts:
        return "a type"
    if "EXAMPLE" in state.accepts:
        return "a line of a task"
    names = [shown for kind, shown in _SHOWN.items() if kind in state.accepts]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "something else"


def _generic(state: _State) -> SyntaxProblem:
    found = f"`{_short(state.found)}`" if state.found else "the end of the line"
    hint = None if state.found in (")", "]") or state.wants_operand else _closing(state)
    if state.found in OPERATORS and "WORD" in state.accepts:
        hint = f"the words of `{state.found}` are {', '.join(OPERATORS[state.found].words)}"
    elif state.line_kind == "noise":
        hint = "a share of the examples is written 10%"
    elif state.accepts == {"COLON"}:
        hint = "a parameter is written with its type: x: int"
    elif state.accepts == {"_END"} and state.found == ",":
        input_line = state.line_kind == "input"
        hint = "lengths come first: of length 0..5, items 0..9" if input_line else "write each on a line of its own"
    return _problem(state, f"expected {_expected(state)}, found {found}", hint)


def _short(found: str) -> str:
    line = found.partition("\n")[0]
    return line if len(line) <= 40 else f"{line[:37]}..."


_LOOKS: tuple[Callable[[_State], SyntaxProblem | None], ...] = (
    _unknown_block,
    _unknown_line,
    _after_definition,
    _reserved_name,
    _ends_early,
    _swallowed_line,
    _conditional,
    _equals,
    _chain,
    _step,
    _whole_slice,
    _adjacent,
    _after_type,
    _unknown_character,
    _arrow,
)
