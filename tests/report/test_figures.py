"""Figures: valid files, the same each time, with the numbers given, whatever these are."""

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from boundcheck.report.figures import (
    Estimate,
    chain_figure,
    curve_figure,
    estimates_figure,
    growth_figure,
    heat_colours,
    heat_png,
    histogram_figure,
    image_rows_figure,
    inline,
    ladder_figure,
    looseness_figure,
    save,
    scatter_figure,
    sides_figure,
)

SVG = "{http://www.w3.org/2000/svg}"
ROW = {"step": 1, "images": 16, "loss": 0.5, "mean_distance": 2.0}
VALIDATED = {**ROW, "validation_character_precision": 0.25, "validation_alphabet_precision": 0.5}


def assert_valid(figure: Figure, folder: Path) -> None:
    svg, png = save(figure, folder, "figure")
    assert ET.parse(svg).getroot().tag == f"{SVG}svg"
    with Image.open(png) as picture:
        picture.load()
        assert picture.format == "PNG"
        assert np.ptp(np.asarray(picture.convert("L"))) > 100
    assert {path.name for path in folder.iterdir()} == {"figure.svg", "figure.png"}


def sides(lhs: list, rhs: list) -> Figure:
    return sides_figure({"part": (np.array(lhs, dtype=float), np.array(rhs, dtype=float))}, "‖c_x − c_z‖ ≤ 2")


@pytest.mark.parametrize(
    "groups",
    [
        {"part": {"K": (0.1, 0.05, 0.2), "U2": (0.3, 0.3, 0.3)}},
        {"one": {"K": (0.1, 0.05, 0.2)}, "other": {"K": (0.2, 0.1, 0.3), "U1": (0.9, 0.8, 1.0)}},
        {"few": {"K": (0.1, -np.inf, np.inf)}},
        {"none": {}},
    ],
)
def test_ladder(tmp_path, groups):
    assert_valid(ladder_figure(groups), tmp_path)


def test_ladder_dots_are_at_the_medians_and_lines_at_the_limits():
    figure = ladder_figure({"part": {"K": (0.1, 0.05, 0.2), "U2": (0.3, 0.25, 0.4)}})
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["K", "U2"]
    dots, _, (lines,) = axis.containers[0]
    np.testing.assert_allclose(dots.get_xdata(), [0.1, 0.3])
    np.testing.assert_allclose([[end[0] for end in line] for line in lines.get_segments()], [[0.05, 0.2], [0.25, 0.4]])


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [
        ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]),
        ([1.0], [1.0]),
        ([1.0] * 50, [1.0] * 50),
        ([0.0, 1.0], [2.0, 2.0]),
        ([0.0, 0.0], [0.0, 0.0]),
        ([0.0], [1.0]),
        ([1e-30, 1.0], [1.0, 1e30]),
    ],
)
def test_sides(tmp_path, lhs, rhs):
    assert_valid(sides(lhs, rhs), tmp_path)


def test_sides_have_one_panel_a_part_and_say_how_many():
    random = np.random.default_rng(0)
    figure = sides_figure(
        {name: (random.random(n) + 1, random.random(n) + 3) for name, n in (("a", 1234), ("b", 5))}, "lhs ≤ rhs"
    )
    assert [axis.get_title() for axis in figure.axes] == ["a, 1,234 triples", "b, 5 triples"]
    assert figure.get_suptitle() == "lhs ≤ rhs"
    for axis, n in zip(figure.axes, (1234, 5), strict=True):
        assert axis.collections[0].get_array().sum() == n
        low, high = axis.get_xlim()
        assert axis.get_ylim() == (low, high)
        assert low < 1
        assert high > 4


@pytest.mark.parametrize(
    ("lhs", "rhs", "scale"),
    [
        ([1.0, 2.0], [4.0, 5.0], "linear"),
        ([1.0, 2.0], [4.0, 500.0], "log"),
        ([-1.0, 2.0], [4.0, 500.0], "linear"),
        ([0.0], [0.0], "linear"),
        ([], [], "linear"),
    ],
)
def test_scattered_sides_are_where_they_are(tmp_path, lhs, rhs, scale):
    figure = scatter_figure({"one": (np.array(lhs), np.array(rhs)), "other": (np.array(rhs), np.array(rhs))})
    assert_valid(figure, tmp_path)
    (axis,) = figure.axes
    assert axis.get_xscale() == axis.get_yscale() == scale
    one, other, equality = axis.lines
    assert (list(one.get_xdata()), list(one.get_ydata())) == (lhs, rhs)
    assert list(other.get_xdata()) == rhs
    assert list(equality.get_xdata()) == list(equality.get_ydata())
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "other", "equality"]


def test_chain_bars_start_at_the_left_side_and_end_at_the_right(tmp_path):
    groups = {"a": (1.0, {"first": 0.5, "second": 2.0}), "b": (3.0, {"first": 0.0, "second": 1.0})}
    figure = chain_figure(groups)
    bars = [(bar.get_x(), bar.get_width()) for bar in figure.axes[0].patches]
    assert bars == [(0, 1), (1, 0.5), (1.5, 2), (0, 3), (3, 0), (3, 1)]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["left side", "first", "second"]
    assert_valid(figure, tmp_path)


@pytest.mark.parametrize("slack", [0.0, -1e-12])
def test_chain_without_slack(tmp_path, slack):
    assert_valid(chain_figure({"a": (0.0, {"first": slack})}), tmp_path)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [ROW],
        [VALIDATED],
        [{**ROW, "loss": 0.0, "mean_distance": 0.0}],
        [{"step": 1, "validation_character_precision": 0.5}],
        [{**ROW, "images": 16 * step, "loss": 1 / step} for step in range(1, 40)] + [{**VALIDATED, "images": 640}],
    ],
    ids=["none", "unvalidated", "one", "zero", "without drawings", "many"],
)
def test_curve(tmp_path, rows):
    assert_valid(curve_figure(rows, 1.0), tmp_path)


def test_curve_shows_the_rows_that_have_a_value():
    rows = [ROW, {"step": 2, "images": 32, "loss": None, "validation_character_precision": 0.25}, VALIDATED]
    figure = curve_figure(rows, 0.75)
    left, right = figure.axes
    loss, distance, margin = left.lines
    assert [line.get_xydata().tolist() for line in (loss, distance)] == [[[16, 0.5]] * 2, [[16, 2.0]] * 2]
    assert set(margin.get_ydata()) == {0.75}
    assert right.lines[0].get_xydata().tolist() == [[32, 0.25], [16, 0.25]]
    assert right.lines[1].get_xydata().tolist() == [[16, 0.5]]


def test_image_rows(tmp_path):
    random = np.random.default_rng(0)
    rows = {f"row <{n}> & more": random.integers(0, 256, (n, 8, 8)).astype(np.uint8) for n in (3, 5)}
    figure = image_rows_figure(rows, "title")
    assert [axis.get_title("left") for axis in figure.axes] == list(rows)
    shown = np.asarray(figure.axes[0].images[0].get_array())
    assert shown.shape == (12, 36)
    np.testing.assert_array_equal(shown[2:10, 2:10], 255 - rows["row <3> & more"][0])
    assert_valid(figure, tmp_path)


@pytest.mark.parametrize("text", ["$\\frac{1$", "a_b^c", "<b>&amp;</b>", "‖c_x − c_z‖ ≤ 2·max{m, max d(x_i, w_k)}"])
def test_text_is_shown_as_it_is(tmp_path, text):
    figure = image_rows_figure({text: np.zeros((1, 8, 8), dtype=np.uint8)}, text)
    assert_valid(figure, tmp_path)


def test_the_same_figure_gives_the_same_files(tmp_path):
    for folder in ("one", "two"):
        save(sides([1.0, 2.0], [4.0, 5.0]), tmp_path / folder, "figure")
    for name in ("figure.svg", "figure.png"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_figures_of_two_names_share_no_clip_path(tmp_path):
    found = []
    for name in ("one", "two"):
        root = ET.parse(save(sides([1.0, 2.0], [4.0, 5.0]), tmp_path, name)[0]).getroot()
        found.append({node.get("id") for node in root.iter(f"{SVG}clipPath")})
    assert found[0]
    assert not found[0] & found[1]


def test_settings_of_others_are_left_alone(tmp_path):
    before = dict(mpl.rcParams)
    save(sides([1.0], [2.0]), tmp_path, "figure")
    assert dict(mpl.rcParams) == before


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    svg, png = save(sides([1.0], [2.0]), tmp_path, "figure")
    before = svg.read_bytes()

    def half(self: Figure, path: Path, **_: object) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", half)
    with pytest.raises(KeyboardInterrupt):
        save(sides([3.0], [4.0]), tmp_path, "figure")
    assert svg.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == sorted([svg, png])


def test_no_display_is_needed():
    """Figures never go through pyplot, whose import may look for a display."""
    code = (
        "import sys, numpy as np\n"
        "from boundcheck.report.figures import chain_figure\n"
        "chain_figure({'a': (1.0, {'b': 1.0})}).canvas.draw()\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {"none": {}},
        {"all": {"K": (0.1, 0.2, 0.3, 0.4, 0.5)}},
        {"all": {"K": (-1.0, 0.0, 0.0, 0.0, 0.0), "U": (1e-300, 1e-9, 0.5, 1.0, 1e300)}},
        {"_one": {"$K^2$ 漢 <b>": (0.1, 0.2, 0.3, 0.4, 0.5)}, "$x": {"U": (-np.inf, 0.2, 0.3, 0.4, np.inf)}},
    ],
)
def test_looseness_is_an_element_of_a_page(groups):
    text = inline(looseness_figure(groups), "name", 'a "label" <b>')
    root = ET.fromstring(text.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1))
    assert root.get("aria-label") == 'a "label" <b>'
    said = [text.strip() for text in root.itertext()]
    assert {name for rungs in groups.values() for name in rungs} <= set(said)
    assert len(groups) < 2 or set(groups) <= set(said)
    assert inline(looseness_figure(groups), "name", 'a "label" <b>') == text


def test_looseness_is_how_many_times_the_left_side_the_right_side_is():
    (axis,) = looseness_figure({"all": {"K": (0.1, 0.2, 0.25, 0.5, 0.8), "U": (0.0, 0.2, 0.5, 0.5, 9.0)}}).axes
    assert axis.get_xscale() == "log"
    assert [label.get_text() for label in axis.get_yticklabels()] == ["K", "U"]
    whiskers, boxes = (
        [line.get_xdata() for line in axis.lines if line.get_linewidth() == width] for width in (0.9, 4.5)
    )
    low, high = axis.get_xlim()
    np.testing.assert_allclose(whiskers[0], [1.25, min(10.0, high)])
    np.testing.assert_allclose(whiskers[1], [low, high])
    np.testing.assert_allclose(boxes[0], [2, 5])
    arrows = [(line.get_marker(), float(line.get_xdata()[0])) for line in axis.lines if line.get_marker() in "<>"]
    assert ("<", low) in arrows
    assert (">", high) in arrows


def test_estimates_have_a_mark_a_tick_a_run_and_limits():
    groups = {
        "one level": {"A": Estimate((0.2, 0.4), 0.1, 0.5), "B †": Estimate((0.9, 1.0), 0.8, 1.3, full=False)},
        "another": {"C": Estimate((0.5,), -np.inf, np.inf)},
    }
    figure = estimates_figure(groups, "share", {"start": 0.15})
    (axis,) = figure.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["A", "B †", "C"]
    means = {
        float(line.get_ydata()[0]): line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())
    }
    assert [float(means[row].get_xdata()[0]) for row in (0, 1, 2)] == pytest.approx([0.3, 0.95, 0.5])
    assert [means[row].get_markerfacecolor() == "none" for row in (0, 1, 2)] == [False, True, False]
    limits = [tuple(line.get_xdata()) for line in axis.lines if line.get_linewidth() == 1.4]
    # A share is at most 1, and one run has no limits.
    assert limits == [(0.1, 0.5), (0.8, 1.0)]
    text = inline(figure, "estimates", "said")
    assert ">start</text>" in text
    assert "#0102" not in text


def test_lines_of_growth_are_named_apart():
    groups = {"one level": {"A": [0.1, 0.5], "B": [0.2, 0.501]}, "another": {"C": [0.3, 0.5]}}
    figure = growth_figure(groups, [1, 10], "of each", "found")
    (axis,) = figure.axes
    assert [list(line.get_ydata()) for line in axis.lines if len(line.get_xdata())] == [
        [0.1, 0.5],
        [0.2, 0.501],
        [0.3, 0.5],
    ]
    at = {text.get_text(): text.xy[1] for text in axis.texts}
    assert at.keys() == {"A", "B", "C"}
    places = sorted(at.values())
    assert min(np.diff(places)) > 0.9 * 0.05 * np.ptp(axis.get_ylim())
    assert np.mean(places) == pytest.approx(np.mean([0.5, 0.501, 0.5]))
    assert inline(figure, "growth", "said").count("#0102") == 0


def test_figures_for_a_page_have_its_colours_and_no_ids_in_common():
    text = inline(looseness_figure({"a": {"K": (0.1, 0.2, 0.3, 0.4, 0.5)}}), "first", "")
    other = inline(
        histogram_figure(np.array([0.0, 1, 2]), np.array([3.0, 4]), "$m$", {"0": 0.5, "far": 9.0}), "second", ""
    )
    assert "currentColor" in text
    assert "currentColor" in other
    assert "var(--series-1" in other
    assert "#0102" not in text + other
    assert ">$m$</text>" in other
    assert "far" not in other
    ids = [set(re.findall(r' id="([^"]*)"', one)) for one in (text, other)]
    assert ids[0].isdisjoint(ids[1])
    assert "http" not in text + other
    assert "<style" not in text + other


def test_heat_has_a_pixel_a_number():
    values = np.array([[0.0, 0.5, 1.0], [-np.inf, np.nan, 7.0], [-1.0, np.inf, 0.49]])
    with Image.open(io.BytesIO(heat_png(values, 0.0, 1.0, 4))) as image:
        pixels = np.asarray(image.convert("RGBA"))
    colours = ["#" + bytes(pixel[:3]).hex() if pixel[3] else None for pixel in pixels.reshape(-1, 4)]
    first, second, third, last = heat_colours(4)
    assert colours == [first, third, last, None, None, last, first, last, second]


@pytest.mark.parametrize("values", [np.ones((2, 2)), np.full((1, 1), -np.inf), np.array([[-1e308, 1e308]])])
def test_heat_of_any_numbers(values):
    with Image.open(io.BytesIO(heat_png(values, float(values.min()), float(values.max()), 48))) as image:
        assert image.size == values.shape[::-1]


def test_a_long_title_fits_in_the_figure():
    sides = {"all": (np.array([1.0, 2.0]), np.array([2.0, 3.0]))}
    figure = sides_figure(sides, "‖mean_i x_i − mean_j z_j‖ ≤ 2·max{m, max_{i,k} ‖x_i − w_k‖} + " * 4)
    figure.draw_without_rendering()
    title = figure._suptitle.get_window_extent()
    assert title.x0 >= 0
    assert title.x1 <= figure.bbox.width
    assert "\n" in figure.get_suptitle()
