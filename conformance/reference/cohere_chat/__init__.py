"""A native adapter for Cohere's chat API, version 2, on httpx, one concern a file.

request.py builds what is sent, reply.py reads what comes back, stream.py reads it as it comes,
errors.py names what went wrong; adapter.py holds the client and the calls.
"""
