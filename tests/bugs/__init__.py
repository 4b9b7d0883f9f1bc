"""Reported bugs of adapters, and what would catch each. `python -m tests.bugs.table` writes the page."""
