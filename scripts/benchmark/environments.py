"""Creates a virtual environment with a peer and its dependencies alone, for realistic import times and sizes.

The environments link to the packages of .venv, so nothing is downloaded.
"""

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
    """A client that is measured, in its own environment."""

    name: str
    module: str
    """The package that its users import."""
    client_class: str
    """The client class of the package."""
    program: Path
    """The program in peers/ that defines the measured tasks."""
    python: Path
    """The Python interpreter of the environment."""
    versions: Mapping[str, str] = field(repr=False)
    """The version of each installed distribution."""
    size: int
    """The size of the installed files in bytes, without bytecode."""


def create_peers(folder: Path) -> tuple[dict[str, Peer], list[str]]:
    """Create the peers below `folder`. The second result has a sentence for each peer that is not available."""
    ours = PROJECT["dependencies"]
    peers = [
        _peer(folder, "httpx", ("httpx", "Client"), "raw_httpx", ["httpx"]),
        _peer(folder, "this client", (PACKAGE, "BatchAPI"), "this_client", ours, ROOT / "generated" / PACKAGE),
        _peer(
            folder,
            "this client [speed]",
            (PACKAGE, "BatchAPI"),
            "this_client",
            [*ours, *PROJECT["optional-dependencies"]["speed"]],
            ROOT / "generated" / PACKAGE,
        ),
        _peer(folder, "httpx2", ("httpx2", "Client"), "raw_httpx", ["httpx2"]),
        _peer(
            folder,
            "this client [httpx2]",
            (PACKAGE, "BatchAPI"),
            "this_client_httpx2",
            [*ours, "httpx2"],
            ROOT / "generated" / PACKAGE,
        ),
        _peer(folder, "openai", ("openai", "OpenAI"), "official_sdk", ["openai"]),
        _peer(
            folder,
            "plain generator",
            ("plain_batch_client", "AuthenticatedClient"),
            "plain_generator",
            ["attrs", "httpx", "python-dateutil"],
            _generate_plain(folder / "plain_batch_client"),
        ),
    ]
    left_out = []
    if generated := _run_openapi_generator(folder / "openapi-generator"):
        requirements = ["pydantic", "python-dateutil", "typing-extensions", "urllib3"]
        client = ("openapi_generator_client", "BatchApi")
        peers.append(
            _peer(
                folder,
                "openapi-generator",
                client,
                "openapi_generator",
                requirements,
                generated / "openapi_generator_client",
            )
        )
    else:
        left_out.append("openapi-generator is left out: `openapi-generator-cli` or Java is not installed.")
    return {peer.name: peer for peer in peers}, left_out


def _peer(
    folder: Path,
    name: str,
    client: tuple[str, str],
    program: str,
    requirements: Iterable[str],
    package: Path | None = None,
) -> Peer:
    """Create an environment with the distributions of `requirements` and, if given, the generated `package`."""
    environment = folder / name.translate(str.maketrans(" ", "-", "[]"))
    venv.create(environment, symlinks=True)
    site = next(environment.glob("lib/python*/site-packages"))
    size = 0
    versions = {}
    for distribution in _with_dependencies(requirements):
        versions[distribution.name] = distribution.version
        # Files outside of site-packages are commands, which are not measured.
        files = [file for file in distribution.files or () if file.parts[0] != ".." and file.suffix != ".pyc"]
        size += sum(Path(str(file.locate())).stat().st_size for file in files)
        for name_in_site in {file.parts[0] for file in files} - {path.name for path in site.iterdir()}:
            (site / name_in_site).symlink_to(str(distribution.locate_file(name_in_site)))
    if package:
        size += sum(path.stat().st_size for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
        (site / package.name).symlink_to(package)
    return Peer(name, *client, PEERS / f"{program}.py", environment / "bin" / "python", versions, size)


def _with_dependencies(requirements: Iterable[str]) -> list[metadata.Distribution]:
    """The distributions of `requirements` and all of their dependencies, sorted by name."""
    distributions: dict[str, metadata.Distribution] = {}
    pending = [Requirement(requirement) for requirement in requirements]
    while pending:
        requirement = pending.pop()
        name = canonicalize_name(requirement.name)
        if name not in distributions:
            distributions[name] = metadata.distribution(requirement.name)
            dependencies = [Requirement(line) for line in distributions[name].requires or ()]
            pending += [item for item in dependencies if item.marker is None or item.marker.evaluate({"extra": ""})]
    return [distributions[name] for name in sorted(distributions)]


def plain_command(package: Path) -> Command:
    """The command that runs openapi-python-client on the contract without our templates and options."""
    generator = Path(sys.executable).with_name("openapi-python-client")
    return [generator, "generate", "--path", OPENAPI_YAML, "--meta", "none", "--output-path", package]


def _generate_plain(package: Path) -> Path:
    subprocess.run(plain_command(package), check=True, capture_output=True)
    return package


def _run_openapi_generator(folder: Path) -> Path | None:
    """Generate a client with openapi-generator, or return None if the command or Java is not installed."""
    generator = shutil.which("openapi-generator-cli") or shutil.which("openapi-generator")
    if not generator or not shutil.which("openapi_generator"):
        return None
    options = ("-g", "python", "--package-name", "openapi_generator_client")
    subprocess.run([generator, "generate", *options, "-i", OPENAPI_YAML, "-o", folder], check=True, capture_output=True)
    return folder
