"""References on laws: a Gaussian process, gradient boosting, and symbolic regression by genetic programming."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from synth.compare.protocol import Effort
from synth.compare.records import Cell, Run
from synth.compare.rocket.features import Form, prepare
from synth.compare.rocket.laws import REGIONS
from synth.compare.rocket.programs import fitted, used
from synth.compare.rocket.source import LawSource
from synth.compare.scoring import Probe, Said, score_answers

__all__ = ["HAS_OPERON", "Classical", "boosting", "gaussian_process", "operon"]

HAS_OPERON = find_spec("pyoperon") is not None
"""Whether the symbolic comparator is installed; it comes with the `dev` extra."""


def gaussian_process(seed: int, inputs: int) -> Any:
    """A Gaussian process with a length for each input and noise, both by maximum likelihood."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = ConstantKernel(1.0, (1e-3, 1e6)) * RBF(np.ones(inputs), (1e-2, 1e4)) + WhiteKernel(1e-4, (1e-10, 1.0))
    return GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=3, random_state=seed)


def boosting(seed: int, inputs: int) -> Any:
    """Gradient boosting of trees on histograms."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(max_iter=400, learning_rate=0.06, min_samples_leaf=5, random_state=seed)


def operon(seed: int, inputs: int) -> Any:
    """Genetic programming with local search of constants: Burlacu et al., "Operon C++", 2020.

    It has the same eight operations as our search, and chooses by description length.
    """
    from pyoperon.sklearn import SymbolicRegressor

    return SymbolicRegressor(
        allowed_symbols="add,sub,mul,div,log,exp,sqrt,square,constant,variable",
        optimizer_iterations=5,
        population_size=500,
        generations=400,
        max_evaluations=200_000,
        max_length=25,
        n_threads=1,
        random_state=seed,
    )


@dataclass(frozen=True)
class Classical:
    """Fits a model of scikit-learn's kind; `as_they_are` gives it plain numbers, else standardised ones."""

    make: Callable[[int, int], Any]
    form: Form = "raw"
    as_they_are: bool = False

    def __call__(self, source: LawSource, effort: Effort, cell: Cell) -> Run:
        """Fit, test."""
        assert cell.size is not None, "it learns from so many examples"
        started = time.process_time()
        pairs, probes = source.shown(cell.seed, cell.size), source.tests(cell.seed, effort.tests)
        prepared = prepare(source, self.form, pairs)
        columns = source.measured(pairs).columns if self.as_they_are else {}
        inputs = np.stack(list(columns.values()), axis=1) if columns else prepared.inputs(pairs)
        outcomes = np.array([y for _, y in pairs], dtype=float) if columns else prepared.outcomes(pairs)
        model = self.make(cell.seed, inputs.shape[1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # kernels at the ends of their ranges: what it found is tested anyway
            model.fit(inputs, outcomes)
        learning = time.process_time() - started

        def say(probe: Probe) -> list[Said]:
            if columns:
                values = model.predict(np.stack(list(source.measured(probe.pairs).columns.values()), axis=1))
            else:
                values = prepared.answers(probe.pairs, model.predict(prepared.inputs(probe.pairs)))
            return [Said(float(value)) for value in np.nan_to_num(np.asarray(values, dtype=float), nan=np.inf)]

        scores, answers = score_answers(probes, say, source.marking, cell.key, shown=REGIONS)
        text = model.get_model_string(model.model_, 6) if columns else None
        return Run.of(
            cell,
            "reference",
            scores=scores,
            answers=answers,
            data=used(source, pairs, probes),
            fit=fitted(pairs, say(Probe(REGIONS[0], pairs)), source.noise),
            cpu_seconds=round(learning + 1e-3, 3),
            program=text,
        )
