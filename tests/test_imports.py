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


@pytest.mark.parametrize("module", ["boundcheck", "boundcheck.cli", "boundcheck.scanning", "boundcheck.omniglot.data"])
def test_import_loads_nothing_heavy(module):
    loaded = json.loads(python(f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"))
    assert [name for name in HEAVY if name in loaded] == []


def test_import_loads_little_beyond_torch():
    """What torch does not load already: the package itself, and the few libraries that every check needs."""
    code = "import sys, torch; before = set(sys.modules); import boundcheck; print(*sorted(set(sys.modules) - before))"
    roots = {name.partition(".")[0] for name in python(code).split()}
    assert roots - sys.stdlib_module_names <= {"boundcheck", "jaxtyping", "numpy", "wadler_lindig"}


def test_everything_public_is_there_and_rooms_are_functions_whose_former_imports_work():
    code = """
import boundcheck, types
assert all(hasattr(boundcheck, name) for name in boundcheck.__all__)
from boundcheck.scan import LabelledPoints, check_triples, scan
from boundcheck.falsify import falsify, triples
from boundcheck.check import check_bound
import boundcheck.data, boundcheck.scanning, boundcheck.adversary, boundcheck.checking
for name in ("scan", "falsify", "check"):
    assert isinstance(getattr(boundcheck, name), types.FunctionType), name
assert scan is boundcheck.scan and falsify is boundcheck.falsify and check_bound is boundcheck.check_bound
assert LabelledPoints is boundcheck.data.LabelledPoints
assert set(boundcheck.__all__) <= set(dir(boundcheck)), set(boundcheck.__all__) - set(dir(boundcheck))
"""
    assert python(code) == ""


def test_imports_point_one_way():
    pytest.importorskip("importlinter")
    settings = Path(__file__).parents[1] / "setup.cfg"
    lint = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    done = subprocess.run([lint, "--no-cache"], capture_output=True, text=True, cwd=settings.parent, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_a_type_checkers_view_of_bound_is_the_dataclass():
    """What mypy is told that a Bound takes is written beside its fields: names, order and defaults are theirs."""
    import ast
    import dataclasses
    import inspect
    import textwrap

    from boundcheck import Bound

    tree = ast.parse(textwrap.dedent(inspect.getsource(Bound)))
    told = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "__init__").args
    names = [argument.arg for argument in (*told.args[1:], *told.kwonlyargs)]
    fields = dataclasses.fields(Bound)
    # The conclusion is taken apart, and no field.
    assert names == ["name", "conclusion", *(field.name for field in fields[1:])]
    assert list(inspect.signature(Bound.__init__).parameters)[1:] == names
    fields = fields[1:]
    for default, field in zip(told.kw_defaults, fields, strict=True):
        assert (default is None) == (field.default is dataclasses.MISSING), field.name
        if default is not None:
            value = eval(compile(ast.Expression(default), "", "eval"), vars(inspect.getmodule(Bound)))
            assert value == field.default, field.name


def test_a_worker_that_starts_loads_no_torch():
    code = "import sys, boundcheck.scanning.engines; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


NUMERICS = ("torch", "numba", "scipy")
LIBRARY = ("boundcheck.theorems.published",)
LANGUAGE = ("boundcheck.language", "numpy")


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (["list"], LIBRARY),
        (["show", "karimov"], LIBRARY),
        (["list", "--published"], ()),
        (["show", "elkan"], ()),
        (["--help"], LANGUAGE),
        (["check", "--help"], LANGUAGE),
        (["chekc", "points.csv"], LANGUAGE),
        (["check", "--nope"], LANGUAGE),
        (["check", "nowhere.csv"], LANGUAGE),
        (["scan", "nowhere.csv"], LANGUAGE),
        (["replay", "nowhere.json"], LANGUAGE),
        (["check", "setup.cfg", "--labels", "nowhere.csv"], LANGUAGE),
        (["check", "setup.cfg", "--bound", "karimow"], ()),
        (["scan", "setup.cfg", "--bound", "nowhere.py:guess"], LIBRARY),
        (["falsify", "karimow"], ()),
        (["necessity", "karimow"], ()),
        (["sharpness", "nowhere.py:guess"], LIBRARY),
        (["prove", "karimow"], ()),
        (["prove", "--search", "karimow"], ()),
    ],
    ids=lambda given: " ".join(given) or "nothing",
)
def test_commands_load_what_they_show_and_no_numerics(words, spared):
    """Torch alone takes seconds to load, the library of published statements a quarter of one."""
    code = (
        "import json, runpy, sys\n"
        f"sys.argv = ['boundcheck', *{words!r}]\n"
        "try:\n    runpy.run_module('boundcheck.cli', run_name='__main__')\n"
        "except SystemExit:\n    pass\n"
        f"print(json.dumps([name for name in {[*NUMERICS, *spared]!r} if name in sys.modules]))"
    )
    assert python(code).splitlines()[-1] == "[]"


def test_dir_has_what_is_public_and_rooms_need_no_import_of_their_own():
    code = (
        "import boundcheck; print([n for n in dir(boundcheck) if not n.startswith('_')]); print(boundcheck.distances)"
    )
    names, room = python(code).splitlines()
    assert {"scan", "check", "distances", "language"} <= set(eval(names))
    assert not {"Any", "sys", "TYPE_CHECKING", "import_module"} & set(eval(names))
    assert "boundcheck.distances" in room
