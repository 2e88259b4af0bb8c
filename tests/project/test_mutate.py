"""The entries of mutations.yaml: whether tests notice them takes minutes to try, whether they still fit does not."""

from tests.project import mutate


def test_entries_fit_the_package() -> None:
    """Each entry names a text that is there once, so that it breaks what it says."""
    entries = list(mutate.mutations())

    assert entries
    assert [] == [fault for entry in entries if (fault := entry.fault())]
