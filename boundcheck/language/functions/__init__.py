"""Functions of a real number, a file each: whatever a reader has to know of one is in its declaration.

Another one is one more declaration, :class:`Function`; no reader has to learn of it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from boundcheck.language.functions.absolute import ABSOLUTE, absolute
from boundcheck.language.functions.arccosine import ARCCOS, arccos
from boundcheck.language.functions.cosine import COS
from boundcheck.language.functions.declared import Applied, Function
from boundcheck.language.functions.exponential import EXP, exp
from boundcheck.language.functions.logarithm import LOG, log
from boundcheck.language.functions.sine import SIN, sin
from boundcheck.language.functions.softplus import SOFTPLUS, hinge, softplus

__all__ = [
    "ABSOLUTE",
    "ARCCOS",
    "COS",
    "EXP",
    "FUNCTIONS",
    "LOG",
    "SIN",
    "SOFTPLUS",
    "Applied",
    "Function",
    "absolute",
    "arccos",
    "exp",
    "hinge",
    "log",
    "sin",
    "softplus",
]

#: The language's own functions by their names.
FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {function.name: function for function in (ABSOLUTE, ARCCOS, COS, EXP, LOG, SIN, SOFTPLUS)}
)
