"""A native adapter for Ollama's own API on httpx, one concern a file.

request.py builds what is sent, reply.py reads what comes back, stream.py reads it as it comes, errors.py
names what went wrong; adapter.py has the calls.
"""
