"""Attacks on what was learned, and on learning: images, sequences, examples."""
