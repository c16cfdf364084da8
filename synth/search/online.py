"""Guidance learned while searching: what partly right programs are made of becomes cheaper.

After Barke, Peleg and Polikarpova, "Just-in-Time Learning for Bottom-Up Enumerative Synthesis" (Probe, OOPSLA 2020),
section 4: a production's probability p becomes p to the power (1 - fit), where fit is the largest share of the
examples that some program using it is right on. A search that learns something starts anew with the new costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from synth.guidance import keys_in
from synth.pcfg import spec_pcfg
from synth.solver import NearMiss
from tasks.task import Spec

__all__ = ["learned"]


def learned(partial: Iterable[NearMiss], spec: Spec) -> Mapping[str, float]:
    """Bits to take from each production that partly right programs use, by production key."""
    pcfg, leaves = spec_pcfg(spec)
    known = {p.key: bits for t in pcfg.grammar.ranks for p, bits in pcfg.productions(t, leaves)}
    fit: dict[str, float] = {}
    for miss in partial:
        share = len(miss.right) / len(spec.examples)
        for key in keys_in(miss.program):
            fit[key] = max(share, fit.get(key, 0.0))
    return {key: -share * known[key] for key, share in sorted(fit.items()) if key in known}
