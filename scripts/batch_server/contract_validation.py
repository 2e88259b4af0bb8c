"""Validates HTTP requests and responses against the contract with openapi-core, for the embedded server and tests."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.deserializing.exceptions import DeserializeError
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import MissingRequestBodyError, ParameterValidationError
from openapi_core.validation.schemas.exceptions import InvalidSchemaValue
from werkzeug.datastructures import Headers, ImmutableMultiDict

from scripts.openapi.contract import Contract

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
        self._openapi = OpenAPI.from_dict(dict(contract.document))
        self._server = contract.document["servers"][0]["url"]

    def request(self, message: HttpMessage) -> ContractViolation | None:
        """The violation in the request, or None."""
        try:
            self._openapi.validate_request(_OpenAPICoreRequest(message, self._server))
        except OpenAPIError as error:
            return _violation(error)
        except (LookupError, ValueError):
            # openapi-core decodes the body with the character set that the request names.
            return ContractViolation("The request cannot be decoded.")
        return None

    def response(self, message: HttpMessage) -> ContractViolation | None:
        """The violation in the response, or None."""
        try:
            self._openapi.validate_response(_OpenAPICoreRequest(message, self._server), _OpenAPICoreResponse(message))
        except OpenAPIError as error:
            return _violation(error)
        return None


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
                path = [str(part) for part in getattr(schema_error, "path", ())]
                message = str(getattr(schema_error, "message", schema_error))
                if message.endswith("is a required property"):
                    path.append(message.split("'")[1])
                place = param or ".".join(path)
                return ContractViolation(f"{place or 'body'}: {message}"[:_LONGEST_MESSAGE], place or None)
    return ContractViolation("; ".join(dict.fromkeys(filter(None, map(_text, causes))))[:_LONGEST_MESSAGE], param)


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
