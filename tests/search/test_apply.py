"""Words in plain Python, called by the search: whatever comes of a call, the search stays in charge."""

from __future__ import annotations

import time

import numpy as np
import pytest
from specs import spec_of

from dsl.grammar import Production
from dsl.primitive import primitive, primitive_of
from dsl.program import Name
from dsl.type_system import INT
from dsl.values import Undefined
from synth.budget import Budget
from synth.search.apply import Applier
from synth.search.calls import Calls
from synth.search.column import block_of
from synth.search.kernels.ready import Kernels
from synth.search.store import Store

SPEC = spec_of(((1, 2), 3), result=INT)


@pytest.mark.parametrize("error", [Undefined, ZeroDivisionError])
def test_a_word_that_fails_slowly_does_not_hold_up_the_search(error: type[Exception]) -> None:
    """Whatever comes of a call, the search asks in between whether it must end."""

    @primitive
    def slow(x: int) -> int:
        """Fails, after a while."""
        time.sleep(0.025)
        raise error

    asked: list[None] = []
    library = SPEC.library.extend(primitive_of(slow))
    store, meter = Store(), Budget().start()
    applier = Applier(library, store, 64, lambda: asked.append(None), Kernels(True, meter), Calls())
    word = primitive_of(slow).name
    block = block_of([1, 2, 3, 4], INT, store)
    column = applier.apply(Production(Name(word), (INT,), INT, 1.0, word), [block], np.arange(4, dtype=np.int64))
    assert not column.status.any()
    assert len(asked) >= 4
