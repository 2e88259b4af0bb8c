"""The client reads every response that the contract allows: a success as a model, an error as its exception."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import openai_batch_client
from openai_batch_client import APIStatusError, BatchAPIError, CreateOutcomeUnknownError, ServerError
from openai_batch_client._runtime.errors import BY_STATUS
from scripts.batch_server.client_names import client_name
from scripts.batch_server.exchange import without_nulls
from scripts.batch_server.schema_values import SchemaValues
from scripts.openapi.contract import Contract, ContractOperation
from tests.support import drawing
from tests.support.twin import Tally, Twin, as_json
from tests.support.wire import Answer, Wire

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
CONTRACT = Contract.load()
VALUES = SchemaValues(CONTRACT)
RESPONSES = [(operation, code) for operation in CONTRACT.operations for code in operation.responses]
# Statuses for `default`: each status with its own exception class, and some without.
DEFAULT_STATUSES = [*BY_STATUS, 402, 405, 410, 418, 451, 500, 502, 503, 504, 520, 529, 599]

each_response = pytest.mark.parametrize(
    ("operation", "code"), RESPONSES, ids=[f"{operation.name}-{code}" for operation, code in RESPONSES]
)


def statuses(operation: ContractOperation, code: str) -> list[int]:
    """Return the statuses that a key of `responses` covers."""
    if code == "default":
        return [status for status in DEFAULT_STATUSES if str(status) not in operation.responses]
    return [int(code.upper().replace("XX", f"{digits:02}")) for digits in range(100 if "X" in code.upper() else 1)]


@each_response
def test_response_is_read(operation: ContractOperation, code: str, twin: Twin, wire: Wire, judged: Any) -> None:
    """A generated body becomes a valid, complete model, or the exception of its status."""
    tally: Tally = judged("hypothesis", "responses with drawn bodies, as they were read")
    body_schema = drawing.response_schema(operation, code)
    responses = drawing.responses(operation, code)
    # The responses of an operation share its number of examples.
    examples = settings().max_examples // len(operation.responses)
    with twin.connected(wire.url, title=client_name(operation)) as api:

        @settings(max_examples=examples)
        @given(drawing.arguments(operation), responses, st.sampled_from(statuses(operation, code)))
        def read(arguments: drawing.Arguments, response: drawing.DrawnResponse, status: int) -> None:
            answered = arguments.replied(response)
            kind = {"content-type": answered.media_type} if answered.media_type else {}
            wire.answer = Answer(answered.content, status, kind)
            result = twin.ended(api, operation.name, arguments.all)
            assert (code[0] == "2") != isinstance(result, BatchAPIError)
            if isinstance(result, BatchAPIError):
                (details,) = (answered.document[name] for name in VALUES.whole(body_schema)["required"])
                check_exception(result, status, answered.content, details)
            else:
                check_result(result, answered.document, body_schema)
            tally.cases += 1

        read()
    # Without a body, there are few different examples.
    assert tally.cases >= (examples if body_schema else 1)


@pytest.mark.parametrize("name", CONTRACT.schema_names([operation.responses for operation in CONTRACT.operations]))
def test_strict_requires_fields(name: str) -> None:
    """A strict client refuses a missing or null value for each required field of a response."""
    schema = CONTRACT.schemas[name]

    @settings(max_examples=3)
    @given(drawing.values(CONTRACT, schema))
    def refuse(document: Any) -> None:
        for key in schema.get("required", ()):
            broken = [{kept: document[kept] for kept in document.keys() - {key}}]
            if not VALUES.is_valid(schema["properties"].get(key), None):
                broken.append({**document, key: None})
            for each in broken:
                with pytest.raises(ValueError, match=rf"{name}\.{key} "):
                    getattr(openai_batch_client, name).from_dict(each, strict=True)

    refuse()


def check_result(result: Any, document: Any, schema: Any) -> None:
    """Check that a result contains the whole body, unknown fields too; null and absent are equal."""
    assert without_nulls(as_json(result)) == without_nulls(document)
    if schema is None:
        return
    assert VALUES.is_valid(schema, as_json(result))
    known = VALUES.whole(schema).get("properties")
    if known and hasattr(result, "to_dict"):
        unknown = {name: value for name, value in document.items() if name not in known}
        assert unknown == result.additional_properties
        assert result == type(result).from_dict(result.to_dict())
        assert repr(result).startswith(type(result).__name__)


def check_exception(error: BatchAPIError, status: int, content: bytes, details: dict[str, Any]) -> None:
    """Check that an exception has the class of its status and the details of the server's error."""
    cause = error.__cause__ if isinstance(error, CreateOutcomeUnknownError) else error
    assert isinstance(cause, APIStatusError)
    assert BY_STATUS.get(status, ServerError if status >= 500 else APIStatusError) is type(cause)
    assert (status, content) == (cause.status, cause.body)
    for name in details.keys() & vars(cause).keys():
        assert (details[name] or None) == getattr(cause, name)
