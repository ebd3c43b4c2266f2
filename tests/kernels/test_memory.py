"""Memory that blocks leave behind goes back to the system, where the system says how much a process has."""

import pytest
import torch

from boundcheck.evaluate.planned import reader as planned
from boundcheck.kernels import memory
from boundcheck.language import Bound, another, cos, i, maximum, x


@pytest.mark.skipif(memory._trim() is None or not memory.held(), reason="another C library, or no /proc")
def test_blocks_of_a_large_collection_leave_little_memory_behind(monkeypatch):
    points = torch.randn(1, 8000, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    other = another(x, apart_from=i)
    bound = Bound("cosines", lhs=maximum((i, other), cos(x[i], x[other])), rhs=1, collections=[x])
    held = []

    class Noting(memory.Freed):
        def give_back(self):
            super().give_back()
            held.append(memory.held())

    monkeypatch.setattr(memory, "MUCH", 64 << 20)
    monkeypatch.setattr(planned, "Freed", Noting)
    planned.reader_for({x: points}, 2.0, bound=bound, errors=True).scalar(bound.lhs)
    assert len(held) > 10
    # Without it each block leaves some: more than 700 MB in all.
    assert max(held) - held[0] < 256 << 20


def test_only_much_is_given_back(monkeypatch):
    trimmed, sizes = [], iter([0, memory.MUCH, memory.MUCH + 1, 5, memory.MUCH + 5, memory.MUCH + 6, 0])
    monkeypatch.setattr(memory, "_trim", lambda: trimmed.append)
    monkeypatch.setattr(memory, "held", lambda: next(sizes))
    freed = memory.Freed()
    counts = []
    for _ in range(4):
        freed.give_back()
        counts.append(len(trimmed))
    assert counts == [0, 1, 1, 2]


def test_without_glibc_nothing_is_done(monkeypatch):
    def without(name):
        raise OSError("no library")

    memory._trim.cache_clear()
    monkeypatch.setattr(memory.ctypes, "CDLL", without)
    try:
        assert memory._trim() is None
        memory.Freed().give_back()
    finally:
        memory._trim.cache_clear()
