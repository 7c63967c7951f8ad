"""What `deploy/` installs fits together: units, settings, images, the program and the pages."""

from __future__ import annotations

import gzip
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import brotli
import pytest
import yaml

from scripts.precompress import precompress
from storefront.core.settings import SETTINGS
from testkit.cases import naming
from testkit.documented import documented_command
from testkit.processes import ROOT

DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"
STEPS = sorted(DEPLOY.glob("steps/*.sh"))
EXAMPLE = (DEPLOY / "storefront.env.example").read_text(encoding="utf-8")
GIVEN = dict(re.findall(r"^STOREFRONT_(\w+)='(.*)'$", EXAMPLE, re.MULTILINE))
NO_SYSTEMD = "no systemd-analyze on this machine: apt-get install systemd"
# Whoever runs the shop with real money has to decide about these.
NEEDED = {"SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "TRUSTED_PROXIES", "METRICS_TOKEN"}
NEEDED |= {"SMTP_URL", "MAIL_FROM", "ALARM_EMAILS", "SMS_URL", "WEBHOOK_URL", "PSP_HOSTS"}
EXPOSED_AT_MOST = 15  # tenths: systemd calls 2 of 10 and less OK


def command(unit: str, port: int = 8000) -> list[str]:
    text = (UNITS / unit).read_text(encoding="utf-8").replace("%i", str(port))
    (found,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    return shlex.split(found)


def environment(unit: str) -> dict[str, str]:
    text = (UNITS / unit).read_text(encoding="utf-8")
    return dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))


def test_the_unit_of_the_shop_runs_the_documented_command() -> None:
    assert command("storefront@.service")[1:] == documented_command(8000)[1:]


def test_the_images_run_the_commands_of_the_units() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name, unit, port in (
        ("shop-8000", "storefront@.service", 8000),
        ("shop-8002", "storefront@.service", 8002),
        ("worker", "storefront-worker.service", 0),
        ("backup", "storefront-backup.service", 0),
        ("sandbox", "storefront-sandbox.service", 0),
    ):
        with naming(name):
            assert services[name]["command"] == command(unit, port)
            assert services[name]["read_only"]
            assert environment(unit).items() <= services[name]["environment"].items()
    file = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f"CMD {_as_json(command('storefront@.service'))}" in file


def _as_json(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def test_nginx_asks_the_instances_that_are_installed() -> None:
    ports = re.findall(r"^PORTS=\"(.*)\"", (DEPLOY / "install.sh").read_text("utf-8"), re.MULTILINE)
    site = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert re.findall(r"server 127\.0\.0\.1:(\d+) ", site) == ports[0].split()


def test_the_example_of_the_settings_has_real_ones_and_those_that_are_needed() -> None:
    real = {each.name: each for each in SETTINGS}
    assert set(GIVEN) <= set(real)
    assert set(GIVEN) >= NEEDED | {name for name in real if name.endswith(("_BASE_URL", "_KEY"))}
    for name, value in GIVEN.items():
        with naming(name):
            assert not value or real[name].parse(value)
    assert len(re.findall(r"^STOREFRONT_", EXAMPLE, re.MULTILINE)) == len(GIVEN)


def test_the_program_speaks_sh_and_explains_itself() -> None:
    program = DEPLOY / "install.sh"
    for path in (program, DEPLOY / "storefront-command", *STEPS):
        with naming(path.name):
            assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
    told = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    options = ("--name", "--own-ca", "--certificate", "--key", "--source", "--stopped")
    for word in (*options, "upgrade", "back"):
        assert word in told
    refused = subprocess.run([program, "--nmae", "x"], capture_output=True, check=False)
    assert refused.returncode == 2


def test_the_programs_of_a_moved_environment_name_the_folder_in_which_they_stand(
    tmp_path: Path,
) -> None:
    venv = tmp_path / "venv-1"
    program = venv / "bin" / "flask"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{venv}.making/bin/python\n")
    program.chmod(0o755)
    steps = DEPLOY / "steps" / "release.sh"
    script = '. "$1"; venv=$2; name_scripts_by_their_place; name_scripts_by_their_place'
    subprocess.run(["sh", "-euc", script, "sh", steps, venv], check=True)
    assert program.read_text() == f"#!{venv}/bin/python\n"
    assert program.stat().st_mode & 0o111


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="no shellcheck: apt-get install it")
def test_the_program_has_no_slip_that_shellcheck_knows() -> None:
    # Its parts share variables, and the files that it reads are on the machine alone.
    shared = "SC1090,SC1091,SC2031,SC2034,SC2153,SC2154"
    files = [DEPLOY / "install.sh", DEPLOY / "storefront-command", *STEPS]
    found = subprocess.run(["shellcheck", "-s", "sh", "-e", shared, *files], check=False)
    assert found.returncode == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason=NO_SYSTEMD)
def test_systemd_understands_the_units_and_calls_them_safe(tmp_path: Path) -> None:
    for unit in UNITS.iterdir():  # the shop is not installed here
        text = unit.read_text(encoding="utf-8")
        (tmp_path / unit.name).write_text(
            text.replace("/srv/storefront/.venv/bin/python", "/bin/true")
        )
    units = sorted(tmp_path.iterdir())
    services = [unit for unit in units if unit.suffix == ".service"]
    verified = _analyze("verify", *units)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = _analyze("security", "--offline=yes", f"--threshold={EXPOSED_AT_MOST}", *services)
    assert rated.returncode == 0, rated.stdout


def _analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_static_files_are_compressed_anew_when_they_change(tmp_path: Path) -> None:
    style, small = tmp_path / "css" / "house.css", tmp_path / "tiny.txt"
    style.parent.mkdir()
    style.write_text("a { color: red }\n" * 100)
    small.write_text("x")
    assert (precompress(tmp_path), precompress(tmp_path)) == (2, 0)
    style.write_text("b { color: blue }\n" * 100)
    assert precompress(tmp_path) == 2
    text = style.read_bytes()
    assert gzip.decompress(Path(f"{style}.gz").read_bytes()) == text
    assert brotli.decompress(Path(f"{style}.br").read_bytes()) == text
    style.unlink()
    assert precompress(tmp_path) == 2
    assert sorted(tmp_path.rglob("*")) == [style.parent, small]
