"""Parses JSON of clients, and refuses values that Python reads but cannot write again as JSON."""

import json
import math
import re
from typing import Any

MAX_DEPTH = 100
# Only such an escape can stand for half of a surrogate pair.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class InvalidJSON(ValueError):
    """The content is not JSON; the message says why."""


def parse(content: bytes) -> Any:
    """Parse UTF-8 JSON as RFC 8259 defines it: without NaN, numbers beyond a double, or half surrogate pairs.

    Raises:
        InvalidJSON: It is something else, or nested more than MAX_DEPTH levels deep.
    """
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_number, parse_float=_number, parse_int=_integer)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError:
        raise InvalidJSON("it is not valid Unicode") from None
    except RecursionError:
        raise InvalidJSON(f"it is nested more than {MAX_DEPTH} levels deep") from None
    except json.JSONDecodeError as error:
        raise InvalidJSON(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(value):
        raise InvalidJSON(f"it is nested more than {MAX_DEPTH} levels deep")
    return value


def _number(text: str) -> float:
    value = float(text.replace("Infinity", "inf"))
    if not math.isfinite(value):
        raise InvalidJSON(f"the number {text[:20]} is not a finite double")
    return value


def _integer(text: str) -> int:
    _number(text)
    return int(text)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        containers = [item for item in level if isinstance(item, (dict, list))]
        level = [inner for item in containers for inner in (item.values() if isinstance(item, dict) else item)]
        if not containers:
            return False
    return True
