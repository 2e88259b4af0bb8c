"""Compares the Python packages that are generated from the old and the new contract."""
