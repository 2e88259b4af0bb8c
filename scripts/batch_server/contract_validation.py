"""Validates HTTP requests and responses against the contract with openapi-core, for the embedded server and tests."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve, field, frozen
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.exceptions import DeserializeError
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import MissingRequestBodyError, ParameterValidationError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from scripts.openapi.contract import Contract

from .form_body import MULTIPART, RequestBody, parse_form
from .resources import is_json, request_content
from .schema_values import SchemaValues

# More than the limit of the length of any part.
MAX_TEXT = 100_000
# The content type and the body of a form.
_FORM = (f"{MULTIPART}; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\na\r\n--b--\r\n')
# A message can quote a whole body.
_LONGEST_MESSAGE = 500


@frozen
class HttpMessage:
    """A request and, if known, its response, independent of any HTTP library."""

    method: str
    target: str
    """The path below the contract's server, percent-encoded, with the query string."""
    headers: Mapping[str, str]
    body: bytes = b""
    status: int = 0
    response_headers: Mapping[str, str] = field(factory=dict)
    response_body: bytes = b""


@frozen
class ContractViolation:
    """The reason why a request or response is not valid under the contract."""

    message: str
    param: str | None = None
    """The invalid parameter or field of the body, if there is one."""


class ContractValidator:
    """Validates messages against a contract."""

    def __init__(self, contract: Contract) -> None:
        self._openapi = _openapi(_without_binary_schemas(contract.document))
        self._server = contract.document["servers"][0]["url"]
        self._values = SchemaValues(contract)
        self._forms = [
            (operation.method, re.sub(r"\\\{[^}]*\}", "[^/]+", re.escape(operation.path)), form["schema"])
            for operation in contract.operations
            for kind, form in (request_content(operation),)
            if kind == MULTIPART and "schema" in form
        ]

    def request(self, message: HttpMessage) -> ContractViolation | None:
        """The violation in the request, or None."""
        if message.body and (schema := self._form_schema(message)) is not None:
            if violation := self._form_violation(message, schema):
                return violation
            # openapi-core cannot read every form. Its judgement of the other parts of the request is needed.
            message = evolve(message, headers={**message.headers, "content-type": _FORM[0]}, body=_FORM[1])
        try:
            self._openapi.validate_request(_OpenAPICoreRequest(message, self._server))
        except OpenAPIError as error:
            return _violation(error)
        except (LookupError, ValueError):
            # openapi-core decodes the body with the character set that the request names.
            return ContractViolation("The request cannot be decoded.")
        return None

    def form(self, message: HttpMessage) -> RequestBody:
        """The parts of a valid form; empty if the operation takes no form."""
        schema = self._form_schema(message)
        return RequestBody() if schema is None else self._parsed(message, schema)

    def _form_schema(self, message: HttpMessage) -> Any:
        """The schema of the form that the operation takes; None if the request has no form."""
        if not _content_type(message).startswith(MULTIPART):
            return None
        path = message.target.partition("?")[0]
        return next(
            (one for method, at, one in self._forms if method == message.method and re.fullmatch(at, path)), None
        )

    def _parsed(self, message: HttpMessage, schema: Any) -> RequestBody:
        properties = {name: self._values.whole(inner) for name, inner in self._values.properties(schema).items()}
        for part in properties.values():
            if "items" in part:
                part["items"] = self._values.whole(part["items"])
        return parse_form(_content_type(message), message.body, properties)

    def _form_violation(self, message: HttpMessage, schema: Any) -> ContractViolation | None:
        """The violation in a form. openapi-core cannot read parts that are not text."""
        try:
            form = self._parsed(message, schema)
        except ValueError as error:
            return ContractViolation(f"The body is not a form: {error}")
        texts = {
            name: [_characters(each) for each in content] if isinstance(content, list) else _characters(content)
            for name, content in form.contents.items()
        }
        for violation in self._values.errors(schema, {**form.fields, **texts}):
            return _schema_violation(violation, None)
        return None

    def response(self, message: HttpMessage) -> ContractViolation | None:
        """The violation in the response, or None."""
        try:
            self._openapi.validate_response(_OpenAPICoreRequest(message, self._server), _OpenAPICoreResponse(message))
        except OpenAPIError as error:
            return _violation(error)
        return None


# The documents that openapi-core has checked in this process, as JSON. A check takes much longer than all other work of
# a new validator, and tests make hundreds of validators of one contract.
_checked: set[str] = set()


def _openapi(document: Any) -> OpenAPI:
    text = json.dumps(document)
    found = OpenAPI.from_dict(document, Config(spec_validator_cls=None) if text in _checked else None)
    _checked.add(text)
    return found


class _OpenAPICoreRequest:
    """A request with the attributes that openapi-core reads."""

    def __init__(self, message: HttpMessage, server: str) -> None:
        url = urlsplit(server)
        target = urlsplit(message.target)
        headers = Headers(dict(message.headers))
        self.host_url = f"{url.scheme}://{url.netloc}"
        self.path = url.path.rstrip("/") + target.path
        self.method = message.method.lower()
        self.body = message.body or None
        self.content_type = headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(target.query, keep_blank_values=True)),
            header=headers,
            cookie=ImmutableMultiDict(),
        )


class _OpenAPICoreResponse:
    """A response with the attributes that openapi-core reads."""

    def __init__(self, message: HttpMessage) -> None:
        self.status_code = message.status
        self.data = message.response_body
        self.headers = Headers(dict(message.response_headers))
        self.content_type = self.headers.get("content-type", "")


def _violation(error: BaseException) -> ContractViolation:
    """The innermost reason of an openapi-core error, in a message for the sender."""
    causes = list(_causes(error))
    parameter = next((cause for cause in causes if isinstance(cause, ParameterValidationError)), None)
    param = parameter.name if parameter else None
    for cause in causes:
        if isinstance(cause, MissingRequestBodyError):
            return ContractViolation("The request has no body.")
        if isinstance(cause, InvalidSchemaValue):
            for schema_error in cause.schema_errors:
                return _schema_violation(schema_error, param)
    return ContractViolation("; ".join(dict.fromkeys(filter(None, map(_text, causes))))[:_LONGEST_MESSAGE], param)


def _schema_violation(error: Any, param: str | None) -> ContractViolation:
    path = [str(part) for part in getattr(error, "path", ())]
    message = str(getattr(error, "message", error))
    if message.endswith("is a required property"):
        path.append(message.split("'")[1])
    place = param or ".".join(path)
    return ContractViolation(f"{place or 'body'}: {message}"[:_LONGEST_MESSAGE], place or None)


def _characters(content: bytes) -> str:
    """A text with a character for each byte, because JSON Schema has no bytes. The limits of its length hold."""
    return content[:MAX_TEXT].decode("latin-1")


def _content_type(message: HttpMessage) -> str:
    return next((value for name, value in message.headers.items() if name.lower() == "content-type"), "")


def _without_binary_schemas(node: Any, has_names: bool = False) -> Any:
    """A document without the schemas of forms and of bodies that are neither JSON nor text.

    openapi-core compares their bytes with the type `string`.
    """
    if isinstance(node, list):
        return [_without_binary_schemas(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    found = {}
    for name, value in node.items():
        if name == "content" and not has_names and isinstance(value, Mapping):
            value = {
                kind: media if is_json(kind) or kind.startswith("text/") or not isinstance(media, Mapping) else {}
                for kind, media in value.items()
            }
        found[name] = _without_binary_schemas(value, name in ("properties", "examples", "schemas") and not has_names)
    return found


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except UnicodeDecodeError:
        # For a body that is not JSON, openapi-core decodes the body to quote it.
        return "The body is not text." if isinstance(error, DeserializeError) else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
