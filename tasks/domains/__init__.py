"""One domain a file: its library, suites and tiers."""
