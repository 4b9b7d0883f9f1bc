"""A native adapter for OpenAI's Responses API on httpx, one concern a file.

request.py builds what is sent, reply.py reads what comes back, stream.py reads it as it comes, errors.py names what
went wrong; adapter.py holds the calls. What OpenAI's two APIs have in common (embeddings, models, the shapes of errors,
tool arguments) comes from the chat adapter.
"""
