"""docker/: parsed, linted, and its Doccano service run as it is, on SQLite; no image is built."""

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from corpus.model import Layer, Mention, make_document
from corpus.store import write_documents

DOCKER = Path(__file__).parent.parent / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))


def test_dockerfile_and_service_are_clean() -> None:
    for command in (["hadolint", DOCKER / "Dockerfile"], ["shellcheck", DOCKER / "doccano"]):
        ran = subprocess.run(command, capture_output=True, text=True)
        assert (ran.stdout, ran.returncode) == ("", 0)


def test_every_file_that_the_images_copy_is_there() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (DOCKER / "Dockerfile").read_text("utf-8"), re.M)
    names = [name for line in copied for name in line.split()]
    assert "corpus/doccano/pins/3.11.txt" in names
    assert [name for name in names if not (DOCKER.parent / name).exists()] == []


def test_compose_publishes_doccano_on_this_machine_alone_and_holds_no_secret() -> None:
    services = COMPOSE["services"]
    assert sorted(services) == ["corpus", "database", "doccano"]
    ports = [port for service in services.values() for port in service.get("ports", ())]
    assert ports == ["127.0.0.1:8000:8000"]
    text = (DOCKER / "compose.yaml").read_text("utf-8")
    secrets = set(re.findall(r"^([A-Z_]+)=", (DOCKER / "env.example").read_text("utf-8"), re.M))
    assert secrets == set(re.findall(r"\$\{([A-Z_]+)", text))
    for service in services.values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name or "SECRET" in name:
                assert value.startswith("${")


def test_compose_names_targets_volumes_and_services_that_there_are() -> None:
    targets = re.findall(r"^FROM \S+ AS (\w+)$", (DOCKER / "Dockerfile").read_text("utf-8"), re.M)
    named = {
        mount.partition(":")[0] for s in COMPOSE["services"].values() for mount in s["volumes"]
    }
    assert {name for name in named if not name.startswith((".", "/"))} == set(COMPOSE["volumes"])
    for service in COMPOSE["services"].values():
        assert service.get("build", {"target": targets[0]})["target"] in targets
        for other, wanted in service.get("depends_on", {}).items():
            healthy = "healthcheck" in COMPOSE["services"][other] or other == "doccano"
            assert wanted == {"condition": "service_healthy"} and healthy


@pytest.mark.server
@pytest.mark.long  # Doccano's migrations alone take ten seconds
def test_service_takes_a_push_and_ends_whole(
    tmp_path, run_cli, monkeypatch, doccano_environment, doccano_server, free_port
) -> None:
    environment = {
        "PATH": f"{doccano_environment}/bin:{os.environ['PATH']}",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "SECRET_KEY": "a key for this test",
        "ADMIN_PASSWORD": "a password for this test",
        "DATA": str(tmp_path / "data"),
        "BIND": "127.0.0.1",
        "PORT": str(free_port),
    }
    url = f"http://127.0.0.1:{free_port}"
    log = (tmp_path / "log").open("wb")
    with (
        log,
        subprocess.Popen(
            [DOCKER / "doccano"], env=environment, stdout=log, stderr=log, start_new_session=True
        ) as service,
    ):
        try:
            await_health(f"{url}/v1/health/", tmp_path / "log")
            monkeypatch.setenv("DOCCANO_URL", url)
            monkeypatch.setenv("DOCCANO_USERNAME", "admin")
            monkeypatch.setenv("DOCCANO_PASSWORD", environment["ADMIN_PASSWORD"])
            source = tmp_path / "silver.jsonl"
            silver = Layer(name="silver", mentions=(Mention("m", 0, 4, "ORG"),))
            write_documents([make_document("a", "OSCE met.", layers=(silver,))], source)
            pushed = run_cli(["push", source, "--project", "docker", "--json"])
            assert pushed.code == 0, pushed.err
            assert environment["ADMIN_PASSWORD"] not in (tmp_path / "log").read_text()
        finally:
            service.send_signal(signal.SIGTERM)
            service.wait(30)
    ps = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert f"127.0.0.1:{free_port}" not in ps


def await_health(url: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
