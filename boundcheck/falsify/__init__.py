"""Adversaries: a search for counterexamples, and Hypothesis strategies that draw hard cases for a bound.

``boundcheck.falsify(bound)`` is :func:`boundcheck.falsify.adversary.falsify`: this module can be called.
"""

import sys
from types import ModuleType
from typing import Any

from boundcheck.falsify.adversary import falsify
from boundcheck.falsify.comparison import Comparison, compare
from boundcheck.falsify.needs import Necessity, Need, necessity
from boundcheck.falsify.objects import Certified, Perturbed, Tightest, perturbed_collections, tightest_collections
from boundcheck.falsify.outcome import Refuted, Replay, Survived, replay
from boundcheck.falsify.search import Tried
from boundcheck.falsify.sharpest import Sharpest, Sharpness, sharpness
from boundcheck.falsify.strategies import Embedding, Triple, embedding_functions, norms, triples

__all__ = [
    "Certified",
    "Comparison",
    "Embedding",
    "Necessity",
    "Need",
    "Perturbed",
    "Refuted",
    "Replay",
    "Sharpest",
    "Sharpness",
    "Survived",
    "Tightest",
    "Tried",
    "Triple",
    "compare",
    "embedding_functions",
    "falsify",
    "necessity",
    "norms",
    "perturbed_collections",
    "replay",
    "sharpness",
    "tightest_collections",
    "triples",
]


class _Callable(ModuleType):
    """A module that is its main function too: the package and the call share one name."""

    def __call__(self, *arguments: Any, **options: Any) -> Refuted | Survived:
        return falsify(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
