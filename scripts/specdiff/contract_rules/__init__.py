"""Rules about the extensions of our own contract, which scripts/specdiff/catalogue.py adds to the general rules."""
