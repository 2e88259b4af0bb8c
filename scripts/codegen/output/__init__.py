"""Compares a new generated/ with the old one, replaces the old one, and records its sources."""
