"""Both sides of a bound on a grid of triples in one compiled loop, made from the bound's own term.

A :class:`.GridReader` computes a term on all triples of an anchor by one array operation after another, each a pass over as
many numbers as there are triples, and one more for its errors. Here the same reader is run once on expressions instead of
arrays (:mod:`.tracing`), so that the rules of values and errors stand in one place; what it writes down becomes the source
of one loop over the triples (:mod:`.loops`), in which all of that is in registers. What a term says of one collection or of
two are the loop's tables, read as before. A kind of term without a rule here is a table too; of a bound that cannot be
traced, there is no loop, and the reader reads it.
"""

from boundcheck.evaluate.compiled.loops import Loop, Loops, SideArrays, compiling_seconds

__all__ = ["Loop", "Loops", "SideArrays", "compiling_seconds"]
