"""Compares this client with other clients against a local server, behind scripts/bench."""
