"""Numbers as CSV: one line an entry, one column a field, safe to open in a spreadsheet.  Pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.views.escape import csv_cell

COLUMNS = (
    "account",
    "appkey",
    "app_name",
    "waba_id",
    "waba_name",
    "number",
    "verified_name",
    "quality_rating",
    "status",
    "tier",
    "tier_limit",
    "tier_unlimited",
    "name_status",
    "code_verification_status",
    "register_status",
    "severity",
    "as_of",
)
SINCE = ("quality_rating", "status", "tier")  # as the columns `since_quality_rating`, …


def numbers_csv(numbers: Sequence[Mapping[str, Any]]) -> str:
    """
    The whole table with its line of titles.

    Args:
        numbers: The API's objects.  Each label that any app has is a column `label_…`, as in an `apps_file`.
    """
    labels = sorted({name for number in numbers for name in number["labels"]})
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    titles = (*COLUMNS, *(f"since_{name}" for name in SINCE), *(f"label_{name}" for name in labels))
    writer.writerow([csv_cell(title) for title in titles])
    writer.writerows([csv_cell(_text(value)) for value in _values(number, labels)] for number in numbers)
    return text.getvalue()


def _values(number: Mapping[str, Any], labels: Iterable[str]) -> list[Any]:
    return [
        *(number[name] for name in COLUMNS),
        *(number["since"][name] for name in SINCE),
        *(number["labels"].get(name) for name in labels),
    ]


def _text(field: object) -> str:
    match field:
        case None:
            return ""
        case bool():
            return str(field).lower()
        case _:
            return str(field)
