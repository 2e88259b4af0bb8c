# Copied by scripts/regenerate from scripts/runtime. Do not edit.
"""The hand-written part of the client: what does not depend on the contract.

In the package it is a copy, made by scripts/regenerate from scripts/runtime; edit it there.
"""
