"""Mathematics for a page of HTML: what the LaTeX printer prints, as MathML, which browsers set without a script.

There is one printer of statements for paper, :mod:`boundcheck.language.latex`; this module turns what it prints into
elements, so that a construct or a function that has LaTeX has MathML too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from html import escape

from boundcheck.errors import TermError, explain
from boundcheck.language.bounds import Bound
from boundcheck.language.comparisons import Comparison
from boundcheck.language.latex import RELATIONS, bound_latex, latex, premise_latex
from boundcheck.language.premises import Premise
from boundcheck.language.terms import Term
from boundcheck.printable import Brief, printable

__all__ = ["AboutABound", "bound_html", "bound_mathml", "formulas_of", "mathml", "premise_mathml", "term_mathml"]

_TOKEN = re.compile(r"\s+|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|.", re.DOTALL)
_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "epsilon": "ϵ", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "varphi": "φ", "phi": "ϕ", "chi": "χ", "psi": "ψ", "omega": "ω", "Delta": "Δ", "Sigma": "Σ",
    "Gamma": "Γ", "Lambda": "Λ", "Omega": "Ω", "Phi": "Φ", "Pi": "Π", "infty": "∞", "ell": "ℓ", "emptyset": "∅",
}  # fmt: skip
_OPERATORS = {
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "in": "∈", "notin": "∉", "cdot": "⋅",
    "times": "×", "to": "→", "pm": "±", "circ": "∘", "subset": "⊂", "cup": "∪", "cap": "∩", "ldots": "…", "dots": "…",
    "mid": "|", "approx": "≈", "colon": ":", "partial": "∂",
}  # fmt: skip
_FENCES = {
    "lVert": "‖", "rVert": "‖", "Vert": "‖", "lvert": "|", "rvert": "|", "vert": "|", "langle": "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "{": "{", "}": "}", "|": "‖", "lbrace": "{", "rbrace": "}",
}  # fmt: skip
# Below and above of which a subscript and a superscript stand, where there is room.
_WIDE = {"sum": "∑", "prod": "∏"}
_NAMED_BELOW = frozenset({"max", "min", "sup", "inf", "lim", "argmax", "argmin"})
_NAMED = _NAMED_BELOW | {
    "exp",
    "log",
    "ln",
    "sin",
    "cos",
    "tan",
    "arccos",
    "arcsin",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "dim",
    "det",
}
_SPACES = {",": "0.167em", ":": "0.222em", ";": "0.278em", " ": "0.25em", "quad": "1em", "qquad": "2em", "!": "0"}
_BLACKBOARD = {"E": "𝔼", "R": "ℝ", "N": "ℕ", "P": "ℙ", "Z": "ℤ", "1": "𝟙"}
_THIN = '<mspace width="0.167em"/>'


@cache
def mathml(text: str, *, block: bool = False) -> str:
    r"""Return LaTeX mathematics as a MathML element.

    Parameters
    ----------
    text
        As :func:`boundcheck.language.latex.latex` prints it, or a function's declaration; a command that is not known here
        is shown as it is written.
    block
        Whether it stands in a line of its own.

    Raises
    ------
    TermError
        If braces or fences are not closed.

    Examples
    --------
    >>> print(mathml(r"x_{i} \le 2"))
    <math><mrow><msub><mi>x</mi><mi>i</mi></msub><mo>≤</mo><mn>2</mn></mrow></math>
    """
    shown = ' display="block"' if block else ""
    return f"<math{shown}>{_Reader(text).whole()}</math>"


def term_mathml(term: Term, *, block: bool = False) -> str:
    """Return a term as a MathML element.

    Raises
    ------
    TermError
        If a term is of a kind that the LaTeX printer has no rule for.
    """
    return mathml(latex(term), block=block)


def premise_mathml(premise: Premise, *, block: bool = False) -> str:
    """Return a premise as a MathML element.

    Raises
    ------
    TermError
        If it is of a kind that the LaTeX printer has no rule for.
    """
    return mathml(premise_latex(premise), block=block)


def bound_mathml(bound: Bound, *, block: bool = False) -> str:
    """Return a bound's conclusion as a MathML element.

    Raises
    ------
    TermError
        If a term is of a kind that the LaTeX printer has no rule for.
    """
    return mathml(bound_latex(bound), block=block)


def bound_html(bound: Bound) -> str:
    """Return a bound as a line of HTML says it: its name, its premises and its conclusion as mathematics."""
    name = f"<strong>{escape(printable(bound.name))}</strong>: "
    if not bound.premises:
        return name + bound_mathml(bound)
    return f"{name}if {' and '.join(map(premise_mathml, bound.premises))}, then {bound_mathml(bound)}"


def formulas_of(*stated: object) -> dict[str, str]:
    """Return what stands for bounds and their conclusions, premises, comparisons and terms in text, as HTML by that text.

    What the LaTeX printer cannot read is left out, so that it stays text.
    """
    found: dict[str, str] = {}
    for one in stated:
        with suppress(TermError):
            match one:
                case Bound():
                    found |= {str(one): bound_html(one), one.statement: bound_mathml(one)}
                case Premise():
                    found[str(one)] = premise_mathml(one)
                case Comparison():
                    sides = latex(one.lhs), RELATIONS[one.relation], latex(one.rhs)
                    found[str(one)] = mathml(" ".join(sides))
                case Term():
                    found[str(one)] = term_mathml(one)
    return found


class AboutABound(Brief):
    """The base of what is found of one bound: its text says the bound, which a notebook sets as mathematics."""

    def formulas(self) -> Mapping[str, str]:
        """Return the bound as HTML, by its text."""
        return formulas_of(self.bound)  # type: ignore[attr-defined]


class _Reader:
    """Reads LaTeX from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text.strip())
        self._at = 0

    def whole(self) -> str:
        row = self._row()
        if self._at < len(self._tokens):
            raise self._error(f"{self._tokens[self._at]!r} that closes nothing")
        return f"<mrow>{row}</mrow>"

    def _error(self, told: str) -> TermError:
        return TermError(
            explain("LaTeX", "mathematics whose braces and fences are closed", f"{told} in {self._text!r}")
        )

    def _next(self) -> str | None:
        """Return the token that comes next, past spaces, which mean nothing outside text."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> str:
        token = self._next()
        if token is None:
            raise self._error("an end")
        self._at += 1
        return token

    def _row(self) -> str:
        """Read up to what ends the row, which is left there."""
        parts: list[str] = []
        while (token := self._next()) is not None and token not in ("}", r"\right"):
            shown, called = self._with_scripts()
            # A name stands apart from what it multiplies, and from what it is applied to where no fence begins that.
            parts.append(_THIN + shown if called and parts and not parts[-1].startswith("<mo") else shown)
            if called and self._next() not in (None, "}", r"\right", r"\left", "("):
                parts.append(_THIN)
        return "".join(parts)

    def _with_scripts(self) -> tuple[str, bool]:
        """Read an element with what is below and above it, and whether it is a name that is applied to what follows."""
        token = self._next()
        below = token is not None and token[1:] in (_NAMED_BELOW | set(_WIDE)) and token[0] == "\\"
        base, called = self._atom()
        lower, upper = "", ""
        while (token := self._next()) in ("_", "^", "'"):
            self._take()
            if token == "'":
                upper += "<mo>′</mo>"
            elif token == "_":
                lower += self._argument()
            else:
                upper += self._argument()
        scripts = (lower, upper) if lower and upper else (lower or upper,)
        kind = ("munder", "mover", "munderover") if below else ("msub", "msup", "msubsup")
        if lower or upper:
            tag = kind[2] if lower and upper else kind[0] if lower else kind[1]
            base = f"<{tag}>{base}{''.join(map(_one, scripts))}</{tag}>"
        return base, called

    def _argument(self) -> str:
        """Read what a command or a script is of: a group, or one token."""
        if self._next() == "{":
            self._take()
            row = self._row()
            if self._take() != "}":
                raise self._error("a brace that is not closed")
            return row
        return self._atom()[0]

    def _words(self) -> str:
        """Read the text of a group as it is written."""
        if self._take() != "{":
            raise self._error("no brace")
        start = self._at
        while self._take() != "}":
            pass
        return "".join(self._tokens[start : self._at - 1])

    def _fence(self, form: str) -> str:
        token = self._take()
        if token == ".":
            return ""
        shown = _FENCES.get(token[1:], token) if token[0] == "\\" else token
        return f'<mo form="{form}" fence="true" stretchy="true">{escape(shown)}</mo>'

    def _atom(self) -> tuple[str, bool]:
        """Read one element, and whether it is a name that is applied to what follows."""
        token = self._take()
        if token == "{":
            self._at -= 1
            return f"<mrow>{self._argument()}</mrow>", False
        if token == "}":
            raise self._error("a brace that opens nothing")
        if token[0] != "\\":
            return _plain(token), False
        name = token[1:]
        if name in _COMMANDS:
            return _COMMANDS[name](self), False
        if name in _LETTERS:
            return f"<mi>{_LETTERS[name]}</mi>", False
        if name in _OPERATORS:
            return f"<mo>{escape(_OPERATORS[name])}</mo>", False
        if name in _FENCES:
            return f'<mo stretchy="false">{_FENCES[name]}</mo>', False
        if name in _WIDE:
            return f'<mo movablelimits="false">{_WIDE[name]}</mo>', False
        if name in _NAMED:
            return f"<mi>{name}</mi>", True
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}"/>', False
        if name == "operatorname":
            return f"<mi>{escape(printable(self._words()))}</mi>", True
        return f"<mtext>{escape(printable(token))}</mtext>", False

    def _fenced(self) -> str:
        opening = self._fence("prefix")
        row = self._row()
        if self._take() != r"\right":
            raise self._error(r"a \left without its \right")
        return f"<mrow>{opening}{row}{self._fence('postfix')}</mrow>"

    def _fraction(self) -> str:
        above, under = self._argument(), self._argument()
        return f"<mfrac>{_one(above)}{_one(under)}</mfrac>"

    def _root(self) -> str:
        return f"<msqrt>{self._argument()}</msqrt>"

    def _text_of(self) -> str:
        shown = escape(printable(self._words())).replace(" ", "&#xa0;")
        return f"<mtext>{shown}</mtext>"

    def _name(self) -> str:
        name = escape(printable(self._words()))
        # A name of several letters stands upright of itself.
        return f"<mi>{name}</mi>"

    def _blackboard(self) -> str:
        return f"<mi>{''.join(_BLACKBOARD.get(letter, escape(printable(letter))) for letter in self._words())}</mi>"


def _plain(token: str) -> str:
    if token[0].isdigit():
        return f"<mn>{token}</mn>"
    if token.isalpha():
        return f"<mi>{escape(token)}</mi>"
    if token in "()[]":
        return f'<mo stretchy="false">{token}</mo>'
    shown = "−" if token == "-" else token
    return f"<mo>{escape(printable(shown))}</mo>"


def _one(row: str) -> str:
    """Return a row as one element."""
    return row if re.fullmatch(r"<(m[a-z]+)>[^<]*</\1>", row) else f"<mrow>{row}</mrow>"


_COMMANDS: dict[str, Callable[[_Reader], str]] = {
    "left": _Reader._fenced,
    "frac": _Reader._fraction,
    "tfrac": _Reader._fraction,
    "dfrac": _Reader._fraction,
    "sqrt": _Reader._root,
    "text": _Reader._text_of,
    "mathit": _Reader._name,
    "mathrm": _Reader._name,
    "mathbb": _Reader._blackboard,
}
