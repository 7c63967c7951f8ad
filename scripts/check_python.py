"""Say in one sentence what is wrong with this Python, in words that any Python can read."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "storefront needs Python 3.11 or newer, and {} is {}.{}. Install a newer one,"
        " or name it: make run PYTHON=/path/to/python3.11".format(
            sys.executable, *sys.version_info[:2]
        )
    )
try:
    import ensurepip  # noqa: F401  Debian ships it apart, and without it venv fails halfway
    import venv  # noqa: F401
except ImportError:
    sys.exit(
        "{} cannot make a virtual environment. On Debian and Ubuntu:"
        " apt install python3-venv".format(sys.executable)
    )
