"""Reports: what was found, as text, HTML, JSON, tables and figures."""

from boundcheck.report.ladder import Ladder, Rung
from boundcheck.report.result import LinkReport, PremiseReport, Report, Witness

__all__ = ["Ladder", "LinkReport", "PremiseReport", "Report", "Rung", "Witness"]
