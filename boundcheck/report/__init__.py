"""Reports: what was found, as text, HTML, JSON, tables and figures."""

from boundcheck.report.result import LinkReport, PremiseReport, Report, Witness

__all__ = ["LinkReport", "PremiseReport", "Report", "Witness"]
