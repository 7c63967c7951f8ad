"""The web server in front of many hosts: the shipped nginx.conf with the upstream of the docs.

What differs: plain HTTP, since the namespaces have no names for a certificate; and a client is who
X-Forwarded-For says, since all shoppers of the drill come from one host.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from testkit.nginx import AROUND_IT, NO_NGINX, SHIPPED, nginx_program
from testkit.processes import ROOT

PAGE = ROOT / "docs" / "operations" / "many-hosts.md"
UPSTREAM = re.compile(r"upstream storefront \{.*?\n\}", re.DOTALL)
DOCUMENTED = ("10.0.0.11:8000", "10.0.0.12:8000", "10.0.0.13:8000")


def front_command(folder: Path, listens: str, shops: Sequence[str]) -> list[str]:
    """Write a configuration into the folder; return the command that serves these shops with it."""
    folder.mkdir()
    (folder / "storefront.conf").write_text(_configuration(folder, listens, shops))
    user = "user root;" if folder.owner() == "root" else ""
    (folder / "nginx.conf").write_text(AROUND_IT.format(folder=folder, user=user))
    return [nginx_program() or NO_NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]


def documented_upstream(shops: Sequence[str]) -> str:
    """Return the block of the documentation, for these shops."""
    (block,) = UPSTREAM.findall(PAGE.read_text(encoding="utf-8"))
    lines = [line for line in block.splitlines() if "server " not in line]
    servers = [line for line in block.splitlines() if DOCUMENTED[0] in line]
    ours = [servers[0].replace(DOCUMENTED[0], shop) for shop in shops]
    return "\n".join([lines[0], *ours, *lines[1:]])


def _configuration(folder: Path, listens: str, shops: Sequence[str]) -> str:
    changes = {
        UPSTREAM.pattern: documented_upstream(shops).replace("\\", r"\\"),
        r"server \{\n    listen 80;.*?\n\}\n": "",
        r"\n *listen \[::\].*?;": "",
        r"listen 443 ssl http2": f"listen {listens}",
        r"\n *ssl_[^\n]*": "",
        r"\$binary_remote_addr": "$http_x_forwarded_for",
        r"X-Forwarded-For   \$remote_addr": "X-Forwarded-For $http_x_forwarded_for",
        r"proxy_connect_timeout 5s": "proxy_connect_timeout 2s",
        r"shop\.example\.com": listens.partition(":")[0],
        r"/srv/storefront": str(ROOT),
        r"/var/log/nginx": str(folder),
    }
    text = SHIPPED.read_text(encoding="utf-8")
    for pattern, value in changes.items():
        text, count = re.subn(pattern, value, text, flags=re.DOTALL)
        if not count:
            raise LookupError(f"{pattern} is not in {SHIPPED}")
    return text
