"""One outside format a file; each offers `load(path, library) -> Suite`."""
