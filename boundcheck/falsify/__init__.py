"""Adversaries: Hypothesis strategies that draw hard cases for a bound from its own premises."""

from boundcheck.falsify.strategies import Embedding, Triple, embedding_functions, norms, triples

__all__ = ["Embedding", "Triple", "embedding_functions", "norms", "triples"]
