"""Redirects: which redirects are followed, so that no other origin gets the API key."""

from typing import Any

import httpx

from .answer import Answer, one_line
from .errors import status_error
from .messages import Request

MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
HIDDEN_LOCATION = "x-hidden-location"


def redirection(request: Request[Any], url: Any, answer: Answer, redirects: int) -> str | None:
    """The URL to which a redirect is followed; None if the response is not a redirect.

    Args:
        request: The request of the operation.
        url: The URL that was requested, an httpx.URL or httpx2.URL.
        answer: The response.
        redirects: How many redirects were followed so far.

    Raises:
        APIStatusError: The redirect is not followed.
    """
    if answer.status_code not in REDIRECTS:
        return None
    location = answer.headers.get("location")
    if location is None:
        return None
    try:
        target = httpx.URL(str(url)).join(location)
    except (httpx.InvalidURL, ValueError):
        reason = "it is not a URL"
    else:
        if request.operation.method != "GET":
            reason = f"the client does not send {request.operation.method} to another URL"
        elif target.scheme not in ("http", "https") or (url.scheme == "https" and target.scheme == "http"):
            reason = "its scheme is not that of the request"
        elif target.userinfo or not (request.is_streamed or is_same_origin(target, url)):
            reason = "it is another origin, which must not get the API key"
        elif redirects == MAX_REDIRECTS:
            reason = f"{MAX_REDIRECTS} redirects were followed"
        else:
            return str(target.copy_with(fragment=None))
    raise status_error(
        answer,
        operation=request.operation.id,
        advice=f"The redirect to {one_line(location, 200)!r} was not followed: {reason}. Check base_url.",
    )


def is_same_origin(first: Any, second: Any) -> bool:
    """Whether two URLs have the same scheme, host and port."""
    ports = {"http": 80, "https": 443}
    return (first.scheme, first.host, first.port or ports.get(first.scheme)) == (
        second.scheme,
        second.host,
        second.port or ports.get(second.scheme),
    )


def hide_location(response: httpx.Response) -> None:
    """Rename the header Location of a redirect. httpx raises if it is not a URL, even if redirects are not followed."""
    if response.status_code in REDIRECTS and "location" in response.headers:
        response.headers[HIDDEN_LOCATION] = response.headers.pop("location")


def restore_location(status_code: int, headers: httpx.Headers) -> None:
    """Undo `hide_location`."""
    if status_code in REDIRECTS and HIDDEN_LOCATION in headers:
        headers["location"] = headers.pop(HIDDEN_LOCATION)
