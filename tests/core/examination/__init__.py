"""The whole way of a case, with small adapters of every kind: verdicts, and nothing of an adapter that escapes."""
