"""Names of what is learned: readable, free, the same each time."""

import pytest
from corpora import LIBRARY, programs, read
from hypothesis import given

from dsl.library import Definition, Library
from dsl.printer import is_identifier
from dsl.program import Lambda
from dsl.type_system import INT
from synth.learn.naming import name_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lambda xs: map(lambda x: x * 2, xs)", "map_double"),
        ("lambda xs: sum(map(square, xs))", "sum_map_square"),
        ("lambda n, xs: filter(lambda x: x > n, xs)", "filter_above"),
        ("lambda xs: filter(lambda x: x > 0, xs)", "filter_above_0"),
        ("lambda xs: filter(lambda x: x == -3, xs)", "filter_equal_minus_3"),
        ("lambda n: n * n", "multiply_itself"),
        ("lambda xs: fold(lambda a, x: a + x * 2, 0, xs)", "fold_add_double"),
        ("lambda n: [n]", "singleton_2"),
        ("lambda xs: reverse(xs)", "reverse_2"),
        ("lambda xs: [True] + map(is_even, xs)", "concat_list_map"),
        ("lambda n: 'a-b c!d'", "a_b_c_d"),
        ("lambda n: 2.5", "value_2_5"),
        ("lambda f, xs: map(f, sort(xs))", "map_sort"),
    ],
)
def test_a_name_says_what_is_done(text: str, name: str) -> None:
    assert name_of(read(text), LIBRARY, "learned") == name


@given(programs())
def test_names_are_free_and_can_be_written(program: Lambda) -> None:
    """Also when the same is named again and again."""
    library = LIBRARY
    for _ in range(3):
        name = name_of(program, library, "learned")
        assert is_identifier(name)
        assert name not in program.parameters
        assert not library.named(name)
        assert name == name_of(program, library, "learned")
        library = library.extend(Definition(f"learned.{name}", INT, program))


def test_longer_names_come_before_numbers() -> None:
    program = read("lambda xs: sum(map(square, filter(is_even, xs)))")
    first = name_of(program, Library(), "learned")
    taken = Library().extend(Definition(f"learned.{first}", INT, program))
    assert (first, name_of(program, taken, "learned")) == ("sum_map_square", "sum_map_square_filter")
