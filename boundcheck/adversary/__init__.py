"""Adversaries: a search for counterexamples, and Hypothesis strategies that draw hard cases for a bound."""

from boundcheck.adversary.comparison import Comparison, compare
from boundcheck.adversary.constants import Sharpest, Sharpness, sharpness
from boundcheck.adversary.objects import Certified, Perturbed, Tightest, perturbed_collections, tightest_collections
from boundcheck.adversary.outcome import Refuted, Survived
from boundcheck.adversary.premises import Necessity, Need, necessity
from boundcheck.adversary.replaying import Replay, replay
from boundcheck.adversary.run import falsify
from boundcheck.adversary.search import Tried
from boundcheck.adversary.strategies import Embedding, Triple, embedding_functions, norms, triples

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
