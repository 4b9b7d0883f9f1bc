"""A native adapter for the OpenAI chat API on httpx, one concern a file.

request.py builds what is sent, reply.py reads what comes back, stream.py and sse.py read it as it
comes, errors.py names what went wrong, http.py speaks HTTP; adapter.py holds the client and the calls.
"""
