"""Operations: the words that compiled code can run on single cells, each with a code by which a body's node names it.

A word is here if its result is one cell and makes no new sequence: numbers, order, choice, and what reads a list, a
tuple or an option.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dsl.type_system import BOOL, INT, REAL, FunctionType, Type, list_of
from synth.search.kernels import integer_words, real_words, sequence_words
from synth.search.kernels.compiled import uncounted
from synth.search.kernels.convention import Lists

__all__ = ["AND", "CAPTURED", "CONSTANT", "IF", "OPERATIONS", "OR", "PARAMETER", "UNKNOWN", "apply", "operation_of"]

UNKNOWN, PARAMETER, CONSTANT, CAPTURED = range(4)
"""What a node may be besides a word: something not understood, a parameter, a constant, a value from outside."""

IF, AND, OR = range(4, 7)
"""Words that leave a part unrun; `apply` does not know them."""

NOT, EQ, NE, LT, LE, GT, GE, MIN, MAX, CLAMP = range(7, 17)
ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO, POWER, GCD, LCM, DIVIDES = range(17, 26)
NEGATE, ABSOLUTE, SIGN, SQUARE, SQUARE_ROOT, IS_SQUARE, IS_EVEN, IS_ODD, IS_PRIME = range(26, 35)
REAL_ADD, REAL_SUBTRACT, REAL_MULTIPLY, REAL_DIVIDE, REAL_POWER, REAL_NEGATE, REAL_ABSOLUTE = range(35, 42)
FROM_INT, FLOOR, CEILING, ROUND, REAL_SQUARE_ROOT, EXP, LOG, SIN, COS = range(42, 51)
LENGTH, IS_EMPTY, HEAD, LAST, GET, CONTAINS, COUNT_OF, INDEX_OF = range(51, 59)
SUM, PRODUCT, MAXIMUM, MINIMUM, IS_SORTED, MOST_COMMON, FROM_DIGITS = range(59, 66)
IS_SOME, OR_ELSE, FIRST, SECOND, THIRD = range(66, 71)

OPERATIONS: Mapping[str, int] = MappingProxyType(
    {
        "control.if": IF,
        "bool.and": AND,
        "bool.or": OR,
        "bool.not": NOT,
        "order.eq": EQ,
        "order.ne": NE,
        "order.lt": LT,
        "order.le": LE,
        "order.gt": GT,
        "order.ge": GE,
        "order.min": MIN,
        "order.max": MAX,
        "order.clamp": CLAMP,
        "int.add": ADD,
        "int.subtract": SUBTRACT,
        "int.multiply": MULTIPLY,
        "int.divide": DIVIDE,
        "int.modulo": MODULO,
        "int.power": POWER,
        "int.gcd": GCD,
        "int.lcm": LCM,
        "int.divides": DIVIDES,
        "int.negate": NEGATE,
        "int.absolute": ABSOLUTE,
        "int.sign": SIGN,
        "int.square": SQUARE,
        "int.square_root": SQUARE_ROOT,
        "int.is_square": IS_SQUARE,
        "int.is_even": IS_EVEN,
        "int.is_odd": IS_ODD,
        "int.is_prime": IS_PRIME,
        "int.from_digits": FROM_DIGITS,
        "real.add": REAL_ADD,
        "real.subtract": REAL_SUBTRACT,
        "real.multiply": REAL_MULTIPLY,
        "real.divide": REAL_DIVIDE,
        "real.power": REAL_POWER,
        "real.negate": REAL_NEGATE,
        "real.absolute": REAL_ABSOLUTE,
        "real.from_int": FROM_INT,
        "real.floor": FLOOR,
        "real.ceiling": CEILING,
        "real.round": ROUND,
        "real.square_root": REAL_SQUARE_ROOT,
        "real.exp": EXP,
        "real.log": LOG,
        "real.sin": SIN,
        "real.cos": COS,
        "list.length": LENGTH,
        "list.is_empty": IS_EMPTY,
        "list.head": HEAD,
        "list.last": LAST,
        "list.get": GET,
        "list.contains": CONTAINS,
        "list.count_of": COUNT_OF,
        "list.index_of": INDEX_OF,
        "list.sum": SUM,
        "list.product": PRODUCT,
        "list.maximum": MAXIMUM,
        "list.minimum": MINIMUM,
        "list.is_sorted": IS_SORTED,
        "list.most_common": MOST_COMMON,
        "option.is_some": IS_SOME,
        "option.or_else": OR_ELSE,
        "tuple.first": FIRST,
        "tuple.second": SECOND,
        "tuple.first_of_triple": FIRST,
        "tuple.second_of_triple": SECOND,
        "tuple.third": THIRD,
    }
)
"""Codes of words. `real.sum` and `real.mean` are missing, for their exact rounding takes room for partial sums."""

_ORDER = (LT, LE, GT, GE, MIN, MAX, CLAMP)
_ORDER_OF_ITEMS = (MAXIMUM, MINIMUM, IS_SORTED)
_NUMBERS = (INT, BOOL, REAL)
_LISTS_OF_NUMBERS = tuple(map(list_of, _NUMBERS))


def operation_of(word: str, parameters: tuple[Type, ...], result: Type) -> int:
    """The code of one of the language's own words at these ground types; UNKNOWN where none is right.

    Equal values have equal cells at every type, but only the cells of numbers are in the order of their values.

    >>> operation_of("order.lt", (INT, INT), BOOL) == OPERATIONS["order.lt"]
    True
    >>> operation_of("order.lt", (list_of(INT), list_of(INT)), BOOL) == UNKNOWN
    True
    """
    operation = OPERATIONS.get(word, UNKNOWN)
    if any(isinstance(t, FunctionType) for t in (*parameters, result)):
        return UNKNOWN
    if operation in _ORDER and parameters[0] not in _NUMBERS:
        return UNKNOWN
    if operation in _ORDER_OF_ITEMS and parameters[0] not in _LISTS_OF_NUMBERS:
        return UNKNOWN
    return operation


@uncounted
def apply(operation: int, x: int, y: int, z: int, lists: Lists) -> tuple[int, bool]:
    """The cell of a word's result, and whether it is defined; of `x`, `y` and `z` it has as many as it takes."""
    if operation < ADD:
        return _compare(operation, x, y, z)
    if operation < NEGATE:
        return _integers(operation, x, y)
    if operation < REAL_ADD:
        return _integer(operation, x)
    if operation < FROM_INT:
        return _reals(operation, x, y)
    if operation < LENGTH:
        return _real(operation, x)
    if operation < SUM:
        return _look(operation, x, y, lists)
    if operation < IS_SOME:
        return _summarize(operation, x, lists)
    return _part(operation, x, y, lists)


@uncounted
def _compare(operation: int, x: int, y: int, z: int) -> tuple[int, bool]:
    if operation == NOT:
        return 1 - x, True
    if operation == EQ:
        return int(x == y), True
    if operation == NE:
        return int(x != y), True
    if operation == LT:
        return int(x < y), True
    if operation == LE:
        return int(x <= y), True
    if operation == GT:
        return int(x > y), True
    if operation == GE:
        return int(x >= y), True
    if operation == MIN:
        return min(x, y), True
    if operation == MAX:
        return max(x, y), True
    return min(max(x, z), y), x <= y  # clamp: the bounds come first


@uncounted
def _integers(operation: int, x: int, y: int) -> tuple[int, bool]:
    """Words of two integers."""
    if operation == ADD:
        return integer_words.add(x, y)
    if operation == SUBTRACT:
        return integer_words.subtract(x, y)
    if operation == MULTIPLY:
        return integer_words.multiply(x, y)
    if operation == DIVIDE:
        return integer_words.divide(x, y)
    if operation == MODULO:
        return integer_words.modulo(x, y)
    if operation == POWER:
        return integer_words.power(x, y)
    if operation == GCD:
        return integer_words.gcd(x, y)
    if operation == LCM:
        return integer_words.lcm(x, y)
    return int(integer_words.divides(x, y)), True


@uncounted
def _integer(operation: int, x: int) -> tuple[int, bool]:
    """Words of one integer."""
    if operation == NEGATE:
        return integer_words.subtract(0, x)
    if operation == ABSOLUTE:
        return (x, True) if x >= 0 else integer_words.subtract(0, x)
    if operation == SIGN:
        return int(x > 0) - int(x < 0), True
    if operation == SQUARE:
        return integer_words.multiply(x, x)
    if operation == SQUARE_ROOT:
        return integer_words.square_root(x)
    if operation == IS_SQUARE:
        return int(integer_words.is_square(x)), True
    if operation == IS_EVEN:
        return 1 - (x & 1), True
    if operation == IS_ODD:
        return x & 1, True
    return int(integer_words.is_prime(x)), True


@uncounted
def _reals(operation: int, x: int, y: int) -> tuple[int, bool]:
    """Words of two reals, and those of one that give a real by its sign alone."""
    if operation == REAL_ADD:
        return real_words.add(x, y)
    if operation == REAL_SUBTRACT:
        return real_words.subtract(x, y)
    if operation == REAL_MULTIPLY:
        return real_words.multiply(x, y)
    if operation == REAL_DIVIDE:
        return real_words.divide(x, y)
    if operation == REAL_POWER:
        return real_words.power(x, y)
    if operation == REAL_NEGATE:
        return real_words.negate(x), True
    return real_words.absolute(x), True


@uncounted
def _real(operation: int, x: int) -> tuple[int, bool]:
    """Words of one number that change its type or are not rational."""
    if operation == FROM_INT:
        return real_words.from_int(x), True
    if operation == FLOOR:
        return real_words.floor(x)
    if operation == CEILING:
        return real_words.ceiling(x)
    if operation == ROUND:
        return real_words.round_(x)
    if operation == REAL_SQUARE_ROOT:
        return real_words.square_root(x)
    if operation == EXP:
        return real_words.exp(x)
    if operation == LOG:
        return real_words.log(x)
    if operation == SIN:
        return real_words.sin(x), True
    return real_words.cos(x), True


@uncounted
def _look(operation: int, x: int, y: int, lists: Lists) -> tuple[int, bool]:
    """Words that look for something in a list."""
    if operation == LENGTH:
        return lists.starts[x + 1] - lists.starts[x], True
    if operation == IS_EMPTY:
        return int(lists.starts[x + 1] == lists.starts[x]), True
    if operation == HEAD:
        return sequence_words.get(x, 0, lists)
    if operation == LAST:
        return sequence_words.get(x, -1, lists)
    if operation == GET:
        return sequence_words.get(x, y, lists)
    if operation == CONTAINS:
        _, found = sequence_words.index_of(x, y, lists)
        return int(found), True
    if operation == COUNT_OF:
        return sequence_words.count_of(x, lists.starts[y], lists.starts[y + 1], lists), True
    return sequence_words.index_of(x, y, lists)


@uncounted
def _summarize(operation: int, xs: int, lists: Lists) -> tuple[int, bool]:
    """Words that say something of all items of a list."""
    if operation == SUM:
        return sequence_words.sum_(xs, lists)
    if operation == PRODUCT:
        return sequence_words.product(xs, lists)
    if operation == MAXIMUM:
        return sequence_words.extreme(xs, 1, lists)
    if operation == MINIMUM:
        return sequence_words.extreme(xs, -1, lists)
    if operation == IS_SORTED:
        return int(sequence_words.is_sorted(xs, lists)), True
    if operation == MOST_COMMON:
        return sequence_words.most_common(xs, lists)
    return sequence_words.from_digits(xs, lists)


@uncounted
def _part(operation: int, x: int, y: int, lists: Lists) -> tuple[int, bool]:
    """Words that take an option or a tuple apart."""
    start = lists.starts[x]
    if operation == IS_SOME:
        return lists.starts[x + 1] - start, True
    if operation == OR_ELSE:
        return (lists.items[start] if lists.starts[x + 1] > start else y), True
    return lists.items[start + operation - FIRST], True
