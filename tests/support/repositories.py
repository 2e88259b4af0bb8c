"""Creates git repositories with documents, for tests of scripts/diff."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

IDENTITY = ("-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false")


def clean_environment() -> dict[str, str]:
    """The environment without the variables with which git points to another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


@frozen
class GitRepository:
    """A git repository in a folder."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "GitRepository":
        """Create an empty repository with the branch main."""
        folder.mkdir(parents=True, exist_ok=True)
        repository = cls(folder)
        repository.git("init", "--quiet", "--initial-branch=main")
        return repository

    def git(self, *arguments: str, **variables: str) -> str:
        """Run git and return its output. An exit code other than 0 is an error."""
        made = subprocess.run(
            ["git", *IDENTITY, "-c", "protocol.file.allow=always", *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            env={**clean_environment(), **variables},
        )
        return made.stdout

    def write(self, files: Mapping[str, str]) -> None:
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")

    def commit(self, files: Mapping[str, str], message: str = "change") -> None:
        """Write files and commit everything."""
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")

    def clone(self, folder: Path, *options: str) -> "GitRepository":
        """Clone the repository, as over a network, so that `--depth` applies."""
        self.git("clone", "--quiet", *options, f"file://{self.folder}", str(folder))
        return GitRepository(folder)
