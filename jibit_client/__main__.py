"""Run the command: ``python -m jibit_client``."""

from jibit_client.cli import main

if __name__ == "__main__":
    main()
