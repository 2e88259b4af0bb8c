"""The package has the facts of x-file: in the module of the operation that uploads, and in models with ids of files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from openai_batch_client import models
from openai_batch_client._runtime.spec import FileSpec
from openai_batch_client.api.batch import create_batch
from scripts.codegen import __main__ as command
from scripts.openapi.contract import Contract

CONTRACT = Contract.load()


def facts(file: FileSpec) -> dict[str, Any]:
    """x-file as the contract writes it."""
    written = {key: getattr(file, key) for key in ("line", "max_lines", "max_bytes", "unique")}
    written |= {"content": file.content_path, "equal": dict(file.equal) or None}
    written["upload"] = file.upload_path and {"path": file.upload_path, "purpose": file.purpose}
    return {key: value for key, value in written.items() if value is not None}


def test_models_have_the_facts() -> None:
    """FILES of the models has x-file of each property that has it in the contract."""
    found = {
        f"/components/schemas/{name}/properties/{attribute}": facts(file)
        for name in models.__all__
        for attribute, file in getattr(getattr(models, name), "FILES", {}).items()
    }

    assert 4 == len(CONTRACT.files)
    assert CONTRACT.files == found


def test_module_has_the_facts() -> None:
    """The module of the operation that takes an uploaded file has the facts as a constant."""
    assert models.CreateBatchRequest.FILES["input_file_id"] == create_batch.INPUT_FILE
    assert (("url", "endpoint"),) == create_batch.INPUT_FILE.equal


def test_lines_are_models() -> None:
    """Callers construct a line of an input file; a line of a result may lack fields."""
    line = models.BatchRequestInput(custom_id="r-1", url="/v1/responses", body={"model": "gpt-5"})
    result = models.BatchRequestOutput.from_dict(
        {"custom_id": "r-1", "response": {"status_code": 200, "body": {"a": 1}}}
    )

    assert {"custom_id": "r-1", "method": "POST", "url": "/v1/responses", "body": {"model": "gpt-5"}} == line.to_dict()
    assert result.response is not None
    assert (200, {"a": 1}, None, None) == (result.response.status_code, result.response.body, result.id, result.error)


def changed(tmp_path: Path, change: Any) -> tuple[Path, list[str]]:
    """Write the changed contract; return the output folder and the arguments of scripts/regenerate."""
    document = json.loads(json.dumps(CONTRACT.document))
    change(document["components"]["schemas"])
    spec, output = tmp_path / "openapi.yaml", tmp_path / "generated"
    spec.write_text(json.dumps(document), "utf-8")
    return output, ["--spec", str(spec), "--output", str(output)]


def test_contract_without_files(tmp_path: Path) -> None:
    """A contract without x-file is generated, and the package has no facts about files."""

    def change(schemas: Any) -> None:
        for schema in schemas.values():
            for field in schema.get("properties", {}).values():
                field.pop("x-file", None)

    output, arguments = changed(tmp_path, change)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from openai_batch_client import *;"
        "from openai_batch_client.api.batch import create_batch;"
        "print(hasattr(Batch, 'FILES'), hasattr(create_batch, 'INPUT_FILE'), BatchRequestInput.__name__)"
    )

    assert 0 == command.main(arguments)
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program, str(output)], capture_output=True, text=True, check=True
    )
    assert "False False BatchRequestInput" == ended.stdout.strip()


@pytest.mark.parametrize("names", [["operation_id"], ["job_file", "job_file_id"]], ids=["reserved", "twice"])
def test_constant_must_be_unique(names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A property whose constant has the name of another constant is refused."""

    def change(schemas: Any) -> None:
        fields = schemas["CreateBatchRequest"]["properties"]
        fields |= {name: {**fields["input_file_id"], "description": "A file."} for name in names}

    _, arguments = changed(tmp_path, change)

    assert 1 == command.main(arguments)
    assert (
        "name-is-free: the constant of an uploaded file is not unique; rename the property" in capsys.readouterr().err
    )
