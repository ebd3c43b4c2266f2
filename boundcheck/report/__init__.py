"""Reports: what was found, as text, HTML, JSON, tables and figures."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boundcheck.report.ladder import Ladder, Rung
    from boundcheck.report.result import LinkReport, PremiseReport, Report, Witness

__all__ = ["Ladder", "LinkReport", "PremiseReport", "Report", "Rung", "Witness"]

# Tables of statements are made without what reads data: torch alone takes seconds to load.
_FILE_OF = {"Ladder": "ladder", "Rung": "ladder"} | dict.fromkeys(
    ("LinkReport", "PremiseReport", "Report", "Witness"), "result"
)


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_FILE_OF[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
