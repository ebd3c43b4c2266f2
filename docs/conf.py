"""Sphinx configuration. Pages that show statements, help texts or outputs generate them, see directives.py."""

import sys
from pathlib import Path

# The extensions here, and the benchmarks, whose results pages show.
sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from boundcheck import __version__

project = "boundcheck"
author = "The boundcheck developers"
project_copyright = author
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "directives",
    "theorems.pages",
    "published.pages",
]
# The reasons are parts of the pages that are made of them.
exclude_patterns = ["_build", "theorems/why"]
highlight_language = "python"
trim_doctest_flags = True
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
# Defaults as they are written: a whole bound is the default of check_bound.
autodoc_preserve_defaults = True
autodoc_type_aliases = {"npt.ArrayLike": "ArrayLike"}
autosummary_generate = False
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"boundcheck {release}"
html_copy_source = False
html_show_sphinx = False
# MathML, which browsers draw by themselves: no script, no network.
html_math_renderer = "mathml"
