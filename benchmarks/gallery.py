"""What the adversary makes of statements whose truth is known: all false ones refuted, all true ones surviving.

    python -m benchmarks.gallery [--seconds S] [--false-seconds S] [--seeds N] [--true-seeds N] [--only WORD] [--resume]
        [--out FOLDER]

The false statements are those that Coq proves false, and 24 near misses: constants a hundredth off, a largest in place of a
smallest, a variance dropped or doubled, a premise of one side alone, another aggregator, a map that is not Lipschitz; the
readings of published statements that are not true, and near misses of those that are (:mod:`benchmarks.gallery_published`);
26 whose every counterexample has many points (:mod:`benchmarks.gallery_sizes`).
The true ones are every bound and every link that is known, 24 weakenings, every published statement, and what else a near
miss is nearest to. A refuted truth, or a survivor among the false, fails the run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import torch

from benchmarks import gallery_sizes
from benchmarks.gallery_published import pairs
from boundcheck.adversary import Refuted, Survived, falsify
from boundcheck.atomic import write_text
from boundcheck.language import (
    Bound,
    L,
    Space,
    Transport,
    coordinate_maximum,
    coordinate_median,
    distance,
    farthest,
    g,
    i,
    j,
    k,
    largest,
    lipschitz,
    m,
    maximum,
    mean,
    minimum,
    nearest,
    norm,
    smallest,
    total,
    triplet,
    variance,
    w,
    x,
    z,
)
from boundcheck.report.tables import csv_of
from boundcheck.theorems import K_ANY_SIZES, K, every
from boundcheck.theorems.aggregators import COORDINATE_WISE, COORDINATE_WISE_EUCLIDEAN, HEAD, NORMALISED, SUM
from boundcheck.theorems.false import FALSE
from boundcheck.theorems.lower import MARGIN, SEPARATION, SPREAD
from boundcheck.theorems.published import PUBLISHED, Status
from boundcheck.theorems.transfer import GROUP
from boundcheck.theorems.upper import CHAMFER, FARTHEST, HAUSDORFF, HULL, TRANSPORT, TWO_SIDED, VARIANCE, rho

RESULTS = Path(__file__).parent / "results" / "gallery"

_CENTROIDS = norm(mean(x) - mean(z))
_IMAGES = norm(mean(i, g(x[i])) - mean(j, g(z[j])))
_ACROSS = mean((i, k), distance(x[i], w[k]))


def _changed(bound: Bound, name: str, **sides) -> Bound:
    return replace(bound, name=name, chain=(), title="", citation="", sharpness="", proof=None, **sides)


def near_misses() -> list[Bound]:
    """Return 24 false statements, each a theorem with one thing changed."""
    percent = Fraction(99, 100)
    return [
        _changed(K, "k-1.98", rhs=1.98 * largest(m, farthest(x, w))),
        _changed(K_ANY_SIZES, "k-any-sizes-1.99", rhs=1.99 * largest(m, farthest(x, w))),
        _changed(CHAMFER, "chamfer-0.99-rho", rhs=m + percent * mean(i, rho)),
        _changed(CHAMFER, "chamfer-0.99-m", rhs=percent * m + mean(i, rho)),
        _changed(CHAMFER, "chamfer-nearest", rhs=m + nearest(x, w)),
        _changed(HULL, "hull-unweighted", rhs=m + mean(i, rho)),
        _changed(HAUSDORFF, "hausdorff-least", rhs=m + minimum(i, rho)),
        _changed(FARTHEST, "farthest-0.99", rhs=m + percent * farthest(x, w)),
        _changed(FARTHEST, "farthest-mean", rhs=m + percent * _ACROSS),
        _changed(TRANSPORT, "transport-0.99", rhs=percent * Transport(x, z)),
        _changed(VARIANCE, "variance-twice", rhs=VARIANCE.rhs - variance(x)),
        _changed(VARIANCE, "variance-1.01", rhs=VARIANCE.rhs - Fraction(1, 100) * variance(x)),
        _changed(VARIANCE, "variance-and-z-twice", rhs=VARIANCE.rhs - 2 * variance(z)),
        _changed(TWO_SIDED, "two-sided-x-twice", rhs=TWO_SIDED.rhs - variance(x)),
        SEPARATION.without(SEPARATION.premises[0], name="separation-of-w-alone"),
        MARGIN.without(MARGIN.premises[1], name="margin-of-x-alone"),
        _changed(GROUP, "group-without-variances", lhs=-m * (2 * _ACROSS + m)),
        _changed(SUM, "sum-of-any", premises=(triplet(m),), lhs=norm(total(x) - total(z))),
        _changed(COORDINATE_WISE["max"], "coordinate-max-mean", rhs=m + mean(i, rho)),
        _changed(NORMALISED, "normalised-smaller", rhs=CHAMFER.rhs / largest(norm(mean(x)), norm(mean(z)))),
        _changed(HEAD, "head-0.99", rhs=percent * HEAD.rhs),
        _changed(HEAD, "head-of-any-map", premises=(triplet(m),), rhs=CHAMFER.rhs),
        # A map of the means is as far as the means are; a mean of the map is not.
        _changed(HEAD, "head-before-mean", lhs=_IMAGES, rhs=L * _CENTROIDS),
        _changed(HEAD, "head-before-mean-variance", lhs=_IMAGES**2, rhs=L**2 * VARIANCE.rhs, space=Space.EUCLIDEAN),
    ]


def weakenings() -> list[Bound]:
    """Return 24 true statements, each a theorem with something given away."""
    return [
        _changed(K, "k-2.01", rhs=2.01 * largest(m, farthest(x, w))),
        _changed(K, "k-any-sizes-again", premises=(triplet(m),)),
        _changed(K, "k-sum", rhs=m + 3 * farthest(x, w)),
        _changed(CHAMFER, "chamfer-farthest-of-each", rhs=m + mean(i, maximum(k, distance(x[i], w[k])))),
        _changed(CHAMFER, "chamfer-mean-distance", rhs=m + _ACROSS),
        _changed(CHAMFER, "chamfer-euclidean", space=Space.EUCLIDEAN),
        _changed(HULL, "hull-largest", rhs=m + maximum(i, rho)),
        _changed(HAUSDORFF, "hausdorff-farthest", rhs=m + farthest(x, w)),
        _changed(FARTHEST, "farthest-1.01", rhs=m + 1.01 * farthest(x, w)),
        _changed(TRANSPORT, "transport-mean", rhs=mean((i, j), distance(x[i], z[j]))),
        _changed(VARIANCE, "variance-half", rhs=mean(i, (m + rho) ** 2) - variance(x) / 2),
        _changed(VARIANCE, "variance-dropped", rhs=mean(i, (m + rho) ** 2)),
        # Every r_i is at least every d(x_i, z_j), so the variance of z may be taken off too.
        _changed(VARIANCE, "variance-of-z", rhs=mean(i, (m + rho) ** 2) - variance(z)),
        _changed(TWO_SIDED, "two-sided-of-z", rhs=TWO_SIDED.rhs + variance(x)),
        _changed(SEPARATION, "separation-less", lhs=-m * (2 * _ACROSS + m) - variance(x)),
        _changed(MARGIN, "margin-half", lhs=-m / 2 - largest(-m, 0) / 2),
        _changed(SPREAD, "spread-twice", lhs=SPREAD.lhs - mean((i,), norm(x[i] - mean(x)))),
        _changed(
            COORDINATE_WISE_EUCLIDEAN["median"],
            "median-euclidean-farther",
            rhs=2 * COORDINATE_WISE_EUCLIDEAN["median"].rhs,
        ),
        Bound(
            "max-below-sum",
            premises=(triplet(m),),
            lhs=norm(coordinate_maximum(x) - coordinate_maximum(z)),
            rhs=m + farthest(x, w),
            space=Space.SUP_NORM,
        ),
        Bound(
            "smaller-of-two",
            premises=(triplet(m),),
            lhs=smallest(_CENTROIDS, norm(coordinate_median(x) - coordinate_median(z))),
            rhs=m + mean(i, rho),
        ),
        _changed(HEAD, "head-of-means", premises=(lipschitz(L),), rhs=L * _CENTROIDS),
        _changed(HEAD, "head-before-mean-chamfer", lhs=_IMAGES),
        _changed(HEAD, "head-after-and-before", lhs=norm(g(mean(x)) - mean(j, g(z[j])))),
        _changed(HEAD, "head-isometric", premises=(triplet(m), lipschitz(1)), rhs=m + maximum(i, rho)),
    ]


def gallery() -> list[tuple[str, Bound, bool]]:
    """Return every statement with its kind and whether it is true."""
    searched = [one for one in PUBLISHED.values() if not one.unsearched]
    wrong = [one.bound for one in searched if one.status is Status.REFUTED]
    true = [one.bound for one in searched if one.status is not Status.REFUTED]
    missed = pairs()
    found = [
        *(("false", false.bound, False) for false in FALSE),
        *(("near miss", bound, False) for bound in near_misses()),
        *(("reading", bound, False) for bound in wrong),
        *(("near miss", pair.false, False) for pair in missed),
        *(("many points", bound, False) for bound in gallery_sizes.false()),
        *(("known", bound, True) for bound in every().values()),
        *(("weakened", bound, True) for bound in weakenings()),
        *(("published", bound, True) for bound in true),
        *(("neighbour", pair.true, True) for pair in missed),
        *(("any number", bound, True) for bound in gallery_sizes.true()),
    ]
    # One may be known by two ways.
    return list({bound: (kind, bound, truth) for kind, bound, truth in reversed(found)}.values())[::-1]


def main() -> None:
    """Search every statement with every seed, print a table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each true statement and seed")
    parser.add_argument("--false-seconds", type=float, default=60.0, help="for each false one, at most")
    parser.add_argument("--seeds", type=int, default=5, help="of each false statement, for the rate of discovery")
    parser.add_argument("--true-seeds", type=int, default=1, help="of each true one, which takes all of its time")
    parser.add_argument("--only", default="", help="statements whose kind or name has this in it")
    parser.add_argument("--resume", action="store_true", help="keep what --out has of the same statement and search")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    kept, before = _kept(options) if options.resume else ({}, 0.0)
    began, rows = time.time(), []
    statements = [one for one in gallery() if one[1].name in kept or options.only in f"{one[0]} {one[1].name}"]
    for kind, bound, true in statements:
        seeds = options.true_seeds if true else options.seeds
        if bound.name in kept:
            rows.append(kept[bound.name])
            continue
        rows.append(row := _row(kind, bound, true, _seconds(options, true), seeds))
        print(
            f"{kind:10} {bound.name:34} {row['verdict']:9} {row['seconds']:6.2f} s  {row['witness'] or ''}", flush=True
        )
        # What is not come to yet may be of an earlier run.
        coming = [kept[one.name] for _, one, _ in statements[len(rows) :] if one.name in kept]
        _write([*rows, *coming], options, before + time.time() - began)
    print(", ".join(f"{key}: {value}" for key, value in _write(rows, options, before + time.time() - began).items()))
    wrong = [row["name"] for row in rows if row["survived" if row["true"] else "refuted"] < row["seeds"]]
    raise SystemExit(f"not as they should be: {', '.join(wrong)}" if wrong else 0)


def _seconds(options: argparse.Namespace, true: bool) -> float:
    """Return how long a search may take."""
    return options.seconds if true else options.false_seconds


def _kept(options: argparse.Namespace) -> tuple[dict[str, dict], float]:
    """Return what an earlier run has of statements that are the same and were searched alike, and how long it took."""
    path = options.out / "gallery.json"
    if not path.is_file():
        return {}, 0.0
    found = json.loads(path.read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in found["statements"]}
    seeds = {True: options.true_seeds, False: options.seeds}
    wanted = {bound.name: (str(bound), true, seeds[true], _seconds(options, true)) for _, bound, true in gallery()}
    of = ("statement", "true", "seeds", "allowed")
    kept = {name: rows[name] for name in wanted if tuple(rows.get(name, {}).get(key) for key in of) == wanted[name]}
    return kept, found["took"]


def _write(rows: list[dict], options: argparse.Namespace, took: float) -> dict:
    """Write the rows that there are, and return what is to be said of them together."""
    summary = {
        "command": "python -m benchmarks.gallery",
        "seconds a search": {"false": options.false_seconds, "true": options.seconds},
        "seeds": {"false": options.seeds, "true": options.true_seeds},
        "false refuted": _rate(rows, False, "refuted"),
        "true survived": _rate(rows, True, "survived"),
        "slowest refutation, seconds": max((row["slowest"] for row in rows if row["refuted"]), default=None),
        "took": round(took, 1),
    }
    text = json.dumps({**summary, "statements": rows}, ensure_ascii=False, indent=1)
    write_text(options.out / "gallery.json", f"{text}\n")
    write_text(options.out / "gallery.csv", _csv(rows))
    return summary


def _row(kind: str, bound: Bound, true: bool, seconds: float, seeds: int) -> dict:
    took, found = [], []
    for seed in range(seeds):
        began = time.time()
        found.append(falsify(bound, seconds=seconds, seed=seed))
        took.append(time.time() - began)
    refuted = [one for one in found if isinstance(one, Refuted)]
    first = refuted[0] if refuted else None
    return {
        "kind": kind,
        "name": bound.name,
        "statement": str(bound),
        "true": true,
        "verdict": found[0].verdict if first is None else "refuted",
        "seeds": seeds,
        "allowed": seconds,
        "refuted": len(refuted),
        "survived": sum(one.verdict == "survived" for one in found),
        "seconds": round(statistics.median(took), 2),
        "slowest": round(max(took), 2),
        "cases": statistics.median(one.tried.cases for one in found),
        "met": statistics.median(one.tried.met for one in found),
        "starts": statistics.median(one.tried.starts for one in found),
        "nearest": None if first is not None else _nearest(found[0]),
        "norm": None if first is None else f"{first.norm:g}",
        "witness": None if first is None else _witness(first),
        "sides": None if first is None else f"left side {first.lhs} {bound.relation.denied} right side {first.rhs}",
    }


def _nearest(found: Survived) -> str | None:
    return None if found.nearest is None else found.nearest.told(found.bound.relation, found.tried.violation)


def _witness(found: Refuted) -> str:
    parts = []
    for symbol, rows in found.points.items():
        named = found.classes(symbol) if symbol in found.partitions else [(symbol, rows)]
        parts += [f"{name} = {_points(own)}" for name, own in named]
    parts += [f"{symbol} = {':'.join(map(_shown, ratios))}" for symbol, ratios in found.weights.items()]
    parts += [f"{symbol} = {_shown(value)}" for symbol, value in found.given.items()]
    for symbol, words in found.extensions().items():
        # A formula says it all; else the values do.
        table = [f"{symbol}({name}) = {_points(rows)}" for name, rows in found.maps[symbol].items()]
        parts += [words] if words.startswith(f"{symbol}(v)") else table
    return "; ".join(parts)


def _points(rows: Sequence[Sequence[float]]) -> str:
    return ", ".join(_shown(row[0]) if len(row) == 1 else f"({', '.join(map(_shown, row))})" for row in rows)


def _shown(number: float) -> str:
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _rate(rows: list[dict], true: bool, what: str) -> str:
    of = [row for row in rows if row["true"] is true]
    return f"{sum(row[what] for row in of)} of {sum(row['seeds'] for row in of)}"


def _csv(rows: list[dict]) -> str:
    shown = ("name", "kind", "verdict", "seconds", "norm", "witness")
    # What is None is an empty cell.
    heads = ("statement", "kind", "verdict", "seconds", "p", "counterexample")
    return csv_of([heads, *([row[name] for name in shown] for row in rows)], end="\n")


if __name__ == "__main__":
    main()
