"""The report of a build, and the artifact's model card.

contents: what a report holds. write: stores it and writes its pages. family: a page that compares several models.
page: a page as Markdown and as HTML. plots: its SVG plots. quality: the rows of its quality tables. model_card: the
card.
"""

from model_build.export.byte_table import ByteRow, byte_rows
from model_build.report.contents import (
    CurvePoint,
    ParityRow,
    Report,
    SensitivityRow,
    StageTime,
    VocabularyRow,
)
from model_build.report.model_card import render_licence, render_model_card, renew_model_card, write_card
from model_build.report.write import load_report, save_report, write_report

__all__ = [
    "ByteRow",
    "CurvePoint",
    "ParityRow",
    "Report",
    "SensitivityRow",
    "StageTime",
    "VocabularyRow",
    "byte_rows",
    "load_report",
    "render_licence",
    "render_model_card",
    "renew_model_card",
    "save_report",
    "write_card",
    "write_report",
]
