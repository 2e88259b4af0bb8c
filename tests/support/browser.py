"""A headless Chromium, driven through chromedriver's own protocol, which is JSON over HTTP.

https://www.w3.org/TR/webdriver2/. Nothing is downloaded, and nothing but these few commands is needed.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DRIVER = "chromedriver"
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
)


def missing() -> str | None:
    """The missing program and how to install it; None if the browser and its driver are installed."""
    if not any(map(shutil.which, BROWSERS)):
        return "there is no Chromium; install it to run this (Debian: apt install chromium chromium-driver)"
    if not shutil.which(DRIVER):
        return "there is no chromedriver; install it to run this (Debian: apt install chromium-driver)"
    return None


@frozen
class Browser:
    """A browser window with an empty profile."""

    _client: httpx.Client
    _window: str

    def open(self, page: Path) -> None:
        """Open a file and discard earlier log entries."""
        # The page of a new tab sends many requests.
        self._send("POST", "url", url="about:blank")
        self._log("browser")
        self._log("performance")
        self._send("POST", "url", url=page.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page and return its result."""
        return self._send("POST", "execute/sync", script=script, args=list(arguments))

    def click(self, selector: str) -> None:
        """Click on a visible element with the mouse."""
        self._send("POST", f"element/{self._element(selector)}/click")

    def type(self, selector: str, text: str) -> None:
        """Press keys while an element has the focus."""
        self._send("POST", f"element/{self._element(selector)}/value", text=text)

    @contextmanager
    def resized(self, width: int, height: int) -> Iterator[None]:
        """Give the page another size for a while."""
        before = self._send("GET", "window/rect")
        self._send("POST", "window/rect", width=width, height=height)
        try:
            yield
        finally:
            self._send("POST", "window/rect", width=before["width"], height=before["height"])

    def screenshot(self) -> str:
        """The window as PNG, in base64."""
        return str(self._send("GET", "screenshot"))

    def console_messages(self) -> list[str]:
        """Return the console messages since the last call."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return the URLs requested since the last call, without those that the page's policy blocked."""
        asked: dict[str, str] = {}
        for entry in self._log("performance"):
            event = json.loads(entry["message"])["message"]
            parameters = event["params"]
            if event["method"] == "Network.requestWillBeSent":
                asked[parameters["requestId"]] = parameters["request"]["url"]
            elif event["method"] == "Network.loadingFailed" and parameters.get("blockedReason") == "csp":
                asked.pop(parameters["requestId"], None)
        return list(asked.values())

    def _element(self, selector: str) -> str:
        found = self._send("POST", "element", using="css selector", value=selector)
        return str(next(iter(found.values())))

    def _log(self, kind: str) -> Any:
        return self._send("POST", "se/log", type=kind)

    def _send(self, method: str, path: str, **content: Any) -> Any:
        response = self._client.request(method, f"{self._window}/{path}", json=content if method == "POST" else None)
        value = response.json()["value"]
        assert response.is_success, value["message"]
        return value


@contextmanager
def started(folder: Path) -> Iterator[Browser]:
    """Start a browser with its profile in `folder`, and stop it afterwards."""
    driver, browser = shutil.which(DRIVER), next(filter(None, map(shutil.which, BROWSERS)))
    options = {"binary": browser, "args": [*_FLAGS, f"--user-data-dir={folder}"]}
    wanted = {"browserName": "chrome", "goog:chromeOptions": options}
    wanted["goog:loggingPrefs"] = {"browser": "ALL", "performance": "ALL"}
    with subprocess.Popen([str(driver), "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            said = next(line for line in process.stdout if b"successfully on port" in line).decode()
            address = f"http://127.0.0.1:{said.split()[-1].rstrip('.')}/session"
            # The driver listens on loopback, which no proxy can reach.
            with httpx.Client(timeout=60, trust_env=False) as client:
                answer = client.post(address, json={"capabilities": {"alwaysMatch": wanted}}).json()["value"]
                assert "sessionId" in answer, answer["message"]
                window = f"{address}/{answer['sessionId']}"
                try:
                    yield Browser(client, window)
                finally:
                    client.delete(window)
        finally:
            process.terminate()
