"""Every published statement on real embeddings: Omniglot's held-out alphabets, and handwritten digits.

    python -m benchmarks.published [--only WORD] [--again] [--out FOLDER]

Each statement is checked once by :func:`boundcheck.check`, on points drawn with a seed, and then on a few dozen further
draws: by :mod:`boundcheck.scanning` where tuples of collections or parts of a family are what is drawn, of which a check
decides what the scan leaves undecided, else by a check each. Omniglot's embeddings are those that the package ships, the digits are scikit-learn's through the tutorial's
pipeline. What is there of the same statement and the same draw is kept, so that a run goes on where one ended. A
statement that is not known to be false and fails ends the run with a status of 1.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from boundcheck import check, embed
from boundcheck.atomic import write_text
from boundcheck.data.tuples import Tuples
from boundcheck.errors import BoundcheckError, InvalidValueError, explain
from boundcheck.evaluate import CODES, Verdict
from boundcheck.language import Bound, Collection, Family, Lipschitz, Parameter, Relation, Space
from boundcheck.omniglot.embedded import shipped
from boundcheck.report import Report
from boundcheck.report.tables import csv_of
from boundcheck.scanning import LabelledPoints, TupleScan, scan_parts, scan_tuples
from boundcheck.scanning.triples import ScanResult
from boundcheck.theorems.published import PUBLISHED, Published, Status, field_of

__all__ = ["DATA", "RESULTS", "Data", "Setting", "digest", "is_current", "measured", "rows_of", "setting_of"]

RESULTS = Path(__file__).parent / "results" / "published"
COMMAND = "python -m benchmarks.published"

SEED = 0
#: Tuples or parts that are drawn by a scan, and draws that are checked one by one.
SCANNED, CHECKED = 60, 20
#: Of each class of a family.
MEMBERS = 20
#: Of each collection, where a statement takes long.
FEW = 5
#: Pairs of a contrastive batch, and the length that its vectors are scaled to: temperature 0.1 of vectors of length 1.
PAIRS, LENGTH = 64, math.sqrt(10)
#: Points with a sign each, vectors that points are projected on, and objects with views.
SIGNED, DIRECTIONS, OBJECTS = 10, 8, 3


# --------------------------------------------------------------------------------------------------------------- data


@dataclass(frozen=True)
class Data:
    """Embedded objects in collections, those in classes, and what they are called.

    Attributes
    ----------
    collection, many, kind, objects
        One collection, several, a class of them, what they are of: a character, characters, alphabet, drawings.
    half, whole
        A part of a collection and what it is a part of, for statements of one class and another that are as small.
    halves
        The same objects with parts of collections as collections, and collections as classes.
    """

    name: str
    said: str
    many: str
    kind: str
    objects: str
    labelled: LabelledPoints
    half: str
    whole: str
    halves: LabelledPoints

    def points(self, position: int) -> np.ndarray:
        """Return the points of a collection."""
        return self.labelled.points[self.labelled.members[position]]

    def of_class(self, number: int) -> np.ndarray:
        """Return the rows of all objects of a class."""
        return np.concatenate([self.labelled.members[at] for at in np.flatnonzero(self.labelled.classes == number)])


@cache
def omniglot() -> Data:
    """Return the characters of the alphabets that the shipped network was not trained on."""
    labelled = shipped().labelled(evaluation=True)
    part, whole = np.empty(len(labelled.points), dtype=np.int64), np.empty(len(labelled.points), dtype=np.int64)
    for position, rows in enumerate(labelled.members):
        whole[rows] = position
        part[rows] = 2 * position + (np.arange(len(rows)) >= len(rows) // 2)
    return Data(
        "Omniglot",
        "alphabets that were held out, embedded by the network that the package ships",
        "characters",
        "alphabet",
        "drawings",
        labelled,
        "halves of a character's drawings",
        "character",
        LabelledPoints.from_labels(labelled.points, part, whole),
    )


@cache
def digits() -> Data:
    """Return images of digits that the pipeline was not fitted on, in groups of ten of one digit."""
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    images, digit = load_digits(return_X_y=True)
    f = make_pipeline(StandardScaler(), PCA(16)).fit(images[:900])
    held_out, label = images[900:], digit[900:]
    group = np.array([np.sum(label[:at] == label[at]) for at in range(len(label))]) // 10
    full = np.array([np.sum((label == own) & (group == of)) == 10 for own, of in zip(label, group, strict=True)])
    points, label, group = embed(f, held_out[full]).numpy(), label[full], group[full]
    labelled = LabelledPoints.from_labels(points, [f"{d}-{g}" for d, g in zip(label, group, strict=True)], label)
    return Data(
        "digits",
        "scikit-learn's images that were held out, standardised and reduced to 16 principal components",
        "groups of ten images",
        "digit",
        "images",
        labelled,
        "groups of ten images",
        "digit",
        labelled,
    )


DATA: Mapping[str, Callable[[], Data]] = {"Omniglot": omniglot, "digits": digits}


# ----------------------------------------------------------------------------------------------------------- settings


@dataclass(frozen=True)
class Setting:
    """What of a data set stands for what a statement speaks of.

    Attributes
    ----------
    said
        In words, given the data set and the statement.
    drawn
        What :func:`boundcheck.check` is given, by a data set, a statement and a source of randomness; None where tuples of
        collections or parts of a family are drawn as a scan does.
    where
        Which grouping of the data set is scanned.
    """

    said: Callable[[Data, Bound], str]
    drawn: Callable[[Data, Bound, np.random.Generator], dict[str, Any]] | None = None
    where: Callable[[Data], LabelledPoints] = lambda data: data.labelled


def _roles(data: Data, bound: Bound) -> str:
    return f"collections are {data.many}: {_of(bound.collections, data.labelled, data.kind)}"


def _roles_of_halves(data: Data, bound: Bound) -> str:
    # Of five, two are the proxies of others.
    return f"collections are {data.half}: {_of(bound.collections[:3], data.halves, data.whole)}"


def _of(collections: tuple[Collection, ...], labelled: LabelledPoints, kind: str) -> str:
    return Tuples(labelled, collections).said.replace("class", kind)


_PLAIN = Setting(_roles)
#: Exact numbers decide each of many equalities one by one, so that few points make a statement that takes its time.
_FEW = Setting(
    lambda data, bound: f"{_roles(data, bound)}; {FEW} {data.objects} of each",
    where=lambda data: replace(data.labelled, members=tuple(rows[:FEW] for rows in data.labelled.members)),
)
_HALVES = Setting(_roles_of_halves, where=lambda data: data.halves)


@cache
def _balanced(data: Data) -> LabelledPoints:
    """Return as many objects of each class, drawn at random, a class a collection."""
    random, labelled = np.random.default_rng(SEED), data.labelled
    rows = [
        np.sort(random.choice(data.of_class(number), MEMBERS, replace=False))
        for number in range(len(labelled.class_names))
    ]
    names = np.repeat(labelled.class_names, MEMBERS)
    return LabelledPoints.from_labels(labelled.points[np.concatenate(rows)], names, names)


_FAMILY = Setting(
    lambda data, bound: (
        f"the classes of {bound.collections[0]} are the {len(data.labelled.class_names)} {data.kind}s, "
        f"{MEMBERS} random {data.objects} of each"
    ),
    where=lambda data: _balanced(data),
)


def _pairs(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    labelled = data.labelled
    chosen = random.choice(len(labelled), min(PAIRS, len(labelled)), replace=False)
    rows = np.stack([random.choice(labelled.members[at], 2, replace=False) for at in chosen])
    points = labelled.points[rows]
    points = points * (LENGTH / np.linalg.norm(points, axis=-1, keepdims=True))
    return {"x": points[:, 0], "z": points[:, 1]}


_PAIRED = Setting(
    lambda data, _: (
        f"x_l and z_l are two {data.objects} of one of {min(PAIRS, len(data.labelled))} random {data.many}, scaled to "
        f"length √10, which is temperature 0.1"
    ),
    _pairs,
)


#: Of one class where a statement says something only of more points than there are dimensions.
CROWD = 80


def _crowd_of(count: int) -> Callable[[Data, Bound, np.random.Generator], dict[str, Any]]:
    def drawn(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
        rows = data.of_class(int(random.integers(len(data.labelled.class_names))))
        return {"x": data.labelled.points[random.choice(rows, min(count, len(rows)), replace=False)]}

    return drawn


_CROWD = Setting(lambda data, _: f"x is of random {data.objects} of one {data.kind}", _crowd_of(CROWD))


def _overlap(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    points = data.points(int(random.integers(len(data.labelled))))
    part = max(2, 3 * len(points) // 5)
    return {symbol: points[random.choice(len(points), part, replace=False)] for symbol in "xz"}


_OVERLAPPING = Setting(
    lambda data, _: f"x and z are two random draws of three fifths of one of the {data.many}, which overlap", _overlap
)


def _two(data: Data, random: np.random.Generator, count: int = 2) -> list[int]:
    """Return positions of collections of one class, each another one."""
    while True:
        own = np.flatnonzero(data.labelled.classes == random.integers(len(data.labelled.class_names)))
        if len(own) >= count:
            return random.choice(own, count, replace=False).tolist()


def _grid(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    points = data.points(int(random.integers(len(data.labelled))))
    return {"x": points, "z": np.round(points * 2) / 2}


_ROUNDED = Setting(
    lambda data, _: f"x is one of the {data.many}, z is x with every coordinate rounded to a multiple of 1/2", _grid
)


def _codes(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    at, other = _two(data, random)
    labelled = data.labelled
    peers = np.flatnonzero(labelled.classes == labelled.classes[at])
    book = np.stack([data.points(peer).mean(axis=0) for peer in peers])
    points = data.points(at)
    nearest = np.linalg.norm(points[:, None] - book[None], axis=-1).argmin(axis=1)
    return {"x": points, "z": book[nearest]} | (
        {"w": data.points(other)} if "w" in {one.symbol for one in bound.collections} else {}
    )


_CODED = Setting(
    lambda data, bound: (
        f"x is one of the {data.many}, z_l is the centroid nearest to x_l of all {data.many} of its {data.kind}"
        + (f", w is another of that {data.kind}" if len(bound.collections) == 3 else "")
    ),
    _codes,
)


def _centres(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    while True:
        at, *others = _two(data, random, 5)
        points, centre = data.points(at), data.points(at).mean(axis=0)
        centres = np.stack([data.points(other).mean(axis=0) for other in others])
        least = np.linalg.norm(centres - centre, axis=1).min()
        near = points[np.linalg.norm(points - centre, axis=1) <= 0.5 * least]
        if len(near):
            return {"x": near, "z": centre[None], "w": centres}


_CENTRES = Setting(
    lambda data, _: (
        f"z is the centroid of one of the {data.many}, w those of four others of its {data.kind}, and x those of its "
        f"{data.objects} that the premise lets one leave where they are: at most half as far from z as any w"
    ),
    _centres,
)


def _proxies(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    place = Tuples(data.halves, bound.collections[:3]).draw(1, seed=int(random.integers(2**31)))[0]
    x, z, w = (data.halves.points[data.halves.members[at]] for at in place)
    return {"x": x, "z": z, "w": w, "y": _centred(z), "v": _centred(w)}


def _centred(points: np.ndarray) -> np.ndarray:
    return np.repeat(points.mean(axis=0, keepdims=True), len(points), axis=0)


_PROXIES = Setting(
    lambda data, bound: f"{_roles_of_halves(data, bound)}; the proxy of each point is its collection's centroid",
    _proxies,
)


def _away(centre: np.ndarray) -> Callable[[Any], Any]:
    return lambda points: np.linalg.norm(points - centre, axis=1, keepdims=True)


def _symbols(bound: Bound) -> str:
    symbols = [one.symbol for one in bound.maps()]
    return symbols[0] if len(symbols) == 1 else f"each of {' and '.join(symbols)}"


def _adapted(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    source, target, *known = _two(data, random, 4)
    centres = [data.points(at).mean(axis=0) for at in known]
    maps = dict(zip((one.symbol for one in bound.maps()), map(_away, centres), strict=True))
    return {"x": data.points(source), "z": data.points(target), "maps": maps}


_ADAPTED = Setting(
    lambda data, bound: (
        f"x and z are {data.many} of one {data.kind}; {_symbols(bound)} is the distance from the centroid of another, "
        f"which is Lipschitz with constant 1"
    ),
    _adapted,
)


def _encoded(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    one, other = _two(data, random)
    maps = {map.symbol: _rectified for map in bound.maps()}
    return {"x": data.points(one), "z": data.points(other), "maps": maps}


def _rectified(points: Any) -> Any:
    return np.maximum(points, 0)


_ENCODED = Setting(
    lambda data, bound: (
        f"x and z are {data.many} of one {data.kind}; {_symbols(bound)} puts 0 in place of each coordinate below 0, which is "
        f"Lipschitz with constant 1"
    ),
    _encoded,
)


_SIGNED = Setting(
    lambda data, _: (
        f"x is of {SIGNED} random {data.objects} of one {data.kind}; the expectation is over all 2^{SIGNED} signs"
    ),
    _crowd_of(SIGNED),
)


def _projected(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    found = _crowd_of(FEW)(data, bound, random)
    return found | {"r": random.choice((-1.0, 1.0), (DIRECTIONS, found["x"].shape[1]))}


_PROJECTED = Setting(
    lambda data, _: (
        f"x is of {FEW} random {data.objects} of one {data.kind}, r is of {DIRECTIONS} random vectors of signs; the "
        f"expectation is over all {DIRECTIONS}² draws of two rows"
    ),
    _projected,
)


def _weighted(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    points = data.points(int(random.integers(len(data.labelled))))
    # Whole numbers: what is divided by their sum adds up to 1 as exactly as can be.
    weights = {weight.symbol: random.integers(0, 8, len(points)) + 1 for weight in bound.weights()}
    return {"x": points, "weights": {symbol: counts / counts.sum() for symbol, counts in weights.items()}}


_WEIGHTED = Setting(
    lambda data, _: (
        f"x is one of the {data.many}; each of the two weightings gives every one of its {data.objects} a random whole "
        f"number from 1 to 8 over their sum"
    ),
    _weighted,
)


def _views(data: Data, bound: Bound, random: np.random.Generator) -> dict[str, Any]:
    own, other = random.choice(len(data.labelled.class_names), 2, replace=False)
    objects = random.choice(np.flatnonzero(data.labelled.classes == own), OBJECTS, replace=False)
    away = random.choice(np.flatnonzero(data.labelled.classes == other))
    return {"X": {data.labelled.names[at]: data.points(at) for at in objects}, "z": data.points(away)}


_VIEWED = Setting(
    lambda data, _: (
        f"objects are {OBJECTS} random {data.many} of one {data.kind} and their views its {data.objects}; z is one of the "
        f"{data.many} of another {data.kind}"
    ),
    _views,
)


#: What a parameter is that no premise says, by the statement that it is first in.
PARAMETERS = {"α": 1.0, "τ": 0.1, "ρ": 3.0, "M": 0.25, "ε": 0.5, "η": 0.5, "σ": 1.0}

_BY_NAME = {
    **dict.fromkeys(
        ("infonce-log-n", "infonce-log-negatives", "infonce-mutual-information", "alignment-uniformity"), _PAIRED
    ),
    **dict.fromkeys(("welch", "cosine-margin", "cosine-margin-least"), _CROWD),
    **dict.fromkeys(("transport-variation", "variation-transport", "variation-transport-twice"), _OVERLAPPING),
    **dict.fromkeys(("scalar-quantiser", "scalar-quantiser-distances", "scalar-quantiser-without-root"), _ROUNDED),
    **dict.fromkeys(("symmetric-distance", "asymmetric-distance", "distance-distortion"), _CODED),
    **dict.fromkeys(("ptolemy", "chord"), _FEW),
    **dict.fromkeys(("khintchine", "rademacher-linear", "rademacher-linear-half"), _SIGNED),
    **dict.fromkeys(
        ("projection-expectation", "projection-tail", "projection-tail-squared", "projection-union"), _PROJECTED
    ),
    **dict.fromkeys(
        ("transport-variation-weighted", "variation-transport-weighted", "variation-transport-weighted-twice"),
        _WEIGHTED,
    ),
    "augmentation-overlap": _VIEWED,
    "elkan": _CENTRES,
}


def setting_of(statement: Published) -> Setting:
    """Return what stands for what a statement speaks of: by its name, or by what it is over."""
    bound = statement.bound
    if statement.name in _BY_NAME:
        return _BY_NAME[statement.name]
    if len(bound.maps()) == 2 and all(map.symbol.startswith("h") for map in bound.maps()):
        return _ADAPTED
    if bound.maps():
        return _ENCODED
    if any(isinstance(one, Family) for one in bound.collections):
        return _FAMILY
    if len(bound.collections) == 5:
        return _PROXIES
    small = {"contrastive learning", "metric learning", "few-shot learning"}
    return _HALVES if len(bound.collections) == 3 and field_of(statement) in small else _PLAIN


# ------------------------------------------------------------------------------------------------------------ measured


def digest(statement: Published) -> str:
    """Return what tells a statement from others: of its premises, sides and space."""
    text = f"{statement.bound} in {statement.bound.space.value}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _parameters(bound: Bound) -> dict[Parameter, float]:
    """Return values of the parameters that no premise gives a least value of; of a Lipschitz constant, 1."""
    constants = {premise.constant for premise in bound.premises if isinstance(premise, Lipschitz)}
    free = [parameter for parameter in bound.parameters() if parameter not in bound.least]
    for parameter in free:
        if parameter not in constants and parameter.symbol not in PARAMETERS:
            where = "PARAMETERS of benchmarks/published.py"
            raise InvalidValueError(explain(where, f"a value of {parameter} of {bound.name!r}", "none"))
    return {one: 1.0 if one in constants else PARAMETERS[one.symbol] for one in free}


def measured(statement: Published, data: Data) -> tuple[dict[str, Any], ScanResult]:
    """Return what a check says of a statement, with what was drawn besides, and the sides on each of that."""
    bound, setting = statement.bound, setting_of(statement)
    options = {
        "norm": math.inf if bound.space is Space.SUP_NORM else 2.0,
        "parameters": _parameters(bound),
    }
    if setting.drawn is not None:
        began = time.perf_counter()
        reports = [
            check(bound, None, **setting.drawn(data, bound, np.random.default_rng([SEED, draw])), **options)
            for draw in range(CHECKED)
        ]
        took, drawn = time.perf_counter() - began, _gathered(bound, reports)
        report, seconds, said = reports[0], took / CHECKED, f"{CHECKED} such draws"
    else:
        labelled, scan = setting.where(data), scan_parts if _is_of_family(bound) else scan_tuples
        # An equality has nothing to show but that it holds.
        sample = CHECKED if bound.relation is Relation.EQUAL else SCANNED
        began = time.perf_counter()
        found = scan(labelled, bound, **options, sample=sample, seed=SEED)
        # A scan decides a few by exact numbers, a check each.
        for place in np.flatnonzero(found.result.code == CODES.index(Verdict.UNDECIDED)).tolist():
            checked = check(bound, None, collections=_tuple(bound, labelled, found, place), **options)
            found.result.code[place] = CODES.index(checked.verdict)
        drawn, took = found.result, time.perf_counter() - began
        said = f"{'all' if found.seed is None else f'{len(drawn)} random of'} {found.total:,} {found.what}"
        began = time.perf_counter()
        report = check(bound, None, collections=_tuple(bound, labelled, found, None), **options)
        seconds = time.perf_counter() - began
    row = {
        "statement": statement.name,
        "digest": digest(statement),
        "data": data.name,
        "setting": setting.said(data, bound),
        **_told(report),
        "seconds": round(seconds, 3),
        "drawn": {
            "what": said,
            "verdicts": {one.value: count for one in _ORDER if (count := drawn.count(one))},
            "left": [float(drawn.lhs.min()), float(drawn.lhs.max())],
            "right": [float(drawn.rhs.min()), float(drawn.rhs.max())],
            "error": float(max(drawn.lhs_error.max(), drawn.rhs_error.max())),
            "median tightness": _typical(drawn),
            "seconds": round(took, 3),
        },
    }
    return row, drawn


_ORDER = (Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED, Verdict.VACUOUS)


def _is_of_family(bound: Bound) -> bool:
    return any(isinstance(one, Family) for one in bound.collections)


def _tuple(bound: Bound, labelled: LabelledPoints, found: TupleScan, place: int | None) -> dict[str, Any]:
    """Return the collections of a tuple that was drawn, the first if not said; of a family all classes, else a part's."""
    if _is_of_family(bound):
        classes = dict(zip(labelled.names, (labelled.points[rows] for rows in labelled.members), strict=True))
        chosen = classes if place is None else {name: classes[name] for name in found.named(place)}
        return {bound.collections[0].symbol: chosen}
    members = [labelled.members[at] for at in found.result.triples[place or 0].tolist()]
    return {one.symbol: labelled.points[rows] for one, rows in zip(bound.collections, members, strict=True)}


def _gathered(bound: Bound, reports: list[Report]) -> ScanResult:
    """Return the reports of several checks as what a scan gives."""
    return ScanResult(
        bound,
        np.arange(len(reports))[:, None],
        *(
            np.array([part(getattr(report, side)) for report in reports])
            for side in ("lhs", "rhs")
            for part in (float, lambda number: number.error)
        ),
        np.array([CODES.index(report.verdict) for report in reports], dtype=np.int8),
    )


def _typical(drawn: ScanResult) -> dict[str, Any] | None:
    """Return the median tightness with its limits, where every right side is above 0: of others it says nothing."""
    positive = (drawn.rhs - drawn.rhs_error).min() > 0
    typical = drawn.typical_tightness() if positive else None
    return None if typical is None else typical.to_dict()


def _told(report: Report) -> dict[str, Any]:
    """Return what a check found, of which every number has its error."""
    known = report.to_dict()
    classes = {name: list(own.values()) for name, own in report.classes.items()}
    names = {one.argument: one.symbol for one in report.bound.collections}
    return {
        **{key: known[key] for key in ("verdict", "ground", "lhs", "rhs", "slack", "tightness", "parameters")},
        "decided": report.ground.beside(report.verdict),
        "sizes": {names[name]: classes.get(name, size) for name, size in report.sizes.items()},
        "dimension": report.dimension,
        "norm": known["norm"],
        "premises": [
            {key: premise[key] for key in ("statement", "verdict", "derived", "lhs", "rhs")}
            for premise in known["premises"]
        ],
    }


# -------------------------------------------------------------------------------------------------------------- files


def rows_of(folder: Path = RESULTS) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is written of each statement and data set."""
    path = folder / "published.json"
    if not path.is_file():
        return {}
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
    return {(row["statement"], row["data"]): row for row in rows}


def sides_of(folder: Path = RESULTS) -> dict[tuple[str, str], tuple[list[float], list[float]]]:
    """Return the left and right sides on what was drawn, of each statement and data set."""
    found: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    path = folder / "sides.csv"
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ():
        lhs, rhs = found.setdefault((row["statement"], row["data"]), ([], []))
        lhs.append(float(row["left"]))
        rhs.append(float(row["right"]))
    return found


def is_current(row: Mapping[str, Any] | None, statement: Published, data: Data) -> bool:
    """Whether a row is of a statement as it is now, on what would be drawn now."""
    said = setting_of(statement).said(data, statement.bound)
    return row is not None and (row["digest"], row["setting"]) == (digest(statement), said)


def _write(folder: Path, rows: Mapping[tuple[str, str], Any], sides: Mapping[tuple[str, str], Any]) -> None:
    keys = [(name, data) for name in PUBLISHED for data in DATA if (name, data) in rows]
    found = {
        "command": COMMAND,
        "seed": SEED,
        "data": {name: made().said for name, made in DATA.items()},
        "rows": [rows[key] for key in keys],
    }
    write_text(folder / "published.json", json.dumps(found, ensure_ascii=False, indent=1, allow_nan=False) + "\n")
    write_text(folder / "published.csv", csv_of(_table([rows[key] for key in keys]), end="\n"))
    drawn = [
        (*key, f"{left:.5g}", f"{right:.5g}")
        for key in keys
        for left, right in zip(*sides.get(key, ([], [])), strict=True)
    ]
    write_text(folder / "sides.csv", csv_of([("statement", "data", "left", "right"), *drawn], end="\n"))


def _table(rows: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    numbers = ("lhs", "rhs", "tightness")
    yield (
        "statement",
        "data",
        "sizes",
        *(column for number in numbers for column in (number, f"{number} error")),
        "verdict",
        "seconds",
        "drawn",
        "of which hold",
    )
    for row in rows:
        yield (
            row["statement"],
            row["data"],
            sizes_said(row),
            *(part for number in numbers for part in _pair(row[number])),
            row["verdict"],
            row["seconds"],
            sum(row["drawn"]["verdicts"].values()),
            row["drawn"]["verdicts"].get("holds", 0),
        )


def _pair(number: Mapping[str, float | None] | None) -> tuple[object, object]:
    return ("", "") if number is None else (number["value"], number["error"])


def sizes_said(row: Mapping[str, Any]) -> str:
    """Return the sizes of a row's collections, for people."""
    parts = []
    for symbol, size in row["sizes"].items():
        one = f"{len(size)} classes of {size[0]}" if isinstance(size, list) else f"{size}"
        parts.append(f"{symbol}: {one}")
    return ", ".join(parts)


def main() -> None:
    """Measure what is missing or of another statement than now, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="statements whose name has this in it")
    parser.add_argument("--again", action="store_true", help="measure what is there too")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows, sides = rows_of(options.out), sides_of(options.out)
    refused = []
    for name, made in DATA.items():
        for statement in PUBLISHED.values():
            key, data = (statement.name, name), made()
            if options.only not in statement.name:
                continue
            if is_current(rows.get(key), statement, data) and not options.again:
                continue
            try:
                rows[key], drawn = measured(statement, data)
            except BoundcheckError as error:
                refused.append(f"{statement.name} on {name}: {error}")
                rows.pop(key, None)
                continue
            # The two sides of an equality are one.
            equal = statement.bound.relation is Relation.EQUAL
            sides[key] = ([], []) if equal else (drawn.lhs.tolist(), drawn.rhs.tolist())
            row = rows[key]
            print(
                f"{name:9} {statement.name:34} {row['verdict']:9} {row['seconds']:7.2f} s, drawn {row['drawn']['seconds']:6.2f} s",
                flush=True,
            )
            _write(options.out, rows, sides)
    true = {name for name, one in PUBLISHED.items() if one.status is not Status.REFUTED}
    wrong = [f"{key[0]} fails on {key[1]}" for key, row in rows.items() if key[0] in true and "fails" in _verdicts(row)]
    raise SystemExit("\n".join([*refused, *wrong]) if refused or wrong else 0)


def _verdicts(row: Mapping[str, Any]) -> set[str]:
    return {row["verdict"], *row["drawn"]["verdicts"]}


if __name__ == "__main__":
    main()
