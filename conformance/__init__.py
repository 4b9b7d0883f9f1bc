"""Tells whether an LLM provider adapter is right: `pytest --provider=mypkg:MyProvider`."""

__version__ = "0.1.0"
