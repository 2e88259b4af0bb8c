"""The tree has the folders and files of the map in CONTRIBUTING, and test modules stand alone."""

import ast
import re
import subprocess

from scripts.openapi.contract import ROOT

TOP_LEVEL = {
    *("openapi.yaml", "generator-config.yaml", "generated", "tests", "scripts", "pyproject.toml"),
    *("README.md", "LICENSE", "CHANGELOG.md"),
}
TEST_FOLDERS = {
    "frozen",
    *("client", "codegen", "specdiff", "batch_server", "project", "support", "exchanges", "providers", "typing"),
}


def test_top_level() -> None:
    """The top level has the named files and folders, and dotfiles."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    names = {line.partition("/")[0] for line in listed.splitlines()} or {path.name for path in ROOT.iterdir()}

    assert {name for name in names if not name.startswith(".")} - {"dist"} == TOP_LEVEL


def test_tests_are_sorted_by_subject() -> None:
    """Each test module is in the folder of its subject; the folder `tests` itself has only conftest.py."""
    folders = {path.name for path in ROOT.joinpath("tests").iterdir() if path.is_dir()} - {"__pycache__"}

    assert folders == TEST_FOLDERS
    assert [path.name for path in ROOT.joinpath("tests").glob("*.py")] == ["conftest.py"]


def test_no_test_module_imports_another() -> None:
    """Test modules share code through tests/support only. The commands in tests/project are no test modules."""
    imports = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.module}"
        for path in ROOT.joinpath("tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith("tests.")
        and not node.module.startswith("tests.support")
        and (not node.module.startswith("tests.project") or ".test_" in node.module)
    ]

    assert [] == imports


def test_support_readme_names_each_helper() -> None:
    """tests/support/README.md describes every module of the folder."""
    text = ROOT.joinpath("tests", "support", "README.md").read_text("utf-8")
    helpers = [path.stem for path in ROOT.joinpath("tests", "support").rglob("*.py") if path.stem != "__init__"]

    assert [] == [name for name in helpers if f"{name}.py" not in text and f"`{name}`" not in text]


def test_contributing_names_each_module_of_the_runtime() -> None:
    """The table of the runtime in CONTRIBUTING has each module once."""
    text = ROOT.joinpath(".github", "CONTRIBUTING.md").read_text("utf-8")
    table = text.partition("### The runtime\n")[2].partition("### ")[0]
    named = re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in table.splitlines() if "|" in line))
    modules = {path.stem for path in ROOT.joinpath("scripts", "runtime").glob("*.py")} - {"__init__"}

    assert sorted(modules) == sorted(named)
