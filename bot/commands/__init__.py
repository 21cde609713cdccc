"""Commands of `python -m bot` and `ingest.py`, a module each."""
