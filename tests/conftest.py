"""What every test runs under: no deadlines, so that no test depends on timing."""

import os
import shutil

import pytest
from hypothesis import settings

# Doctests are looked for in every module; a second one named conftest could not be imported beside docs' own.
collect_ignore = ["conftest.py"]

settings.register_profile("default", deadline=None, print_blob=True)
# What must be the same twice, as where a change is let in: each run of "default" draws examples of its own.
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.hookimpl(tryfirst=True)  # before what a test asks for is made
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("coq") and shutil.which("coqc") is None:
        pytest.skip("no coqc: boundcheck prove says how to install it")
