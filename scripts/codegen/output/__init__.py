"""Compares new output with generated/, replaces generated/, and records its sources."""
