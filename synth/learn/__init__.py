"""Sleep: solved programs become definitions that people can read and searches can use."""
