"""Functions that each turn a valid document into a damaged response, for example truncated or wrongly compressed."""

import gzip
import json
import random
import zlib
from collections.abc import Callable
from typing import Any

from attrs import evolve

from tests.support.wire import Answer

BIG = 10 * 1024 * 1024
Damage = Callable[[dict[str, Any], random.Random], Answer]
DAMAGES: dict[str, Damage] = {}
WRONG: list[Any] = [None, True, 0, -1.5, "", "text", [], [1], [None], {}, {"a": {}}, 10**30]


def damage(make: Damage) -> Damage:
    """Register a damage; the name of the function describes it."""
    DAMAGES[make.__name__] = make
    return make


def plain(document: Any) -> Answer:
    return Answer(json.dumps(document).encode())


def inside(document: Any, chance: random.Random) -> tuple[Any, Any]:
    """Choose a random object or list in a document, and a key or index in it."""
    places = [(document, key) for key in (document if isinstance(document, dict) else range(len(document)))]
    found = []
    while places:
        place, key = places.pop()
        found.append((place, key))
        value = place[key]
        if isinstance(value, (dict, list)):
            places += [(value, one) for one in (value if isinstance(value, dict) else range(len(value)))]
    return chance.choice(found)


@damage
def missing_key(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    del place[key]
    return plain(document)


@damage
def value_of_wrong_type(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    place[key] = chance.choice(WRONG)
    return plain(document)


@damage
def not_an_object(_: dict[str, Any], chance: random.Random) -> Answer:
    return plain(chance.choice([wrong for wrong in WRONG if wrong != {}]))


@damage
def truncated(document: dict[str, Any], chance: random.Random) -> Answer:
    answer = plain(document)
    return evolve(answer, content=answer.content[: chance.randrange(len(answer.content))])


@damage
def changed_byte(document: dict[str, Any], chance: random.Random) -> Answer:
    content = bytearray(plain(document).content)
    content[chance.randrange(len(content))] = chance.randrange(256)
    return Answer(bytes(content))


@damage
def wrong_content_type(document: dict[str, Any], chance: random.Random) -> Answer:
    kinds = ["text/html", "text/plain", "application/octet-stream", "", "nonsense", "application/json; charset=none"]
    content = chance.choice([plain(document).content, b"<html><body>Sign in</body></html>"])
    return Answer(content, headers={"content-type": chance.choice(kinds)})


@damage
def wrong_charset(document: dict[str, Any], chance: random.Random) -> Answer:
    encoding = chance.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "latin-1", "cp037", "utf-7"])
    declared = chance.choice(["utf-8", "latin-1", "utf-16", "us-ascii"])
    text = json.dumps({**document, "é": "\u00ff"}, ensure_ascii=False)
    return Answer(text.encode(encoding, "replace"), headers={"content-type": f"application/json; charset={declared}"})


@damage
def wrong_content_encoding(document: dict[str, Any], chance: random.Random) -> Answer:
    content = plain(document).content
    packed = gzip.compress(content)
    lies = [
        ("gzip", content),
        ("gzip", packed[: len(packed) // 2]),
        ("gzip", packed[:-4] + b"abcd"),
        ("gzip", b""),
        ("deflate", packed),
        ("deflate", zlib.compress(content)[:-3]),
        ("gzip, gzip", packed),
        ("nonsense", content),
        ("identity", packed),
    ]
    encoding, sent = chance.choice(lies)
    return Answer(sent, headers={"content-type": "application/json", "content-encoding": encoding})


@damage
def duplicate_keys(document: dict[str, Any], chance: random.Random) -> Answer:
    key = chance.choice(list(document))
    again = f"{{{json.dumps(key)}: {json.dumps(chance.choice(WRONG))}, "
    text = json.dumps(document)
    return Answer((again + text[1:] if chance.random() < 0.5 else text[:-1] + ", " + again[1:-2] + "}").encode())


@damage
def invalid_numbers(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    place[key] = "@"
    number = chance.choice(["NaN", "Infinity", "-Infinity", "1e999", "-0", "0x10", "01", "1" * 5_000, "1_000"])
    return Answer(json.dumps(document).replace('"@"', number, 1).encode())


@damage
def deep_nesting(document: dict[str, Any], chance: random.Random) -> Answer:
    depth = chance.choice([100, 900, 10_000, 200_000])
    opening, closing = chance.choice([("[", "]"), ('{"a":', "}")])
    if chance.random() < 0.5:
        return Answer((opening * depth).encode())
    nest = opening * depth + ("1" if opening != "[" else "") + closing * depth
    return Answer((json.dumps(document)[:-1] + f', "{chance.choice(list(document))}": {nest}}}').encode())


@damage
def very_long_string(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    # Ten megabytes take long, so that only some cases have that length.
    place[key] = "x" * (BIG if chance.random() < 0.05 else 100_000)
    return plain(document)


@damage
def half_a_surrogate_pair(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    place[key] = "@"
    return Answer(json.dumps(document).replace("@", chance.choice(["\\ud800", "\\udfff", "\\u0000"]), 1).encode())


@damage
def empty_or_random_bytes(_: dict[str, Any], chance: random.Random) -> Answer:
    return Answer(chance.choice([b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"null", chance.randbytes(200), b"data: {}\n\n"]))


@damage
def other_success_status(document: dict[str, Any], chance: random.Random) -> Answer:
    return evolve(plain(document), status=chance.choice([201, 202, 203, 204, 206, 226, 299]))


@damage
def other_status(document: dict[str, Any], chance: random.Random) -> Answer:
    return evolve(plain(document), status=chance.choice([300, 302, 304, 307, 400, 404, 418, 429, 500, 503, 599]))
