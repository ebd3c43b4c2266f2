"""The experiment: its numbers are check_bound's, and its files are whole, valid and the same each time."""

import csv
import dataclasses
import itertools
import json
import math
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from synthetic import drawings, embedded

from boundcheck import Verdict, check_bound
from boundcheck.errors import BoundcheckError, DataError, InvalidValueError, NormError
from boundcheck.limits import ClusteredShare
from boundcheck.omniglot.embedded import EmbeddedDrawings
from boundcheck.omniglot.experiment import SEED_ROWS, Experiment, precision_table, run_experiment
from boundcheck.report import figures

PARTS = {"trained alphabets": False, "held-out alphabets": True}
TEXTS = ("summary.json", "tables.md", "verdicts.csv", "triples.csv", "chain.csv", "ladder.csv", "index.html")
CURVE = [
    {
        "step": step,
        "images": 16 * step,
        "loss": 1 / step,
        "mean_distance": 0.1 * step,
        "validation_character_precision": 0.2 if step == 3 else None,
        "validation_alphabet_precision": 0.3 if step == 3 else None,
    }
    for step in range(1, 5)
]
METADATA = {
    "training": {"config": {"margin": 1.0, "seed": 7}, "made_by": {"commit": "c0ffee"}, "curve": CURVE},
    "precision_at_1": [
        {
            "part": "evaluation alphabets",
            "representation": "raw pixels",
            "count": 10,
            "same_character": 3,
            "same_alphabet": 5,
            "alphabets": {"Angelic": [6, 1, 2], "Tagalog": [4, 2, 3]},
        }
    ],
}


@pytest.fixture(scope="module")
def data() -> EmbeddedDrawings:
    return dataclasses.replace(embedded(), metadata=METADATA)


@pytest.fixture(scope="module")
def experiment(data) -> Experiment:
    return run_experiment(data, triples=41, seed=3, progress=False)


@pytest.fixture(scope="module")
def folder(experiment, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "made" / "for it"
    experiment.write(folder, drawings(drawers=5))
    return folder


class Page(HTMLParser):
    """Collects what a page holds, and fails where its elements do not nest."""

    VOID = frozenset({"meta", "br", "img", "link"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("norm", [1.0, 2.0, math.inf])
def test_numbers_are_those_of_check_bound(data, norm):
    found = run_experiment(data, triples=12, seed=1, norm=norm, progress=False)
    for name, flag in PARTS.items():
        scan, labelled = found.scans[name], data.labelled(evaluation=flag)
        for row, triple in enumerate(scan.triples):
            points = [labelled.points[labelled.members[position]] for position in triple]
            report = check_bound(None, *points, norm=norm)
            errors = [scan.lhs_error[row] + report.lhs.error, scan.rhs_error[row] + report.rhs.error]
            assert abs(scan.lhs[row] - float(report.lhs)) <= errors[0]
            assert abs(scan.rhs[row] - float(report.rhs)) <= errors[1]
            assert scan.parameters["m"][row] == pytest.approx(float(report.m))
            assert scan.tightness[row] == pytest.approx(float(report.tightness))
            assert [scan.links[link.title][row] for link in report.chain] == pytest.approx(
                [float(link.slack) for link in report.chain], abs=1e-9
            )
            farthest = np.linalg.norm(points[0][:, None] - points[2][None], ord=norm, axis=2).max()
            assert scan.measured["largest distance"][row] == pytest.approx(farthest)
            assert report.verdict is Verdict.HOLDS
        assert scan.verdict is Verdict.HOLDS


def test_table_shows_the_triples_that_it_names(experiment, data):
    (table,) = (table for table in experiment.tables(examples=4) if table.title == "Beside Karimov's figures")
    rows = [row for row in table.rows if " · " in row[0]]
    assert len(rows) == 8
    for row in rows:
        part, _, names = row[0].partition(": ")
        labelled = data.labelled(evaluation=PARTS[part])
        collections = [labelled.names.index(name.replace(" ", "/character")) for name in names.split(" · ")]
        report = check_bound(None, *(labelled.points[labelled.members[position]] for position in collections))
        assert row[1] == f"{float(report.lhs):.4g}"
        assert row[3] == f"{float(report.rhs):.4g}"
        assert row[4] == f"{float(report.m):.4g}"
        assert row[5] == f"{float(report.tightness):.3f}"


def test_triples_are_of_two_characters_of_one_alphabet_and_one_of_another(experiment):
    for name, scan in experiment.scans.items():
        for row in range(len(scan)):
            first, second, third = experiment.describe(name, row).split(" · ")
            assert first != second
            assert first.split()[0] == second.split()[0] != third.split()[0]


def test_triples_are_shared_out_between_the_parts(experiment):
    assert {name: len(scan) for name, scan in experiment.scans.items()} == {
        "trained alphabets": 21,
        "held-out alphabets": 20,
    }


def test_the_seeds_own_rows_stand_beside(experiment):
    assert [row[1:3] for row in experiment.tables()[1].rows[-3:]] == [
        (f"{lhs:.2f}", f"{most:.2f}") for lhs, most in SEED_ROWS
    ]


def test_links_add_up_to_the_whole_slack(experiment):
    for scan in experiment.scans.values():
        np.testing.assert_allclose(sum(scan.links.values()), scan.rhs - scan.lhs, atol=1e-9)
    shares = [float(row[2].rstrip("%")) for row in experiment.tables()[2].rows]
    assert sum(shares) == pytest.approx(200, abs=1)


LADDER_NAMES = {
    "theorem K": "karimov",
    "U3, Hausdorff": "hausdorff",
    "U2, Chamfer": "chamfer",
    "U4, less a variance": "variance",
    "U5, two-sided": "two-sided",
    "U1, transport": "transport",
}


def test_the_ladder_is_that_of_check_bound(experiment, data):
    for part, flag in PARTS.items():
        labelled, rungs = data.labelled(evaluation=flag), experiment.rungs(part)
        assert list(rungs) == ["theorem K", "m + largest distance", *list(LADDER_NAMES)[1:]]
        for row, triple in enumerate(experiment.ladders[part].triples[:4]):
            found = check_bound(None, *(labelled.points[labelled.members[one]] for one in triple), bound="all")
            for name, bound in LADDER_NAMES.items():
                assert rungs[name][row] == pytest.approx(float(found[bound].tightness), rel=1e-9)
            half = float(found["karimov"].report.chain[-2].rhs)
            assert rungs["m + largest distance"][row] == pytest.approx(float(found.distance) / half)


def test_the_ladder_is_in_order_on_every_triple(experiment):
    for part in PARTS:
        *known, _ = experiment.rungs(part).values()
        for blunter, sharper in itertools.pairwise(known):
            assert (blunter <= sharper * (1 + 1e-9)).all()
        assert all((ratios <= 1 + 1e-9).all() for ratios in experiment.rungs(part).values())


def test_the_ladder_is_of_the_first_triples_of_each_part(data, monkeypatch):
    monkeypatch.setattr("boundcheck.omniglot.experiment.LADDER_TRIPLES", 7)
    found = run_experiment(data, triples=41, seed=3, progress=False)
    for part, scan in found.ladders.items():
        np.testing.assert_array_equal(scan.triples, found.scans[part].triples[:7])
    (table,) = (table for table in found.tables() if table.title.startswith("The ladder"))
    assert "7 of the trained alphabets, 7 of the held-out alphabets" in table.note
    assert len(table.rows) == 14
    part, name = table.rows[3][0].split(": ")
    ratios = found.rungs(part)[name]
    assert table.rows[3][1].startswith(f"{np.median(ratios):.4g} [")
    assert table.rows[3][2] == f"{ratios.max():.4g}"
    assert found.summary()["parts"][part]["ladder"]["triples"] == 7
    assert found.summary()["parts"][part]["ladder"]["median_tightness"][name]["value"] == np.median(ratios)


def test_in_another_norm_the_ladder_has_what_holds_there(data):
    found = run_experiment(data, triples=12, norm=1.0, progress=False)
    assert list(found.rungs("held-out alphabets")) == [
        "theorem K", "m + largest distance", "U3, Hausdorff", "U2, Chamfer", "U1, transport",
    ]  # fmt: skip


def test_same_seed_gives_the_same_triples_and_another_seed_others(data, experiment):
    again, other = (run_experiment(data, triples=41, seed=seed, progress=False) for seed in (3, 4))
    assert again.summary() == experiment.summary()
    for name, scan in experiment.scans.items():
        np.testing.assert_array_equal(scan.triples, again.scans[name].triples)
        assert not np.array_equal(scan.triples, other.scans[name].triples)


@pytest.mark.parametrize("evaluation", [0, 6])
def test_one_part_alone(tmp_path, evaluation, request):
    if evaluation:
        request.getfixturevalue("no_pictures")
    found = run_experiment(embedded(evaluation=evaluation), triples=10, progress=False)
    assert list(found.scans) == [list(PARTS)[evaluation > 0]]
    assert len(next(iter(found.scans.values()))) == 10
    found.write(tmp_path)
    assert set(json.loads((tmp_path / "summary.json").read_text())["parts"]) == set(found.scans)


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        ([Verdict.HOLDS, Verdict.FAILS], Verdict.FAILS),
        ([Verdict.HOLDS, Verdict.UNDECIDED], Verdict.UNDECIDED),
        ([Verdict.HOLDS, Verdict.HOLDS], Verdict.HOLDS),
        ([Verdict.VACUOUS, Verdict.VACUOUS], Verdict.VACUOUS),
    ],
)
def test_verdict_is_the_worst_of_the_parts(experiment, verdicts, worst):
    @dataclasses.dataclass
    class Scan:
        verdict: Verdict

    scans = {name: Scan(verdict) for name, verdict in zip(PARTS, verdicts, strict=True)}
    assert dataclasses.replace(experiment, scans=scans).verdict is worst


def test_too_few_triples_are_named(data):
    with pytest.raises(InvalidValueError, match="triples: expected at least 2, one for each part, got 1"):
        run_experiment(data, triples=1, progress=False)


def test_one_alphabet_makes_no_triple():
    with pytest.raises(InvalidValueError, match="two classes"):
        run_experiment(embedded(evaluation=1), triples=10, progress=False)


def test_norm_below_one_is_refused_with_the_reason(data):
    with pytest.raises(NormError, match="triangle inequality fails"):
        run_experiment(data, triples=10, norm=0.5, progress=False)


# ----------------------------------------------------------------------------------------------------------- files


def test_every_file_is_there_and_no_other(folder):
    pictures = ("sides", "chain", "ladder", "curve", "tightest-trained", "tightest-held-out")
    expected = {*TEXTS, *(f"{name}.{kind}" for name in pictures for kind in ("svg", "png"))}
    assert {path.name for path in folder.iterdir()} == expected


def test_json_is_strict_and_says_what_was_found(folder, experiment):
    def refuse(name: str) -> None:
        raise AssertionError(name)

    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert summary == experiment.summary()
    assert summary["verdict"] == "holds"
    assert summary["embeddings"]["training"] == {"config": {"margin": 1.0, "seed": 7}, "made_by": {"commit": "c0ffee"}}
    for name, part in summary["parts"].items():
        scan = experiment.scans[name]
        assert part["counts"]["holds"] == part["triples"] == len(scan)
        assert part["mean_lhs"] == pytest.approx(scan.lhs.mean())
        assert part["median_tightness"]["value"] == pytest.approx(np.median(scan.tightness))
        assert part["tightest"][0]["tightness"] == pytest.approx(scan.tightness.max())
        assert sum(part["mean_link_slack"].values()) == pytest.approx(part["mean_rhs"] - part["mean_lhs"])


def test_tables_in_csv_are_the_tables(folder, experiment):
    for name, table in zip(("verdicts", "triples", "chain", "ladder"), experiment.tables(), strict=False):
        rows = rows_of(folder / f"{name}.csv")
        assert [tuple(row.values()) for row in rows] == list(table.rows)
        assert tuple(rows[0]) == table.columns
    assert rows_of(folder / "verdicts.csv")[0]["holds"] == "21"


def test_markdown_has_every_row_in_its_columns(folder, experiment):
    lines = (folder / "tables.md").read_text(encoding="utf-8").splitlines()
    for table in experiment.tables():
        start = lines.index(f"**{table.title}**") + 2
        block = lines[start : start + len(table.rows) + 2]
        assert {line.replace("\\|", "").count("|") for line in block} == {len(table.columns) + 1}
        assert block[2].startswith(f"| {table.rows[0][0]}")


def test_page_is_well_formed_and_without_scripts(folder):
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    assert "script" not in page.seen
    assert page.seen.count("svg") == 6
    assert page.seen.count("figure") == 6
    assert "c0ffee" in " ".join(page.text)


def test_page_escapes_what_data_says(tmp_path):
    whole = embedded()
    hostile = '<script>alert("&")</script>'
    names = {
        "alphabet_names": tuple(f"{hostile}{a}" for a in range(6)),
        "character_names": tuple(f"{hostile}{c // 4}/character{c % 4:02d}" for c in range(24)),
    }
    found = run_experiment(dataclasses.replace(whole, **names, metadata={"note": hostile}), triples=8, progress=False)
    drawn = dataclasses.replace(drawings(drawers=5), **names)
    found.write(tmp_path, drawn)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    Page(text)
    for path in tmp_path.glob("*.svg"):
        ET.parse(path)


@pytest.mark.parametrize("name", ["sides", "chain", "ladder", "curve", "tightest-trained", "tightest-held-out"])
def test_figures_are_valid(folder, name):
    root = ET.parse(folder / f"{name}.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))
    with Image.open(folder / f"{name}.png") as picture:
        picture.load()
        assert min(picture.size) > 100


def test_figures_on_the_page_share_no_references(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    for part in text.split("<svg")[1:]:
        root = ET.fromstring("<svg" + part[: part.index("</svg>") + 6])
        ids = {node.get("id") for node in root.iter()}
        assert ids
        for node in root.iter():
            for value in node.attrib.values():
                if value.startswith("url(#"):
                    assert value[5:-1] in ids
                    assert text.count(f'id="{value[5:-1]}"') == 1


def test_same_seed_gives_the_same_files(folder, data, tmp_path):
    written = run_experiment(data, triples=41, seed=3, progress=False).write(tmp_path, drawings(drawers=5))
    assert sorted(written) == sorted(tmp_path.iterdir())
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_tightest_triple_is_drawn(experiment, monkeypatch):
    drawn = drawings(drawers=5)
    seen = {}
    monkeypatch.setattr(figures, "image_rows_figure", lambda rows, title: seen.update(rows) or title)
    part = "held-out alphabets"
    experiment._tightest_figure(part, drawn)
    row = int(np.argmax(experiment.scans[part].tightness))
    names = [name.replace(" ", "/character") for name in experiment.describe(part, row).split(" · ")]
    assert list(seen) == [
        f"{role}: {name}" for role, name in zip(("anchors", "positives", "negatives"), names, strict=True)
    ]
    for name, images in zip(names, seen.values(), strict=True):
        np.testing.assert_array_equal(images, drawn.images[drawn.character == drawn.character_names.index(name)])


def test_drawings_of_something_else_are_named(experiment, tmp_path):
    other = dataclasses.replace(drawings(drawers=5), character_names=tuple(f"other/{c}" for c in range(24)))
    with pytest.raises(DataError, match="drawings: expected images of the characters that were embedded"):
        experiment.write(tmp_path, other)


@pytest.mark.parametrize("triples", [2, 10])
def test_few_triples_make_a_report_too(data, tmp_path, triples, request):
    if triples > 2:
        request.getfixturevalue("no_pictures")
    run_experiment(data, triples=triples, progress=False).write(tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["parts"]["held-out alphabets"]["median_lhs"]["low"] is None


def test_embeddings_that_are_one_point_make_a_report_too(tmp_path):
    whole = embedded()
    found = run_experiment(
        dataclasses.replace(whole, embeddings=np.ones_like(whole.embeddings)), triples=20, progress=False
    )
    found.write(tmp_path, drawings(drawers=5))
    assert {row["median tightness"] for row in rows_of(tmp_path / "verdicts.csv")} == {"—"}
    assert "nan" not in (tmp_path / "tables.md").read_text()
    assert found.verdict in (Verdict.HOLDS, Verdict.UNDECIDED)


@pytest.mark.parametrize(("error", "when"), [(KeyboardInterrupt, 0), (OSError, 1), (KeyboardInterrupt, 7)])
def test_an_interrupted_report_leaves_whole_files_only(experiment, folder, tmp_path, monkeypatch, error, when):
    calls = iter(range(when + 1))

    def interrupted(_: int) -> None:
        if next(calls) == when:
            raise error

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(error):
        experiment.write(tmp_path)
    left = list(tmp_path.iterdir())
    assert len(left) == when
    for path in left:
        assert path.read_bytes() == (folder / path.name).read_bytes()


# ------------------------------------------------------------------------------------------------------- precision


def test_precision_table_shows_shares_with_limits():
    table = precision_table(METADATA["precision_at_1"])
    character, alphabet = ClusteredShare((1, 2), (6, 4)), ClusteredShare((2, 3), (6, 4))
    assert table.rows == (("evaluation alphabets: raw pixels", "10", "2", str(character), str(alphabet)),)


def test_precision_of_older_files_has_no_limits():
    (row,) = METADATA["precision_at_1"]
    table = precision_table([{key: value for key, value in row.items() if key != "alphabets"}])
    assert table.rows == (("evaluation alphabets: raw pixels", "10", "—", "30.0%", "50.0%"),)


def test_damaged_precision_is_refused():
    with pytest.raises(BoundcheckError):
        precision_table([{**METADATA["precision_at_1"][0], "same_character": 11}])
