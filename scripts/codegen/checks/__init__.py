"""Rejects contracts that break a rule, and output that does not come from the templates."""
