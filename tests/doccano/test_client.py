import http.server
import re
import threading
import zipfile

import pytest

from corpus.cli.terminal import set_verbose
from corpus.doccano.client import Doccano
from corpus.doccano.settings import (
    ServerSettings,
    credentials_path,
    doccano_home,
    read_settings,
)
from corpus.errors import (
    DoccanoAuthError,
    DoccanoError,
    DoccanoProjectError,
    DoccanoTaskError,
    DoccanoUnreachableError,
    UsageError,
)

SECRET = "not-to-be-seen"


@pytest.fixture
def serve():
    """`serve(answer)` is the address of a web server that answers every request by `answer`."""
    servers = []

    def start(answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer(self)

            do_POST = do_GET  # noqa: N815 - http.server names it so

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def reply(handler, body=b"{}", status=200, cookie="csrftoken=x"):
    handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    handler.send_response(status)
    handler.send_header("Set-Cookie", cookie)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_wrong_address_says_what_to_check(free_port):
    with pytest.raises(DoccanoUnreachableError) as caught:
        Doccano(ServerSettings(f"http://127.0.0.1:{free_port}", "ann", SECRET))
    assert str(caught.value) == (
        f"http://127.0.0.1:{free_port} cannot be reached (ConnectionError); "
        "check DOCCANO_URL, and that the server runs"
    )


def test_local_doccano_that_is_stopped_is_said_with_the_way_to_start_it(free_port, tmp_path):
    url = f"http://127.0.0.1:{free_port}"
    credentials_path(doccano_home()).parent.mkdir(parents=True)
    credentials_path(doccano_home()).write_text(
        f"DOCCANO_URL={url}\nDOCCANO_USERNAME=admin\nDOCCANO_PASSWORD='{SECRET}'\n"
    )
    with pytest.raises(DoccanoUnreachableError) as caught:
        Doccano(read_settings(tmp_path))
    assert str(caught.value) == (
        f"{url} cannot be reached (ConnectionError); type `corpus doccano up`"
    )


def test_another_web_server_is_not_taken_for_doccano(serve):
    url = serve(lambda handler: reply(handler, b"<html>hello</html>", cookie="a=b"))
    with pytest.raises(DoccanoUnreachableError) as caught:
        Doccano(ServerSettings(url, "ann", SECRET))
    assert str(caught.value) == f"{url} answers, but not like Doccano; check DOCCANO_URL"


def test_no_answer_ends_by_a_time_limit(serve, monkeypatch):
    monkeypatch.setattr("corpus.doccano.wire.TIMEOUT", (0.2, 0.2))
    hold = threading.Event()
    url = serve(lambda handler: hold.wait(5))
    with pytest.raises(DoccanoUnreachableError, match="did not answer in time"):
        Doccano(ServerSettings(url, "ann", SECRET))
    hold.set()


def test_reading_is_tried_again_and_writing_is_not(serve, monkeypatch):
    monkeypatch.setattr("corpus.doccano.wire.time.sleep", lambda _: None)
    asked = []

    def answer(handler):
        asked.append((handler.command, handler.path))
        fails = handler.command == "POST" and "login" not in handler.path
        busy = asked.count(("GET", handler.path)) == 1
        reply(handler, b'{"id": 7}', 503 if fails or busy else 200)

    client = Doccano(ServerSettings(serve(answer), "ann", SECRET))
    assert client.read_project(7) == {"id": 7}
    with pytest.raises(
        DoccanoError, match=r"projects: POST answered 503: id: 7; run it again"
    ) as caught:
        client.create_project({"name": "x"})
    assert asked[1:] == [("GET", "/v1/projects/7")] * 2 + [("POST", "/v1/projects")]
    assert SECRET not in f"{caught.value}{caught.value!r}"


def test_a_cut_download_leaves_no_file(serve, tmp_path):
    def answer(handler):
        if "download" in handler.path and handler.command == "GET":
            handler.send_response(200)
            handler.send_header("Content-Length", "1000")
            handler.end_headers()
            handler.wfile.write(b"PK")
        elif "status" in handler.path:
            reply(handler, b'{"ready": true, "result": "x", "error": null}')
        else:
            reply(handler, b'{"task_id": "t"}')

    client = Doccano(ServerSettings(serve(answer), "ann", SECRET))
    with pytest.raises(DoccanoUnreachableError):
        client.export_project(1, tmp_path / "full.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_task_tells_the_worker_s_words_in_one_line(serve):
    def answer(handler):
        status = b'{"ready": true, "result": null, "error": {"text": "disk\\n  full"}}'
        reply(handler, status if "status" in handler.path else b'{"task_id": "t"}')

    client = Doccano(ServerSettings(serve(answer), "ann", SECRET))
    with pytest.raises(DoccanoTaskError) as caught:
        client.export_project(1, None)
    assert caught.value.message == ("the export of project 1 failed in Doccano's worker: disk full")


@pytest.mark.server
def test_wrong_password_names_the_person_and_not_the_password(settings):
    with pytest.raises(DoccanoAuthError) as caught:
        Doccano(ServerSettings(settings.url, settings.username, SECRET))
    assert str(caught.value) == (
        f"{settings.url}: Doccano refuses the name or the password of {settings.username!r}; "
        "check DOCCANO_USERNAME and DOCCANO_PASSWORD"
    )
    assert SECRET not in repr(caught.value.__cause__)


@pytest.mark.server
def test_a_proxy_is_not_asked_for_this_machine(settings, monkeypatch, free_port):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert Doccano(settings).username == settings.username


@pytest.mark.server
def test_a_session_that_ended_is_begun_anew(client):
    client._wire.session.cookies.clear()
    assert client.list_projects() is not None
    client._wire.session.cookies.clear()
    name = "after the session ended"
    made = client.create_project(
        {
            "name": name,
            "project_type": "SequenceLabeling",
            "description": "x",
            "resourcetype": "SequenceLabelingProject",
        }
    )
    assert [p["id"] for p in client.list_projects() if p["name"] == name] == [made["id"]]


@pytest.mark.server
def test_a_project_that_is_not_there_is_a_project_error(client):
    with pytest.raises(DoccanoProjectError, match=r"GET answered 404: No Project matches"):
        client.read_project(10**6)


@pytest.mark.server
def test_export_is_a_whole_zip(project, make_silver):
    project.push([make_silver("a", "In Kyiv", (3, 7, "GPE"))])
    archive = project.folder / "x.zip"
    project.client.export_project(project.id, archive)
    with zipfile.ZipFile(archive) as zipped:
        assert zipped.namelist() == ["all.jsonl"]
        assert zipped.testzip() is None


@pytest.mark.server
def test_import_needs_rows(client):
    with pytest.raises(UsageError, match=r"^an import is of 1 to 1000 rows, not of 0$"):
        client.import_rows(1, [], "none.jsonl")


def test_each_call_is_told_with_its_duration_and_without_what_it_sends(serve, capsys):
    url = serve(lambda handler: reply(handler, b'{"results": [], "next": null}'))
    set_verbose(True)
    try:
        Doccano(ServerSettings(url, "ann", SECRET)).list_projects()
        told = capsys.readouterr().err
    finally:
        set_verbose(False)
    login, projects = told.splitlines()
    assert re.fullmatch(r"corpus: POST auth/login/: 200 in \d+ ms", login)
    assert re.fullmatch(r"corpus: GET projects\?limit=1000&offset=0: 200 in \d+ ms", projects)
