"""A virtual environment for each peer, as its users have it: made of what .venv holds, so that nothing is fetched."""

import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from attrs import field, frozen
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.codegen.package import PACKAGE
from scripts.openapi.contract import OPENAPI_YAML, ROOT

Command = Sequence[str | Path]
PEERS = Path(__file__).with_name("peers")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@frozen
class Peer:
    """One of those that are measured, in an environment of its own."""

    name: str
    module: str
    """What its users import."""
    face: str
    """The class in it that they begin with."""
    program: Path
    """How it does what is measured; one of peers/."""
    python: Path
    """The interpreter of its environment."""
    versions: Mapping[str, str] = field(repr=False)
    """What is installed there."""
    size: int
    """The bytes that this takes, bytecode aside."""


def make(folder: Path) -> tuple[dict[str, Peer], list[str]]:
    """An environment for each peer below `folder`, and a sentence about each that there is none for."""
    ours = PROJECT["dependencies"]
    peers = [
        _peer(folder, "httpx", ("httpx", "Client"), "floor", ["httpx"]),
        _peer(folder, "this client", (PACKAGE, "BatchAPI"), "ours", ours, ROOT / "generated" / PACKAGE),
        _peer(
            folder,
            "this client [speed]",
            (PACKAGE, "BatchAPI"),
            "ours",
            [*ours, *PROJECT["optional-dependencies"]["speed"]],
            ROOT / "generated" / PACKAGE,
        ),
        _peer(folder, "openai", ("openai", "OpenAI"), "official", ["openai"]),
        _peer(
            folder,
            "plain generator",
            ("plain_batch_client", "AuthenticatedClient"),
            "plain",
            ["attrs", "httpx", "python-dateutil"],
            _plain(folder / "plain_batch_client"),
        ),
    ]
    missing = []
    if generated := _openapi_generator(folder / "openapi-generator"):
        needed = ["pydantic", "python-dateutil", "typing-extensions", "urllib3"]
        begin = ("java_batch_client", "BatchApi")
        peers.append(_peer(folder, "openapi-generator", begin, "java", needed, generated / "java_batch_client"))
    else:
        missing.append("openapi-generator is left out: `openapi-generator-cli` and Java are not at hand.")
    return {peer.name: peer for peer in peers}, missing


def _peer(
    folder: Path,
    name: str,
    begin: tuple[str, str],
    program: str,
    requirements: Iterable[str],
    package: Path | None = None,
) -> Peer:
    """An environment with what `requirements` ask for, and with `package`, which is not a distribution."""
    place = folder / name.translate(str.maketrans(" ", "-", "[]"))
    venv.create(place, symlinks=True)
    site = next(place.glob("lib/python*/site-packages"))
    size = 0
    versions = {}
    for distribution in _closure(requirements):
        versions[distribution.name] = distribution.version
        # What is above site-packages are commands.
        files = [file for file in distribution.files or () if file.parts[0] != ".." and file.suffix != ".pyc"]
        size += sum(Path(str(file.locate())).stat().st_size for file in files)
        for top in {file.parts[0] for file in files} - {path.name for path in site.iterdir()}:
            (site / top).symlink_to(str(distribution.locate_file(top)))
    if package:
        size += sum(path.stat().st_size for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
        (site / package.name).symlink_to(package)
    return Peer(name, *begin, PEERS / f"{program}.py", place / "bin" / "python", versions, size)


def _closure(requirements: Iterable[str]) -> list[metadata.Distribution]:
    """The distributions that `requirements` ask for, and all that these ask for in turn."""
    found: dict[str, metadata.Distribution] = {}
    wanted = [Requirement(requirement) for requirement in requirements]
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name not in found:
            found[name] = metadata.distribution(requirement.name)
            further = [Requirement(line) for line in found[name].requires or ()]
            wanted += [one for one in further if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [found[name] for name in sorted(found)]


def plain_command(package: Path) -> Command:
    """openapi-python-client on the contract as its own documentation says: no templates, no options."""
    generator = Path(sys.executable).with_name("openapi-python-client")
    return [generator, "generate", "--path", OPENAPI_YAML, "--meta", "none", "--output-path", package]


def _plain(package: Path) -> Path:
    subprocess.run(plain_command(package), check=True, capture_output=True)
    return package


def _openapi_generator(folder: Path) -> Path | None:
    """What openapi-generator makes of the contract, where its command and Java are at hand."""
    generator = shutil.which("openapi-generator-cli") or shutil.which("openapi-generator")
    if not generator or not shutil.which("java"):
        return None
    options = ("-g", "python", "--package-name", "java_batch_client")
    subprocess.run([generator, "generate", *options, "-i", OPENAPI_YAML, "-o", folder], check=True, capture_output=True)
    return folder
