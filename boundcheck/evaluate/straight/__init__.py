"""A reading of a bound on small collections as a straight line of operations, found once for points of the same shapes.

The numeric reader walks a bound's terms for every batch that it reads, though for collections of the same sizes the
operations are the same each time. :class:`Recorder` writes them down while the reader works, a :class:`Line` does them
again on other points, and :class:`StraightReader` says what they gave. Numbers are the reader's own, digit for digit: an
operation that rounds once is done by NumPy, or on floats, as IEEE 754 defines it, and torch does the others itself.

What is not written down is not guessed. An operation without an entry in the table of :mod:`operations`, as where a reader
looks at a number to choose how to go on or a solver is called, ends the recording, and the bound is read as ever.
"""

from boundcheck.evaluate.straight.line import Line
from boundcheck.evaluate.straight.reader import RecordingReader, StraightReader, straight_reader_for
from boundcheck.evaluate.straight.recorder import Recorder

__all__ = ["Line", "Recorder", "RecordingReader", "StraightReader", "straight_reader_for"]
