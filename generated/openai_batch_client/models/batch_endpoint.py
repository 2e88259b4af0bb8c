# Written by scripts/regenerate from openapi.yaml. Do not edit.
"""The schema BatchEndpoint of the contract."""

from typing import Literal, TypeAlias

BatchEndpoint: TypeAlias = Literal[
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
]
"""An endpoint that supports batches. A batch for embeddings may contain at most 50,000 inputs in
total.
"""
