"""Adversaries: a search for counterexamples, and Hypothesis strategies that draw hard cases for a bound."""

from boundcheck.adversary.comparison import Comparison, compare
from boundcheck.adversary.constants import Sharpest, Sharpness, sharpness
from boundcheck.adversary.objects import Certified, Perturbed, Tightest, perturbed_collections, tightest_collections
from boundcheck.adversary.outcome import Nearest, Refuted, Survived
from boundcheck.adversary.premises import Necessity, Need, necessity
from boundcheck.adversary.replaying import Replay, replay
from boundcheck.adversary.run import falsify
from boundcheck.adversary.search import Tried
from boundcheck.adversary.strategies import Embedding, Several, Triple, embedding_functions, norms, several, triples

__all__ = [
    "Certified",
    "Comparison",
    "Embedding",
    "Nearest",
    "Necessity",
    "Need",
    "Perturbed",
    "Refuted",
    "Replay",
    "Several",
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
    "several",
    "sharpness",
    "tightest_collections",
    "triples",
]
