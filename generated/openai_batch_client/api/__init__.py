# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The operations: one package per tag, one module per operation."""
