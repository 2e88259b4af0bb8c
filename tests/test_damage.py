"""Whatever is wrong with the body of a success, the client raises its own exceptions, or reads a model after all."""

import gc
import gzip
import json
import random
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from openai_batch_client import BatchAPIError
from scripts.codegen.contract import Contract, Operation

from . import drawing
from .conftest import Tally, Twin
from .test_responses import schema
from .wire import Answer, Wire

CONTRACT = Contract.load()
OPERATIONS = [operation for operation in CONTRACT.operations if operation.response_schema]
# In the usual run 5,000 bodies in all, in the deep one 170,000.
SHARE = 5_000 / 300 / (2 * len(OPERATIONS))
BIG = 10 * 1024 * 1024
MEMORY = 400 * 1024 * 1024

Damage = Callable[[dict[str, Any], random.Random], Answer]
DAMAGES: dict[str, Damage] = {}
WRONG: list[Any] = [None, True, 0, -1.5, "", "text", [], [1], [None], {}, {"a": {}}, 10**30]


def damage(make: Damage) -> Damage:
    """Add a way to go wrong; its name is what is wrong."""
    DAMAGES[make.__name__] = make
    return make


def plain(document: Any) -> Answer:
    return Answer(json.dumps(document).encode())


def inside(document: Any, chance: random.Random) -> tuple[Any, Any]:
    """Some object or list of a document that is not empty, and a key of it."""
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
def key_removed(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    del place[key]
    return plain(document)


@damage
def value_of_another_type(document: dict[str, Any], chance: random.Random) -> Answer:
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
def a_byte_changed(document: dict[str, Any], chance: random.Random) -> Answer:
    content = bytearray(plain(document).content)
    content[chance.randrange(len(content))] = chance.randrange(256)
    return Answer(bytes(content))


@damage
def another_content_type(document: dict[str, Any], chance: random.Random) -> Answer:
    kinds = ["text/html", "text/plain", "application/octet-stream", "", "nonsense", "application/json; charset=none"]
    content = chance.choice([plain(document).content, b"<html><body>Sign in</body></html>"])
    return Answer(content, headers={"content-type": chance.choice(kinds)})


@damage
def another_charset(document: dict[str, Any], chance: random.Random) -> Answer:
    spelled = chance.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be", "latin-1", "cp037", "utf-7"])
    said = chance.choice(["utf-8", "latin-1", "utf-16", "us-ascii"])
    text = json.dumps({**document, "é": "\u00ff"}, ensure_ascii=False)
    return Answer(text.encode(spelled, "replace"), headers={"content-type": f"application/json; charset={said}"})


@damage
def compressed_otherwise_than_said(document: dict[str, Any], chance: random.Random) -> Answer:
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
def keys_twice(document: dict[str, Any], chance: random.Random) -> Answer:
    key = chance.choice(list(document))
    again = f"{{{json.dumps(key)}: {json.dumps(chance.choice(WRONG))}, "
    text = json.dumps(document)
    return Answer((again + text[1:] if chance.random() < 0.5 else text[:-1] + ", " + again[1:-2] + "}").encode())


@damage
def numbers_that_json_has_not(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    place[key] = "@"
    number = chance.choice(["NaN", "Infinity", "-Infinity", "1e999", "-0", "0x10", "01", "1" * 5_000, "1_000"])
    return Answer(json.dumps(document).replace('"@"', number, 1).encode())


@damage
def nested_deeply(document: dict[str, Any], chance: random.Random) -> Answer:
    depth = chance.choice([100, 900, 10_000, 200_000])
    opening, closing = chance.choice([("[", "]"), ('{"a":', "}")])
    if chance.random() < 0.5:
        return Answer((opening * depth).encode())
    nest = opening * depth + ("1" if opening != "[" else "") + closing * depth
    return Answer((json.dumps(document)[:-1] + f', "{chance.choice(list(document))}": {nest}}}').encode())


@damage
def very_long_string(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    # Ten megabytes now and then; more often would say no more.
    place[key] = "x" * (BIG if chance.random() < 0.05 else 100_000)
    return plain(document)


@damage
def half_a_character(document: dict[str, Any], chance: random.Random) -> Answer:
    place, key = inside(document, chance)
    place[key] = "@"
    return Answer(json.dumps(document).replace("@", chance.choice(["\\ud800", "\\udfff", "\\u0000"]), 1).encode())


@damage
def nothing_or_noise(_: dict[str, Any], chance: random.Random) -> Answer:
    return Answer(chance.choice([b"", b" ", b"\n\n", b"\xef\xbb\xbf", b"null", chance.randbytes(200), b"data: {}\n\n"]))


@damage
def another_success(document: dict[str, Any], chance: random.Random) -> Answer:
    return evolve(plain(document), status=chance.choice([201, 202, 203, 204, 206, 226, 299]))


@damage
def another_status(document: dict[str, Any], chance: random.Random) -> Answer:
    return evolve(plain(document), status=chance.choice([300, 302, 304, 307, 400, 404, 418, 429, 500, 503, 599]))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_nothing_else_is_raised(operation: Operation, twin: Twin, wire: Wire, judged: Any) -> None:
    """A damaged body costs an exception of ours that can be shown, or is a model that can; nothing hangs or grows."""
    tally: Tally = judged("hypothesis", "responses with damaged bodies")
    body_schema = schema(operation, str(operation.success[0]))
    arguments = drawing.arguments(operation)
    examples = int(settings().max_examples * SHARE) + 1
    ends: set[str] = set()
    done: set[str] = set()
    resident = memory()
    with twin.connected(wire.url, title=f"{operation.tag}API", timeout=20) as api:

        @settings(max_examples=examples)
        @given(
            drawing.values(CONTRACT, body_schema, huge=500),
            st.sampled_from(sorted(DAMAGES)),
            st.randoms(use_true_random=False),
            arguments,
        )
        def read(document: Any, name: str, chance: random.Random, arguments: drawing.Arguments) -> None:
            wire.answer = DAMAGES[name](json.loads(json.dumps(document)), chance)
            began = time.monotonic()
            result = twin.ended(api, operation.name, arguments.all)
            kind = type(result).__name__
            assert wire.answer.status // 100 == 2 or isinstance(result, BatchAPIError)
            if isinstance(result, BatchAPIError):
                assert operation.id in str(result)
                assert len(str(result)) < 2_000
            else:
                assert result.to_dict()
                assert repr(result).startswith(kind)
            ends.add(kind)
            done.add(name)
            assert time.monotonic() - began < 10
            tally.cases += 1

        read()
    gc.collect()
    assert memory() - resident < MEMORY
    # Some are read all the same, and some are not.
    assert operation.response_schema["$ref"].rpartition("/")[2] in ends
    assert len(ends) >= 2
    assert tally.cases >= examples
    # With few examples, chance leaves out some kinds of damage.
    assert examples < 20 * len(DAMAGES) or done == DAMAGES.keys()


def memory() -> int:
    """The memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
