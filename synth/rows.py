"""Values typed at the command line, `3, [1, 2]`: cut apart at the commas, typed by their looks, read."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl.errors import DslError, Span, SyntaxProblem, TypeProblem
from dsl.inference import infer
from dsl.library import Library
from dsl.parser import parse, parse_value
from dsl.type_system import INT, Type, apply, generalise, instantiate, show_type, type_variables, unify

__all__ = ["Piece", "Row", "outside_brackets", "same_width", "split", "types_of", "values_of"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A value's text and where it starts in the text of its row (0-based)."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Row:
    """One text of the command line and the values in it; `label` names it in messages."""

    label: str
    text: str
    pieces: tuple[Piece, ...]

    def problem(self, error: DslError, piece: Piece | None = None) -> DslError:
        """An error of one value, or of the whole, placed in the row's text."""
        inner = error.span or Span(1, 1, max(1, len(piece.text if piece else self.text)))
        error.span = Span(1, inner.column + (piece.start if piece else 0), inner.length)
        error.text, error.path = self.text, self.label
        return error


def outside_brackets(text: str) -> Iterator[int]:
    """Positions that stand in no bracket and no quotes."""
    depth, quote = 0, ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote and text[place - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0:
            yield place


def split(text: str, start: int = 0, end: int | None = None) -> tuple[Piece, ...]:
    """The values between the commas of a part of a text; none where it is blank.

    >>> [piece.text for piece in split("3, [1, 2]")]
    ['3', '[1, 2]']
    """
    end = len(text) if end is None else end
    if not text[start:end].strip():
        return ()
    commas = [place for place in outside_brackets(text) if text[place] == "," and start <= place < end]
    bounds = itertools.pairwise([start - 1, *commas, end])
    return tuple(_trimmed(text, before + 1, after) for before, after in bounds)


def _trimmed(text: str, start: int, end: int) -> Piece:
    inner = text[start:end]
    return Piece(inner.strip(), start + len(inner) - len(inner.lstrip()))


def same_width(rows: Sequence[Row], width: int, noun: str) -> None:
    """Raise SyntaxProblem for the first row that has not `width` values."""
    for row in rows:
        if len(row.pieces) != width:
            raise row.problem(SyntaxProblem(f"expected {width} {noun}, found {len(row.pieces)}"))


def types_of(rows: Sequence[Row], library: Library) -> tuple[Type, ...]:
    """The types that the values of each place share; what they leave open (`[]`) is taken as int.

    Raises DslError, with a caret into the row, for text that is no value and for values of different types.
    """
    return tuple(_common_type(rows, place, library) for place in range(len(rows[0].pieces)))


def _common_type(rows: Sequence[Row], place: int, library: Library) -> Type:
    fresh = (f"t{number}" for number in itertools.count())
    known: dict[str, Type] = {}
    common = instantiate(_type(rows[0], place, library), fresh)
    for row in rows[1:]:
        found = instantiate(_type(row, place, library), fresh)
        trial = dict(known)  # a unification that fails leaves junk behind
        if not unify(common, found, trial):
            expected = show_type(generalise(apply(known, common)))
            message = f"expected {expected} as in the rows before, found {show_type(generalise(found))}"
            raise row.problem(TypeProblem(message), row.pieces[place])
        known = trial
    common = apply(known, common)
    return apply({variable.name: INT for variable in type_variables(common)}, common)


def _type(row: Row, place: int, library: Library) -> Type:
    piece = row.pieces[place]
    try:
        return infer(parse(piece.text, library), library)
    except DslError as error:
        raise row.problem(error, piece) from None


def values_of(row: Row, types: Sequence[Type], library: Library) -> tuple[object, ...]:
    """The values of a row, read by their types; raises DslError with a caret."""
    values: list[object] = []
    for piece, t in zip(row.pieces, types, strict=True):
        try:
            values.append(parse_value(piece.text, t, library))
        except DslError as error:
            raise row.problem(error, piece) from None
    return tuple(values)
