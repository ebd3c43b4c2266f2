"""Text from data as a terminal may show it, and what stands for characters that an output's encoding lacks.

Names of collections, classes, files and bounds come from elsewhere. Shown as they are, they could move the cursor,
colour what follows, hide or reorder text, or begin a line of their own that looks like one of ours.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields
from html import escape

__all__ = ["ERRORS", "Brief", "has_all", "lines_html", "printable", "readable_in", "register_errors"]

#: The name of what :func:`register_errors` registers.
ERRORS = "boundcheck.readable"

_KEPT = {"\n": "\n"}

# By what a person reads; what is not here, and has no ASCII letters within it either, is shown by its number.
_IN_ASCII = {
    "−": "-",
    "–": "-",
    "—": "-",
    "‖": "||",
    "·": "*",
    "×": "x",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "±": "+-",
    "∓": "-+",
    "∞": "inf",
    "√": "sqrt",
    "…": "...",
    "⋯": "...",
    "′": "'",
    "†": "+",
    "→": "->",
    "↦": "|->",
    "⟨": "<",
    "⟩": ">",
    "⌈": "ceil(",
    "⌉": ")",
    "ℓ": "l",
    "°": " degrees",
    "Σ": "sum",
    "∑": "sum",
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "epsilon",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "φ": "phi",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}


def printable(text: object, *, lines: bool = False) -> str:
    r"""Return text with everything that is no visible character written as Python writes it in a string.

    Control characters (escape sequences begin with one), those that reorder or hide text, line ends, and halves of
    surrogate pairs are escaped; a space of any width stays.

    Parameters
    ----------
    text
        Anything; it is shown by ``str``.
    lines
        Whether it is text of several lines, whose line ends stay.

    Examples
    --------
    >>> print(printable("red \x1b[31m name\nError: nothing"))
    red \x1b[31m name\nError: nothing
    """
    text = str(text)
    if text.isprintable():
        return text
    kept = _KEPT if lines else {}
    return "".join(
        character
        if character.isprintable() or character in kept or unicodedata.category(character) == "Zs"
        else _escaped(character)
        for character in text
    )


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def has_all(encoding: str | None) -> bool:
    """Say whether an encoding has every character."""
    try:
        return codecs.lookup(encoding or "utf-8").name.startswith("utf-")
    except LookupError:
        return False


def readable_in(encoding: str | None, text: str) -> str:
    """Return text in the characters that an encoding has, with readable words for the others.

    Examples
    --------
    >>> readable_in("ascii", "‖μ_x − μ_z‖² ≤ 2ρ·max(m, 0)")
    '||mu_x - mu_z||^2 <= 2rho*max(m, 0)'
    """
    register_errors()
    name = encoding or "utf-8"
    return text.encode(name, ERRORS).decode(name)


def register_errors() -> None:
    """Make :data:`ERRORS` known to Python, as what a stream does about characters that its encoding lacks."""
    codecs.register_error(ERRORS, _readable)


def _readable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    words, before = "", ""
    for character in error.object[error.start : error.end]:
        mark, letters = _in_ascii(character)
        # One mark for a power of several digits.
        words += letters if mark == before else f"{mark}{letters}"
        before = mark
    return words, error.end


def _in_ascii(character: str) -> tuple[str, str]:
    """Return the mark of a power or an index, if it is one, and what stands for a character."""
    if character in _IN_ASCII:
        return "", _IN_ASCII[character]
    kind = unicodedata.decomposition(character).partition(" ")[0]
    # An accent is left out, and a fraction has a bar.
    plain = unicodedata.normalize("NFKD", character).replace("\u2044", "/").replace("−", "-")
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    if not letters or not letters.isascii():
        return "", _escaped(character)
    return {"<super>": "^", "<sub>": "_"}.get(kind, ""), letters


#: How long a line may be that stands for an object among others.
_LINE = 200


class Brief:
    """The base of what is shown on one line where it stands among others: in a list, a traceback, a failed assertion.

    The line says what the object is and begins its text, ``<Scale 2·x_i>``; ``str`` of it has the whole, and so has what a
    notebook shows of it, with formulas set as mathematics.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__repr__" not in cls.__dict__:
            # One of its own in every class: dataclass leaves that as it is, and writes out all fields where there is none.
            cls.__repr__ = Brief.__repr__  # type: ignore[method-assign]

    def in_brief(self) -> str:
        """Return what the line says of the object: its text, or its fields where it has no text."""
        if type(self).__str__ is not object.__str__:
            return str(self)
        return self.fields_in_brief()

    def formulas(self) -> Mapping[str, str]:
        """Return what of the object's text is mathematics, as HTML by what stands for it in the text."""
        return {}

    def _repr_html_(self) -> str:
        return lines_html(str(self), self.formulas())

    def fields_in_brief(self) -> str:
        """Return the object's fields with their names."""
        shown = (field.name for field in fields(self) if field.repr)  # type: ignore[arg-type]
        return ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)

    def __repr__(self) -> str:
        line = f"<{type(self).__name__} {printable(' '.join(self.in_brief().split()))}>"
        return line if len(line) <= _LINE else f"{line[: _LINE - 2]}…>"


def lines_html(text: str, formulas: Mapping[str, str] | None = None) -> str:
    r"""Return text of several lines as HTML, indented as it is.

    Parameters
    ----------
    text
        What is escaped.
    formulas
        HTML, by the text that it stands in the place of.

    Examples
    --------
    >>> print(lines_html("a < b, where\n  b = 2", {"b = 2": "<b>2</b>"}))
    <div>a &lt; b, where</div>
    <div style="padding-left: 1em"><b>2</b></div>
    """
    known = {printable(" ".join(words.split())): shown for words, shown in (formulas or {}).items()}
    among = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))) if known else None

    def shown(line: str) -> str:
        parts, at = [], 0
        for found in among.finditer(line) if among else ():
            parts += [escape(line[at : found.start()]), known[found[0]]]
            at = found.end()
        return "".join([*parts, escape(line[at:])])

    divisions = []
    for line in printable(text, lines=True).splitlines():
        deep = len(line) - len(line.lstrip())
        style = f' style="padding-left: {deep / 2:g}em"' if deep else ""
        divisions.append(f"<div{style}>{shown(line.strip())}</div>")
    return "\n".join(divisions)
