"""Run the sandbox: ``python -m jibit_sandbox``."""

from jibit_sandbox.cli import main

if __name__ == "__main__":
    main()
