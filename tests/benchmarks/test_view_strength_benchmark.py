"""The benchmark of how strongly views are distorted: what its runs are, what it measures, what its tables say."""

import numpy as np
import pytest

pytest.importorskip("timm")

from benchmarks.view_strength import METHODS, config_of_run, tables, validated
from boundcheck.omniglot.config import TrainingConfig
from boundcheck.omniglot.embedded import shipped
from boundcheck.omniglot.methods.comparison import Plan
from boundcheck.omniglot.objectives import OBJECTIVES
from boundcheck.omniglot.objectives.protocol import STRENGTH, View


def views_of(name, strength):
    made = OBJECTIVES[name].__new__(OBJECTIVES[name])
    # Views ask for the configuration alone.
    object.__setattr__(made, "config", TrainingConfig(objective=name, view_strength=strength, label="character"))
    return made.views


def test_the_methods_are_those_with_a_strength_of_their_own():
    assert set(METHODS) == {name for name in OBJECTIVES if View(STRENGTH) in views_of(name, None)}
    assert all(View(0.77) in views_of(name, 0.77) for name in METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_a_run_is_one_of_a_comparison_but_for_its_views(name):
    ours = config_of_run(name, 0.5, 3, 40_000)
    (theirs,) = [
        run.config
        for run in Plan(
            methods=(name,),
            seeds=(3,),
            config={
                "label": "character",
                "image_size": 28,
                "backbone": "test_efficientnet",
                "learning_rate": 5e-3,
                "validation_alphabets": 5,
                "images": 40_000,
            },
        ).runs()
        if run.method == name
    ]
    differs = {key for key, value in vars(ours).items() if value != getattr(theirs, key)}
    assert differs == {"view_strength", "validate_every", "patience"}
    assert ours.patience > ours.steps
    assert ours.steps // ours.validate_every == 8


def test_validation_is_of_alphabets_that_are_neither_trained_on_nor_held_out():
    found = shipped()
    one = validated(found)
    alphabets = found.metadata["training"]["config"]["validation_alphabets"]
    assert len(one.by_class) == alphabets
    assert sum(count for _, count in one.by_class) == one.count < np.sum(~found.evaluation)
    assert one.low < one.lowest == one.highest < one.high


def test_differences_are_paired_by_alphabet_and_seed():
    rows = [
        {"method": "pcl", "strength": strength, "seed": seed, "lowest": share, "low": 0.1, "high": 0.9,
         "by_class": [[10 * at + gain, 100] for at in (2, 4, 6)]}
        for strength, gain, share in ((0.0, 0, 0.4), (STRENGTH, 5, 0.45))
        for seed in (0, 1)
    ]  # fmt: skip
    first, second = tables({"rows": rows, "config": {"images": 640, "validation_alphabets": 3}})
    assert first.columns == ("method", "0", f"{STRENGTH:g}")
    assert first.rows == (("PCL v2", "40.0% [10.0%, 90.0%]", "45.0% [10.0%, 90.0%]"),)
    # All alphabets differ alike, so that the limits are the difference.
    assert second.rows == (("PCL v2", "-5.0 [-5.0, -5.0]", "—"),)
