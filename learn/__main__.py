"""Run the course's commands, in the environment that `make learn` makes."""

import sys

try:
    from learn.commands import main
except ModuleNotFoundError as missing:
    sys.exit(
        f"{missing.name} is not installed in this Python. Run `make learn` once, then"
        " `source .venv/bin/activate` in each terminal."
    )

if __name__ == "__main__":
    sys.exit(main())
