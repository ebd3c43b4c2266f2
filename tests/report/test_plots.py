"""Pictures of results: axes in and out, vector files, labels as mathematics; frames and LaTeX of the same numbers."""

import io
import re
from functools import cache

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from boundcheck import Bound, check_bound, falsify, scan
from boundcheck.decimals import concise
from boundcheck.drawing import mathtext
from boundcheck.errors import InvalidTypeError, InvalidValueError
from boundcheck.language import Dimension, mean, norm, x
from boundcheck.language.latex import bound_latex
from boundcheck.report.plots import statement_as_mathtext
from boundcheck.report.tables import Table, latex_text
from boundcheck.theorems import K, every
from boundcheck.theorems.published import PUBLISHED

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(24, 3))


@cache
def result(name):
    return {
        "report": lambda: check_bound(None, *POINTS[:15].reshape(3, 5, 3)),
        "no chain": lambda: check_bound(None, *POINTS[:15].reshape(3, 5, 3), bound="transport"),
        "ladder": lambda: check_bound(None, *POINTS[:15].reshape(3, 5, 3), bound="all"),
        "scan": lambda: scan(POINTS, np.arange(24) // 12, np.arange(24) // 3, ["karimov", "chamfer"]),
        "refuted": lambda: falsify("karimov-199"),
    }[name]()


NAMES = ["report", "no chain", "ladder", "scan", "refuted"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axes_go_in_and_out(name, theme):
    given = Figure(figsize=(3, 3)).subplots()
    assert result(name).plot(ax=given, theme=theme) is given
    made = result(name).plot(width="two", theme=theme)
    assert isinstance(made, Axes)
    assert made.figure.get_figwidth() == 7.0
    ink = {"light": "#111111", "dark": "#EEEEEE"}[theme]
    assert made.xaxis.label.get_color() == ink
    for suffix in ("pdf", "svg"):
        target = io.BytesIO()
        made.figure.savefig(target, format=suffix)
        assert b"<image" not in target.getvalue()
        assert len(target.getvalue()) > 1000


def test_what_is_drawn_is_what_was_found():
    report, axes = result("report"), result("report").plot()
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    assert max(ends) == pytest.approx(float(report.rhs))
    assert axes.get_title().startswith("$")
    assert axes.get_title().endswith("\nholds")
    ladder = result("ladder")
    widths = [bar.get_width() for bar in ladder.plot().patches]
    assert widths == [float(rung.value) for rung in reversed(ladder.upper)]
    scanned = result("scan")
    medians = [line.get_xdata()[0] for line in scanned.plot().lines if line.get_marker() == "o"]
    assert medians == [sum(one.tightness.quantile(0.5)) / 2 for one in scanned.summary.bounds.values()]
    (m,) = [line.get_xdata()[0] for line in scanned.plot("parameters").lines if line.get_marker() == "o"]
    assert m == sum(scanned.summary.parameters["m"].values.quantile(0.5)) / 2


def test_pyplot_shows_its_own():
    import matplotlib.pyplot as plt

    made = result("report").plot()
    assert plt.fignum_exists(made.figure.number)
    plt.close(made.figure)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ax": 3}, InvalidTypeError, "ax: expected axes of matplotlib, or None, got int"),
        ({"width": "three"}, InvalidValueError, "width: expected one of one, two, got 'three'"),
        ({"width": 0}, InvalidValueError, "inches above 0"),
        ({"theme": "pink"}, InvalidValueError, "theme: expected one of light, dark, got 'pink'"),
    ],
)
def test_what_is_no_option_is_named(options, error, message):
    with pytest.raises(error, match=message):
        result("report").plot(**options)


def test_a_scan_says_what_it_has_no_picture_of():
    verdicts = scan(POINTS, np.arange(24) // 12, np.arange(24) // 3, ["karimov"], verdicts_only=True)
    with pytest.raises(InvalidValueError, match="scan with both sides"):
        verdicts.plot()
    with pytest.raises(InvalidValueError, match="kind: expected one of tightness, parameters"):
        result("scan").plot("nothing")


def test_statements_are_set_as_mathematics():
    for name in ("karimov", "two-sided", "hulls", "normalised-mean", "lipschitz-head"):
        shown = statement_as_mathtext(every()[name])
        assert shown.startswith("$")
        MathTextParser("path").parse(shown)
    # What is deep stays text: matplotlib was seen to read for minutes.
    deep = PUBLISHED["variation-transport"].bound
    assert statement_as_mathtext(deep) == deep.statement
    assert mathtext(r"\unknowncommand{", "a $ b") == r"a \$ b"


def test_frames_have_the_numbers():
    frame = result("ladder").to_frame().set_index("bound")
    rung = result("ladder")["karimov"]
    assert frame.loc["karimov", "value"] == float(rung.value)
    assert frame.loc["karimov", "value error"] == rung.value.error
    assert np.isnan(frame.loc["transport", "m"])
    one = result("scan").to_frame().set_index("bound").loc["chamfer"]
    assert one["holds"] == 96
    assert (one["50%: at least"], one["50%: at most"]) == result("scan").summary.bounds["chamfer"].tightness.quantile(
        0.5
    )
    assert Table("t", ("a", "b"), (("x", "1"),)).to_frame().to_dict("records") == [{"a": "x", "b": "1"}]


def test_latex_of_tables():
    text = result("scan").to_latex()
    assert text.count(r" \\") == 3
    assert re.search(r"karimov & holds & [\d.()]+ & [\d.()]+ & [\d.()]+ \\\\", text)
    assert f"${bound_latex(K)}$" in result("ladder").to_latex()
    text = Table("50% of a_b", ("a & b", "n"), (("x_1", "−2"),)).to_latex()
    assert r"\caption{50\% of a\_b}" in text
    assert r"a \& b & n \\" in text
    assert r"x\_1 & $-$2 \\" in text
    assert latex_text("\\") == r"\textbackslash{}"


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.0, 0.0, "0"),
        (-0.5, -0.5, "−0.5"),
        (0.1, 0.1, "0.1000"),
        (0.99996, 0.99997, "1.0000"),
        (1e-9, 1.2e-9, "0.0000000011"),
        (123456.0, 123460.0, "123458(2)"),
        (100.0, 900.0, "500(400)"),
        (-1.0, 1.0, "0"),
        (float("nan"), 1.0, "—"),
    ],
)
def test_concise(low, high, shown):
    assert concise(low, high) == shown


def test_what_concise_writes_encloses():
    for _ in range(500):
        middle, half = RANDOM.normal() * 10 ** RANDOM.uniform(-5, 5), 10 ** RANDOM.uniform(-9, 3)
        low, high = middle - half, middle + half
        text = concise(low, high).replace("−", "-")
        shown, _, off = text.partition("(")
        unit = 10.0 ** -len(shown.partition(".")[2])
        known = float(off.rstrip(")")) * unit if off else unit
        assert float(shown) - known <= low + 1e-9 * abs(low)
        assert high <= float(shown) + known + 1e-9 * abs(high)


def test_a_page_in_one_call():
    assert result("scan").to_html(title="mine").startswith("<!doctype html>")


def test_a_counterexample_in_space_has_no_picture():
    flat = Bound(
        "flat", mean(x.each, norm(x[x.each])) + Dimension() <= 2 + mean(x.each, norm(x[x.each])), collections=[x]
    )
    refuted = falsify(flat, seconds=10)
    assert refuted.dimension == 3
    with pytest.raises(InvalidValueError, match="1 or 2 for a picture"):
        refuted.plot()
