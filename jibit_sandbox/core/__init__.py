"""The base of the sandbox: worlds, clock, tokens, store, models and request context."""
