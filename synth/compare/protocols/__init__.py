"""Protocols, one a file: what is compared, on what, and what is expected."""
