"""The commands that talk to a running sandbox: wait, export, import, tail, replay, har."""
