"""Compares the new generated/ with the old generated/, replaces it, and records its sources."""
