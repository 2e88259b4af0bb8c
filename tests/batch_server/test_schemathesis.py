"""schemathesis tests the embedded server against the contract, with all its checks and all links."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from scripts.batch_server.clock import ServerClock
from scripts.batch_server.running import running
from scripts.openapi.contract import OPENAPI_YAML
from tests.support.example_calls import AnyFile
from tests.support.sampling import IS_DEEP
from tests.support.twin import Tally

CASES = 2_000 if IS_DEEP else 700


def test_server_keeps_the_contract(tmp_path: Path, judged: Any) -> None:
    """At least 2,000 drawn cases, or 700 in the usual run, alone and in sequences, find no failure."""
    tally: Tally = judged("schemathesis", "the embedded server")
    report = tmp_path / "report.json"
    # The server's own validation would replace an invalid response before schemathesis sees it.
    with running(clock=ServerClock(0), validate_responses=False) as server:
        server.store.files.by_id = AnyFile()
        ended = subprocess.run(
            [
                *(str(Path(sys.executable).with_name("schemathesis")), "run", str(OPENAPI_YAML), "--url", server.url),
                *("--header", f"Authorization: Bearer {server.key}", "--checks", "all", "--seed", "1"),
                *(
                    "--max-examples",
                    "200" if IS_DEEP else "60",
                    "--report",
                    "json",
                    "--report-json-path",
                    str(report),
                    "--no-color",
                ),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
    assert ended.returncode == 0, ended.stdout + ended.stderr

    result = json.loads(report.read_text("utf-8"))
    tally.cases = result["test_cases"]["generated"]
    assert ([], []) == (result["failures"], result["errors"])
    assert {"success"} == {phase["status"] for phase in result["phases"].values()}
    assert result["operations"]["total"] == result["operations"]["tested"]
    assert tally.cases >= CASES
    assert not [name for name, found in result["warnings"].items() if found]
