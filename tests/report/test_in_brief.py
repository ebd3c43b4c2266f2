"""Results where they stand among others: on a line; and the same content as text, in a terminal and in a notebook."""

import html
import re
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest

from boundcheck import check, check_bound, distances, falsify, scan
from boundcheck.adversary import compare, necessity, sharpness
from boundcheck.language import Bound, Scalar
from boundcheck.report.tables import Table
from boundcheck.scanning import LabelledPoints, check_triples, sample_triples
from boundcheck.scanning.sampled import scan_sample
from boundcheck.theorems import K, get

RANDOM = np.random.default_rng(0)
G1, G2, G3 = (RANDOM.normal(size=(5, 3)) for _ in range(3))
POINTS, COLLECTIONS = RANDOM.normal(size=(24, 3)), np.repeat(np.arange(8), 3)
LABELLED = LabelledPoints.from_labels(POINTS, COLLECTIONS, COLLECTIONS // 4)

RESULTS = {
    "check": lambda: check_bound(None, G1, G2, G3),
    "check of any bound": lambda: check(K, None, x=G1, z=G2, w=G3),
    "ladder": lambda: check_bound(None, G1, G2, G3, bound="all"),
    "scan": lambda: scan(LABELLED, bounds=["karimov", "chamfer"]),
    "verdicts": lambda: scan(LABELLED, bounds=["karimov"], verdicts_only=True),
    "sample": lambda: scan_sample(LABELLED, bounds=["karimov"], sample=20),
    "triples": lambda: check_triples(K, LABELLED, sample_triples(LABELLED, 20, seed=0)),
    "refuted": lambda: falsify("karimov-199"),
    "survived": lambda: falsify("karimov", seconds=0.2),
    "necessity": lambda: necessity("karimov-2-triangle", seconds=0.1),
    "sharpness": lambda: sharpness("karimov", seconds=0.1, max_size=1, max_dimension=1),
    "distances": lambda: distances.between([G1, G2]),
    "matrix": lambda: distances.between([G1, G2], reduce=["max"]).max,
    "extreme": lambda: distances.farthest(G1, G2),
    "comparison": lambda: compare("chamfer", "karimov", seconds=0.1),
    "labelled points": lambda: LABELLED,
}


@cache
def found(name):
    return RESULTS[name]()


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_a_line_among_others_and_has_a_text(name, capsys):
    result = found(name)
    line = repr(result)
    assert len(line) <= 200
    assert "\n" not in line
    text = str(result)
    assert text
    assert f"{result}" == text
    # What asks for the text gets it; nothing is shown beside it.
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", RESULTS)
def test_a_notebook_shows_what_the_text_says_with_formulas_as_mathematics(name):
    result = found(name)
    page = result._repr_html_()
    assert "<script" not in page
    ElementTree.fromstring(f"<div>{page.replace('<br>', '<br/>').replace('&ensp;', ' ')}</div>")
    text, shown = str(result), html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"<math.*?</math>", " ", page)))
    for bound in (K, get("karimov"), getattr(result, "bound", K)):
        for stated in (str(bound), bound.statement):
            if stated in text:
                assert "<math" in page
                text = text.replace(stated, "")
    # Rules of tables are no content.
    words = {word for word in text.split() if set(word) != {"─"}}
    assert not words - set(shown.split())


@pytest.mark.parametrize("stated", [K, K.rhs, K.premises[1], K.lhs <= K.rhs, get("two-sided")], ids=str)
def test_a_statement_in_a_notebook_is_mathematics(stated):
    page = stated._repr_html_()
    assert page.count("<math>") == (1 + len(stated.premises) if isinstance(stated, Bound) else 1)
    assert "‖x_i" not in page


def test_a_term_that_has_no_latex_stays_text():
    class Odd(Scalar):
        def __str__(self):
            return "odd < 1"

    assert Odd()._repr_html_() == "<div>odd &lt; 1</div>"


@pytest.mark.parametrize("name", ["scan", "verdicts", "sample"])
def test_what_has_tables_says_the_same_as_text_and_in_a_notebook(name):
    result = found(name)
    page = result._repr_html_()
    assert "<script" not in page
    shown = re.sub(r"\s+", "", str(result))
    for table in result.tables():
        for row in table.rows:
            for cell in row:
                assert f">{cell}</td>" in page
                assert re.sub(r"\s+", "", cell) in shown


def test_a_table_in_a_notebook_shows_what_comes_from_data_as_it_is():
    page = Table("<b>", ("name", "n"), (("<script>alert(1)</script>", "\x1b[31m1"),), "a & b").to_html()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x1b" not in page
    assert "a &amp; b" in page


def test_a_name_is_no_text_of_several_lines():
    assert len(repr(get("hulls"))) <= 200
