"""Walks two OpenAPI documents, pairs corresponding parts, and applies rules to the pairs."""
