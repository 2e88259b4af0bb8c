"""What scripts/regenerate refuses: contracts that break a rule, and output that the templates do not print."""
