"""Reads OpenAPI documents: line numbers, JSON pointers, references, operations, and our contract.

Only this package parses YAML and resolves references.
"""
