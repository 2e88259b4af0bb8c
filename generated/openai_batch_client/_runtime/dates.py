# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""Reads points in time in all forms that servers and callers use."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import overload

__all__ = ["to_datetime"]

Moment = date | float | str


@overload
def to_datetime(value: None) -> None: ...


@overload
def to_datetime(value: Moment) -> datetime: ...


def to_datetime(value: object) -> datetime | None:
    """Convert a point in time to an aware datetime in UTC. None, as in an optional field of a model, stays None.

    Args:
        value: Unix seconds (int, float, or a string of 9 to 11 digits), a datetime, a date, or any date string that
            python-dateutil can read in only one way. A value without a time zone is UTC.

    Raises:
        ValueError: The value is none of these.
    """
    if value is None:
        return None
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime.combine(value, time())
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str) and re.fullmatch(r"\s*\d{9,11}(\.\d+)?\s*", value):
            moment = datetime.fromtimestamp(float(value), UTC)
        elif isinstance(value, str) and value.strip():
            moment = _parse(value.strip())
        else:
            raise ValueError("neither a number nor a date")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{value!r} is not a point in time: {error}") from None


def _parse(text: str) -> datetime:
    """Parse a date string, and refuse an ambiguous one: the parser fills gaps and guesses which number is the month."""
    # Imported here because most programs never parse a date string, and the parser takes long to import.
    from dateutil import parser

    try:
        return parser.isoparse(text)
    except ValueError:
        # After a year follows the month; with `dayfirst` the parser would take the month for the day.
        orders = (False,) if re.match(r"\d{4}\D", text) else (False, True)
        read = {
            parser.parse(text, default=default, dayfirst=dayfirst, tzinfos=_zone)
            for default in (datetime(2000, 1, 1), datetime(2001, 2, 2))
            for dayfirst in orders
        }
    if len(read) > 1:
        raise ValueError("it can be read in several ways; write it as in 2026-11-24T10:00:00Z")
    return read.pop()


def _zone(name: str | None, offset: int | None) -> tzinfo | int | None:
    """The time zone of a date string. The parser itself would ignore an unknown one."""
    if name and offset is None:
        raise ValueError(f"the time zone {name} is not known; write it as an offset, as in 2026-11-24T10:00:00-05:00")
    return offset
