"""What readers compute, told as they do."""

import pytest

from boundcheck.evaluate import NumericReader


@pytest.fixture
def computed(monkeypatch):
    """Return how many numbers each term that a numeric reader computes from now on has, and over how many axes."""
    found = []
    compute = NumericReader._compute

    def noting(self, term):
        named = compute(self, term)
        found.append((named.value.numel(), len(named.axes)))
        return named

    monkeypatch.setattr(NumericReader, "_compute", noting)
    return found
