"""schemathesis holds the embedded server to the contract, with all its checks and through every link that it finds."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.batch_server.clock import Clock
from scripts.batch_server.running import running
from scripts.openapi.contract import OPENAPI_YAML
from tests.support.served import AnyFile
from tests.support.twin import Tally

CASES = 2_000


def test_server_keeps_the_contract(tmp_path: Path, judged: Any) -> None:
    """At least 2,000 cases, drawn and in sequence, and no failure."""
    tally: Tally = judged("schemathesis", "the embedded server")
    report = tmp_path / "report.json"
    # The server's own check of its answers would hide what this is to find.
    with running(clock=Clock(0), validate_responses=False) as server:
        server.store.files = AnyFile()
        ended = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("schemathesis")), "run", str(OPENAPI_YAML), "--url", server.url),
                *("--header", f"Authorization: Bearer {server.key}", "--checks", "all", "--seed", "1"),
                *("--max-examples", "200", "--report", "json", "--report-json-path", str(report), "--no-color"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr

    said = json.loads(report.read_text("utf-8"))
    tally.cases = said["test_cases"]["generated"]
    assert ([], []) == (said["failures"], said["errors"])
    assert {"success"} == {phase["status"] for phase in said["phases"].values()}
    assert said["operations"]["total"] == said["operations"]["tested"]
    assert tally.cases >= CASES
    assert not [name for name, found in said["warnings"].items() if found]
