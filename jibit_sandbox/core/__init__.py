"""What every part of the sandbox stands on: worlds, clock, tokens, store and request context."""
