"""What make does before it does anything: an environment of another checkout stays that one's."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or not (ROOT / "Makefile").is_file(), reason="needs make and a checkout"
)


@pytest.fixture
def environment(tmp_path):
    """Return an environment, and what notes there that boundcheck was installed from a folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")

    def install(folder: Path, *, editable: bool) -> None:
        info = packages / "boundcheck-0.1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: boundcheck\nVersion: 0.1.0\n")
        origin = {"dir_info": {"editable": True} if editable else {}, "url": folder.as_uri()}
        (info / "direct_url.json").write_text(json.dumps(origin))

    return tmp_path / "env", install


def make(environment: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--dry-run", "lint", f"VENV={environment}"], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_an_environment_of_another_checkout_is_refused(environment, tmp_path):
    folder, install = environment
    other = tmp_path / "an other checkout"
    other.mkdir()
    install(other, editable=True)
    done = make(folder)
    assert done.returncode == 2
    assert f"expected an environment of this checkout, got that of {other}; name another folder" in done.stderr
    assert "pip install" not in done.stdout


def test_others_are_taken(environment, tmp_path):
    folder, install = environment
    assert make(folder).returncode == 0
    install(ROOT, editable=True)
    assert make(folder).returncode == 0
    # A copy that was installed is nobody's folder.
    install(tmp_path, editable=False)
    assert make(folder).returncode == 0
    assert make(tmp_path / "none yet").returncode == 0
