"""Benchmarks of the search engine: speeds, sizes and solved tasks, beside a naive and a hand-written contestant."""
