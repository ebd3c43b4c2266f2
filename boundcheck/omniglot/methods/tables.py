"""The tables that the results of a comparison make, and the files they go to."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from boundcheck.decimals import ends_in_per_cent, fixed_ends, significant_ends
from boundcheck.limits import StudentMean
from boundcheck.omniglot.methods.catalogue import METHODS, ROLES, method, role
from boundcheck.omniglot.methods.collections import AGGREGATIONS, SIZES
from boundcheck.omniglot.methods.differences import Difference, Results
from boundcheck.omniglot.methods.gate import gate, not_learned
from boundcheck.omniglot.methods.measures import BOUNDS, LEVELS, Measure, is_share
from boundcheck.omniglot.methods.premises import TEMPERATURE
from boundcheck.omniglot.methods.representations import STRENGTH, VIEWS
from boundcheck.omniglot.objectives import OBJECTIVES
from boundcheck.report.tables import Table, csv_of

__all__ = ["FILES", "MAIN", "answer", "files", "in_order", "named", "tables"]

#: The measure by which the question is answered: half of a character's drawings, by their mean, found by the other half.
MAIN = "characters by halves: mean"
INSTANCE = tuple(name for name, one in METHODS.items() if one.imagenet and one.level == "instance")
GROUP = tuple(name for name, one in METHODS.items() if one.imagenet and one.level == "group")
_BASELINES = {"untrained": "the network without training", "pixels": "pixels as they are"}
_PARTS = {
    "held out": "held-out alphabets",
    "trained": "alphabets trained on",
    "projection": "what the loss saw",
    "assignments": "shares of groups",
    "views": "views",
}

#: Of each table its file, for pages of the documentation.
FILES = {
    "Instance level less group level": "differences.csv",
    "Karimov's table, and ours": "karimov.csv",
    "Learned or not": "learned.csv",
    "Drawings found by drawings": "drawings.csv",
    "Collections found": "collections.csv",
    "Collections of few drawings": "few-drawings.csv",
    "Objective and aggregation": "aggregation.csv",
    "The least m of triplets": "margins.csv",
    "Median tightness of every rung": "tightness.csv",
    "Separation and rankings": "separation.csv",
    "What the loss saw": "projections.csv",
    "Views of a drawing": "views.csv",
    "Premises": "premises.csv",
    "The runs": "runs.csv",
}


def named(results: Results, name: str) -> str:
    """Return what a method is called in a table: with a dagger where a run of it has not learned."""
    if name in _BASELINES:
        return _BASELINES[name]
    return f"{method(name).title}{' †' if not_learned(results, name) else ''}"


def in_order(results: Results) -> list[tuple[str, str]]:
    """Return the methods of which there is a run, each with what it stands under, in the order of tables."""
    found = [("baseline" if name in _BASELINES else role(name), name) for name in results.methods]
    return sorted(found, key=lambda pair: ROLES.index(pair[0]))


def answer(results: Results) -> str:
    """Return the answer to Karimov's question in a sentence, with its uncertainty."""
    found = results.difference(INSTANCE, GROUP, "held out", MAIN)
    if found is None:
        lacking = [name for name in (*INSTANCE, *GROUP) if name not in results.runs]
        return (
            "These runs do not yet tell whether a collection is better represented by aggregating what was learned on "
            f"drawings or by learning on collections: no seed has a run of each level (missing: {', '.join(lacking) or 'a seed that all have'})."
        )
    means = [_mean_of(results, group, found.seeds) for group in (found.first, found.second)]
    names = [_listed([method(name).title for name in group]) for group in (found.first, found.second)]
    low, high = found.limits
    better = (
        "better by aggregating what was learned on drawings than by learning on groups of them"
        if low > 0
        else "better by learning on groups of drawings than by aggregating what was learned on drawings"
    )
    told = (
        f"On Omniglot a collection is represented {better}"
        if low > 0 or high < 0
        else "On Omniglot these runs do not tell whether a collection is better represented by aggregating what was learned "
        "on drawings or by learning on groups of them"
    )
    weak = [method(name).title for name in (*found.first, *found.second) if not_learned(results, name)]
    without = f"; {_listed(weak)} {'has' if len(weak) == 1 else 'have'} not learned in every run" if weak else ""
    return (
        f"{told}: with {names[0]} half of a character's drawings, by their mean, find the other half "
        f"{means[0]:.1%} of the time on held-out alphabets, with {names[1]} {means[1]:.1%}, a difference of "
        f"{points(found)}{without}."
    )


def points(found: Difference) -> str:
    """Return a difference of shares in percentage points, with its limits over seeds and over alphabets."""
    over = f"over {len(found.seeds)} seed{'s' if len(found.seeds) > 1 else ''}"
    text = f"{100 * found.over_seeds.mean:+.1f} points {_ends(found.over_seeds, 100, over)}"
    if found.over_alphabets is not None:
        text += f" and {_ends(found.over_alphabets, 100, f'over {found.over_alphabets.count} alphabets')}"
    return text


def _ends(mean: StudentMean, scale: float, over: str) -> str:
    low, high = mean.limits
    if not math.isfinite(low):
        return f"(without limits {over})"
    first, last = fixed_ends(scale * low, scale * high, 1)
    return f"[{first}, {last}] {over}"


def _mean_of(results: Results, group: Sequence[str], seeds: Sequence[int]) -> float:
    values = [results.value(name, seed, "held out", MAIN) or 0.0 for name in group for seed in seeds]
    return sum(values) / len(values)


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


# ------------------------------------------------------------------------------------------------------------- tables

_OVER_SEEDS = (
    "The mean over seeds, with 95% limits for further seeds (Student's t); one run has none. † Not every run has learned, see "
    "“Learned or not”. Limits of each run for further alphabets are in methods.csv."
)


def tables(summary: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the tables that a summary makes, the answer's first."""
    results = Results(summary)
    return (
        _differences(results),
        _seeds_table(results),
        _learned(results),
        _by_method(
            results,
            "Drawings found by drawings",
            {"same character": "drawings: same character", "same alphabet": "drawings: same alphabet"},
            "How often a drawing's nearest other drawing has its label.",
        ),
        _by_method(
            results,
            "Collections found",
            {
                "a character by half": MAIN,
                "an alphabet by half": "alphabets by halves: mean",
                "an alphabet by a character": "collections: precision@1",
                "reciprocal rank of its alphabet": "collections: reciprocal rank",
            },
            "How often the mean of half of a character's drawings is nearest to that of the other half; that of half of an "
            "alphabet's characters to that of the other half; and how often the nearest other character is of the same "
            "alphabet, with the mean of 1 over the rank of the first that is.",
        ),
        _by_method(
            results,
            "Collections of few drawings",
            {**{f"{size} of each half": f"characters by halves: {size} each" for size in SIZES}, "all": MAIN},
            "How often the mean of so many drawings of a character is nearest to that of as many others of it.",
        ),
        _by_method(
            results,
            "Objective and aggregation",
            {
                f"{what}: {name}": f"{measure}: {name}"
                for what, measure in (
                    ("character by half", "characters by halves"),
                    ("its alphabet", "alphabet of a character"),
                )
                for name in AGGREGATIONS
            },
            "How often half of a character finds the other half, and a character its alphabet, by what makes one vector of a "
            "collection.",
        ),
        _by_method(
            results,
            "The least m of triplets",
            {
                "below 0": "m* below 0",
                **{f"{level:.0%}": f"m* over the distance of classes, quantile {level:g}" for level in LEVELS},
            },
            "Quantiles of the least m of T(m) on random triples of characters, over the median distance of centroids of "
            "different alphabets, so that it has no unit. T(m) holds without m where it is below 0.",
        ),
        _by_method(
            results,
            "Median tightness of every rung",
            {name: f"median tightness: {name}" for name in BOUNDS},
            "The distance of the centroids over each right side, the root of it for two-sided, on the same triples; it has no "
            "unit.",
        ),
        _by_method(
            results,
            "Separation and rankings",
            {
                "separation": "centroids: separation",
                "triplets above 0": "triplets above 0",
                "z nearer than w": "rankings: true of the centroids",
                "certified": "rankings: certified by triplets",
            },
            "The median distance of centroids within an alphabet over that between alphabets; triplets of drawings whose "
            "positive is farther than the negative; triples where the centroid of z is nearer than that of w, and where "
            "triplets of drawings alone prove it.",
        ),
        _by_method(
            results,
            "What the loss saw",
            {
                "same character": "drawings: same character",
                "a character by half": MAIN,
                "an alphabet by half": "alphabets by halves: mean",
                "m* below 0": "m* below 0",
                "m*, median": "m* over the distance of classes, quantile 0.5",
                "tightness: karimov": "median tightness: karimov",
                "tightness: two-sided": "median tightness: two-sided",
            },
            "The same of held-out alphabets, for f, for the unit vectors that the loss compared instead of it, and for the "
            "shares of groups that a loss of groups gives each drawing, whose mean over a collection is its soft assignment.",
            ("held out", "projection", "assignments"),
        ),
        _by_method(
            results,
            "Views of a drawing",
            {
                "a drawing by half of its views": "collections: precision@1",
                "m* below 0": "m* below 0",
                **{
                    f"m*, {level:.0%}": f"m* over the distance of classes, quantile {level:g}"
                    for level in (0.05, 0.5, 0.95)
                },
                "tightness: karimov": "median tightness: karimov",
                "tightness: two-sided": "median tightness: two-sided",
                "certified": "rankings: certified by triplets",
            },
            f"Class = drawing, collection = half of {VIEWS} distorted views of it (strength {STRENGTH:g}): what objectives at "
            "instance level are trained on, of one drawing of each held-out character. The rest as above.",
            ("views",),
        ),
        _premises(results),
        _runs(results),
    )


def _premises(results: Results) -> Table:
    """Return which premise each method controls, and how often its embeddings meet it."""
    columns = {
        "S1 certifies": "S1: anchors and positives with a margin below 0",
        "true of triplets": "S1: triplets of unit vectors below 0",
        "S2: objects nearer": "S2: objects nearer to their own",
        "centroids nearer": "rankings: true of the centroids",
        "m* below 0": "m* below 0",
    }
    rows = []
    for part in ("held out", "projection"):
        for _, name in in_order(results):
            cells = [_mean_cell(results.over_seeds(name, part, measure), True) for measure in columns.values()]
            if any(cell != "—" for cell in cells):
                controls = OBJECTIVES[name].controls.statement if name in OBJECTIVES else "—"
                rows.append((f"{_PARTS[part]}: {named(results, name)}", controls, *cells))
    fails = {
        name: [
            found["highest"]
            for method_, seeds in results.runs.items()
            for seed in seeds
            for part in ("held out", "projection")
            if (found := results.measure(method_, seed, part, f"{name}: triples on which it fails")) is not None
        ]
        for name in ("S1", "S2")
    }
    failing = "; ".join(
        f"{name} fails on {'none' if not any(values) else 'some'} of the triples of {len(values)} scans"
        for name, values in fails.items()
        if values
    )
    return Table(
        "Premises",
        ("embedding and method", "its loss controls", *columns),
        tuple(rows),
        f"S1 (softmax-margin, τ = {TEMPERATURE:g}): how often the softmax of a pair of anchor and positive against all negatives of a "
        "triple of characters certifies that the positive is nearer than each of them, and how often triplets of unit vectors are "
        "so. S2 (prototype-margin): how often an object is nearer to the centroid of its own class's other character than to that "
        "of another class; its mean over objects is the difference for the centroids, of which the next column has the share. "
        f"T(m): how often no triplet of a triple is above 0. {failing}{'. ' if failing else ''}{_OVER_SEEDS}",
    )


def _by_method(
    results: Results, title: str, columns: Mapping[str, str], note: str, parts: Sequence[str] = ("held out", "trained")
) -> Table:
    """Return a table of means over seeds, a row for each part and method."""
    rows = []
    for part, shown in ((part, _PARTS[part]) for part in parts):
        for _, name in in_order(results):
            cells = [
                _mean_cell(results.over_seeds(name, part, measure), is_share(measure)) for measure in columns.values()
            ]
            if any(cell != "—" for cell in cells):
                rows.append((f"{shown}: {named(results, name)}", *cells))
    return Table(title, ("part and method", *columns), tuple(rows), f"{note} {_OVER_SEEDS}")


def _mean_cell(mean: StudentMean | None, share: bool) -> str:
    if mean is None:
        return "—"
    low, high = mean.limits
    if share:
        # No share is beyond these, whatever the spread of a few.
        low, high = max(0.0, low), min(1.0, high)
    if mean.count < 2:
        return f"{mean.mean:.1%}" if share else f"{mean.mean:.4g}"
    first, last = ends_in_per_cent(low, high) if share else significant_ends(low, high, 4)
    return f"{mean.mean:.1%} [{first}, {last}]" if share else f"{mean.mean:.4g} [{first}, {last}]"


_COMPARED = {
    "a character by half of its drawings": MAIN,
    "a character by 1 drawing": "characters by halves: 1 each",
    "an alphabet by half of its characters": "alphabets by halves: mean",
    "an alphabet by a character": "collections: precision@1",
    "a drawing's character by a drawing": "drawings: same character",
    "m* below 0": "m* below 0",
    "m* over the distance of classes, median": "m* over the distance of classes, quantile 0.5",
    "median tightness: karimov": "median tightness: karimov",
    "median tightness: two-sided": "median tightness: two-sided",
    "separation": "centroids: separation",
}


def _differences(results: Results) -> Table:
    instance, group = (tuple(name for name in names if not not_learned(results, name)) for names in (INSTANCE, GROUP))
    sides: dict[str, tuple[Sequence[str], Sequence[str]]] = {"Karimov's six": (INSTANCE, GROUP)}
    if (instance, group) != (INSTANCE, GROUP) and instance and group:
        sides["those that learned"] = instance, group
    sides["ArcFace less GroupFace"] = ("arcface",), ("groupface",)
    sides["triplets of drawings less triplets of centroids"] = ("instance",), ("centroid",)
    rows, told = [], []
    for who, (first, second) in sides.items():
        compared = None
        for what, name in _COMPARED.items():
            found = results.difference(first, second, "held out", name)
            if found is not None:
                compared = found
                rows.append((f"{who}: {what}", *_difference_cells(found, is_share(name))))
        if compared is not None and len(compared.first) + len(compared.second) > 2:
            told.append(f"{who}: {_sides(results, compared)}.")
    return Table(
        "Instance level less group level",
        ("what, of held-out alphabets", "difference", "over seeds", "over alphabets", "seeds"),
        tuple(rows),
        "The mean over methods and seeds, paired by seed; shares in percentage points. Limits are of 95% confidence "
        "(Student's t): over seeds for further runs of these methods, over alphabets for further alphabets with these runs. "
        f"Neither is about further methods of either level. {' '.join(told)}".rstrip(),
    )


def _difference_cells(found: Difference, share: bool) -> tuple[str, str, str, str]:
    def ends(mean: StudentMean | None) -> str:
        if mean is None or not math.isfinite(mean.limits[0]):
            return "—"
        low, high = mean.limits
        first, last = fixed_ends(100 * low, 100 * high, 1) if share else significant_ends(low, high, 3)
        return f"[{first}, {last}]"

    mean = found.over_seeds.mean
    return (
        f"{100 * mean:+.1f}" if share else f"{mean:+.3g}",
        ends(found.over_seeds),
        ends(found.over_alphabets),
        f"{len(found.seeds)}",
    )


def _sides(results: Results, found: Difference) -> str:
    return " less ".join(_listed([named(results, name) for name in group]) for group in (found.first, found.second))


def _seeds_table(results: Results) -> Table:
    rows = []
    for name, one in METHODS.items():
        if one.imagenet is not None:
            ours = [
                _mean_cell(results.over_seeds(name, "held out", measure), True)
                for measure in (MAIN, "drawings: same character")
            ]
            shown = named(results, name) if name in results.runs else one.title
            rows.append((f"{one.level} level: {shown}", f"{one.imagenet:.1f}%", f"{one.epochs}", *ours))
    return Table(
        "Karimov's table, and ours",
        ("method", "ImageNet, top-1", "epochs", "Omniglot: a character by half", "Omniglot: same character"),
        tuple(rows),
        "The two do not compare. Karimov's figures are of a linear classifier with labels on the features of a ResNet-50 that was trained "
        "on 1.28 million photographs of 1,000 classes, for 200 to 800 epochs, so that they mix budgets too; ours are of "
        "nearest neighbours among characters of alphabets that a far smaller network has never seen, all methods for as many drawings. "
        + _OVER_SEEDS,
    )


def _learned(results: Results) -> Table:
    rows = []
    for _, name in in_order(results):
        for seed in sorted(results.runs[name]):
            found = gate(results, name, seed)
            pixels = results.over_seeds("pixels", "held out", "drawings: same character")
            if name in _BASELINES:
                said = "—"
            elif found.failed:
                said = f"no: {found.failed}"
            else:
                said = "yes" if found.learned else "no"
            above = "—" if pixels is None or found.low is None else "yes" if found.low > pixels.mean else "no"
            cell = "—"
            if found.value is not None and found.low is not None and found.high is not None:
                first, last = ends_in_per_cent(found.low, found.high)
                cell = f"{found.value:.1%} [{first}, {last}]"
            start = "—" if found.untrained is None else f"{found.untrained:.1%}"
            title = _BASELINES.get(name) or method(name).title
            rows.append((f"{title}, seed {seed}", cell, start, said, above if name not in _BASELINES else "—"))
    return Table(
        "Learned or not",
        ("run", "same character", "without training", "learned", "above pixels"),
        tuple(rows),
        "How often a drawing's nearest other drawing is of the same character, on held-out alphabets, with 95% limits for "
        "further alphabets (Korn–Graubard, counting alphabets). A run has learned where the lower limit is above the network "
        "of the same seed before its first step; above pixels, where it is above the drawings as they are.",
    )


def _runs(results: Results) -> Table:
    rows = []
    for stands, name in in_order(results):
        for seed in sorted(results.runs[name]):
            one = results.runs[name][seed]
            last = one["curve"][-1] if one["curve"] else {}
            best = one["weights_of_step"]
            rows.append(
                (
                    f"{_BASELINES.get(name) or method(name).title}, seed {seed}",
                    stands,
                    one["config"]["backbone"] if name != "pixels" else "—",
                    f"{one['drawings_shown']:,}",
                    f"{one['steps']:,}",
                    "—" if not best else f"{best:,}",
                    f"{last['validation_character_precision']:.1%}" if last else "—",
                )
            )
    missing = [f"{one['method']}, seed {one['seed']} ({one['what']})" for one in results.summary["missing"]]
    return Table(
        "The runs",
        ("run", "stands under", "backbone", "drawings shown", "steps", "weights of step", "validation: same character"),
        tuple(rows),
        "Runs of one seed have the same validation alphabets and the same first weights. "
        + (f"Missing: {'; '.join(missing)}." if missing else "None is missing."),
    )


# -------------------------------------------------------------------------------------------------------------- files


def files(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the tables and numbers of a summary as files, by name; the page is beside them."""
    made = tables(summary)
    return {
        "methods.json": _json(summary),
        "methods.csv": _every_number(summary),
        "methods.md": "\n".join([answer(Results(summary)), "", *(table.to_markdown() for table in made)]),
        **{FILES[table.title]: table.to_csv() for table in made},
    }


def _json(summary: Mapping[str, Any]) -> str:
    """Return a summary as JSON, a run a line."""

    def plain(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    head = [f"{plain(key)}: {plain(value)}" for key, value in summary.items() if key != "runs"]
    runs = ",\n".join(plain(run) for run in summary["runs"])
    return "{\n" + ",\n".join([*head, f'"runs": [\n{runs}\n]']) + "\n}\n"


def _every_number(summary: Mapping[str, Any]) -> str:
    heads = [
        "method",
        "seed",
        *(key for key in Measure.__dataclass_fields__ if key not in ("network", "certainty")),
        "certainty",
    ]
    rows: list[list[object]] = [list(heads)]
    for run in summary["runs"]:
        for part, numbers in run["measures"].items():
            for name, one in numbers.items():
                known = {**one, "method": run["method"], "seed": run["seed"], "part": part, "name": name}
                rows.append(["" if known[head] is None else known[head] for head in heads])
    return csv_of(rows, end="\n")
