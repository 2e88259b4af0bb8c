"""Answers of a service that stores files, some of them hostile, for downloads from a raw socket server."""

import json
import re
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from tests.support.hostile_server import PREFIX, Answer, Received, json_answer, recipe

# Texts that must not end a line or be cut by a chunk: line separators of Unicode, an escaped newline, long characters.
TEXT = "U+2028 \u2028, U+0085 \u0085, \\n \n, \r, \U0001f600, ä"


def result_line(custom_id: str, **replaced: Any) -> bytes:
    """A line of an output file, with the answer TEXT. `replaced` has other fields of the line."""
    response = {"status_code": 200, "request_id": "req_1", "body": {"text": TEXT}}
    document = {"id": "batch_req_1", "custom_id": custom_id, "response": response, "error": None, **replaced}
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def output_file(count: int, start: int = 0) -> bytes:
    """An output file with the ids request-0, request-1 and so on."""
    return b"".join(result_line(f"request-{number}") for number in range(start, start + count))


@define
class StoredFiles:
    """Answers requests for the content of files. Each request is answered by the next plan; the last plan is repeated.

    tests/client/cut_downloads.yaml explains the fields of a plan.
    """

    contents: dict[str, bytes]
    """The contents, by file id."""
    plans: list[Mapping[str, Any]] = field(factory=lambda: [{}])
    places: dict[str, str] = field(factory=dict)
    """The texts for placeholders in the headers, such as `<other>`."""

    def __call__(self, request: Received) -> Answer:
        """Answer a request."""
        found = re.fullmatch(rf"{PREFIX}/files/([^/?]+)/content(\?.*)?", request.target)
        if request.method != "GET" or found is None or found[1] not in self.contents:
            return json_answer({"error": {"message": "There is no such file."}}, 404)
        plan = self.plans.pop(0) if len(self.plans) > 1 else self.plans[0]
        return stored_file(self.contents[found[1]], request, plan, self.places)


def stored_file(
    content: bytes, request: Received, plan: Mapping[str, Any], places: Mapping[str, str] | None = None
) -> Answer:
    """The answer of a plan to the request for a file with this content."""
    if "recipe" in plan:
        return recipe(plan["recipe"], places)
    content = content[: plan.get("size", len(content))]
    asked = re.fullmatch(r"bytes=(\d+)-", "".join(request.values("range")))
    start = int(asked[1]) if asked and not plan.get("ignores_range") else 0
    headers = [*plan.get("headers", ())]
    status = 200
    if start:
        status = 206
        span = plan.get("content_range", "bytes {start}-{last}/{size}")
        headers.append(f"Content-Range: {span.format(start=start, last=len(content) - 1, size=len(content))}")
    if start >= len(content) and asked:
        status, headers[-1:] = 416, [f"Content-Range: bytes */{len(content)}"]
    body = content[start:]
    sent = body[: plan.get("cut", len(body))]
    framing = plan.get("framing", "length")
    if framing == "length":
        headers.append(f"Content-Length: {len(body)}")
    elif framing == "chunked":
        headers.append("Transfer-Encoding: chunked")
        size = plan.get("chunk", 1000)
        chunks = [sent[place : place + size] for place in range(0, len(sent), size)]
        sent = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        sent += b"" if "cut" in plan else b"0\r\n\r\n"
    head = "\r\n".join([f"HTTP/1.1 {plan.get('status', status)} So", *headers, "", ""]).encode("latin-1")
    size = plan.get("piece", len(sent) or 1)
    pieces = [sent[place : place + size] for place in range(0, len(sent), size)]
    is_open = framing != "close" and "cut" not in plan
    return Answer([head, *pieces], plan.get("pause", 0.0), end="keep" if is_open else plan.get("end", "close"))
