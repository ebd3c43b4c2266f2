"""The report of a scan: what it says, that it says it in any browser, and that no name can do more than be read."""

import base64
import csv
import io
import math
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boundcheck.decimals import between, per_cent
from boundcheck.errors import InvalidTypeError, InvalidValueError
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import Bound, mean, norm, x, z
from boundcheck.report.tables import Table, safe_cell
from boundcheck.scanning import LabelledPoints, check_triples
from boundcheck.scanning.comparison import groups_of
from boundcheck.scanning.grids import Grid, GridSides
from boundcheck.scanning.new_classes import new_classes, new_classes_tables
from boundcheck.scanning.page import beside_tables, scan_page, scan_tables, write_page
from boundcheck.scanning.page_tables import file_name, names_apart
from boundcheck.scanning.plots import pooled
from boundcheck.scanning.rankings import rank, rankings_tables
from boundcheck.scanning.run import Scan, scan
from boundcheck.scanning.summary import ScanSummary
from boundcheck.theorems import KNOWN

POINTS = np.random.default_rng(0).normal(size=(36, 4)) + np.repeat(np.arange(3), 12)[:, None]
CLASSES, COLLECTIONS = np.arange(36) // 12, np.arange(36) // 3
BOUNDS = ["karimov", "chamfer", "variance", "margin", "group"]
HOSTILE = "<script>alert('&\")</script>漢$x^2$"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def picture(shade: int = 0) -> bytes:
    target = io.BytesIO()
    Image.new("L", (30, 10), shade).save(target, "PNG")
    return target.getvalue()


def made(
    bounds=("one",),
    *,
    codes=None,
    names=None,
    kinds=("first", "second"),
    sides=True,
    statements=True,
    rhs=lambda random, shape: random.uniform(1, 2, shape),
    lhs=lambda random, shape: random.uniform(0, 1, shape),
    m=lambda random, shape: random.normal(size=shape),
    count=8,
) -> Scan:
    """Return a scan of drawn numbers: collections of two classes in turn."""
    random, classes = np.random.default_rng(0), np.arange(count) % 2
    names = names or tuple(f"{kind}/{number}" for number, kind in enumerate(kinds * count))[:count]
    summary = ScanSummary.empty(bounds, ["m"] if sides else [], classes, names, kinds, 3, sides)
    for anchor in range(count):
        positives = np.array([at for at in np.flatnonzero(classes == classes[anchor]) if at != anchor])
        negatives = np.flatnonzero(classes != classes[anchor])
        shape = len(positives), len(negatives)
        grid = {}
        for bound in bounds:
            code = np.full(shape, CODES.index(Verdict.HOLDS), np.int8) if codes is None else random.choice(codes, shape)
            arrays = (lhs(random, shape), np.full(shape, 1e-9), rhs(random, shape), np.full(shape, 1e-9))
            stage = np.ones(shape, np.int8)
            grid[bound] = GridSides(code.astype(np.int8), stage, *(arrays if sides else (None,) * 4))
        parameters = {"m": (m(random, shape), np.full(shape, 1e-9))} if sides else {}
        summary.add(Grid(anchor, positives, negatives, grid, parameters))
    stated = tuple(Bound(name, lhs=norm(mean(x) - mean(z)), rhs=2.0) for name in bounds) if statements else ()
    return Scan(summary, stated, 2.0, 1.5, 0, 1)


class Page(HTMLParser):
    """What is in a page: text, elements with their attributes, and the cells of each table under its caption."""

    VOID = frozenset({"meta", "image", "use", "path", "rect", "br", "img", "link"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.open, self.tables, self.said = [], [], {}, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag == "table":
            self.rows = []
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        elif tag == "caption":
            self.caption = ""

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag
        if tag == "table":
            self.tables[self.caption] = self.rows

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif self.open and self.open[-1] == "caption":
            self.caption += data
        if not self.open or self.open[-1] != "style":
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())

    def values(self, attribute):
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]

    def files(self):
        found = {}
        for tag, attributes in self.elements:
            if "download" in attributes:
                kind, data = attributes["href"].split(",", 1)
                assert (tag, kind) == ("a", "data:text/csv;charset=utf-8;base64")
                text = base64.b64decode(data, validate=True).decode()
                found[attributes["download"]] = list(csv.reader(io.StringIO(text, newline="")))
        return found


@pytest.fixture(scope="module")
def found():
    return scan(POINTS, CLASSES, COLLECTIONS, BOUNDS)


@pytest.fixture(scope="module")
def text(found):
    return scan_page(found, title="A title", source="A source.", pictures=lambda at: picture(at) if at % 5 else None)


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_the_first_sentence_says_what_holds_on_how_many_triples(page, found):
    total = found.summary.triples
    assert f"All 5 bounds hold on every one of the {total:,} triples, certified." in page.text
    assert f"Of the {5 * total:,} verdicts, each counted exactly, 0% rest on centroids and radii (0)" in page.text


def test_tables_have_the_numbers_of_the_summary(page, found):
    total = found.summary.triples
    assert page.tables["Verdicts"][1] == ["karimov", f"{total:,}", "0", "0", "0", "0%", "100%", "0%"]
    tightness = {row[0]: row for row in page.tables["Tightness of each bound"]}
    low, high = found.summary.bounds["karimov"].tightness.quantile(0.5)
    shown = [float(end) for end in tightness["karimov"][4].split(" to ")]
    assert shown[0] <= low <= high <= shown[1] < shown[0] * 1.01
    low, high = found.summary.bounds["variance"].tightness.quantile(0.5)
    shown = [float(end) for end in tightness["variance"][4].split(" to ")]
    # The summary is of distances already: no second root.
    assert shown[0] <= low <= high <= shown[1]
    m = found.summary.parameters["m"]
    signs = page.tables["Sign of the least m"]
    assert [row[1] for row in signs[1:]] == [f"{n:,}" for n in (m.below_zero, m.undecided, m.at_least_zero)]
    classes = page.tables["karimov by class"]
    assert [row[0] for row in classes[1:]] == ["0", "1", "2"]
    best = found.summary.bounds["karimov"].tightest[0]
    assert page.tables["karimov: tightest triples"][1][:3] == [found.summary.names[at] for at in best.triple]
    assert page.tables["karimov: tightest pairs of classes"][1][3] == " · ".join(
        found.summary.names[at] for at in best.triple
    )


def test_files_have_every_digit(page, found):
    files = page.files()
    assert set(files) >= {"verdicts.csv", "tightness-of-each-bound.csv", "karimov-all-pairs-of-classes.csv"}
    rows = files["karimov-tightest-triples.csv"]
    best = found.summary.bounds["karimov"].tightest[0]
    assert rows[0][3:5] == ["tightness: at least", "tightness: at most"]
    assert (float(rows[1][3]), float(rows[1][4])) == best.enclosures["tightness"]
    matrix = files["karimov-all-pairs-of-classes.csv"]
    assert matrix[0] == ["anchor's class", "0", "1", "2"]
    assert [matrix[1][1], matrix[2][2]] == ["", ""]
    assert float(matrix[1][2]) == pytest.approx(found.summary.bounds["karimov"].largest_by_pair[0, 1], rel=1e-5)
    for name, rows in files.items():
        assert {len(row) for row in rows} == {len(rows[0])}, name


def test_every_table_has_a_file_a_caption_and_heads_with_scope(page):
    tables = [tag for tag, _ in page.elements if tag == "table"]
    sheets = [name for name in page.values("aria-label") if name.endswith(" as CSV")]
    assert len(tables) == len(page.tables) == len(sheets)
    scopes = [attributes.get("scope") for tag, attributes in page.elements if tag == "th"]
    assert set(scopes) == {"col", "row"}
    regions = [attributes for _, attributes in page.elements if attributes.get("class") == "wide"]
    assert all(one["tabindex"] == "0" and one["aria-label"] for one in regions)


def test_every_drawing_is_described(page):
    drawings = [a for tag, a in page.elements if tag == "svg" and a.get("class") != "store"]
    assert drawings
    assert all(a["role"] == "img" and a["aria-label"] for a in drawings)


def test_ids_are_different_and_links_lead_somewhere(page):
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    pointed = [value[1:] for name in ("href", "xlink:href", "aria-labelledby") for value in page.values(name)
               if value.startswith("#")]  # fmt: skip
    assert set(pointed) <= set(ids)
    assert set(page.values("aria-labelledby")) <= set(ids)


def test_nothing_is_run_or_fetched(text, page):
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "link", "iframe", "img", "object", "embed", "form", "base"})
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    addresses = [value for name in ("href", "src", "xlink:href", "action", "srcset") for value in page.values(name)]
    assert all(value.startswith(("#", "data:image/png;base64,", "data:text/csv;")) for value in addresses)
    assert not re.search(r"https?:|//[a-z]|@import", re.sub(r"base64,[^\"]*", "", text))
    assert set(re.findall(r"url\(([^)]?)", text)) <= {"#"}
    (policy,) = (a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_pictures_stand_once_and_are_seen_where_their_collections_are(text, page):
    seen = [attributes["href"] for tag, attributes in page.elements if tag == "use" and "href" in attributes]
    kept = [attributes["id"] for tag, attributes in page.elements if tag == "symbol"]
    assert len(kept) == len(set(kept)) < len([one for one in seen if one != "#frame"])
    assert text.count("no picture") > 0
    position = int(kept[0][1:])
    assert text.count(base64.b64encode(picture(position)).decode()) == 1


def test_a_right_side_below_0_is_flagged(page, found):
    negative = found.summary.bounds["group"].negative
    assert negative > 0
    assert "The right side of group is below 0 on some triples" in page.text
    assert f"On {negative:,} triples" in page.text
    assert "The right side of karimov" not in page.text
    assert page.tables["Tightness of each bound"][5][0] == "group †"


def test_how_it_was_computed(found):
    page = Page(scan_page(replace(found, seconds=12.34, resumed=2, blocks=7), source="From <here>"))
    for said in ("From <here>", "12.3 s, 7 blocks; 2 of them were done by an earlier run", "Euclidean norm", "12 in 3 classes",
                 "m: on each triple the least value", "boundcheck "):  # fmt: skip
        assert said in page.text


def test_the_same_scan_gives_the_same_bytes(found, text):
    again = Scan(ScanSummary.from_bytes(found.summary.to_bytes()), found.bounds, 2.0, found.seconds, 0, found.blocks)
    options = {"title": "A title", "source": "A source.", "pictures": lambda at: picture(at) if at % 5 else None}
    assert scan_page(again, **options) == text
    other = scan_page(replace(again, seconds=found.seconds + 100), **options)
    differ = [pair for pair in zip(other.splitlines(), text.splitlines(), strict=True) if pair[0] != pair[1]]
    assert len(differ) == 1
    assert "<dt>Time</dt>" in differ[0][0]


def test_names_are_text_wherever_they_stand():
    kinds = (HOSTILE, "=1+1")
    names = tuple(f"{HOSTILE}{number}" if number else "=cmd|' /C calc'!A0, \"q\"" for number in range(8))
    hostile = made((HOSTILE, "b"), names=names, kinds=kinds, codes=[0, 1, 2])
    table = Table(HOSTILE, (HOSTILE, "@b"), ((HOSTILE, "-1.5"), ("+x", "-y")), HOSTILE)
    beside = {HOSTILE: hostile}
    one = groups_of(LabelledPoints.from_labels(POINTS, COLLECTIONS, CLASSES))
    text = scan_page(
        hostile, title=HOSTILE, source=HOSTILE, notes=[table], beside=beside, pictures=lambda at: picture(),
        name="=own", groups={HOSTILE: one, "=own": one},
    )  # fmt: skip
    page = Page(text)
    apart = page.tables["Separation of centroids, scan by scan"]
    assert [row[0] for row in apart] == ["scan", "=own", HOSTILE]
    assert "<script" not in text.lower()
    assert HOSTILE in page.text
    assert any(HOSTILE in label for label in page.values("aria-label"))
    # In a figure too, where a name stands beside its row.
    svg = re.search(r'<figure class="ladder">.*?</svg>', text, re.DOTALL)[0]
    assert "&lt;script&gt;" in svg
    rows = [row for rows in page.files().values() for row in rows]
    cells = {cell for row in rows for cell in row}
    assert {"'=cmd|' /C calc'!A0, \"q\"", "'=1+1", "'@b", "'+x", "'-y", "-1.5"} <= cells
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@")]


def test_verdicts_alone():
    page = Page(scan_page(made(("one", "two"), sides=False)))
    assert "All 2 bounds hold on every one of the 96 triples, certified." in page.text
    assert "Verdicts alone were asked for" in page.text
    assert set(page.tables) == {"Verdicts", "one by class", "two by class"}
    assert not [tag for tag, _ in page.elements if tag in ("svg", "figure")]


def test_failures_come_first():
    codes = [CODES.index(verdict) for verdict in (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)]
    failing = made(("one", "two"), codes=codes)
    counts = failing.summary.bounds["one"].counts
    page = Page(scan_page(failing))
    assert "False on some triples: one, two." in page.text
    assert f"fails: {counts[Verdict.HOLDS]} of 96 hold, {counts[Verdict.FAILS]} of 96 fail" in page.text
    first = failing.summary.bounds["one"].failing[0]
    rows = page.tables["one: the first triples that fail"]
    assert rows[1] == [failing.summary.names[at] for at in first]
    assert [c for c in page.values("class") if c.startswith("lead")] == ["lead fails"]
    alone = Page(scan_page(made(("one",), codes=codes[:2])))
    assert re.search(
        r"one: of 96 triples, \d+ hold and \d+ fail, certified; 0 are undecided and 0 are vacuous\.", alone.text
    )


@pytest.mark.parametrize(
    "options",
    [
        {"codes": [3]},
        {"statements": False},
        {"count": 3},
        {"count": 1},
        {"bounds": ()},
        {"bounds": tuple(f"bound {number}" for number in range(12))},
        {"rhs": lambda random, shape: np.zeros(shape)},
        {"lhs": lambda random, shape: np.zeros(shape)},
        {"lhs": lambda random, shape: np.zeros(shape), "rhs": lambda random, shape: np.zeros(shape)},
        {"rhs": lambda random, shape: -random.uniform(1, 2, shape)},
        {"rhs": lambda random, shape: random.choice([1e-300, 1.0, 1e300], shape)},
        {"lhs": lambda random, shape: random.choice([-1.0, 1e200], shape), "m": lambda random, shape: np.zeros(shape)},
        {"rhs": lambda random, shape: np.full(shape, np.nan)},
        {"m": lambda random, shape: np.full(shape, np.inf)},
    ],
)
def test_whatever_the_numbers_are(options):
    page = Page(scan_page(made(**options)))
    assert "How it was computed" in page.text
    assert "nan" not in page.text.replace("nan,", "").lower().split()


def test_other_scans_stand_beside(found):
    other = scan(POINTS * 2, CLASSES, COLLECTIONS, ["karimov"])
    alone = scan(POINTS, CLASSES, COLLECTIONS, ["spread"], verdicts_only=True)
    page = Page(scan_page(found, beside={"trained on groups": other, "this scan": alone}))
    medians = page.tables["Median tightness, scan by scan"]
    assert medians[0] == ["bound", "this scan here", "trained on groups", "this scan"]
    assert medians[1][1] == medians[1][2]
    assert medians[2][2:] == ["—", "—"]
    total = f"{found.summary.triples:,}"
    verdicts = page.tables["Verdicts, scan by scan"]
    assert verdicts[0][:3] == ["bound", "this scan here: holds", "this scan here: fails"]
    assert verdicts[1] == ["karimov", total, "0", total, "0", "—", "—"]
    assert verdicts[-1] == ["spread", "—", "—", "—", "—", total, "0"]
    parameters = [row[0] for row in page.tables["Least parameters, scan by scan"][1:]]
    assert parameters == ["this scan here: m", "trained on groups: m"]


def test_what_centroids_are_like_stands_beside_too(found):
    other = scan(POINTS * 2, CLASSES, COLLECTIONS, BOUNDS)
    groups = {
        name: groups_of(LabelledPoints.from_labels(rows, COLLECTIONS, CLASSES))
        for name, rows in {"objects": POINTS, "groups": POINTS * 2}.items()
    }
    options = {"title": "A title", "name": "objects", "beside": {"groups": other}}
    page = Page(scan_page(found, groups=groups, **options))
    assert "<title>A title</title>" in scan_page(found, groups=groups, **options)
    apart = page.tables["Separation of centroids, scan by scan"]
    assert [row[0] for row in apart] == ["scan", "objects", "groups"]
    assert apart[1][1:] == [
        between(ends)
        for ends in (groups["objects"].separation.within, groups["objects"].separation.across,
                     groups["objects"].separation.ratio)
    ]  # fmt: skip
    assert page.tables["Collections found by their centroids, scan by scan"][1][1] == "12"
    # A factor of 2 changes neither the separation nor the least m in that unit.
    assert apart[1][3] == apart[2][3]
    least = page.tables["Least m over the distance between classes, scan by scan"]
    assert [row[0] for row in least[1:]] == ["objects", "groups"]
    assert "Where limits stand in brackets" in page.text
    alone = scan_page(found)
    assert "brackets" not in alone
    shown = [table.title for table in beside_tables({"objects": found, "groups": other}, groups)]
    assert [title for title in page.tables if title.endswith("scan by scan")] == shown


def test_groups_of_no_scan_are_refused(found):
    with pytest.raises(InvalidValueError, match="groups: expected names among 'this scan', 'other', got 'another'"):
        scan_page(found, beside={"other": found}, groups={"another": None})
    with pytest.raises(InvalidTypeError, match=r"groups\['other'\]: expected Groups, got NoneType"):
        scan_page(found, beside={"other": found}, groups={"other": None})


def test_notes_come_with_their_files(found):
    page = Page(scan_page(found, notes=[Table("Retrieval at one", ("part", "share"), (("all", "1.0%"),), "Of 12.")]))
    assert page.tables["Retrieval at one"] == [["part", "share"], ["all", "1.0%"]]
    assert page.files()["retrieval-at-one.csv"] == [["part", "share"], ["all", "1.0%"]]
    assert "Of 12." in page.text


def test_a_page_of_many_collections_stays_small():
    summary = ScanSummary.empty(
        [f"bound {n}" for n in range(12)],
        [],
        np.arange(600) % 50,
        [f"c{n}" for n in range(600)],
        list(map(str, range(50))),
    )
    random = np.random.default_rng(0)
    grid = {name: GridSides(np.zeros((1, 1), np.int8), np.zeros((1, 1), np.int8), *np.ones((4, 1, 1)))
            for name in summary.bounds}  # fmt: skip
    summary.add(Grid(0, np.array([50]), np.array([1]), grid))
    for one in summary.bounds.values():
        one.heat[:] = random.uniform(size=one.heat.shape)
    text = scan_page(Scan(summary, (), 2.0, 1.0, 0, 1))
    assert len(text) < 3e6
    assert "256 × 256 cells for 600 collections, the largest of each" in Page(text).text


def test_a_histogram_has_no_bars_finer_than_the_counts():
    # Within a thousandth of one value, there is nothing to tell apart.
    narrow = made(
        lhs=lambda random, shape: random.uniform(1, 1.0005, shape), rhs=lambda random, shape: np.full(shape, 2.0)
    )
    text = scan_page(narrow)
    assert "Triples by the least m." in text
    assert "Triples by the tightness of one." not in text


def test_pictures_beyond_the_room_are_counted(found, monkeypatch):
    monkeypatch.setattr("boundcheck.scanning.plots._PICTURE_BYTES", 3 * len(picture()))
    page = Page(scan_page(found, pictures=lambda at: picture()))
    assert len([tag for tag, _ in page.elements if tag == "symbol"]) == 3
    assert re.search(r"\d+ pictures of collections had no room", page.text)


def test_a_page_is_written_whole(tmp_path, found):
    path = write_page(tmp_path / "a" / "b.html", found, title="Ünï‖code")
    assert path == tmp_path / "a" / "b.html"
    assert "Ünï‖code" in path.read_text(encoding="utf-8")
    assert [one.name for one in path.parent.iterdir()] == ["b.html"]
    write_page(path, made(names=tuple(f"half \ud800 {n}" for n in range(8))))
    assert "half \\ud800 " in path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_named(tmp_path, found):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        InvalidValueError, match=r"path: expected a file that can be written, got .*page\.html \(.*\); choose"
    ):
        write_page(tmp_path / "file" / "page.html", found)


def test_errors_name_what_came(found):
    with pytest.raises(InvalidTypeError, match="found: expected a Scan, got ScanSummary; pass what scan"):
        scan_page(found.summary)
    with pytest.raises(InvalidTypeError, match=r"beside\['other'\]: expected a Scan, got int"):
        scan_page(found, beside={"other": 1})
    with pytest.raises(InvalidTypeError, match=r"notes\[0\]: expected a report's Table, got str"):
        scan_page(found, notes=["table"])
    with pytest.raises(
        InvalidValueError, match=r"pictures\(\d+\): expected the bytes of a PNG file, or None, got b'GIF"
    ):
        scan_page(found, pictures=lambda at: b"GIF89a")


def test_importing_it_loads_neither_matplotlib_nor_jinja2():
    code = "import sys, boundcheck.scanning.page; print([n for n in ('matplotlib', 'jinja2') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize(
    ("ends", "shown"),
    [
        ((0.5, 0.5), "0.5 (exact)"),
        ((-0.5, -0.5), "−0.5 (exact)"),
        ((0.30612, 0.30689), "0.3061 to 0.3069"),
        ((0.30612, 0.30689 + 1), "0 to 2"),
        ((-0.30689, -0.30612), "−0.3069 to −0.3061"),
        ((-1e-12, 1e-12), "−1e-12 to 1e-12"),
        ((1.0, 1.0 + 2**-52), "1.00000 to 1.00001"),
        ((12345.6, 12399.1), "12340 to 12400"),
        ((0.0, 5e-324), "0 to 1e-30"),
        ((0.9999999999, 1.0000000001), "0.99999 to 1.00001"),
        ((2.0, math.inf), "at least 2.00000"),
        ((-math.inf, 0.0), "at most 0"),
        ((math.inf, math.inf), "∞ (exact)"),
        ((-math.inf, math.inf), "not known"),
        ((1e300, 1.95e300), "1.0e+300 to 2.0e+300"),
    ],
)
def test_enclosures_are_rounded_outwards(ends, shown):
    assert between(ends) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "—"),
        (0, 9, "0%"),
        (9, 9, "100%"),
        (1, 10**6, "below 0.1%"),
        (10**6 - 1, 10**6, "above 99.9%"),
        (1, 3, "33.3%"),
    ],
)
def test_shares_are_whole_only_where_they_are(part, whole, shown):
    assert per_cent(part, whole) == shown


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1", "'=1"), ("-1", "-1"), ("-1.5e-3", "-1.5e-3"), ("-1+2", "'-1+2"), ("+a", "'+a"), ("@a", "'@a"), ("\ta", "\\ta"),
     ("a=b", "a=b"), ("", ""), ("-12%", "-12%")],
)  # fmt: skip
def test_cells_that_a_spreadsheet_would_run_are_text(cell, safe):
    assert safe_cell(cell) == safe


def test_file_names_are_plain():
    assert file_name("K: the ‖tightest‖ of ../../all") == "k-the-tightest-of-all.csv"
    assert file_name("‖‖") == "table.csv"


def test_maps_are_pooled_by_the_largest():
    heat = np.array([[1.0, 2, -np.inf], [0, 0, 5], [3, 4, -np.inf]])
    np.testing.assert_array_equal(pooled(heat), [[2, 5], [4, -np.inf]])


def browser(*options: str, page: Path, profile: Path) -> subprocess.CompletedProcess[str]:
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--enable-logging=stderr"]
    command += [f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("beside", [False, True])
def test_a_browser_shows_it_in_light_and_dark_without_a_complaint(tmp_path, found, text, beside):
    page, profile = tmp_path / "page.html", tmp_path / "profile"
    if beside:
        points = LabelledPoints.from_labels(POINTS, COLLECTIONS, CLASSES)
        notes = [
            *new_classes_tables({"all": new_classes(points, draws=100)}, 0.0),
            *rankings_tables({"all": rank(points, draws=50)}),
        ]
        groups = {name: groups_of(points) for name in ("this scan", "another")}
        text = scan_page(found, beside={"another": found}, groups=groups, notes=notes)
    page.write_text(text, encoding="utf-8")
    backgrounds = {}
    for name, option in {
        "light": "--blink-settings=preferredColorScheme=1",
        "dark": "--blink-settings=preferredColorScheme=0",
    }.items():
        target = tmp_path / f"{name}.png"
        done = browser(option, "--window-size=400,3000", f"--screenshot={target}", page=page, profile=profile)
        assert not re.search(r"CONSOLE|Content Security Policy|Refused", done.stderr)
        with Image.open(target) as image:
            shot = np.asarray(image.convert("L")).astype(int)
        backgrounds[name] = int(np.median(shot))
        # Text and figures stand out from the background, all the way down.
        for part in np.array_split(shot, 6):
            assert (abs(part - backgrounds[name]) > 100).mean() > 0.002
    assert backgrounds["light"] > 230
    assert backgrounds["dark"] < 50
    seen = Page(re.sub(r"\A\s*<!DOCTYPE html>", "", browser("--dump-dom", page=page, profile=profile).stdout))
    assert "All 5 bounds hold on every one of" in seen.text
    assert "How it was computed, and how certain it is" in seen.text
    titles = {"Separation of centroids, scan by scan", "Triplets above m = 0", "Collections found by collections"}
    assert titles & set(seen.tables) == (titles if beside else set())


def test_a_bound_on_squares_is_told_by_one_root_everywhere():
    points = LabelledPoints.from_labels(
        np.random.default_rng(3).normal(size=(48, 3)) + 4 * np.repeat([0, 1], 24)[:, None],
        np.arange(48) // 4,
        np.arange(48) // 24,
    )
    found = scan(points, bounds=["variance"])
    triples = [
        (a, b, c) for a in range(12) for b in range(12) for c in range(12) if a // 6 == b // 6 != c // 6 and a != b
    ]
    alone = np.sqrt(check_triples(KNOWN["variance"], points, np.array(triples), chain=False).tightness)
    # The lower median: the scan's is of that rank.
    median = np.sort(alone)[(len(alone) - 1) // 2]
    low, high = found.summary.bounds["variance"].tightness.quantile(0.5)
    assert low <= median <= high
    shown = next(table for table in scan_tables(found) if table.columns[2:3] == ("median",))
    page = Page(scan_page(found)).tables
    cells = [shown.rows[0][2], next(rows for title, rows in page.items() if "Tightness of each bound" in title)[1][4]]
    for cell in cells:
        ends = [float(end) for end in cell.split(" to ")]
        assert ends[0] <= median <= ends[1]
    tightest = found.summary.bounds["variance"].tightest[0]
    assert tightest.tightness == pytest.approx(alone.max(), rel=1e-9)


def test_files_of_a_page_have_names_of_their_own():
    own = names_apart()
    assert [own("a.csv"), own("b.csv"), own("a.csv"), own("a.csv"), own("a-2.csv")] == [
        "a.csv",
        "b.csv",
        "a-2.csv",
        "a-3.csv",
        "a-2-2.csv",
    ]
    points = np.random.default_rng(0).normal(size=(24, 3))
    page = scan_page(scan(points, np.arange(24) // 12, np.arange(24) // 3, ["karimov", "two-sided"]))
    names = re.findall(r'download="([^"]*)"', page)
    assert len(names) == len(set(names)) > 5
    assert page.count("<math>") == 2
