"""The works of :mod:`benchmarks.distances` under pytest-benchmark: ``pytest benchmarks --benchmark-only``.

Small sizes, for a look at one change; what is reported comes from ``python -m benchmarks.distances``, whose rounds are
interleaved.
"""

from __future__ import annotations

import math
from importlib import metadata
from typing import Any

import pytest

from benchmarks.distances.peers import OURS, REQUIRES
from benchmarks.distances.works import WORKS, seen

EVERY = [(name, peer) for name, work in WORKS.items() for peer in work.runs]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize(("name", "peer"), EVERY)
def test_work(name: str, peer: str, benchmark: Any) -> None:
    if peer in REQUIRES:
        try:
            metadata.version(REQUIRES[peer])
        except metadata.PackageNotFoundError:
            pytest.skip(f"needs the {REQUIRES[peer]} package")
    work = WORKS[name]
    inputs = work.make("quick")
    work.runs[peer](*work.warm(inputs))
    benchmark.group = name
    value, _ = seen(benchmark.pedantic(work.runs[peer], args=inputs, rounds=3))
    expected, _ = seen(work.runs[OURS](*inputs))
    # A product alone finds no distance.
    assert math.isnan(value) if peer.startswith("product alone") else value == pytest.approx(expected, rel=1e-4)
