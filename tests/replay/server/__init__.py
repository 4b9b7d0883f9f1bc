"""The replay server as clients meet it: chunks, ends, faults, holds, hang-ups, concurrency, and what is left of it."""
