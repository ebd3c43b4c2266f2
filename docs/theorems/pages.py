"""A page for every bound, made of the bound itself, so that nothing on it can drift from what is checked and proved.

What only a person can write, the reason why a statement holds, is in ``why/NAME.rst``; a bound without one stops the
build, and so does a reason without a bound. Beside the theorems' pages: one of the false statements, and one for each file
of proofs, so that a theorem links to its lines.
"""

from __future__ import annotations

import inspect
import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from theorems import pictures

import boundcheck.theorems
from boundcheck import check_bound
from boundcheck.atomic import write_text
from boundcheck.errors import BoundcheckError, InvalidValueError, explain
from boundcheck.evaluate import Verdict
from boundcheck.formal import bound_latex, premise_latex
from boundcheck.formal.prover import claims
from boundcheck.language import Bound, EqualSizes, ForAll, Space, cite
from boundcheck.report import figures
from boundcheck.theorems import every
from boundcheck.theorems.false import FALSE, FalseStatement
from boundcheck.theorems.published import PUBLISHED

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = [
    "FOLDER",
    "false_page",
    "families",
    "overview",
    "page",
    "place",
    "proof_pages",
    "reasons",
    "statement",
    "title",
    "write",
]

FOLDER = Path(__file__).parent
WHY = FOLDER / "why"
GENERATED = FOLDER / "generated"
PROOFS = FOLDER.parents[1] / "proofs"

#: Collections on which no two sides happen to be equal, an m that T(m) allows there, and what gives weights.
EXAMPLE = {"anchors": [[0, 0], [2, 1]], "positives": [[1, 1], [2, 2]], "negatives": [[0, 8], [3, 9]]}
EXAMPLE_M = -5
EXAMPLE_AGGREGATOR = "medoid"

_COMMENT = re.compile(r"\(\*.*\*\)\s*")


# ------------------------------------------------------------------------------------------------------------- pieces


def title(bound: Bound) -> str:
    """Return the title of a bound's page; a link's says of which chain it is."""
    for whole in every().values():
        for number, link in enumerate(whole.chain, 1):
            if link.name == bound.name:
                return f"{whole.title}, link {number}: {bound.title}"
    text = bound.title or bound.name
    return text[0].upper() + text[1:]


def place(name: str) -> str:
    """Return the page of a bound, as Sphinx names it."""
    return f"/theorems/generated/{name}"


def reasons(folder: Path = WHY) -> dict[str, str]:
    """Return why each bound holds, by name.

    Raises
    ------
    InvalidValueError
        If a bound has none, or there is one of no bound.
    """
    found = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.rst"))}
    for name in every():
        if not found.get(name):
            raise InvalidValueError(
                explain(
                    f"why/{name}.rst", f"the reason why bound {name!r} holds", "none", "write it, in a few sentences"
                )
            )
    for name in found.keys() - every().keys():
        raise InvalidValueError(explain(f"why/{name}.rst", "the name of a bound", f"{name!r}", "rename or delete it"))
    return found


def families() -> dict[str, tuple[str, ...]]:
    """Return the names of the bounds that each module of theorems exports; under "" those that none does.

    A bound that two export is the chain's, whose modules come first.
    """
    within = f"{boundcheck.theorems.__name__}."
    modules = {
        name: module
        for name, module in vars(boundcheck.theorems).items()
        if inspect.ismodule(module) and module.__name__.startswith(within)
    }
    exported = {
        name: {bound.name for key in module.__all__ for bound in _bounds_in(getattr(module, key))}
        for name, module in modules.items()
    }
    found: dict[str, tuple[str, ...]] = {}
    left = list(every())
    for name in sorted(exported, key=lambda name: (name != "karimov", name)):
        own = tuple(bound for bound in left if bound in exported[name])
        if own:
            found[name] = own
            left = [bound for bound in left if bound not in own]
    return {**found, "": tuple(left)}


def _bounds_in(value: object) -> Iterator[Bound]:
    if isinstance(value, Bound):
        yield from (value, *value.chain)
    elif isinstance(value, Mapping):
        yield from _bounds_in(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            yield from _bounds_in(item)


def overview(names: Iterable[str]) -> str:
    """Return a table of statements, each with a link to its page."""
    # As text, which wraps: a formula as wide as U5's would leave no room for the names.
    lines = [".. list-table::", "   :header-rows: 1", "   :widths: 40 60", "", "   * - theorem", "     - statement"]
    shown = [every()[name] for name in names]
    for bound in shown:
        lines += [f"   * - :doc:`{title(bound)} <{place(bound.name)}>`, {bound.space.value}"]
        lines += [f"     - ``{bound.statement}``"]
    lines += ["", ".. toctree::", "   :hidden:", "", *(f"   {title(bound)} <{place(bound.name)}>" for bound in shown)]
    return "\n".join(lines)


def statement(bound: Bound) -> str:
    """Return premises and conclusion: as mathematics, then as reports print it."""
    parts = []
    for premise in bound.premises:
        named = "" if isinstance(premise, EqualSizes) else f" [{_plain(premise.name)}]"
        parts.append(f":math:`{premise_latex(premise)}`{named}")
    head = [f"If {' and '.join(parts)}, then", ""] if parts else []
    return "\n".join(
        [*head, ".. math::", "", f"   {bound_latex(bound)}", "", ".. code-block:: text", "", f"   {bound.statement}"]
    )


def example(bound: Bound) -> str:
    """Return how to check a bound, as an example that runs, or why three collections are not enough."""
    keywords: dict[str, object] = {"bound": bound.name}
    if bound.space is Space.SUP_NORM:
        keywords["norm"] = math.inf
    if bound.weights():
        keywords["aggregator"] = EXAMPLE_AGGREGATOR
    if any(parameter.symbol == "m" for parameter in _given(bound)):
        keywords["m"] = EXAMPLE_M
    if bound.maps():
        # In every p-norm the absolute values of coordinates are at most as far apart as the coordinates.
        keywords |= {"head": abs, "lipschitz": 1}
    try:
        report = check_bound(None, *EXAMPLE.values(), **keywords)
    except BoundcheckError as error:
        return f"Three collections alone are not enough for ``check_bound`` to check it: {_plain(str(error))}."
    shown = "".join(f", {key}={_code(value)}" for key, value in keywords.items())
    lines = [
        ".. code-block:: python",
        "",
        "   >>> from boundcheck import check_bound",
        f"   >>> {', '.join(EXAMPLE)} = {', '.join(map(str, EXAMPLE.values()))}",
        f"   >>> report = check_bound(None, {', '.join(EXAMPLE)}{shown})",
        f'   >>> print(f"{{report.verdict.value}}: {{report.lhs:.4g}} {bound.relation.value} {{report.rhs:.4g}}")',
        f"   {report.verdict.value}: {report.lhs:.4g} {bound.relation.value} {report.rhs:.4g}",
    ]
    if report.verdict is Verdict.UNDECIDED:
        lines += ["", "The two sides lie within each other's rounding error, which float64 cannot decide."]
    return "\n".join(lines)


def _given(bound: Bound) -> list[object]:
    """Return the parameters whose value no premise says."""
    said = {premise.parameter for premise in bound.premises if isinstance(premise, ForAll)}
    return [parameter for parameter in bound.parameters() if parameter not in said]


def _code(value: object) -> str:
    if value == math.inf:
        return 'float("inf")'
    return f'"{value}"' if isinstance(value, str) else getattr(value, "__name__", f"{value}")


def in_coq(of: Bound | FalseStatement) -> str:
    """Return the statement as Coq reads it, and where its proof is."""
    if of.proof is None:
        return "There is no proof in Coq yet: it is tested."
    (claim,) = claims([of])
    return "\n".join(
        [
            f"What {_proof_link(of.proof)} proves is printed from the bound; :doc:`/proofs` says how Coq is asked.",
            "",
            ".. code-block:: coq",
            "",
            textwrap.indent(claim.proposition, "   "),
        ]
    )


def _proof_link(proof: str) -> str:
    file, _, theorem = proof.rpartition(".")
    return f":ref:`{theorem}, line {_line_of(proof)} of proofs/{file}.v <proof-{file}-{theorem}>`"


def _line_of(proof: str) -> int:
    """Return the line that a theorem starts at."""
    file, _, theorem = proof.rpartition(".")
    path = PROOFS / f"{file}.v"
    stated = re.compile(rf"[ \t]*(Theorem|Lemma|Corollary|Fact|Proposition|Remark)\s+{re.escape(theorem)}\b")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for number, line in enumerate(lines, 1):
        if stated.match(line):
            return number
    raise InvalidValueError(explain("proof", f"a theorem of proofs/{file}.v", f"{theorem!r}"))


def _plain(text: str) -> str:
    """Return a text that reStructuredText leaves as it is."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)


def _source(bound: Bound) -> str:
    """Return where a bound comes from; an initial at the start would begin a list."""
    return f"\\{_plain(cite(bound))}."


def _section(heading: str, *body: str) -> str:
    return "\n".join([heading, "-" * len(heading), "", "\n\n".join(part for part in body if part), ""])


def _titled(text: str, note: str, *parts: str) -> str:
    # Wide enough for characters of double width too.
    return "\n".join([f".. {note}", "", _plain(text), "=" * (2 * len(text)), "", "\n\n".join(parts), ""])


# -------------------------------------------------------------------------------------------------------------- pages


def page(bound: Bound, why: str, shown: pictures.Picture) -> str:
    """Return the page of a bound: statement, reason, sharpness with its picture, an example, and the statement in Coq."""
    proved = "tested" if bound.proof is None else f"proved: {_proof_link(bound.proof)}"
    parts = [
        f"``{bound.name}`` · in {bound.space.value} · {proved}",
        statement(bound),
        *(
            f"It is link {number} of the chain that proves :doc:`{title(whole)} <{place(whole.name)}>`."
            for whole in every().values()
            for number, link in enumerate(whole.chain, 1)
            if link.name == bound.name
        ),
        _section("Why it holds", why, _links(bound)),
        _section("How sharp it is", _plain(bound.sharpness), _figure(bound, shown)),
        _section("How to check it", example(bound)),
        _section("In Coq", in_coq(bound)),
        _section("Source", _source(bound)),
    ]
    return _titled(title(bound), f"Made by pages.py of the bound {bound.name!r} and why/{bound.name}.rst.", *parts)


def _links(bound: Bound) -> str:
    """Return the links of a bound's chain, where it has one."""
    if not bound.chain:
        return ""
    rows = [".. list-table::", "   :widths: 40 60", ""]
    for number, link in enumerate(bound.chain, 1):
        rows += [f"   * - {number}. :doc:`{link.title} <{place(link.name)}>`", f"     - :math:`{bound_latex(link)}`"]
    return "\n".join(["The chain, link by link; the right side of one is the left side of the next:", "", *rows])


def _figure(bound: Bound, shown: pictures.Picture) -> str:
    if shown.figure is None:
        return _plain(shown.text)
    return "\n".join(
        [
            f".. figure:: {bound.name}.svg",
            "   :width: 100%",
            f"   :alt: Where {bound.name} stands on real embeddings; the caption says its numbers.",
            "",
            f"   {_plain(shown.text)}",
        ]
    )


def false_page() -> str:
    """Return the page of the statements that are false: each with its counterexample and how it fares on real triples."""
    found = [pictures.on_real_triples(false) for false in FALSE]
    held = sum(verdicts == {Verdict.HOLDS} for verdicts, _ in found)
    head = (
        "Each was made of a theorem by changing one thing. A counterexample small enough to check by hand refutes it, and "
        "Coq proves that it does not hold. The counterexamples are the pictures here: a few points each. "
        f"{held} of the {len(FALSE)} hold on every triple of real embeddings that was drawn, so data alone do not refute them."
    )
    sections = [_false(false, text) for false, (_, text) in zip(FALSE, found, strict=True)]
    return _titled("False statements", "Made by pages.py of boundcheck.theorems.false.", head, *sections)


def _false(false: FalseStatement, on_data: str) -> str:
    bound = false.bound
    collections = [false.points.get(collection.symbol) for collection in bound.collections]
    some = next(points for points in collections if points is not None)
    # A collection that the statement does not speak of still has to be there.
    points = [_numbers(some if of is None else of) for of in collections]
    keywords: dict[str, object] = {} if false.norm == 2 else {"norm": float(false.norm)}
    keywords |= {parameter.symbol: _number(false.parameters[parameter.symbol]) for parameter in _given(bound)}
    report = check_bound(None, *points, bound=bound, **keywords)
    shown = "".join(f", {key}={_code(value)}" for key, value in keywords.items())
    example = "\n".join(
        [
            ".. code-block:: python",
            "",
            "   >>> from boundcheck import check_bound",
            "   >>> from boundcheck.theorems.false import FALSE",
            f"   >>> false = next(one.bound for one in FALSE if one.name == {_code(false.name)})",
            f"   >>> report = check_bound(None, {', '.join(map(str, points))}, bound=false{shown})",
            '   >>> print(f"{report.verdict.value}: {report.lhs:.4g} > {report.rhs:.4g}")',
            f"   {report.verdict.value}: {report.lhs:.4g} > {report.rhs:.4g}",
        ]
    )
    return _section(
        f"{false.why[0].upper()}{false.why[1:]}",
        f"``{false.name}`` · refuted in the {_norm(false.norm)}",
        statement(bound),
        f"That is false: {_counterexample(false)}.",
        example,
        _plain(on_data),
        in_coq(false),
    )


def _norm(p: float) -> str:
    return {1: "sum of the coordinates' sizes", 2: "Euclidean norm", math.inf: "sup norm"}.get(p, f"{p:g}-norm")


def _counterexample(false: FalseStatement) -> str:
    parts = [f"{symbol} = {', '.join(map(_point, points))}" for symbol, points in false.points.items()]
    return "; ".join([*parts, *(f"{symbol} = {_point((value,))}" for symbol, value in false.parameters.items())])


def _point(point: tuple[object, ...]) -> str:
    shown = [f"{value}".replace("-", "−") for value in point]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"


def _numbers(points: Iterable[Iterable[int | Fraction]]) -> list[list[int | float]]:
    return [[_number(value) for value in point] for point in points]


def _number(value: int | Fraction) -> int | float:
    return int(value) if value == int(value) else float(value)


def proof_pages() -> dict[str, str]:
    """Return a page for each file of proofs, with a target at every theorem that proves a statement."""
    named: dict[str, list[tuple[int, str, str]]] = {}
    for of, back in _proved():
        file, _, theorem = of.rpartition(".")
        named.setdefault(file, []).append((_line_of(of), theorem, back))
    return {path.stem: _proof_page(path, sorted(named.get(path.stem, []))) for path in sorted(PROOFS.glob("*.v"))}


def _proved() -> Iterator[tuple[str, str]]:
    for bound in every().values():
        if bound.proof is not None:
            yield bound.proof, f":doc:`{title(bound)} <{place(bound.name)}>`"
    for statement in PUBLISHED.values():
        if statement.bound.proof is not None and statement.name not in every():
            yield statement.bound.proof, f":doc:`{statement.bound.title} </published/generated/{statement.name}>`"
    for false in FALSE:
        if false.proof is not None:
            yield false.proof, f":doc:`That {false.name} is false <{place('false')}>`"


def _proof_page(path: Path, theorems: list[tuple[int, str, str]]) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    parts, start = [], 1
    for number, theorem, back in theorems:
        first = number
        # A theorem's comment goes with it.
        while first > start and _COMMENT.fullmatch(lines[first - 2]):
            first -= 1
        if first > start:
            parts.append(_excerpt(path, start, first - 1))
        parts.append(f".. _proof-{path.stem}-{theorem}:\n\n{back}:")
        start = first
    parts.append(_excerpt(path, start, len(lines)))
    return _titled(f"proofs/{path.name}", f"Made by pages.py of proofs/{path.name}.", *parts)


def _excerpt(path: Path, first: int, last: int) -> str:
    return "\n".join(
        [
            f".. literalinclude:: /../proofs/{path.name}",
            "   :language: coq",
            f"   :lines: {first}-{last}",
            "   :lineno-match:",
        ]
    )


def write(folder: Path = GENERATED) -> None:
    """Write every page and picture, leave what has not changed, and delete what is of no bound any more."""
    why = reasons()
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[Path, str] = {folder / "false.rst": false_page()}
    drawn: set[Path] = set()
    for bound in every().values():
        shown = pictures.picture(bound)
        texts[folder / f"{bound.name}.rst"] = page(bound, why[bound.name], shown)
        if shown.figure is not None:
            drawn.update(figures.save(shown.figure, folder, bound.name))
    texts |= {folder / "proofs" / f"{name}.rst": text for name, text in proof_pages().items()}
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_text(path, text)
    for path in set(folder.rglob("*.*")) - texts.keys() - drawn:
        path.unlink()


def _write_pages(app: Sphinx) -> None:
    write()


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", _write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
