"""Guides: from a spec to guidance for the search. What a perfect one would save is in `oracle`."""
