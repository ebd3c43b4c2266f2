"""What a person brings: embedded objects with their classes and collections, and the files that hold them."""

from boundcheck.data.labelled import LabelledPoints, sample_triples

__all__ = ["LabelledPoints", "sample_triples"]
