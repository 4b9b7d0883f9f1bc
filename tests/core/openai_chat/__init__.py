"""The judge of requests: what the real API rejects it names, and what the real API takes it never accuses."""
