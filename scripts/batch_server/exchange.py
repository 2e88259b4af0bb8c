"""Describes a request and its response in the form of a file of tests/exchanges/, without secrets."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import httpx
from attrs import frozen

from scripts.openapi.contract import Contract, ContractOperation, snake_case

from .contract_validation import ContractValidator, HttpMessage
from .resources import JSON, Role, find_resources, lifecycle
from .sanitizing import Sanitizer
from .strict_json import InvalidJSON, parse

# The attributes of an exception that an exchange states.
_FACTS = ("status", "request_id", "message", "type", "param", "code", "content_type")


@frozen
class Answer:
    """A response to an operation of the contract, as it arrived."""

    operation: ContractOperation
    path_values: Mapping[str, str]
    """The values in the path of the request."""
    request: httpx.Request
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> Any:
        """The body as JSON. If the body is not JSON, InvalidJSON is raised."""
        return parse(self.content)


class ExchangeFormat:
    """Turns answers into exchanges. Equal ids have equal replacements in all exchanges."""

    def __init__(self, contract: Contract, client: Any, *, key: str) -> None:
        """Create the format.

        Args:
            contract: The contract with the operations.
            client: The class of the generated client. It says what a call sends, and what it raises for an answer.
            key: The API key.
        """
        self._contract = contract
        self._client = client
        self._sanitizer = Sanitizer(contract, [key])
        self._validator = ContractValidator(contract)
        self._resources = [*find_resources(contract)]
        # A list also has objects of others, which are left out.
        self._own_ids: set[str] = set()

    def remember(self, answer: Answer) -> None:
        """Remember the id of an object that the answer says is created."""
        for resource in self._resources if answer.is_success else ():
            if answer.operation in resource.roles.get(Role.CREATE, ()):
                self._own_ids.add(str(_fields(answer).get(resource.id_field)))

    def state(self, answer: Answer) -> str:
        """The status of the returned object, if the contract knows it, or the status code. Neither is a secret."""
        for resource in self._resources if answer.is_success else ():
            if any(answer.operation in operations for operations in resource.roles.values()):
                found = _fields(answer).get(resource.status_field)
                if found in lifecycle(self._contract, resource).get("enum", ()):
                    return str(found)
        return str(answer.status)

    def document(self, answer: Answer, why: str, source: str) -> dict[str, Any]:
        """The exchange, in the order of the fields in its file.

        The request, the result and the exception are those of a client that gets the sanitized response.
        """
        response: dict[str, Any] = {"status": answer.status, "headers": self._sanitizer.headers(answer.headers)}
        try:
            schema = answer.operation.response_schema if answer.is_success else _error_schema(answer.operation)
            response["body"] = self._sanitizer.value(self._own_part(answer), schema)
        except InvalidJSON:
            response["text"] = self._sanitizer.text(answer.content.decode("utf-8", "replace"))
        call = self._call(answer)
        text = response.get("text", json.dumps(response.get("body")))
        headers = {"content-type": JSON, **response["headers"]}
        sanitized = httpx.Response(answer.status, headers=headers, content=text.encode())
        request, error = self._played(answer.operation.name, call, sanitized)
        target = request.url.raw_path.decode().removeprefix(self._contract.server_path)
        sent: dict[str, Any] = {"method": request.method, "path": target.partition("?")[0]}
        if request.url.query:
            sent["query"] = dict(request.url.params)
        if request.content:
            sent["body"] = json.loads(request.content)
        found = {"why": why, "source": source, "call": call, "request": sent, "response": response}
        found |= {"result": without_nulls(response.get("body"))} if error is None else {"raises": _facts(error)}
        message = HttpMessage(
            request.method,
            target,
            dict(request.headers),
            request.content,
            answer.status,
            dict(sanitized.headers),
            sanitized.content,
        )
        if violation := self._validator.request(message) or self._validator.response(message):
            found["outside_contract"] = violation.message
        return found

    def _call(self, answer: Answer) -> dict[str, Any]:
        """The sanitized arguments of the call that sent the request."""
        request, operation = answer.request, answer.operation
        query = parse_qs(request.url.query.decode(), keep_blank_values=True)
        call = {}
        for parameter in operation.parameters:
            name, schema = parameter["name"], self._contract.resolve(parameter.get("schema", {}))
            in_path = [answer.path_values[name]] if name in answer.path_values else []
            in_header = request.headers.get_list(name) if name != operation.key_header else []
            if texts := {"path": in_path, "query": query.get(name, []), "header": in_header}[parameter["in"]]:
                values = [_typed(text, schema.get("items", schema)) for text in texts]
                given = values if schema.get("type") == "array" else values[0]
                call[_python_name(parameter, name)] = self._sanitizer.value(given, schema)
        if operation.request_schema:
            body = self._sanitizer.value(json.loads(request.content), operation.request_schema)
            properties = self._contract.properties(operation.request_schema)
            call |= {_python_name(properties.get(name, {}), name): value for name, value in body.items()}
        return call

    def _own_part(self, answer: Answer) -> Any:
        """The JSON of a body. A list has only the objects that were created before."""
        document = answer.document
        for resource in self._resources if answer.is_success and isinstance(document, dict) else ():
            if answer.operation in resource.roles.get(Role.LIST, ()):
                name = resource.pagination["items"]
                items = document.get(name)
                if isinstance(items, list):
                    return {**document, name: [item for item in items if self._is_own(item, resource.id_field)]}
        return document

    def _is_own(self, item: Any, id_field: str) -> bool:
        return isinstance(item, dict) and str(item.get(id_field)) in self._own_ids

    def _played(
        self, operation: str, call: Mapping[str, Any], response: httpx.Response
    ) -> tuple[httpx.Request, Exception | None]:
        """The first request of a call whose requests get this response, and the exception that the call raises."""
        sent: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(response.status_code, headers=response.headers, content=response.content)

        options = {"api_key": "sk-test", "base_url": self._contract.document["servers"][0]["url"], "retry_budget": 0}
        with httpx.Client(transport=httpx.MockTransport(answer)) as http_client:
            try:
                getattr(self._client(http_client=http_client, **options), operation)(**call)
            except Exception as error:
                if not sent:
                    raise
                return sent[0], error
        return sent[0], None


def _fields(answer: Answer) -> Mapping[Any, Any]:
    """The fields of a JSON object; empty for all other bodies."""
    try:
        document = answer.document
    except InvalidJSON:
        return {}
    return document if isinstance(document, dict) else {}


def _error_schema(operation: ContractOperation) -> Any:
    content = operation.responses.get("default", {}).get("content", {})
    return content.get(JSON, {}).get("schema")


def _python_name(described: Mapping[str, Any], name: str) -> str:
    return str(described.get("x-python-name", snake_case(name)))


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """The value of a parameter that a request has as text."""
    return json.loads(text) if schema.get("type") in ("integer", "number", "boolean") else text


def _facts(error: Exception) -> dict[str, Any]:
    """The exception of a client as an exchange describes it."""
    cause = error.__cause__ if not hasattr(error, "status") and error.__cause__ else error
    names = {"error": type(error).__name__} | ({} if cause is error else {"cause": type(cause).__name__})
    return names | {name: getattr(cause, name) for name in _FACTS if hasattr(cause, name)}


def without_nulls(value: Any) -> Any:
    """The value without fields that are null, which models leave out."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
