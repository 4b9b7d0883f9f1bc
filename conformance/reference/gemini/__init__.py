"""A native adapter for Google's Gemini API on httpx, one concern a file.

request.py builds what is sent, reply.py reads what comes back, stream.py reads it as it comes, errors.py
names what went wrong; adapter.py holds the calls.
"""
