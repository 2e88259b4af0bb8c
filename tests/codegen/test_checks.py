"""Rules of scripts/regenerate whose validate are more than a case: where they lead, and what they let pass."""

import re
from pathlib import Path

import pytest

from scripts.codegen import __main__ as command
from scripts.codegen.checks.validation import validate
from scripts.openapi import loading
from scripts.openapi.contract import EXTENSIONS, OPENAPI_YAML, Contract

LIMIT = "        - name: limit\n"
STATUS = "    BatchStatus:\n"


def test_second_operation_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An operationId that is there twice is shown where it is for the second time; the first one is named."""
    text = OPENAPI_YAML.read_text("utf-8").replace("operationId: cancelBatch", "operationId: createBatch")
    spec = tmp_path / "openapi.yaml"
    spec.write_text(text, "utf-8")

    assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
    (said,) = capsys.readouterr().err.splitlines()[1:]
    line = text[: text.rindex("operationId: createBatch")].count("\n") + 1
    assert said.startswith(f"{spec}:{line}:7: operation-id-is-unique: createBatch is the operationId of POST /batches;")


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("      x-pagination:", "      x-paginaton:", "x-pagination"),
        ("      x-create-once:", "      x-createonce:", "x-create-once"),
        ("      x-retry:", "      x_retry:", "x-retry"),
        ("      x-retry:", "      X-Retry:", "x-retry"),
        ("      x-lifecycle: {", "      x-life-cycle: {", "x-lifecycle"),
        (LIMIT, f"{LIMIT}          x-retyr: safe\n", "x-retry"),
        (STATUS, f"{STATUS}      x-lifecycles: {{}}\n", "x-lifecycle"),
        ("  x-upstream:", "  x-pagnation:", "x-pagination"),
    ],
)
def test_misspelt_extension(old: str, new: str, meant: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An extension that is called almost like one of ours is refused where it stands, and the one meant is named."""
    text = OPENAPI_YAML.read_text("utf-8")
    assert old in text
    spec = tmp_path / "openapi.yaml"
    spec.write_text(text.replace(old, new, 1), "utf-8")
    (wrong,) = [key for key in new.replace(":", "").split() if key.lower().startswith(("x-", "x_"))]

    assert 1 == command.main(["--spec", str(spec), "--output", str(tmp_path / "generated")])
    (said,) = capsys.readouterr().err.splitlines()[1:]
    assert f": extension-is-spelled-right: nothing reads {wrong}; did you mean {meant}?" in said
    assert wrong in spec.read_text("utf-8").splitlines()[int(said.split(":")[1]) - 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      x-pagination:", "      x-oaiMeta: {x-retyr: safe}\n      x-pagination:"),
        ("        request_counts:\n", "        x_retry:\n          $ref: '#/components/schemas/BatchRequestCounts'\n"
         "        request_counts:\n"),
        ("          default: 20\n", "          default: 20\n          x-vendor-pagination: {}\n"),
    ],
    ids=["unlike", "property", "vendor"],
)  # fmt: skip
def test_extensions_of_others(old: str, new: str) -> None:
    """What resembles none of ours is let pass with all that is in it, and so is a name that only looks like one."""
    text = OPENAPI_YAML.read_text("utf-8")
    assert old in text
    document = loading.parse(text.replace(old, new, 1).encode(), "openapi.yaml").document

    assert [] == validate(Contract(document, OPENAPI_YAML))


def test_extensions_are_described() -> None:
    """The head of openapi.yaml describes the extensions that there are, and no other."""
    head = OPENAPI_YAML.read_text("utf-8").partition("\nopenapi:")[0]

    assert list(EXTENSIONS) == re.findall(r"^#   (x-[a-z-]+) ", head, re.MULTILINE)
