"""The pages' examples: what is no test, and where they write files."""

import pytest

collect_ignore = ["conf.py", "conftest.py", "directives.py", "readers.py", "_build"]
# What is made of the bounds has tests of its own; the files are there only after a build.
collect_ignore += ["theorems/pages.py", "theorems/pictures.py", "theorems/generated"]
collect_ignore += ["published/pages.py", "published/generated"]


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
