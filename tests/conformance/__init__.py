"""Hold any gateway against the rows of the documents: ``python -m tests.conformance --help``.

The rows are those by which the sandbox is tested (``tests/sandbox/*_rows*.py``); the open points of
the documents are the facts of ``jibit_client.conform``, which also sends every call.
"""
