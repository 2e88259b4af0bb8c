"""Replaces each string of a recorded message, unless it is known to be harmless, by an invented string.

The invented string has the same shape: the same length, kinds of characters and punctuation. Equal words have equal
replacements in all messages, so that an id stays the id of the same object.
"""

import random
import re
import string
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scripts.openapi.contract import Contract
from scripts.openapi.walk import walk

from .schema_values import SchemaValues

MEDIA_TYPES = ("application/json", "application/problem+json", "text/event-stream", "text/html", "text/plain")
# The first words of ids, which name the kind of an object.
_PREFIX = re.compile(r"(?:batch|file|msg|org|proj|req|resp|sess|user)[_-]")
_WORD = re.compile(r"[\w-]+")
# A name of a field, such as input_tokens, createdAt or p95. An id has more digits or mixes the letters.
_NAME = re.compile(r"[a-z]+(?:_[a-z]+|[A-Z][a-z]+)*\d{0,2}")
_LONGEST_NAME = 40
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)?")
_SECONDS_OR_DATE = re.compile(r"\d{1,6}(?:\.\d{1,6})?|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
# Larger numbers in fields that the contract does not declare can be ids.
_SMALL = 1000
_ATTEMPTS = 100


class Sanitizer:
    """Replaces strings, and remembers the replacements."""

    def __init__(self, contract: Contract, secrets: Iterable[str] = ()) -> None:
        """Create a sanitizer.

        Args:
            contract: Its enums and constants are harmless, and so are the names of its fields.
            secrets: Texts that are in no name of a field.
        """
        self._values = SchemaValues(contract)
        self._harmless = {*MEDIA_TYPES, *_fixed_values(contract)}
        self._secrets = [secret.lower() for secret in secrets if secret]
        # The name of a key that the client itself sets in a map, such as the idempotency key in the metadata.
        self._reserved = {
            pointer.rpartition("/")[2]
            for operation in contract.operations
            for pointer in operation.document.get("x-create-once", {}).values()
            if isinstance(pointer, str) and pointer.startswith("/")
        }
        self._invented: dict[str, str] = {}
        self._taken: set[str] = set()
        # The seed is fixed: a replacement depends only on the shape of a word and on the order of the words.
        self._chance = random.Random(0)

    def value(self, value: Any, schema: Any) -> Any:
        """The sanitized form of a JSON value; `schema` is its schema in the contract, or None.

        Numbers that the contract declares are kept, and so are the names of fields, also of unknown fields.
        """
        parts = [*self._alternatives(schema)]
        if isinstance(value, dict):
            return self._object(value, parts)
        if isinstance(value, list):
            items = next((part["items"] for part in parts if "items" in part), None)
            return [self.value(item, items) for item in value]
        if isinstance(value, str):
            return value if value in self._harmless or _TIME.fullmatch(value) else self.text(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            kinds = {kind for part in parts for kind in _as_list(part.get("type"))}
            return value if kinds & {"integer", "number"} or 0 <= value < _SMALL else self._number(value)
        return value

    def text(self, text: str) -> str:
        """A text with all words replaced. It has ASCII characters only."""
        return re.sub(r"[^\x20-\x7e\n]", "?", _WORD.sub(lambda match: self._word(match[0]), text))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The sanitized headers of a response. Most are left out."""
        found = {}
        if kind := headers.get("content-type"):
            found["content-type"] = self.value(kind.partition(";")[0].strip().lower(), None)
        if delay := headers.get("retry-after"):
            found["retry-after"] = delay if _SECONDS_OR_DATE.fullmatch(delay) else self.text(delay)
        if request_id := headers.get("x-request-id"):
            found["x-request-id"] = self.text(request_id)
        return found

    def _object(self, value: Mapping[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
        declared = {name: inner for part in parts for name, inner in part.get("properties", {}).items()}
        is_map = any(part.get("additionalProperties", False) is not False for part in parts)
        found = {}
        for name, inner in value.items():
            if name in declared:
                found[name] = self.value(inner, declared[name])
            elif is_map:
                # The keys and values of a map are data of the caller.
                found[name if name in self._reserved else self.text(name)] = self._data(inner)
            else:
                found[name if self._is_name(name) else self.text(name)] = self.value(inner, None)
        return found

    def _data(self, value: Any) -> Any:
        """Replace all strings and numbers, whatever they are."""
        if isinstance(value, dict):
            return {self.text(name): self._data(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._data(item) for item in value]
        if isinstance(value, str):
            return self.text(value)
        return value if isinstance(value, bool) or value is None else self._number(value)

    def _alternatives(self, schema: Any) -> Iterator[dict[str, Any]]:
        """A schema without references, and the members of its unions."""
        found = self._values.whole(schema)
        if found:
            yield found
        for part in (*found.get("anyOf", ()), *found.get("oneOf", ())):
            yield from self._alternatives(part)

    def _is_name(self, name: str) -> bool:
        is_secret = any(secret in name.lower() for secret in self._secrets)
        return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None and not is_secret

    def _word(self, word: str) -> str:
        if word not in self._invented:
            prefix = match[0] if (match := _PREFIX.match(word)) else ""
            rest = word[len(prefix) :]
            is_hexadecimal = len(rest) >= 8 and not re.search("[^-0-9a-f]", rest)
            # Words of one or two letters may have the same replacement.
            for _ in range(_ATTEMPTS):
                invented = prefix + "".join(self._character(one, is_hexadecimal) for one in rest)
                self._invented[word] = invented
                if invented not in self._taken and invented not in self._invented:
                    break
            self._taken.add(self._invented[word])
        return self._invented[word]

    def _character(self, character: str, is_hexadecimal: bool) -> str:
        if character in "_-":
            return character
        if character.isdecimal():
            return self._chance.choice("123456789")
        if character.isupper():
            return self._chance.choice(string.ascii_uppercase)
        return self._chance.choice("abcdef" if is_hexadecimal else string.ascii_lowercase)

    def _number(self, number: float) -> int | float:
        digits, *exponent = repr(number).partition("e")
        invented = re.sub(r"\d", lambda _: self._chance.choice("1234567"), digits)
        # The exponent is kept, and the first digit is 1: a larger number may be more than a double can hold.
        return type(number)(re.sub(r"\d", "1", invented, count=1) + "".join(exponent))


def _as_list(kind: Any) -> list[Any]:
    return kind if isinstance(kind, list) else [kind]


def _fixed_values(contract: Contract) -> Iterator[str]:
    """The strings in enums and constants of the contract."""
    for node in walk(contract.document):
        if not node.has_names:
            values = [*_as_list(node.value.get("enum")), node.value.get("const")]
            yield from (value for value in values if isinstance(value, str))
