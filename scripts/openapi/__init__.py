"""Reads OpenAPI documents: files with line numbers, pointers, references, operations, and our contract.

No other room of the project parses YAML or follows a reference.
"""
