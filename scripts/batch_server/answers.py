"""What the embedded server answers to a line: always the same to the same line, in the form of its endpoint."""

import hashlib
import json
from typing import Any

from attrs import frozen

from .input_file import Line

# The field of a request's body that holds what the endpoint works on.
_INPUTS = {
    "/v1/chat/completions": "messages",
    "/v1/completions": "prompt",
    "/v1/images/edits": "prompt",
    "/v1/images/generations": "prompt",
    "/v1/videos": "prompt",
}


@frozen
class Answer:
    """The answer to one line."""

    status_code: int
    body: dict[str, Any]

    @property
    def succeeded(self) -> bool:
        return self.status_code == 200


def answer(line: Line, endpoint: str) -> Answer:
    """What becomes of a line. One without a model, with an unknown one or without its input fails."""
    model = line.body.get("model")
    if not isinstance(model, str) or not model:
        return _refused(400, "The request has no model.", "model", "missing_required_parameter")
    if model.startswith("unknown"):
        return _refused(404, f"There is no model '{model}'.", "model", "model_not_found")
    field = _INPUTS.get(endpoint, "input")
    if not line.body.get(field):
        return _refused(400, f"The request has no {field}.", field, "missing_required_parameter")
    asked = json.dumps(line.body, sort_keys=True)
    digest = hashlib.sha256(f"{line.custom_id}\n{asked}".encode()).hexdigest()
    inputs, outputs = 1 + len(asked) // 4, 8 + int(digest[:2], 16) % 64
    return Answer(200, _body(endpoint, model, digest, inputs, outputs))


def tokens(answer: Answer) -> tuple[int, int]:
    """Tokens that went in and came out."""
    usage = answer.body.get("usage", {})
    inputs = usage.get("input_tokens", usage.get("prompt_tokens", 0))
    return inputs, usage.get("output_tokens", usage.get("completion_tokens", 0))


def _refused(status_code: int, message: str, param: str, code: str) -> Answer:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Answer(status_code, {"error": error})


def _body(endpoint: str, model: str, digest: str, inputs: int, outputs: int) -> dict[str, Any]:
    text = f"Answer {digest[:12]}."
    if endpoint == "/v1/responses":
        return {
            "id": f"resp_{digest[:32]}",
            "object": "response",
            "status": "completed",
            "model": model,
            "output": [
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]},
            ],
            "usage": {"input_tokens": inputs, "output_tokens": outputs, "total_tokens": inputs + outputs},
        }
    if endpoint == "/v1/chat/completions":
        message = {"role": "assistant", "content": text}
        return {
            "id": f"chatcmpl-{digest[:24]}",
            "object": "chat.completion",
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": inputs, "completion_tokens": outputs, "total_tokens": inputs + outputs},
        }
    if endpoint == "/v1/embeddings":
        vector = [int(digest[start : start + 4], 16) / 65535 for start in range(0, 32, 4)]
        return {
            "object": "list",
            "model": model,
            "data": [{"object": "embedding", "index": 0, "embedding": vector}],
            "usage": {"prompt_tokens": inputs, "total_tokens": inputs},
        }
    return {"id": digest[:24], "object": endpoint.rpartition("/")[2], "model": model, "result": text}
