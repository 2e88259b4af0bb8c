"""Formats of strings and numbers, and the formats that include or exclude each other."""

# Pairs of a format and a wider format, which includes all its values. https://spec.openapis.org/registry/format/
WIDER = {
    ("int32", "int64"),
    ("int32", "bigint"),
    ("int64", "bigint"),
    ("float", "double"),
    ("uri", "uri-reference"),
    ("uri", "iri"),
    ("uri", "iri-reference"),
    ("uri-reference", "iri-reference"),
    ("iri", "iri-reference"),
    ("hostname", "idn-hostname"),
    ("email", "idn-email"),
}
RANGES = {
    "int8": (-(2**7), 2**7 - 1),
    "uint8": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
}
"""The smallest and the largest integer of a format."""
OF_ALL_NUMBERS = ("int64", "double")
"""Formats that all usual numbers have, so that callers notice nothing if the format is added or removed."""
OF_NUMBERS = frozenset([*RANGES, "int64", "bigint", "float", "double"])
DISTINCT = frozenset(["date", "date-time", "time", "duration", "uuid", "ipv4", "ipv6", "email"])
"""No string has two of these formats."""
JUDGED = DISTINCT | OF_NUMBERS | {one for pair in WIDER for one in pair}
JUDGED |= {"uri-template", "json-pointer", "relative-json-pointer", "regex", "byte", "base64url"}
"""The formats that validators judge."""
