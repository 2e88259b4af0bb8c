"""The names of the generated code: the public names of its packages, and contract names that collide with others."""

import json
import pickle
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import openai_batch_client
from scripts.codegen import __main__ as command
from scripts.openapi.contract import OPENAPI_YAML, Contract
from tests.support.sampling import sample

OPENAPI_YAML_AS_JSON = json.dumps(Contract.load().document)
PROGRAM = """
import sys, httpx
sys.path.insert(0, sys.argv[1])
from openai_batch_client import BatchAPI

def answer(request):
    print(request.method, request.url.raw_path.decode(), request.content.decode())
    return httpx.Response(200, json={"id": "x"})

api = BatchAPI(api_key="sk-test", http_client=httpx.Client(transport=httpx.MockTransport(answer)))
name = sys.argv[2] + "_"
api.create_batch(input_file_id="f", endpoint="/v1/responses", completion_window="24h", **{name: "x"})
api.retrieve_batch(**{name: "x"})
api.list_batches(**{name: "x"})
"""


@pytest.mark.parametrize("name", sample(["models", "timeout", "request", "path_segment", "list_batches"], 3))
def test_argument_that_shadows_a_name(name: str, tmp_path: Path) -> None:
    """An argument that would shadow a name of the function gets an underscore in Python; its wire name stays."""
    document = json.loads(OPENAPI_YAML_AS_JSON.replace("{batch_id}", f"{{{name}}}").replace('"batch_id"', f'"{name}"'))
    parameter = {"name": name, "in": "query", "description": "A name.", "schema": {"type": "string"}}
    document["paths"]["/batches"]["get"]["parameters"].append(parameter)
    field = {"type": "string", "description": "A name."}
    document["components"]["schemas"]["CreateBatchRequest"]["properties"][name] = field
    spec, output = tmp_path / "openapi.yaml", tmp_path / "generated"
    spec.write_text(json.dumps(document), "utf-8")

    assert 0 == command.main(["--spec", str(spec), "--output", str(output)])
    program = [sys.executable, "-c", PROGRAM, str(output), name]
    ended = subprocess.run(program, capture_output=True, text=True, check=True, cwd=tmp_path)
    create, retrieve, listing = ended.stdout.splitlines()
    assert f'"{name}":"x"' in create
    assert "GET /v1/batches/x" == retrieve.strip()
    assert f"GET /v1/batches?{name}=x" == listing.strip()


def test_id_named_like_an_option(tmp_path: Path) -> None:
    """An id parameter named like an option of the method is sent with each request."""
    text = OPENAPI_YAML_AS_JSON.replace("{batch_id}", "{wait}").replace('"batch_id"', '"wait"')
    spec, output = tmp_path / "openapi.yaml", tmp_path / "generated"
    spec.write_text(text, "utf-8")
    program = """
import sys, httpx
sys.path.insert(0, sys.argv[1])
from openai_batch_client import BatchAPI

statuses = iter(["cancelling", "cancelled"])

def answer(request):
    print(request.url.path)
    return httpx.Response(200, json={"id": "x", "status": next(statuses)})

api = BatchAPI(api_key="sk-test", http_client=httpx.Client(transport=httpx.MockTransport(answer)))
api.cancel_batch(wait_="x", wait=True, timeout=60)
"""

    assert 0 == command.main(["--spec", str(spec), "--output", str(output)])
    ended = subprocess.run([sys.executable, "-c", program, str(output)], capture_output=True, text=True, check=True)
    assert ["/v1/batches/x/cancel", "/v1/batches/x"] == ended.stdout.splitlines()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("BatchUsage", "OpenModel", "the package itself uses the name OpenModel; rename the schema"),
        ("BatchUsage", "ReadOptions", "the package itself uses the name ReadOptions"),
        ("BatchUsage", "ShapeError", "the package itself uses the name ShapeError"),
        ("BatchUsage", "Failure", "the package itself uses the name Failure"),
    ],
)
def test_reserved_names_are_refused(
    old: str, new: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A schema with a name that the package reserves is refused."""
    text = re.sub(rf"\b{old}\b", new, OPENAPI_YAML.read_text("utf-8"))
    spec = tmp_path / "openapi.yaml"
    spec.write_text(text, "utf-8")

    assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "package",
    ["openai_batch_client", "openai_batch_client.api", "openai_batch_client.models", "openai_batch_client._runtime"],
)
def test_dir_lists_public_names(package: str) -> None:
    """dir() of a package that imports its names on first use lists `__all__`, before and after every use of them."""
    program = """
import importlib, pkgutil, sys
import openai_batch_client

package = importlib.import_module(sys.argv[1])

def print_names():
    print(*(name for name in dir(package) if name in package.__all__ or not name.startswith("__")))

print(*sorted(package.__all__))
print_names()
for module in pkgutil.walk_packages(openai_batch_client.__path__, "openai_batch_client."):
    importlib.import_module(module.name)
for name in package.__all__:
    getattr(package, name)
print_names()
"""
    ended = subprocess.run([sys.executable, "-c", program, package], capture_output=True, text=True, check=True)
    public, before, after = ended.stdout.splitlines()

    assert public
    assert public == before
    assert public == after


def test_package_of_a_tag_needs_no_import() -> None:
    """The package of a tag is an attribute of `api` without an import of its own."""
    program = "import openai_batch_client; print(openai_batch_client.api.batch.retrieve_batch.__name__)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert "openai_batch_client.api.batch.retrieve_batch" == ended.stdout.strip()


def test_shape_error_is_public() -> None:
    """from_dict raises a ValueError with a public name, which names the field and can be pickled."""
    with pytest.raises(ValueError, match=r"^Batch\.usage should be an object and is a list$") as raised:
        openai_batch_client.Batch.from_dict({"id": "batch_1", "usage": []})
    error, copied = raised.value, pickle.loads(pickle.dumps(raised.value))

    assert [openai_batch_client.ShapeError] * 2 == [type(error), type(copied)]
    assert ("Batch.usage", str(error)) == (copied.field, str(copied))
    assert "openai_batch_client.errors.ShapeError: Batch.usage" in "".join(traceback.format_exception(error))
