"""What tests of the adversary share: a clock that counts."""

from itertools import count
from types import SimpleNamespace

import pytest


@pytest.fixture(autouse=True)
def counted(monkeypatch):
    """Have searches' time go by with what they try: each look at the clock, one a batch of cases or a step, is 5 ms later.

    That is about what one takes where nothing else runs. So a budget is a number of looks, and what a search finds does not
    depend on how busy the machine is.
    """
    clock = SimpleNamespace(monotonic=count(0, 0.005).__next__)
    for module in ("constants", "search", "shrink"):
        monkeypatch.setattr(f"boundcheck.adversary.{module}.time", clock)
