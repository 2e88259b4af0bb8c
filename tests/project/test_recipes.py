"""The recipes poll once in a run, work on several machines, and send only the remaining requests again."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.batch_server.clock import ServerClock
from scripts.batch_server.status_timeline import Pace
from scripts.openapi.contract import ROOT
from tests.support import doc_examples

PAGE = ROOT / ".github" / "RECIPES.md"
# Calls one function of a program in a process of its own, as on another machine.
CALL = "import json, runpy, sys; print(json.dumps(runpy.run_path(sys.argv[1])[sys.argv[2]](*sys.argv[3:])))"


def recipe(title: str) -> str:
    """The program below a heading."""
    _, _, section = PAGE.read_text("utf-8").partition(f"\n## {title}\n")
    return section.partition("```python\n")[2].partition("```")[0]


def test_one_poll_a_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The runs of cron make one batch, end while it is processed, and then download the answers once."""
    block = recipe("Poll once in each run of cron")
    with doc_examples.service(block, monkeypatch, clock=ServerClock(0)) as server:
        before = len(server.store.batches)
        for hours in (0, 0, 1):
            server.clock.step(3600 * hours)
            doc_examples.execute(block, "cron")
        with pytest.raises(SystemExit) as ended:
            doc_examples.execute(block, "cron")
        answers = Path("report-2026-11-24.jsonl").read_text("utf-8")

    assert ["validating", "validating", "succeeded"] == re.findall(r" is (\w+)\n", capsys.readouterr().out)
    assert (before + 1, "1", None) == (len(server.store.batches), json.loads(answers)["custom_id"], ended.value.code)


def test_different_machines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One process submits, another waits, others read and find the batch; they pass only the key and the id."""
    program = tmp_path / "tasks.py"
    program.write_text(recipe("Submit, wait and read on different machines"), "utf-8")

    def call(function: str, argument: str) -> Any:
        command = [sys.executable, "-c", CALL, str(program), function, argument]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    with doc_examples.service("", monkeypatch) as server:
        before = len(server.store.batches)
        batch_id = runpy.run_path(str(program))["submit"]("nightly-7")

        assert batch_id == call("submit", "nightly-7") == call("wait", batch_id) == call("find", "nightly-7")
        assert {"1"} == {*call("read", batch_id)}
        assert before + 1 == len(server.store.batches)


def test_only_the_remaining_requests(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of three requests of a batch that expired after one answer, two are sent again, and only once."""
    block = recipe("Send only the remaining requests again")
    body = {"model": "m", "input": "x"}
    lines = [{"custom_id": str(n), "method": "POST", "url": "/v1/responses", "body": body} for n in range(3)]
    with doc_examples.service(block, monkeypatch, pace=Pace(requests_per_second=1 / 50_000)) as server:
        content = "\n".join(map(json.dumps, lines)).encode()
        file = server.store.files.upload("in.jsonl", "batch", content)
        request = {"input_file_id": file.id, "endpoint": "/v1/responses", "completion_window": "24h"}
        expired = server.store.batches.create(request)["id"]
        before = len(server.store.batches)
        for _ in range(2):
            doc_examples.execute(block.replace("batch_abc123", expired), "again")
        [again] = server.store.batches.objects[before:]

        sent = server.store.files.by_id[again.request["input_file_id"]].content
        assert ["1", "2"] == [json.loads(line)["custom_id"] for line in sent.splitlines()]
        assert ["expired_partial", f"2 requests again in {again.id}"] * 2 == capsys.readouterr().out.splitlines()
