"""Classifies the changes between two OpenAPI documents by their effect on callers, behind scripts/diff."""
