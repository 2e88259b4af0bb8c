"""Whatever a server may answer under the contract, the client reads it: each success as a model that holds all of it,
each error as its exception."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

import openai_batch_client
from openai_batch_client import APIStatusError, BatchAPIError, CreateOutcomeUnknownError, ServerError
from openai_batch_client._runtime.errors import BY_STATUS
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import drawing
from tests.support.exchange_files import without_nulls
from tests.support.twin import Tally, Twin
from tests.support.wire import Answer, Wire

CONTRACT = Contract.load()
ANSWERS = [(operation, code) for operation in CONTRACT.operations for code in operation.responses]
# What `default` stands for: statuses with an exception of their own, and some that have none.
OTHERS = [*BY_STATUS, 402, 405, 410, 418, 451, 500, 502, 503, 504, 520, 529, 599]

each_answer = pytest.mark.parametrize(
    ("operation", "code"), ANSWERS, ids=[f"{operation.name}-{code}" for operation, code in ANSWERS]
)


def statuses(operation: ContractOperation, code: str) -> list[int]:
    """The statuses that a key of `responses` stands for."""
    if code == "default":
        return [status for status in OTHERS if str(status) not in operation.responses]
    return [int(code.upper().replace("XX", f"{digits:02}")) for digits in range(100 if "X" in code.upper() else 1)]


@each_answer
def test_what_is_read(operation: ContractOperation, code: str, twin: Twin, wire: Wire, judged: Any) -> None:
    """A drawn body becomes a model that gives the body back and is valid, or the exception of its status."""
    tally: Tally = judged("hypothesis", "responses with drawn bodies, as they were read")
    body_schema = drawing.response_schema(operation, code)
    bodies = st.none() if body_schema is None else drawing.values(CONTRACT, body_schema)
    known, required = (CONTRACT.resolve(body_schema or {}).get(key, ()) for key in ("properties", "required"))
    valid = OAS31Validator({**(body_schema or {}), "components": CONTRACT.document["components"]})
    # Each operation has several answers that share what is drawn for it.
    examples = settings().max_examples // len(operation.responses)
    with twin.connected(wire.url, title=f"{operation.tag}API") as api:

        @settings(max_examples=examples)
        @given(drawing.arguments(operation), bodies, st.sampled_from(statuses(operation, code)))
        def read(arguments: drawing.Arguments, body: Any, status: int) -> None:
            content = b"" if body is None else json.dumps(body, ensure_ascii=status % 2 == 0).encode()
            wire.answer = Answer(content, status)
            result = twin.ended(api, operation.name, arguments.all)
            assert (code[0] == "2") != isinstance(result, BatchAPIError)
            if isinstance(result, BatchAPIError):
                (wrapped,) = required
                is_its_exception(result, status, content, body[wrapped])
            else:
                is_all_of_it(result, body, known)
                assert body is None or valid.is_valid(result.to_dict())
            tally.cases += 1

        read()
    # Where there is no body there is not much to draw.
    assert tally.cases >= (examples if body_schema else 1)


@pytest.mark.parametrize("name", CONTRACT.schema_names([operation.responses for operation in CONTRACT.operations]))
def test_what_is_required(name: str) -> None:
    """Each field that the contract requires of an answer is missed by a strict client where it is missing or null."""
    schema = CONTRACT.schemas[name]

    @settings(max_examples=3)
    @given(drawing.values(CONTRACT, schema))
    def miss(document: Any) -> None:
        for key in schema.get("required", ()):
            for broken in ({**document, key: None}, {one: document[one] for one in document.keys() - {key}}):
                with pytest.raises(ValueError, match=rf"{name}\.{key} "):
                    getattr(openai_batch_client, name).from_dict(broken, strict=True)

    miss()


def is_all_of_it(result: Any, body: Any, known: Iterable[str]) -> None:
    """A model holds what was sent, what is unknown as well, and gives it back; nulls and absences are one."""
    if body is None:
        assert result is None
        return
    assert without_nulls(body) == without_nulls(result.to_dict())
    assert {name: value for name, value in body.items() if name not in known} == result.additional_properties
    assert result == type(result).from_dict(result.to_dict())
    assert repr(result).startswith(type(result).__name__)


def is_its_exception(error: BatchAPIError, status: int, content: bytes, details: dict[str, Any]) -> None:
    """The exception of a status, that says what the server said."""
    told = error.__cause__ if isinstance(error, CreateOutcomeUnknownError) else error
    assert isinstance(told, APIStatusError)
    assert BY_STATUS.get(status, ServerError if status >= 500 else APIStatusError) is type(told)
    assert (status, content) == (told.status, told.body)
    for name in details.keys() & vars(told).keys():
        assert (details[name] or None) == getattr(told, name)
