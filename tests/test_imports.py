"""What importing boundcheck costs, and which of its modules may know which."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "dask",
    "hypothesis",
    "jinja2",
    "matplotlib",
    "pyarrow",
    "pytorch_metric_learning",
    "scipy.stats",
    "sklearn",
    "timm",
    "torchvision",
)


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", ["boundcheck", "boundcheck.cli", "boundcheck.scan", "boundcheck.omniglot.data"])
def test_import_loads_nothing_heavy(module):
    loaded = json.loads(python(f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"))
    assert [name for name in HEAVY if name in loaded] == []


def test_everything_public_is_there():
    assert python("import boundcheck; print(all(hasattr(boundcheck, name) for name in boundcheck.__all__))") == "True\n"


def test_import_takes_less_than_a_fifth_of_a_second_beyond_torch():
    """The least of several runs, so that a busy machine does not count."""
    code = "import time, torch; began = time.process_time(); import boundcheck; print(time.process_time() - began)"
    best = float("inf")
    for _ in range(8):
        best = min(best, float(python(code)))
        if best < 0.2:
            return
    pytest.fail(f"{best:.2f} s at best")


def test_imports_point_one_way():
    pytest.importorskip("importlinter")
    settings = Path(__file__).parents[1] / "setup.cfg"
    lint = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    done = subprocess.run([lint, "--no-cache"], capture_output=True, text=True, cwd=settings.parent, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout
