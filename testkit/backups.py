"""An operator who types `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from storefront.core.database import db
from testkit.databases import postgres_programs


class Operator:
    """Who types the two commands; the backups are in a folder."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app, self.folder = app, folder

    def says(self, *words: object) -> tuple[int, str]:
        """Run a command; gives its exit code and what it prints."""
        with self.app.app_context():
            on_postgresql = db.engine.dialect.name == "postgresql"
        more = ["--programs", postgres_programs()] if on_postgresql else []
        result = self.app.test_cli_runner().invoke(args=[str(word) for word in (*words, *more)])
        return result.exit_code, result.output

    def backs_up(self, *options: object) -> Path:
        """Take a backup and return its file."""
        code, said = self.says("backup", "--to", self.folder, *options)
        assert code == 0, said
        return max(self.folder.iterdir())

    def restores(self, backup: Path) -> str:
        """Bring it back in place of what is there; gives what is said."""
        code, said = self.says("restore", backup, "--yes")
        assert code == 0, said
        return said

    def is_refused(self, *words: object) -> str:
        """Run a command that must not do it; gives its last line."""
        code, said = self.says(*words)
        assert code == 1, said
        return said.strip().splitlines()[-1]
