"""Reports as a terminal shows them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from boundcheck.decimals import upwards
from boundcheck.printable import printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

    from boundcheck.evaluate import Enclosed
    from boundcheck.report.ladder import Ladder
    from boundcheck.report.result import LinkReport, PremiseReport, Report

# By verdicts, which equal their names.
STYLE: dict[str, str] = {
    "holds": "bold green",
    "fails": "bold red",
    "undecided": "bold yellow",
    "vacuous": "bold magenta",
    "assumed": "bold cyan",
}


def render(report: Report) -> Iterator[RenderableType]:
    """Yield what a check found, as rich renderables."""
    from rich.table import Table
    from rich.text import Text

    head = Text()
    head.append(report.ground.beside(report.verdict), STYLE[report.verdict])
    head.append(printable(f"  {report.bound.statement}"))
    yield head
    yield shown(about(report), "dim")

    facts = Table.grid(padding=(0, 2))
    for name, value in facts_of(report):
        facts.add_row(shown(name), shown(value))
    yield facts
    for premise in report.premises:
        yield premise_line(premise)
    if report.chain:
        yield shown(CHAIN, "italic")
        table = Table(box=None, padding=(0, 2), pad_edge=False)
        for column, justify in (("link", "left"), ("slack", "right"), ("share", "right"), ("", "left")):
            table.add_column(column, justify="right" if justify == "right" else "left")
        for link, share, verdict in chain_of(report):
            table.add_row(shown(link.title or link.name), str(link.slack), share, shown(verdict, STYLE[link.verdict]))
        yield table
    for note in report.notes:
        yield shown(f"note: {note}", "italic")


#: The title of the links of a proof.
CHAIN = "the chain of the proof"


def facts_of(report: Report) -> list[tuple[str, str]]:
    """Return the numbers of a report and where they are attained, by what they are called."""
    facts = [("left side", str(report.lhs)), ("right side", str(report.rhs)), ("slack", str(report.slack))]
    if report.tightness is not None:
        facts.append(("tightness", str(report.tightness)))
    if report.instance is not None:
        facts.append(("instance", str(report.instance)))
    return facts + [(name, str(value)) for name, value in report.parameters.items()]


def chain_of(report: Report) -> list[tuple[LinkReport, str, str]]:
    """Return every link of the proof with its share of the slack and its verdict in words."""
    whole, found = float(report.slack), []
    for link in report.chain:
        share = f"{float(link.slack) / whole:.1%}" if whole > 0 else "—"
        verdict = link.ground.beside(link.verdict)
        if link.ground.how == "float64" and link.relation == "=" and link.verdict == "undecided":
            verdict = "equal within rounding"
        found.append((link, share, verdict))
    return found


def render_ladder(ladder: Ladder) -> Iterator[RenderableType]:
    """Yield what was found of every bound, as rich renderables."""
    from rich.table import Table
    from rich.text import Text

    head = Text()
    head.append(ladder.verdict.value, STYLE[ladder.verdict])
    head.append(f"  {ladder.counted}")
    yield head
    yield shown(f"{ladder.aggregator} · {setting(ladder)}", "dim")
    for title, rungs in ladder.groups().items():
        yield shown(title)
        table = Table(box=None, padding=(0, 2), pad_edge=False)
        for column, right in (("bound", False), ("value", True), ("tightness", True), ("m", True), ("", False)):
            table.add_column(column, justify="right" if right else "left")
        for rung in rungs:
            table.add_row(
                shown(rung.report.bound.name),
                str(rung.value),
                short(rung.tightness, 4),
                short(rung.report.m, 4),
                shown(rung.report.verdict.value, STYLE[rung.report.verdict]),
            )
        yield table
    if known := known_within(ladder):
        yield shown(known, "dim")
    for reason, names in ladder.reasons.items():
        yield shown(f"not here: {', '.join(names)} ({reason})", "dim")
    for note in ladder.notes:
        yield shown(f"note: {note}", "italic")


def known_within(ladder: Ladder) -> str:
    """Return what the numbers that are shortened are known to within, in words; nothing where there are none."""
    shortened = [number for rung in ladder.rungs for number in (rung.tightness, rung.report.m) if number is not None]
    if not shortened:
        return ""
    error = max(number.error for number in shortened)
    return f"tightness and m, to four digits here, are known to within {upwards(error)}"


def shown(line: object, style: str = "") -> Text:
    """Return one line as rich shows it: no markup, and what comes from data escaped."""
    from rich.text import Text

    return Text(printable(line), style)


class Escaped:
    """What rich renders, with the text escaped that may have come from data.

    Only here is text known from the escape sequences of styles, which a console adds later.
    """

    def __init__(self, part: RenderableType) -> None:
        self._part = part

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        from rich.segment import Segment

        for text, style, control in console.render(self._part, options):
            yield Segment(text if control else printable(text, lines=True), style, control)


def about(report: Report) -> str:
    """Return the bound's name and what it was checked on in a line."""
    aggregator = f" · {report.aggregator}" if report.aggregator not in (None, "mean") else ""
    return f"{report.bound.name}{aggregator} · {setting(report)}"


def setting(report: Report | Ladder) -> str:
    """Return sizes, dimension and norm in a line."""
    dimension = f"{report.dimension} dimension{'' if report.dimension == 1 else 's'}"
    return f"{sizes_of(report)} · {dimension} · {norm_name(report.norm)}"


def sizes_of(report: Report | Ladder) -> str:
    """Return how many objects there are, of a family in how many classes."""
    classes = getattr(report, "classes", {})
    found = []
    for name, size in report.sizes.items():
        inside = sorted(classes.get(name, {}).values())
        each = (
            f"{inside[0]}" if inside and inside[0] == inside[-1] else f"{inside[0]} to {inside[-1]}" if inside else ""
        )
        found.append(f"{name}: {size}" + (f" in {len(inside)} classes of {each}" if inside else ""))
    return f"{', '.join(found)} objects"


def premise_line(premise: PremiseReport) -> RenderableType:
    """Return one premise, its verdict and its witness as a line."""
    from rich.text import Text

    line = Text("premise ")
    line.append(printable(premise.name), "bold")
    line.append(": ")
    line.append(premise.ground.beside(premise.verdict), STYLE[premise.verdict])
    line.append(printable(said_of(premise)))
    return line


def said_of(premise: PremiseReport) -> str:
    """Return what stands beside the verdict of a premise: why, and its witness."""
    words = ""
    if premise.derived:
        words += " by choice of the least value"
    if premise.verdict == "assumed":
        words += ", and contradicted by no two points here"
    if premise.witness is not None:
        # A premise that speaks of no index is not so at any one place.
        at = f"{'attained' if premise.derived else 'worst'} at " if premise.witness.positions else ""
        words += f" ({at}{premise.witness})"
    return words


def as_text(parts: Iterable[RenderableType], *, width: int = 110) -> str:
    """Return what is rendered as plain text without colours."""
    from rich.console import Console

    buffer = io.StringIO()
    # Where a notebook is, rich would show what is printed in place of writing it.
    console = Console(
        file=buffer,
        width=width,
        no_color=True,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=False,
        force_jupyter=False,
    )
    for part in parts:
        console.print(Escaped(part))
    return "\n".join(line.rstrip() for line in buffer.getvalue().rstrip().splitlines())


def norm_name(p: float) -> str:
    """Return a norm's usual name."""
    names = {1.0: "ℓ1 norm", 2.0: "Euclidean norm", float("inf"): "sup norm"}
    return names.get(p, f"ℓ{p:g} norm")


def short(number: Enclosed | None, digits: int = 5) -> str:
    """Return a number to a few digits, without its error."""
    return "—" if number is None else f"{float(number):.{digits}g}"
