"""The standard letters: anchors x from G1, positives z from G2, negatives w from G3, their indices, m; and a map g, L."""

from __future__ import annotations

from boundcheck.language.letters import Collection, Map
from boundcheck.language.terms import Parameter

x = Collection("x", "G1", index="i", size="n", role="anchors")
z = Collection("z", "G2", index="j", size="p", role="positives")
w = Collection("w", "G3", index="k", size="q", role="negatives")
i, j, k = x.each, z.each, w.each
m = Parameter("m")
g, L = Map("g"), Parameter("L")

SETTING = (x, z, w)
