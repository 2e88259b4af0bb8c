# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Points in time as servers and callers write them."""

import re
from datetime import UTC, datetime
from typing import Any

__all__ = ["to_datetime"]


def to_datetime(value: Any) -> datetime:
    """`value` as an aware datetime in UTC.

    Args:
        value: Unix seconds (int, float, or a string of 9 to 11 digits), a datetime, or any date string that
            python-dateutil reads. What names no time zone is taken to be UTC.

    Raises:
        ValueError: If it is none of these.
    """
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str) and re.fullmatch(r"\s*\d{9,11}(\.\d+)?\s*", value):
            moment = datetime.fromtimestamp(float(value), UTC)
        elif isinstance(value, str) and value.strip():
            # Only here: most programs never meet a date as text, and the parser takes long to import.
            from dateutil import parser

            moment = parser.parse(value)
        else:
            raise ValueError("neither a number nor a date")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{value!r} is not a point in time: {error}") from None
