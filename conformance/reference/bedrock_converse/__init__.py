"""A native adapter for Amazon Bedrock's Converse API on httpx, one concern a file.

request.py builds what is sent, reply.py reads what comes back, stream.py and messages.py read it as it comes,
errors.py names what went wrong, sigv4.py signs; adapter.py holds the client and the calls.
"""
