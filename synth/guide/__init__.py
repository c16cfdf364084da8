"""Guides: what proposes, from a task's examples, where its solution is likely to be found."""
