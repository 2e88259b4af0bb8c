"""The memory that files take does not grow with their size."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from tests.support.batches import BATCH
from tests.support.hostile_server import PREFIX, Answer, Received, hostile, json_answer
from tests.support.sampling import IS_DEEP
from tests.support.stored_files import result_line

# The hypothesis profile that the weekly run uses.
LARGE = 50_000
LINE = result_line("request-0", response={"status_code": 200, "body": {"text": "x" * 4000}})
PROGRAM = """
import asyncio, gc, re, sys
from pathlib import Path
from openai_batch_client import AsyncBatchAPI, Batch, BatchAPI

def memory(name):
    return int(re.search(name + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024

title, url, large, folder = sys.argv[1:]
fields = {"id": "b", "status": "completed", "input_file_id": "file-1", "endpoint": "/v1/responses", "object": "batch"}
fields |= {"completion_window": "24h", "created_at": 1}

def requests(count):
    for number in range(count):
        yield f"request-{number}", {"input": "x" * 4000}

async def run_async(count):
    batch = Batch.from_dict({**fields, "output_file_id": str(count)})
    async with AsyncBatchAPI(api_key="sk-test", base_url=url) as api:
        assert [count] == [sum([1 async for result in api.iter_results(batch) if result.ok])]
        await api.submit_batch(requests(count), endpoint="/v1/responses")
        await api.download_file(str(count), to=f"{folder}/downloaded")

def run(count):
    batch = Batch.from_dict({**fields, "output_file_id": str(count)})
    with BatchAPI(api_key="sk-test", base_url=url) as api:
        assert count == sum(1 for result in api.iter_results(batch) if result.ok)
        api.submit_batch(requests(count), endpoint="/v1/responses")
        api.download_file(str(count), to=f"{folder}/downloaded")

measured = (lambda count: asyncio.run(run_async(count))) if title else run
measured(2000)
gc.collect()
Path("/proc/self/clear_refs").write_text("5")  # Linux then forgets the peak, VmHWM.
before = memory("VmRSS")
measured(int(large))
print(memory("VmHWM") - before)
"""


@frozen
class Lines:
    """A large file in pieces, which are made while they are sent."""

    count: int

    def __iter__(self) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Length: {self.count * len(LINE)}\r\n\r\n".encode()
        for _ in range(self.count // 100):
            yield LINE * 100


def answer(request: Received) -> Answer:
    """Answer like a service whose files have as many lines as their ids say."""
    if request.method == "GET":
        return Answer(Lines(int(request.target.split("/")[3])))
    return json_answer({"id": "file-1"} if request.target == f"{PREFIX}/files" else {**BATCH, "id": "b"})


# The async client takes the same steps. It is slow to test, so only the weekly run does.
@pytest.mark.parametrize("title", ["", "Async"] if IS_DEEP else [""])
def test_memory(title: str, tmp_path: Path) -> None:
    """The results, the submission and the download of 200 MB take at most 20 MB more than those of 8 MB."""
    with hostile(answering=answer) as server:
        server.keeps_bodies = False
        command = [sys.executable, "-c", PROGRAM, title, server.url, str(LARGE), str(tmp_path)]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=120).stdout
    assert float(output) < 20
    assert LARGE * len(LINE) == (tmp_path / "downloaded").stat().st_size > 200_000_000
