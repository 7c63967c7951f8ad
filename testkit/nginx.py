"""A real nginx with the configuration that is shipped, its ports, names and files changed."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testkit.processes import ROOT, Process, free_port, listening, wait_until

NO_NGINX = "no nginx on this machine: apt-get install nginx"
SHIPPED = ROOT / "deploy" / "nginx.conf"
AROUND_IT = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx-errors.log;
{user}
events {{ worker_connections 4096; }}
worker_rlimit_nofile 8192;
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/storefront.conf;
}}
"""


def nginx_program() -> str | None:
    """Where nginx is; None if this machine has none."""
    return shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


class Nginx:
    """One nginx on a port of its own, in front of a shop.

    ``certificate`` is the file of one that it made for 127.0.0.1; ``log`` is what it writes down.
    ``body_seconds`` is its deadline for bodies, where that is not to be the shipped one.
    """

    def __init__(self, folder: Path, shop_port: int, body_seconds: int = 10) -> None:
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificate = folder / "fullchain.pem"
        self.log = folder / "storefront.log"
        self._folder, self._body_seconds = folder, body_seconds
        _make_certificate(self.certificate, folder / "privkey.pem")
        (folder / "storefront.conf").write_text(self._substituted(shop_port))
        user = "user root;" if folder.owner() == "root" else ""
        (folder / "nginx.conf").write_text(AROUND_IT.format(folder=folder, user=user))

    def _substituted(self, shop_port: int) -> str:
        changes = {
            r"\n *listen \[::\].*": "",
            r"listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            r"listen 443": f"listen 127.0.0.1:{self.port}",
            r"127\.0\.0\.1:8000": f"127.0.0.1:{shop_port}",
            r"\n *server 127\.0\.0\.1:8002.*": "",
            r"/etc/letsencrypt/live/shop\.example\.com": str(self._folder),
            r"shop\.example\.com": "127.0.0.1",
            r"/srv/storefront": str(ROOT),
            r"client_body_timeout   10s": f"client_body_timeout {self._body_seconds}s",
            r"/var/log/nginx": str(self._folder),
        }
        text = SHIPPED.read_text()
        for pattern, value in changes.items():
            text, count = re.subn(pattern, value, text)
            assert count, f"{pattern} is not in {SHIPPED}"
        return text

    def trusting(self) -> ssl.SSLContext:
        """Return what a client needs to believe that it is this one."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def process(self) -> Process:
        """Return what runs it; it is not started yet."""
        program = nginx_program()
        assert program, NO_NGINX
        command = [program, "-p", str(self._folder), "-c", str(self._folder / "nginx.conf")]
        return Process(command, {}, self._folder / "nginx.log")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it until the end of the block."""
        process = self.process()
        process.start()
        try:
            wait_until(lambda: process.ended() or listening(self.port), "nginx listens")
            assert not process.ended(), process.output
            yield
        finally:
            process.kill()


def _make_certificate(certificate: Path, key: Path) -> None:
    command = (
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
        *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
    )
    subprocess.run(command, check=True, capture_output=True)
