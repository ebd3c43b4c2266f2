"""Adversarial objects: collections of real objects, or small perturbations of them, of the greatest tightness.

The adversary of :func:`boundcheck.falsify` moves points freely. An embedding of real data leaves it less room:

==============================  ======================================================================================
:func:`tightest_collections`    points are embedded objects; a move replaces a member of a collection by another object
                                of its class, or exchanges two
:func:`perturbed_collections`   points are what f makes of objects; a move changes every object a little, up the slope
                                through f and the numeric reader
==============================  ======================================================================================

Both report enclosures of what they found, and say "survived" or "refuted", never "true".
"""

from boundcheck.adversary.objects.choices import Labelled, tightest_collections
from boundcheck.adversary.objects.perturbations import perturbed_collections
from boundcheck.adversary.objects.results import Certified, Perturbed, Tightest

__all__ = ["Certified", "Labelled", "Perturbed", "Tightest", "perturbed_collections", "tightest_collections"]
