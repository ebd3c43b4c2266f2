"""Files of counterexamples from elsewhere: nothing in them is run, and what is malformed is refused at once, by name."""

import json
import random
import sys

import pytest

from boundcheck import cli
from boundcheck.adversary import Refuted, falsify, replay
from boundcheck.adversary.serialized import read
from boundcheck.errors import BoundcheckError, FileFormatError, InvalidTypeError

RAISES = "raise SystemExit('it ran')\n"
MINE = (
    "from boundcheck.language import *\n"
    "mine = Bound('mine', premises=[triplet(m)], lhs=norm(mean(x) - mean(z)), rhs=m + nearest(x, w))\n"
)


@pytest.fixture(scope="module")
def bundle():
    return json.loads(falsify("karimov-199").to_json())


@pytest.fixture(scope="module")
def kinds(bundle):
    """Bundles with powers, and of two dimensions, too."""
    names = ("variance-any-norm", "variance-sup-norm", "coordinate-max-without-root")
    return [bundle, *(json.loads(falsify(name, seconds=5).to_json()) for name in names)]


def terms(bundle, **changes):
    return {**bundle, "bound": {**bundle["bound"], **changes}}


def nested(depth):
    return "[" * depth + "]" * depth


MALFORMED = {
    "NaN": (lambda b: json.dumps({**b, "points": {**b["points"], "x": [[float("nan")]]}}), "finite numbers, got NaN"),
    "infinity": (lambda b: json.dumps({**b, "given": {"m": float("inf")}}), "finite numbers, got Infinity"),
    "overflow": (lambda b: json.dumps(b).replace("[[0.0]]", "[[1e400]]"), "numbers of float64's range, got '1e400'"),
    "long": (lambda b: json.dumps(b).replace("[[0.0]]", f"[[{'9' * 5000}]]"), "one of 5000 digits"),
    "inexact": (lambda b: json.dumps({**b, "given": {"m": 2**53 + 1}}), "given of m as a float64"),
    "NaN as text": (lambda b: json.dumps({**b, "norm": "nan"}), "norm as a number"),
    "true": (lambda b: json.dumps({**b, "norm": True}), "norm as a number"),
    "twice": (lambda b: json.dumps(b)[:-1] + ', "seed": 1}', "each name once"),
    "deep": (lambda b: nested(100_000), "levels of lists and objects"),
    "deep within": (lambda b: json.dumps({**b, "tried": 0}).replace('"tried": 0', f'"tried": {nested(500)}'), "levels"),
    "unknown key": (lambda b: json.dumps({**b, "run": "me"}), "no keys but"),
    "reference": (lambda b: json.dumps(terms(b, reference=["bounds.py:mine"])), "reference as text"),
    "hidden reference": (lambda b: json.dumps(terms(b, reference="a\x1b[8m.py:mine")), "reference as text"),
    "point of nothing": (lambda b: json.dumps({**b, "points": {**b["points"], "q": [[0]]}}), "those of 'q'"),
    "empty": (lambda b: json.dumps({**b, "points": {**b["points"], "x": []}}), "a list that is not empty"),
    "ragged": (lambda b: json.dumps({**b, "points": {**b["points"], "x": [[0], [0, 1]]}}), "of one dimension"),
    "two dimensions": (
        lambda b: json.dumps({**b, "points": {**b["points"], "x": [[0, 1]]}}),
        "points of one dimension",
    ),
    "text": (lambda b: json.dumps({**b, "points": {**b["points"], "x": [["0"]]}}), "as a number"),
    "ground": (lambda b: json.dumps({**b, "ground": {"how": "trust me"}}), "ground with how"),
    "half a pair": (lambda b: json.dumps({**b, "lhs": [1.0]}), "a number and its error"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_refused_by_name(bundle, name):
    change, message = MALFORMED[name]
    with pytest.raises(FileFormatError) as refused:
        Refuted.from_json(change(bundle))
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "content",
    ["1/0", "1e300000000", "9" * 401, "1/" + "9" * 401, "0.5", " 1", "1_0", "inf", "", 1, 0.5, None, ["1"], {"a": 1}],
    ids=lambda content: str(content)[:20],
)
def test_fractions_are_whole_numbers_of_few_digits(content):
    with pytest.raises(FileFormatError):
        read({"Constant": {"value": {"Fraction": content}}})


@pytest.mark.parametrize(
    "written",
    [
        {"Scalar": {}},
        {"Term": {}},
        {"Constant": {"value": 1}},
        {"Norm": {"vector": {"Parameter": {"symbol": "m"}}}},
        {"Power": {"base": {"Parameter": {"symbol": "m"}}, "exponent": {"Fraction": "1000000"}}},
        {"Parameter": {"symbol": "m\x1b[2J"}},
        {"Parameter": {"symbol": True}},
        {"Add": {"terms": {"Parameter": {"symbol": "m"}}}},
        {"Bound": {"name": "a", "chain": []}},
    ],
)
def test_parts_are_of_the_type_that_their_place_has(written):
    with pytest.raises(FileFormatError):
        read(written)


VALUES = (
    *(None, True, 0, -1, 1.5, 1e308, 1e-320, 2**53 + 1, "", "x", "1/0", "1e300000000", "inf", "\x1b[31m", [], {}, [[]]),
    *([1], {"a": 1}, {"Norm": {}}, {"Fraction": "9" * 399}, {"Parameter": {"symbol": "m"}}, [[1, 2]], float("nan")),
)


def places(value, path=()):
    yield path
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(part, (*path, key))


def altered(value, path, new):
    if not path:
        return new
    if isinstance(value, dict):
        return {**value, path[0]: altered(value[path[0]], path[1:], new)}
    return [altered(part, path[1:], new) if place == path[0] else part for place, part in enumerate(value)]


def answer(text):
    try:
        return replay(Refuted.from_json(text)).status
    except BoundcheckError as error:
        return type(error)


@pytest.mark.parametrize("seed", range(6))
def test_every_change_of_a_file_ends_in_an_answer_or_an_error_of_ours(kinds, seed):
    drawn = random.Random(seed)
    ended = set()
    for _ in range(120):
        changed = drawn.choice(kinds)
        for _ in range(drawn.choice((1, 1, 2))):
            path = drawn.choice(list(places(changed)))
            changed = altered(changed, path, drawn.choice(VALUES))
        ended.add(answer(json.dumps(changed)))
    assert FileFormatError in ended


# --------------------------------------------------------------------------------------------------------------- trust


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("reference", ["bounds.py:mine", "./bounds.py:mine", "{folder}/bounds.py:mine"])
def test_a_file_that_a_bundle_names_is_not_run(bundle, folder, reference):
    (folder / "bounds.py").write_text(RAISES)
    named = reference.format(folder=folder)
    (folder / "found.json").write_text(json.dumps(terms(bundle, reference=named)))
    again = replay(folder / "found.json")
    assert (again.status, again.not_run, again.changed) == ("still fails", named, False)
    assert f"{named} was not run" in str(again)
    assert again.summary()["not_run"] == named
    with pytest.raises(SystemExit, match="it ran"):
        replay(folder / "found.json", trust=True)
    assert replay(folder / "found.json", bound="karimov-199").not_run is None


def test_trust_is_true_or_false(bundle):
    with pytest.raises(InvalidTypeError, match="trust: expected True or False"):
        replay(Refuted.from_json(json.dumps(bundle)), trust="yes")


@pytest.fixture
def run(folder, monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["boundcheck", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (ended.value.code, *capsys.readouterr())

    return call


def test_the_command_runs_a_file_only_if_it_is_trusted(run, bundle, folder):
    (folder / "bounds.py").write_text(RAISES)
    (folder / "found.json").write_text(json.dumps(terms(bundle, reference="bounds.py:mine")))
    status, out, err = run("replay", "found.json")
    assert status == 1
    assert "by the statement that the bundle holds: bounds.py:mine was not run" in out
    assert err == "bounds.py:mine is not run; --trust runs it, for the bound as it is there now\n"
    # A file that ends the process gives no verdict.
    for words in (("--trust",), ("--bound", "bounds.py:mine")):
        status, out, err = run("replay", "found.json", *words)
        assert (status, out) == (2, "")
        assert "running bounds.py, which states the bound" in err
        assert "it ran" in err
    (folder / "bounds.py").write_text(MINE)
    assert run("replay", "found.json", "--trust")[0] == 3
    assert run("replay", "found.json", "--trust", "--bound", "karimov")[0] == 2


@pytest.mark.parametrize("name", MALFORMED)
def test_the_command_refuses_what_is_malformed(run, bundle, folder, name):
    (folder / "found.json").write_text(MALFORMED[name][0](bundle))
    status, out, err = run("replay", "found.json")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("Error: ")


def test_a_file_that_is_no_text_is_refused(run, folder):
    (folder / "found.json").write_bytes(b"\xff\xfe\x00")
    status, _, err = run("replay", "found.json")
    assert status == 2
    assert "a text file in UTF-8" in err
