"""Importers: sources of entries and of document numbers, read line by line into values."""

from checkpoint_app.screening.importers.read import Content, Source, content_of, read_entries, read_numbers, sources_of
from checkpoint_app.screening.importers.report import Report
from checkpoint_app.screening.importers.source import SourceError

__all__ = ["Content", "Report", "Source", "SourceError", "content_of", "read_entries", "read_numbers", "sources_of"]
