"""Generates the client package and its documentation from the contract, behind scripts/regenerate."""
