"""Memory that blocks leave behind goes back to the system, where the system says how much a process has."""

from pathlib import Path

import pytest
import torch

from boundcheck.evaluate.planned import reader as planned
from boundcheck.kernels import memory
from boundcheck.language import Bound, another, cos, i, maximum, x

STATM = Path("/proc/self/statm")


@pytest.mark.skipif(memory._trim() is None or not STATM.exists(), reason="another C library, or no /proc")
def test_blocks_of_a_large_collection_leave_no_memory_behind(monkeypatch):
    points = torch.randn(1, 8000, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    other = another(x, apart_from=i)
    bound = Bound("cosines", lhs=maximum((i, other), cos(x[i], x[other])), rhs=1, collections=[x])
    held = []

    def noting():
        memory.give_back_freed()
        held.append(int(STATM.read_text().split()[1]) * 4096)

    monkeypatch.setattr(planned, "give_back_freed", noting)
    planned.reader_for({x: points}, 2.0, bound=bound, errors=True).scalar(bound.lhs)
    assert len(held) > 10
    # Without it each block leaves some: 900 MB in all.
    assert max(held) - held[0] < 100 * 2**20


def test_without_glibc_nothing_is_done(monkeypatch):
    def without(name):
        raise OSError("no library")

    memory._trim.cache_clear()
    monkeypatch.setattr(memory.ctypes, "CDLL", without)
    try:
        assert memory._trim() is None
        memory.give_back_freed()
    finally:
        memory._trim.cache_clear()
