"""Everything the sandbox can do wrong on purpose, by name, deterministically."""
