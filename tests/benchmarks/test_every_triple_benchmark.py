"""The table of every triple is made of its results, and says what it measured."""

import json

from benchmarks import every_triple


def test_the_page_is_made_of_the_results():
    found = json.loads((every_triple.RESULTS / "every-triple.json").read_text(encoding="utf-8"))
    assert every_triple.markdown(found) == (every_triple.RESULTS / "every-triple.md").read_text(encoding="utf-8")
    for part in every_triple.PARTS:
        known = found["parts"][part]
        assert all(sum(one["counts"].values()) == known["triples"] for one in known["bounds"].values())


def test_numbers_are_rounded_away_from_what_is_between_them():
    assert every_triple._outwards(0.12341, 0.12349) == "0.1234 to 0.1235"
    assert every_triple._outwards(-0.12341, -0.12349 + 1e-4) == "-0.1235 to -0.1233"
