"""Unification with undo, compared with the plain unification of `dsl.type_system`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from strategies import polymorphic_types

from dsl.type_system import FunctionType, Type, TypeVariable, apply, generalise, instantiate, unify
from dsl.unifier import Unifier


def _apart(t: Type) -> Type:
    """The same type with other variables."""
    return instantiate(t, (f"other{i}" for i in range(100)))


@given(polymorphic_types(), polymorphic_types())
def test_both_unifications_agree(a: Type, b: Type) -> None:
    """Whether two types can be made equal, and which type they become."""
    b = _apart(b)
    plain: dict[str, Type] = {}
    unifier = Unifier()
    fits = unify(a, b, plain)
    assert unifier.unify(a, b) is fits
    if fits:
        assert generalise(unifier.final(a, {})) == generalise(apply(plain, a))
        assert generalise(unifier.final(b, {})) == generalise(apply(plain, b))


@given(polymorphic_types(), polymorphic_types())
def test_a_trial_leaves_no_trace(a: Type, b: Type) -> None:
    """After `fits`, all is as before."""
    b = _apart(b)
    unifier = Unifier()
    fits = unifier.fits(a, b)
    assert unifier.mark() == 0
    assert unifier.final(a, {}) == a
    assert unifier.unify(a, b) is fits


@given(polymorphic_types(), polymorphic_types())
def test_the_quick_look_refuses_only_what_cannot_fit(a: Type, b: Type) -> None:
    b = _apart(b)
    unifier = Unifier()
    assert unifier.may_fit(a, b) or not unifier.fits(a, b)


@given(polymorphic_types())
def test_rigid_types_come_back(t: Type) -> None:
    """A declared type with its limits is the same after it was made rigid."""
    unifier = Unifier()
    assert unifier.final(unifier.rigid(t), {}) == t


@given(polymorphic_types(), st.sampled_from(["any", "eq", "ordered"]))
def test_a_rigid_type_is_what_it_is_declared(t: Type, constraint: str) -> None:
    """An instance of a declared type with variables never fits another declared type's variable."""
    unifier = Unifier()
    a, b = unifier.rigid(TypeVariable("X")), unifier.rigid(TypeVariable("Y"))
    assert not unifier.unify(a, b)
    assert unifier.unify(unifier.instantiate(FunctionType((t,), t)), FunctionType((unifier.fresh(),), unifier.fresh()))
