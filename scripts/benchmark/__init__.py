"""Measures the client and its peers against the embedded server, behind scripts/bench."""
