"""The compose installation and the scripts: what can be checked without starting a container."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest
import yaml
from django.conf import settings

from lms import env as environment

ROOT = settings.BASE_DIR
COMPOSE = ROOT / "docker-compose.yml"
SHELL_SCRIPTS = ["script/bootstrap", "script/server", "script/test", "script/lock", "deploy/entrypoint", ".ci/run"]
WITHOUT_HEALTH_CHECK = {"setup"}  # runs once and ends


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def processes(compose):
    return compose["services"]


def test_every_process_of_the_design_is_there(processes):
    assert set(processes) == {"setup", "web", "worker", "beat", "database", "queue", "front"}


def test_every_process_is_checked(processes):
    for name, process in processes.items():
        if name not in WITHOUT_HEALTH_CHECK:
            assert process["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name


def test_nobody_runs_as_root(processes):
    for name, process in processes.items():
        assert str(process["user"]).split(":")[0] not in {"", "0", "root"}, name
        assert process["cap_drop"] == ["ALL"], name
        assert not process.get("privileged"), name
    assert re.search(r"^USER 10001:10001$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_secrets_come_from_files_only(compose, processes):
    assert compose["secrets"] == {
        "secret_key": {"file": "./deploy/secrets/secret_key"},
        "database_password": {"file": "./deploy/secrets/database_password"},
    }
    for name, process in processes.items():
        for variable, value in (process.get("environment") or {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|KEY", variable):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert value.startswith("/run/secrets/"), f"{name}: {variable}"
            assert not re.search(r"://[^/@\s]*:[^/@\s]+@", str(value)), f"{name}: a password inside {variable}"
    ignored = (ROOT / "deploy" / "secrets" / ".gitignore").read_text().splitlines()
    assert ignored[0] == "*"


def test_what_must_last_is_in_named_volumes(compose, processes):
    for name, process in processes.items():
        for volume in process.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or source.startswith("./deploy/"), f"{name}: {volume}"
    kept = {volume.split(":")[0] for process in processes.values() for volume in process.get("volumes", [])}
    assert {"database", "queue", "static", "media", "private", "beat"} <= kept
    # Certificates are personal: the process that strangers reach first cannot read them.
    assert not any("private" in volume for volume in processes["front"]["volumes"])


def test_order_of_start(processes):
    for name in ("web", "worker", "beat"):
        assert processes[name]["depends_on"]["setup"]["condition"] == "service_completed_successfully", name
        assert processes[name]["depends_on"]["database"]["condition"] == "service_healthy", name
    assert processes["front"]["depends_on"]["web"]["condition"] == "service_healthy"


def test_only_the_front_door_is_open(processes):
    assert [name for name, process in processes.items() if process.get("ports")] == ["front"]
    (port,) = processes["front"]["ports"]
    assert port.startswith("${SITE_BIND:-127.0.0.1}:"), "nginx believes forwarded addresses: not open to everybody"


def test_variables_given_to_the_platform_exist(processes):
    """A misspelt variable would be ignored in silence."""
    known = set(re.findall(r"\"([A-Z][A-Z_]+)\"", (ROOT / "lms" / "env.py").read_text(encoding="utf-8")))
    assert environment.read_environment
    assert set(processes["web"]["environment"]) - known == {"DJANGO_SETTINGS_MODULE"}


def test_compose_client_accepts_the_file():
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("no docker client with compose on this machine")
    command = [docker, "compose", "-f", str(COMPOSE), "config", "--quiet"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", SHELL_SCRIPTS)
def test_scripts_are_runnable_and_parse(script):
    file = ROOT / script
    assert os.access(file, os.X_OK), f"{script} is not executable"
    shell = "bash" if "bash" in file.read_text().splitlines()[0] else "sh"
    assert subprocess.run([shell, "-n", str(file)], check=False).returncode == 0


@pytest.mark.parametrize("script", [*SHELL_SCRIPTS, "script/prepare.py", "Dockerfile", "docker-compose.yml"])
def test_scripts_name_no_registry(script):
    text = (ROOT / script).read_text(encoding="utf-8")
    named = {host for host in re.findall(r"https?://([\w.-]+)", text) if host not in {"localhost", "127.0.0.1"}}
    assert named == set(), "an address of somebody else's"
    assert re.findall(r"(?<=\s)--(?!no-)\S*(?:url|host)\b", text) == [], "an option that says where packages come from"


def test_front_server_configuration_is_valid(tmp_path):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not os.access(nginx, os.X_OK):
        pytest.skip("nginx is not installed on this machine")
    text = (ROOT / "deploy" / "nginx" / "nginx.conf").read_text(encoding="utf-8")
    # The name of the web container means something inside the compose network only.
    (tmp_path / "nginx.conf").write_text(text.replace("server web:8000;", "server 127.0.0.1:8000;"), encoding="utf-8")
    command = [nginx, "-t", "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
