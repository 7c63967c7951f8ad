"""The JSON control API under ``/_sandbox/``.

The world is named by ``?world=`` or ``X-Sandbox-World``; without either it is ``sandbox``.
"""
