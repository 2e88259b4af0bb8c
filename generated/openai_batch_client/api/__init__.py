# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The operations, one package a tag, one module an operation."""
