"""The entries of mutations.yaml fit the package. tests/project/mutate.py tries them, which takes minutes."""

from tests.project import mutate


def test_entries_fit_the_package() -> None:
    """The old text of each entry occurs exactly once in its file, or is marked for several replacements."""
    entries = list(mutate.mutations())

    assert entries
    assert [] == [fault for entry in entries if (fault := entry.fault())]
