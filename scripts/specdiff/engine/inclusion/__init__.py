"""Proofs that one schema accepts all values that another schema accepts."""
