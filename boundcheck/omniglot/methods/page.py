"""The page that the results of a comparison make: the answer first, then what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from boundcheck.atomic import write_text
from boundcheck.omniglot.methods.differences import Results
from boundcheck.omniglot.methods.tables import answer, files, tables
from boundcheck.report.html import page

__all__ = ["comparison_page", "write"]


def comparison_page(summary: Mapping[str, Any]) -> str:
    """Return the page of a comparison as one HTML file: no script, no network."""
    results = Results(summary)
    return page(
        "methods.html",
        title="Instance level against group level, on Omniglot",
        answer=answer(results),
        missing=[f"{one['method']}, seed {one['seed']}: {one['what']}" for one in summary["missing"]],
        tables=tables(summary),
        metadata=json.dumps(
            {key: summary[key] for key in ("plan", "measuring", "made_by")}, indent=1, ensure_ascii=False
        ),
    )


def write(summary: Mapping[str, Any], folder: Path) -> tuple[Path, ...]:
    """Write the page, the tables and the numbers of a comparison to a folder, each file in one step."""
    texts = {**files(summary), "index.html": comparison_page(summary)}
    for name, text in texts.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in texts)
