"""Reports as HTML: pages of one head and one style, without scripts, every value escaped."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from boundcheck.errors import TermError
from boundcheck.language.mathml import bound_mathml, formulas_of
from boundcheck.printable import lines_html, printable
from boundcheck.report.console import CHAIN, about, chain_of, facts_of, known_within, said_of, setting, short

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from boundcheck.language import Bound
    from boundcheck.report.ladder import Ladder
    from boundcheck.report.result import Report


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("boundcheck.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=_shown,
    )
    environment.filters["svg"] = _inline_svg
    environment.filters["lines"] = _several_lines
    return environment


def _shown(value: Any) -> Any:
    """Return a value as a page shows it: what HTML has no name for, and what would reorder text, is escaped too."""
    from markupsafe import Markup

    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


def _several_lines(text: str) -> Markup:
    """Return text whose line ends stay."""
    from markupsafe import escape

    return escape(printable(text, lines=True))


def _inline_svg(text: str) -> Markup:
    """Return a figure of ours as inline SVG: what stands before the element is no HTML."""
    from markupsafe import Markup

    return Markup(text[text.index("<svg") :])


def statement_of(bound: Bound) -> Markup:
    """Return what a bound says as mathematics; as text where the LaTeX printer cannot read it."""
    from markupsafe import Markup, escape

    try:
        return Markup(bound_mathml(bound))
    except TermError:
        return escape(printable(bound.statement))


def stated_as_html(bound: Bound) -> Markup:
    """Return a bound's name, premises and conclusion, as mathematics where the LaTeX printer can read it."""
    from markupsafe import Markup

    return Markup(lines_html(str(bound), formulas_of(bound)))


def check_html(report: Report) -> str:
    """Return what one check found as an HTML fragment."""
    return (
        _environment()
        .get_template("check.html")
        .render(
            report=report,
            statement=statement_of(report.bound),
            about=about(report),
            facts=facts_of(report),
            premises=[
                (premise.name, premise.ground.beside(premise.verdict), said_of(premise)) for premise in report.premises
            ],
            caption=CHAIN,
            chain=chain_of(report),
        )
    )


def ladder_html(ladder: Ladder) -> str:
    """Return what was found of every bound as an HTML fragment."""
    return (
        _environment()
        .get_template("ladder.html")
        .render(
            ladder=ladder, setting=setting(ladder), statement_of=statement_of, short=short, known=known_within(ladder)
        )
    )


def page(template: str, **values: Any) -> str:
    """Return a page made from one of the package's templates."""
    return _environment().get_template(template).render(**values)
