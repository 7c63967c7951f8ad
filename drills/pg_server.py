"""One PostgreSQL server that is killed, promoted, copied and rewound."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from drills import pg_programs
from drills.namespaces import Place
from testkit.processes import Process, wait_until

PATIENCE = 60.0  # seconds for a server to start, to be promoted or to follow
USER = "postgres"
SETTINGS = """
listen_addresses = '*'
unix_socket_directories = ''
max_connections = 200
wal_keep_size = '512MB'
wal_sender_timeout = '5s'
wal_receiver_timeout = '5s'
wal_retrieve_retry_interval = '500ms'
checkpoint_timeout = '15min'
lock_timeout = '60s'
tcp_keepalives_idle = '10s'
tcp_keepalives_interval = '3s'
tcp_keepalives_count = 3
tcp_user_timeout = '15s'
client_connection_check_interval = '5s'
"""  # the last five: what a host held that was cut off is free again within seconds


class Server:
    """One server: its data, its place, and the process while it runs."""

    def __init__(self, name: str, place: Place, folder: Path) -> None:
        self.name, self.place, self.data = name, place, folder / name
        self.log = folder / f"{name}.log"
        self._process: Process | None = None

    @property
    def conninfo(self) -> str:
        """How PostgreSQL's programs reach it."""
        return f"host={self.place.host} port={self.place.port} user={USER} connect_timeout=5"

    def initialise(self) -> None:
        """Make an empty database cluster."""
        how = ("--auth=trust", "--encoding=utf8", "--data-checksums", "--no-sync", "-U", USER)
        pg_programs.run("initdb", *how, "-D", str(self.data))
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        with (self.data / "pg_hba.conf").open("a") as rules:
            for database in ("all", "replication"):
                rules.write(f"host {database} all 10.213.0.0/16 trust\n")

    def start(self, other: Server) -> None:
        """Start it, and wait until it answers; as a standby it follows the other one."""
        settings = {
            "port": str(self.place.port),
            "cluster_name": self.name,
            "primary_conninfo": f"{other.conninfo} application_name={self.name}",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        program = [str(pg_programs.folder() / "postgres"), "-D", str(self.data), *words]
        command = [*self.place.within, *pg_programs.as_owner(program)]
        self._process = Process(command, {}, self.log, cwd=Path("/"))
        self._process.start()
        wait_until(self.answers, f"{self.name} answers", PATIENCE)

    def kill(self) -> None:
        """SIGKILL, it and all its processes, as a power cut ends them."""
        if self._process is not None:
            self._process.kill()
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def ask(self, query: str, *values: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Return the rows of a query; outside a transaction."""
        where = f"{self.conninfo} dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values or None)
            return cursor.fetchall() if cursor.description else []

    def answers(self) -> bool:
        """Whether it takes connections."""
        with suppress(psycopg.OperationalError):
            return bool(self.ask("SELECT 1"))
        return False

    def promote(self) -> None:
        """Let the standby become a primary: from now on it takes writes."""
        wait_until(self.answers, f"{self.name} answers", PATIENCE)
        self.ask("SELECT pg_promote(true, 60)")

    def copy(self, source: Server) -> None:
        """Become a copy of another server that runs, and follow it from the next start on."""
        shutil.rmtree(self.data, ignore_errors=True)
        how = ("--checkpoint=fast", "--wal-method=stream", "--no-sync")
        where = ("-D", str(self.data), "-d", source.conninfo)
        pg_programs.run("pg_basebackup", *how, *where, within=self.place.within)
        (self.data / "standby.signal").touch()

    def rewind(self, source: Server) -> None:
        """Take back what only this server has, and follow the other from the next start on.

        A dead primary may have written more than its standby ever got. Where ``pg_rewind`` gives
        up, the whole data is copied.
        """
        source.ask("CHECKPOINT")  # pg_rewind reads the new timeline from there
        where = ("--target-pgdata", str(self.data), "--source-server")
        to = f"{source.conninfo} dbname=postgres"
        try:
            pg_programs.run("pg_rewind", "--no-sync", *where, to, within=self.place.within)
        except subprocess.CalledProcessError:
            self.copy(source)
        (self.data / "standby.signal").touch()

    def part(self, title: str) -> psutil.Process | None:
        """Return the one of its processes that does this, such as ``walreceiver``."""
        family = psutil.Process(self._process.pid).children() if self._process else []
        return next((each for each in family if title in " ".join(each.cmdline())), None)
