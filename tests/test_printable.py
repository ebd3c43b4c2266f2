"""Text from data as a terminal may show it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundcheck.errors import explain
from boundcheck.printable import printable, readable_in

#: What could move the cursor, colour, hide, reorder, or begin a line; by the name of what it is.
HOSTILE = {
    "escape": "\x1b[31mred\x1b[0m",
    "title": "\x1b]0;title\x07",
    "C1": "\x9b31m",
    "line": "name\nError: nothing is wrong",
    "return": "hidden\rshown",
    "NUL": "a\0b",
    "backspaces": "fails\b\b\b\b\bholds",
    "override": "abc\u202efed",
    "isolate": "\u2066x\u2069",
    "no width": "a\u200bb\ufeff",
    "separators": "a\u2028b\u2029c\x85d",
    "half a pair": "\udc80\ud800",
    "tab": "a\tb",
    "delete": "a\x7fb",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_visible_character_is_escaped(text):
    shown = printable(text)
    assert shown.isprintable()
    # As Python writes it, so that it can be read back.
    assert shown.encode("ascii").decode("unicode_escape") == text


@pytest.mark.parametrize("text", ["", "Ålesund/γ", "文字 01", "a\u3000b", "a\xa0b", "‖x‖₂ ≤ 2", r"C:\data", "😀"])
def test_what_is_visible_stays(text):
    assert printable(text) == text


@given(st.text(st.characters(codec=None), max_size=20))
def test_nothing_that_is_shown_controls_anything(text):
    shown = printable(text)
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert printable(text, lines=True).split("\n") == [printable(line) for line in text.split("\n")]
    assert printable(shown) == shown


@given(
    st.text(st.characters(codec=None), max_size=20), st.sampled_from(["ascii", "cp1252", "latin-1", "utf-8", "cp437"])
)
def test_every_text_can_be_written_in_every_encoding(text, encoding):
    readable = readable_in(encoding, text)
    assert readable.encode(encoding).decode(encoding) == readable
    if text.isascii():
        assert readable == text


def test_a_statement_can_be_read_in_ascii():
    assert readable_in("ascii", "‖μ_x − μ_z‖² ≤ 2·max(m, ρ) ± 10⁻¹², ℓ1, ⟨x, z⟩, naïve, ¼") == (
        "||mu_x - mu_z||^2 <= 2*max(m, rho) +- 10^-12, l1, <x, z>, naive, 1/4"
    )
    assert readable_in("cp1252", "x² ± 1 ≤ ∞") == "x² ± 1 <= inf"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_message_is_one_line_without_control_characters(text):
    assert explain(text, f"no {text}", text, text).isprintable()
