"""The examples as real processes, against the sandbox."""
