"""How pages are made: templates that lie beside the code, numbers that never stand without an interval."""

from __future__ import annotations

from importlib.resources import files

import jinja2
from markupsafe import Markup

from synth.compare.metrics import Estimate

__all__ = ["fill", "number"]


def fill(template: str, **parts: object) -> str:
    """A page from its template and the parts that it names; every text in it is escaped."""
    pages = files("synth.compare").joinpath("pages")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: pages.joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.filters["amount"] = amount
    return environment.get_template(template).render(seconds=_seconds, **parts)


def number(value: Estimate | None) -> Markup:
    """A number with its interval. TypeError for a bare number: a report shows none (rule F13)."""
    if value is None:
        return Markup('<span class="none">–</span>')
    if not isinstance(value, Estimate):
        raise TypeError(f"expected an estimate with an interval, found {value!r}")
    text = '<span class="num" title="{}, n={}">{:.2f} <small>[{:.2f}, {:.2f}]</small></span>'
    return Markup(text).format(value.method, value.n, value.value, value.low, value.high)


def amount(value: Estimate | None) -> Markup:
    """As `number`, with two digits that mean something, for what is not a share."""
    if value is None:
        return number(None)
    text = '<span class="num" title="{}, n={}">{:.2g} <small>[{:.2g}, {:.2g}]</small></span>'
    return Markup(text).format(value.method, value.n, value.value, value.low, value.high)


def _seconds(wall: float) -> str:
    """Wall-seconds for people.

    >>> _seconds(42.4), _seconds(250), _seconds(7300)
    ('42 s', '4.2 min', '2.0 h')
    """
    if wall < 120:
        return f"{wall:.0f} s"
    return f"{wall / 60:.1f} min" if wall < 7200 else f"{wall / 3600:.1f} h"
