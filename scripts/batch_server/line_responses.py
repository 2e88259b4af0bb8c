"""Simulates the response to a line of an input file: the same line always has the same response."""

import hashlib
import json
from typing import Any

from attrs import frozen

from .input_file import InputLine

# The required field of the request body besides `model`; `input` for all other endpoints.
_INPUT_FIELDS = {
    "/v1/chat/completions": "messages",
    "/v1/completions": "prompt",
    "/v1/images/edits": "prompt",
    "/v1/images/generations": "prompt",
    "/v1/videos": "prompt",
}


@frozen
class LineResponse:
    """The response to a line, as the output file or the error file contains it."""

    status_code: int
    body: dict[str, Any]

    @property
    def succeeded(self) -> bool:
        return self.status_code == 200


def respond(line: InputLine, endpoint: str) -> LineResponse:
    """Respond to a line. A missing model, a model `unknown...` or a missing input is an error."""
    model = line.body.get("model")
    if not isinstance(model, str) or not model:
        return _error(400, "The request has no model.", "model", "missing_required_parameter")
    if model.startswith("unknown"):
        return _error(404, f"The model '{model}' does not exist.", "model", "model_not_found")
    field = _INPUT_FIELDS.get(endpoint, "input")
    if not line.body.get(field):
        return _error(400, f"The request has no {field}.", field, "missing_required_parameter")
    request = json.dumps(line.body, sort_keys=True)
    digest = hashlib.sha256(f"{line.custom_id}\n{request}".encode()).hexdigest()
    input_tokens, output_tokens = 1 + len(request) // 4, 8 + int(digest[:2], 16) % 64
    return LineResponse(200, _body(endpoint, model, digest, input_tokens, output_tokens))


def token_counts(response: LineResponse) -> tuple[int, int]:
    """Input tokens and output tokens of a response; 0 where its `usage` has no such field."""
    usage = response.body.get("usage", {})
    input_tokens = usage.get("input_tokens", usage.get("prompt_tokens", 0))
    return input_tokens, usage.get("output_tokens", usage.get("completion_tokens", 0))


def _error(status_code: int, message: str, param: str, code: str) -> LineResponse:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return LineResponse(status_code, {"error": error})


def _body(endpoint: str, model: str, digest: str, input_tokens: int, output_tokens: int) -> dict[str, Any]:
    """The body of a success in the format of an endpoint."""
    text, total = f"Answer {digest[:12]}.", input_tokens + output_tokens
    if endpoint == "/v1/responses":
        return {
            "id": f"resp_{digest[:32]}",
            "object": "response",
            "status": "completed",
            "model": model,
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]},
            ],
            "usage": {"input_tokens": input_tokens, "output_tokens": output_tokens, "total_tokens": total},
        }
    if endpoint == "/v1/chat/completions":
        message = {"role": "assistant", "content": text}
        return {
            "id": f"chatcmpl-{digest[:24]}",
            "object": "chat.completion",
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": input_tokens, "completion_tokens": output_tokens, "total_tokens": total},
        }
    if endpoint == "/v1/embeddings":
        vector = [int(digest[start : start + 4], 16) / 65535 for start in range(0, 32, 4)]
        return {
            "object": "list",
            "model": model,
            "data": [{"object": "embedding", "index": 0, "embedding": vector}],
            "usage": {"prompt_tokens": input_tokens, "total_tokens": input_tokens},
        }
    return {"id": digest[:24], "object": endpoint.rpartition("/")[2], "model": model, "result": text}
