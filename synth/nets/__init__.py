"""Deep-net baselines, one a file: small modules that read a sequence of tokens and fill output slots."""
