"""The pages' examples: what is no test, and where they write files."""

import pytest

collect_ignore = ["conf.py", "conftest.py", "directives.py", "_build"]


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
