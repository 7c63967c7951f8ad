"""HTTP: the server, and what every gateway call passes through: log, redaction, replay.

Not named ``http``: this folder is the package's root, and a folder of that name would hide the
standard library's module from any Python that is started in it (``python -m build``).
"""
