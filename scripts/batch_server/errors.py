"""The error responses of the embedded server, in the format of the Batch API."""

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from .strict_json import InvalidJSON

MAX_MESSAGE = 500


class RequestRejected(Exception):
    """A request that gets an error response."""

    def __init__(self, status: int, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code = status, message, param, code


def error_response(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    """A response with the error object of the Batch API."""
    # A message can quote an id of any length.
    message = message if len(message) < MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."
    error = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": error}, status, headers)


async def _rejected(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestRejected)
    # The rest of a body that is too large or too slow is not read.
    headers = {"Connection": "close"} if error.status in (408, 413) else None
    return error_response(error.status, error.message, param=error.param, code=error.code, headers=headers)


async def _invalid_json(_: Request, error: Exception) -> Response:
    return error_response(400, f"The body is not JSON: {error}.", code="invalid_value")


async def _undecodable(_: Request, __: Exception) -> Response:
    return error_response(400, "The request cannot be decoded with the character set that it names.")


async def _disconnected(_: Request, __: Exception) -> Response:
    """Nobody receives this response, but without it Starlette would log an unexpected error."""
    return error_response(400, "The connection ended before the body.")


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    messages = {404: f"{request.url.path} does not exist.", 405: f"{request.method} is not allowed here."}
    message = messages.get(error.status_code, str(error.detail))
    return error_response(error.status_code, message, headers=dict(error.headers or {}))


async def _unexpected_error(_: Request, __: Exception) -> Response:
    return error_response(500, "The server failed; its log has the traceback.", kind="server_error")


HANDLERS = {
    RequestRejected: _rejected,
    InvalidJSON: _invalid_json,
    UnicodeError: _undecodable,
    ClientDisconnect: _disconnected,
    HTTPException: _http_error,
    Exception: _unexpected_error,
}
"""The responses to exceptions, for Starlette."""
