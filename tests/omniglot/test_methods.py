"""Methods compared: what is trained, measured and kept, what runs say together, and the page that they make."""

import json
import math
import re
from dataclasses import asdict, replace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from boundcheck.errors import CollapseError, InvalidValueError
from boundcheck.omniglot.methods import collections, comparison, measures, page, premises, representations, runs, tables
from boundcheck.omniglot.methods.catalogue import METHODS, available, method, role
from boundcheck.omniglot.methods.comparison import Measuring, Plan, carry_out
from boundcheck.omniglot.methods.differences import Results
from boundcheck.omniglot.methods.gate import gate
from boundcheck.omniglot.model import embed_images
from boundcheck.omniglot.objectives import OBJECTIVES
from boundcheck.omniglot.training import train
from boundcheck.scanning import sample_triples
from tests.synthetic import drawings, embedded, tiny

SMALL = Measuring(triples=20, draws=20)


def tiny_plan(**changes: object) -> Plan:
    """Return a plan of the smallest networks."""
    common = asdict(tiny(validation_alphabets=2, alphabets=2, images=32))
    common = {key: value for key, value in common.items() if key not in ("objective", "seed")}
    return Plan(
        **{"methods": ("instance", "prototype"), "seeds": (0,), "config": common, "measuring": SMALL, **changes}
    )


def summary_of(values: dict[str, list[float]], *, name: str = tables.MAIN, low: float = 0.5) -> dict:
    """Return a summary whose methods have these shares by seed, each of four alphabets about it."""
    found = []
    for one, shares in values.items():
        for seed, share in enumerate(shares):
            by_class = [[round(1000 * share) + 10 * k, 1000] for k in (-2, -1, 1, 2)]
            number = {"lowest": share, "highest": share, "low": low, "high": 1.0, "count": 4000, "certainty": "classes"}
            number["by_class"] = by_class
            numbers = {"held out": {name: number, "drawings: same character": number}}
            described = {"config": asdict(tiny()), "steps": 3, "drawings_shown": 48, "weights_of_step": 2, "curve": []}
            described |= {"method": one, "seed": seed, "failed": None, "measures": numbers}
            found.append({**described, "trained_by": {}, "embedded_by": {}})
    head = {"made_by": {}, "plan": {"methods": list(values), "seeds": [0, 1, 2], "config": {}}, "measuring": {}}
    return {**head, "runs": found, "missing": []}


SIX = {"ressl": [0.8, 0.82, 0.81], "simsiam": [0.7, 0.71, 0.73], "infomin": [0.9, 0.9, 0.9]}
SIX |= {"pcl": [0.6, 0.63, 0.62], "deepcluster": [0.5, 0.51, 0.5], "smog": [0.55, 0.56, 0.58]}
START = {"untrained": [0.1, 0.1, 0.1]}


# ------------------------------------------------------------------------------------------------------- what is asked


def test_the_seeds_six_and_what_stands_beside_them():
    figures = {name: one.imagenet for name, one in METHODS.items() if one.imagenet}
    assert figures == {"ressl": 69.6, "simsiam": 71.3, "infomin": 73.0, "pcl": 67.6, "deepcluster": 70.2, "smog": 73.6}
    assert [METHODS[name].level for name in figures] == ["instance"] * 3 + ["group"] * 3
    assert not any(METHODS[name].supervised for name in figures)
    assert role("groupface") == "with labels, group level"
    assert set(available()) == set(OBJECTIVES)


def test_a_method_of_a_users_own_has_a_place(monkeypatch):
    monkeypatch.setitem(OBJECTIVES, "mine", OBJECTIVES["prototype"])
    assert available()[-1] == "mine"
    assert method("mine").title == "mine"
    assert method("mine").level == "group"


def test_plans_go_seed_by_seed():
    plan = tiny_plan(seeds=(3, 1))
    names = [run.name for run in plan.runs()]
    assert names == [
        *("untrained-seed3", "instance-seed3", "prototype-seed3"),
        *("untrained-seed1", "instance-seed1", "prototype-seed1"),
        "pixels-seed3",
    ]
    assert {run.config.images for run in plan.runs()} == {32}
    for wrong in ({"methods": ("nothing",)}, {"methods": ()}, {"seeds": (1, 1)}):
        with pytest.raises(InvalidValueError, match=next(iter(wrong))):
            tiny_plan(**wrong)


# ---------------------------------------------------------------------------------------------------------- collections


def test_halves_are_of_other_drawers():
    labels = np.repeat([7, 9], 5)
    drawers = np.tile([1, 2, 3, 4, 5], 2)
    np.testing.assert_array_equal(collections.halves(labels, drawers)[:5], [0, 0, 1, 1, -1])
    np.testing.assert_array_equal(collections.halves(labels, drawers, 1)[5:], [0, -1, 1, -1, -1])


@pytest.mark.parametrize("aggregation", collections.AGGREGATIONS)
@pytest.mark.parametrize("size", [None, 1])
def test_characters_found_by_halves_as_numpy_finds_them(aggregation, size):
    found = embedded(alphabets=5, characters=4, drawers=7, evaluation=5, dimension=3)
    share = collections.characters_by_halves(found, np.ones(len(found), dtype=bool), aggregation, size=size)
    points, vectors, owners = found.embeddings.astype(float), [], []
    for character in np.unique(found.character):
        rows = np.flatnonzero(found.character == character)
        rows = rows[np.argsort(found.drawer[rows])]
        for half in (rows[:3], rows[3:6]):
            own = points[half[:size]]
            if aggregation == "mean of unit vectors":
                own = own / np.linalg.norm(own, axis=1, keepdims=True)
            vectors.append(np.median(own, axis=0) if aggregation.startswith("median") else own.mean(axis=0))
            owners.append(character)
    apart = np.linalg.norm(np.array(vectors)[:, None] - np.array(vectors), axis=2)
    np.fill_diagonal(apart, np.inf)
    right = np.array(owners)[apart.argmin(axis=1)] == owners
    assert (share.successes, share.count) == (right.sum(), len(right))
    assert share.counts == (8,) * 5
    assert share.by_cluster == tuple(right.reshape(5, 8).sum(axis=1))


def test_alphabets_found_by_halves():
    found = embedded(alphabets=4, characters=4, drawers=3, evaluation=4)
    chosen = np.ones(len(found), dtype=bool)
    # Each alphabet in a place of its own, far from all others.
    far = replace(found, embeddings=(found.embeddings + 300 * found.alphabet[:, None]).astype(np.float16))
    assert collections.alphabets_by_halves(far, chosen).by_cluster == (2,) * 4
    assert collections.collections_by_alphabet(far, chosen).value == 1
    # Each where it tells nothing.
    none = replace(found, embeddings=np.zeros_like(found.embeddings))
    assert collections.alphabets_by_halves(none, chosen).successes == 0


# ------------------------------------------------------------------------------------------------------ what runs say


def test_differences_are_paired_by_seed_and_by_alphabet():
    results = Results(summary_of({**START, **SIX}))
    found = results.difference(tables.INSTANCE, tables.GROUP, "held out", tables.MAIN)
    by_seed = np.mean([SIX[name] for name in tables.INSTANCE], axis=0) - np.mean([SIX[n] for n in tables.GROUP], axis=0)
    assert found.over_seeds.values == pytest.approx(by_seed)
    known = ttest_1samp(by_seed, 0).confidence_interval(0.95)
    assert found.over_seeds.limits == pytest.approx((known.low, known.high))
    assert found.seeds == (0, 1, 2)
    # Every alphabet is as far from its method's mean, so the difference is the same in each.
    assert found.over_alphabets.values == pytest.approx([by_seed.mean()] * 4)
    assert found.limits[0] == pytest.approx(known.low)


def test_seeds_that_a_method_lacks_are_left_out():
    shares = {**START, **SIX, "smog": SIX["smog"][:2]}
    found = Results(summary_of(shares)).difference(tables.INSTANCE, tables.GROUP, "held out", tables.MAIN)
    assert found.seeds == (0, 1)
    without = {name: one for name, one in shares.items() if name != "smog"}
    found = Results(summary_of(without)).difference(tables.INSTANCE, tables.GROUP, "held out", tables.MAIN)
    assert found.second == ("pcl", "deepcluster")
    assert Results(summary_of(START)).difference(tables.INSTANCE, tables.GROUP, "held out", tables.MAIN) is None


def test_the_answer_is_the_first_sentence():
    better = tables.answer(Results(summary_of({**START, **SIX})))
    assert better.startswith(
        "On Omniglot a collection is represented better by aggregating what was learned on drawings"
    )
    assert "over 3 seeds" in better
    assert "over 4 alphabets" in better
    swapped = dict(zip(SIX, [*list(SIX.values())[3:], *list(SIX.values())[:3]], strict=True))
    assert "better by learning on groups" in tables.answer(Results(summary_of({**START, **swapped})))
    alike = {name: [0.5, 0.6, 0.4 + 0.01 * k] for k, name in enumerate(SIX)}
    assert "do not tell whether" in tables.answer(Results(summary_of({**START, **alike})))
    one = {name: shares[:1] for name, shares in {**START, **SIX}.items()}
    assert "without limits over 1 seed" in tables.answer(Results(summary_of(one)))
    assert "do not yet tell" in tables.answer(Results(summary_of(START)))


def test_what_has_not_learned_is_marked_everywhere():
    summary = summary_of({**START, **SIX})
    weak = next(run for run in summary["runs"] if (run["method"], run["seed"]) == ("smog", 1))
    weak["measures"]["held out"]["drawings: same character"] = {
        **weak["measures"]["held out"]["drawings: same character"],
        "low": 0.05,
    }
    results = Results(summary)
    assert gate(results, "smog", 0).learned
    assert not gate(results, "smog", 1).learned
    assert "SMoG has not learned in every run" in tables.answer(results)
    text = tables.files(summary)["methods.md"]
    for line in text.splitlines():
        if line.startswith("|") and "SMoG" in line and "SMoG, seed" not in line:
            assert "SMoG †" in line
    learned = next(table for table in tables.tables(summary) if table.title == "Learned or not")
    assert {row[0]: row[3] for row in learned.rows}["SMoG, seed 1"] == "no"
    assert any(row[0].startswith("those that learned") for row in tables.tables(summary)[0].rows)


def test_the_page_has_the_answer_first_and_every_table():
    summary = summary_of({**START, **SIX})
    text = page.comparison_page(summary)
    said = tables.answer(Results(summary))
    assert said.replace("'", "&#39;") in text
    assert text.index("On Omniglot") < text.index("<h2")
    assert "<script" not in text
    assert not re.search(r"(?:src|href)=\"http", text)
    for table in tables.tables(summary):
        assert (f">{table.title}</h2>".replace("'", "&#39;") in text) == bool(table.rows)
    seed = next(table for table in tables.tables(summary) if table.title == "Karimov's table, and ours")
    assert [row[1] for row in seed.rows] == ["69.6%", "71.3%", "73.0%", "67.6%", "70.2%", "73.6%"]
    assert "do not compare" in seed.note
    assert set(tables.FILES) == {table.title for table in tables.tables(summary)}


# --------------------------------------------------------------------------------------------- training and measuring


@pytest.fixture
def source():
    """Return what gives a miniature of Omniglot, and how often it was asked."""
    asked = []

    def load():
        asked.append("asked")
        return drawings(alphabets=8, evaluation=2)

    load.asked = asked
    return load


@pytest.mark.omniglot
def test_a_comparison_goes_on_where_it_was(tmp_path, source, monkeypatch, interrupted_at):
    pytest.importorskip("timm")
    pytest.importorskip("pytorch_metric_learning")
    plan, said = tiny_plan(), []
    with interrupted_at(1), pytest.raises(KeyboardInterrupt):
        carry_out(plan, tmp_path, source, progress=False)
    assert (tmp_path / "untrained-seed0.measures.json").exists()
    assert not (tmp_path / "instance-seed0.safetensors").exists()
    summary = carry_out(plan, tmp_path, source, tell=said.append, progress=False)
    assert summary["missing"] == []
    assert [one["method"] for one in summary["runs"]] == ["untrained", "instance", "prototype", "pixels"]
    assert said[-1] == "pixels-seed0: done"
    # Nothing is made again, not even asked for.
    asked = len(source.asked)
    monkeypatch.setattr(representations, "embed_images", None)
    again = carry_out(plan, tmp_path, source, progress=False)
    assert again["runs"] == json.loads(json.dumps(summary["runs"]))
    assert len(source.asked) == asked
    # But where what is measured with has changed.
    fewer = carry_out(replace(plan, measuring=Measuring(10, 10)), tmp_path, source, progress=False)
    numbers = fewer["runs"][1]["measures"]["held out"]
    assert numbers["m* below 0"]["count"] == 10
    known = measures.measured(
        runs.kept(plan.runs()[1].config, tmp_path / "instance-seed0.safetensors"),
        *_held_out(plan, tmp_path),
        triples=10,
        draws=10,
        seed=0,
    )
    for one in known:
        assert (numbers[one.name]["lowest"], numbers[one.name]["high"]) == (one.lowest, one.high)
    written = page.write(summary, tmp_path / "report")
    assert {path.name for path in written} == {
        "index.html",
        "methods.json",
        "methods.csv",
        "methods.md",
        *tables.FILES.values(),
    }
    loaded = json.loads((tmp_path / "report" / "methods.json").read_text(encoding="utf-8"))
    assert {
        name: path.read_text(encoding="utf-8") for name, path in zip([p.name for p in written], written, strict=True)
    } == {
        **tables.files(loaded),
        "index.html": page.comparison_page(loaded),
    }


def _held_out(plan: Plan, folder) -> tuple:
    found = runs.kept(plan.runs()[1].config, folder / "instance-seed0.safetensors")
    return (measures.parts(found)["held out"],)


@pytest.mark.omniglot
def test_what_a_network_gives_is_kept_by_kind(tmp_path):
    pytest.importorskip("timm")
    drawn = drawings(alphabets=8, evaluation=2)
    config = tiny(objective="smog", validation_alphabets=2, images=16, options={"clusters": 5, "queue": 32})
    trained = train(drawn.subset(~drawn.evaluation), config, directory=tmp_path / "run", progress=False)
    file = tmp_path / "run.safetensors"
    assert representations.lacking(config, OBJECTIVES["smog"], file)
    representations.represent(trained, drawn, 1, file, progress=False)
    assert not representations.lacking(config, OBJECTIVES["smog"], file)
    found = representations.represented(config, OBJECTIVES["smog"], file)
    assert set(found) == set(representations.KINDS)
    exact = embed_images(trained.network, drawn.images)
    np.testing.assert_array_equal(found["f"].embeddings, exact.astype(np.float16))
    lengths = np.linalg.norm(found["projection"].embeddings.astype(float), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=2e-3)
    shares = found["assignments"].embeddings.astype(float)
    assert shares.shape == (len(drawn), 5)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=5e-3)
    groups = trained.objective.groups.numpy()
    nearest = (trained.project(exact) @ groups.T).argmax(axis=1)
    assert np.mean(shares.argmax(axis=1) == nearest) > 0.95
    views = found["views"]
    # Ten views of one drawing of each of eight held-out characters: five and five are a collection each.
    assert len(views) == 80
    assert np.bincount(views.character).tolist() == [5] * 16
    assert np.array_equal(views.character // 2, views.alphabet)
    labelled = views.labelled()
    assert len(labelled) == 16
    # An objective without groups has no shares of any.
    assert set(representations.represented(config, OBJECTIVES["simsiam"], file)) == {"f", "projection", "views"}


def test_premises_by_brute_force():
    found = embedded(alphabets=3, characters=2, drawers=3, evaluation=3, dimension=3)
    part = measures.Part(found, np.ones(len(found), dtype=bool), 6, 6, 0)
    known = {one.name: one for stage in premises.STAGES.values() for one in stage(part)}
    points = part.labelled.points / np.linalg.norm(part.labelled.points, axis=1, keepdims=True)
    certain, true, nearer = [], [], []
    for triple in sample_triples(part.labelled, 6, seed=0):
        x, z, w = (points[part.labelled.members[position]] for position in triple)
        gap = 0.1 * np.log(np.exp(x @ w.T / 0.1).sum(axis=1))[:, None] - x @ z.T
        certain.append(np.mean(gap < 0))
        apart = np.linalg.norm(x[:, None] - z, axis=2)[:, :, None] - np.linalg.norm(x[:, None] - w, axis=2)[:, None]
        true.append(np.mean(apart < 0))
        x, z, w = (part.labelled.points[part.labelled.members[position]] for position in triple)
        to = [np.linalg.norm(x - one.mean(axis=0), axis=1) for one in (z, w)]
        nearer.append(np.mean(to[0] < to[1]))
    assert known["S1: anchors and positives with a margin below 0"].lowest == pytest.approx(np.mean(certain))
    assert known["S1: triplets of unit vectors below 0"].lowest == pytest.approx(np.mean(true))
    assert known["S2: objects nearer to their own"].lowest == pytest.approx(np.mean(nearer))
    assert known["S1: triples on which it fails"].highest == known["S2: triples on which it fails"].highest == 0
    # What a softmax certifies is true.
    assert np.mean(certain) <= np.mean(true)


@pytest.mark.omniglot
def test_the_time_given_bounds_all(tmp_path, source):
    pytest.importorskip("timm")
    summary = carry_out(tiny_plan(), tmp_path, source, minutes=0.01, progress=False)
    assert source.asked == []
    assert summary["runs"] == []
    assert [one["what"] for one in summary["missing"]] == [
        *("embedding", "training, 0 of 2 steps", "training, 0 of 2 steps", "embedding")
    ]
    assert "do not yet tell" in page.comparison_page(summary)


@pytest.mark.omniglot
def test_a_training_that_fails_is_a_result(tmp_path, source, monkeypatch):
    pytest.importorskip("timm")
    pytest.importorskip("pytorch_metric_learning")
    calls = []

    def failing(*given, **options):
        calls.append(given)
        raise CollapseError("training: expected embeddings that differ, got one point")

    monkeypatch.setattr(comparison, "train", failing)
    plan = tiny_plan(methods=("instance",))
    for _ in range(2):
        summary = carry_out(plan, tmp_path, source, progress=False)
        assert summary["missing"] == []
        failed = summary["runs"][1]
        assert failed["failed"].endswith("got one point")
        assert failed["measures"] == {}
    assert len(calls) == 1
    assert "got one point" in tables.files(summary)["methods.md"]


def test_a_page_is_made_again_of_its_numbers_alone(tmp_path, monkeypatch, capsys):
    file = tmp_path / "methods.json"
    file.write_text(json.dumps(summary_of({**START, **SIX})), encoding="utf-8")
    assert _called(monkeypatch, "--from-json", file, "--out", tmp_path / "again", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["answer"] in (tmp_path / "again" / "methods.md").read_text(encoding="utf-8")
    assert (tmp_path / "again" / "index.html").is_file()
    file.write_text("{}", encoding="utf-8")
    assert _called(monkeypatch, "--from-json", file, "--out", tmp_path) == 2
    assert "--from-json: expected results of compare-methods" in capsys.readouterr().err
    for wrong in (("--seeds", "a"), ("--minutes", "0"), ("--methods", "nothing")):
        assert _called(monkeypatch, *wrong, "--runs", tmp_path) == 2
        assert "expected" in capsys.readouterr().err


def _called(monkeypatch, *words: object) -> int:
    from boundcheck.cli import main

    monkeypatch.setattr("sys.argv", ["boundcheck", "compare-methods", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_of_no_limits_nothing_is_said():
    from boundcheck.limits import StudentMean

    assert StudentMean((0.25,)).limits == (-math.inf, math.inf)
    assert StudentMean((0.25,)).to_dict()["low"] is None
    known = ttest_1samp([1.0, 2.0, 4.0], 0).confidence_interval(0.9)
    assert StudentMean((1.0, 2.0, 4.0), 0.9).limits == pytest.approx((known.low, known.high))
    with pytest.raises(InvalidValueError, match="values"):
        StudentMean(())
    with pytest.raises(InvalidValueError, match="values"):
        StudentMean((math.nan,))
    assert comparison.STAGES["f"]["held out"].keys() > comparison.STAGES["f"]["trained"].keys()


def test_a_method_is_trained_by_settings_of_its_own():
    plan = Plan(methods=("ressl", "simsiam"), seeds=(0,), config={"learning_rate": 5e-3})
    rates = {run.method: (run.config.optimizer, run.config.learning_rate) for run in plan.runs()}
    assert rates["ressl"] == ("adamw", 5e-3)
    assert rates["simsiam"] == ("sgd", 0.05)
