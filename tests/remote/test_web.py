"""Files of web servers: read to their end or not at all, over https, and no secret told."""

import gzip
import json

import pytest

import corpus.remote.web
from corpus.errors import RemoteError
from corpus.remote import open_object

ROWS = b"".join(b'{"text": "Minsk was calm on day %d."}\n' % n for n in range(50))
SIGNED = "X-Amz-Credential=AKIAEXAMPLE&X-Amz-Signature=5ecret"


def test_an_output_has_the_bytes_of_a_local_one(web, tmp_path, run_cli) -> None:
    web.answers["/news.jsonl.gz"] = (200, {"ETag": '"1"'}, gzip.compress(ROWS))
    local = tmp_path / "in" / "news.jsonl.gz"
    local.parent.mkdir()
    local.write_bytes(gzip.compress(ROWS))
    out = tmp_path / "out.jsonl"
    for command, name in (
        (["convert", f"{web.url}/news.jsonl.gz?{SIGNED}"], out),
        (["convert", local], tmp_path / "local.jsonl"),
    ):
        ran = run_cli([*command, "-o", name])
        assert ran.code == 0, ran.err
    assert out.read_bytes() == (tmp_path / "local.jsonl").read_bytes()
    manifest = json.loads((tmp_path / "out.jsonl.manifest.json").read_text())
    assert manifest["inputs"][0]["path"] == f"{web.url}/news.jsonl.gz"
    ran = run_cli(["convert", f"{web.url}/news.jsonl.gz?{SIGNED}", "-o", out])
    assert (ran.code, ran.out) == (0, f"{out} is up to date\n")
    assert all(path == f"/news.jsonl.gz?{SIGNED}" for path, _ in web.asked)


def test_no_secret_of_a_signed_address_is_told_or_kept(web, tmp_path, run_cli) -> None:
    web.answers["/in.jsonl"] = (200, {}, b'{"text": "Good."}\n{"text": 7}\n{"te\n')
    url = f"{web.url}/in.jsonl?{SIGNED}"
    ran = run_cli(["convert", url, "-o", tmp_path / "out.jsonl", "--json"])
    assert ran.code == 1
    web.answers["/kb.jsonl"] = (200, {}, b'{"id": "Q1", "label": "Minsk"}\n{"id": 1}\n')
    built = run_cli(["kb", "build", f"{web.url}/kb.jsonl?{SIGNED}", "-o", tmp_path / "x.kb"])
    assert built.code == 1
    told = [ran.out, ran.err, built.out, built.err]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 8
    for secret in ("5ecret", "AKIAEXAMPLE", "X-Amz"):
        assert [text for text in told if secret in text] == []
        assert [path for path in files if secret.encode() in path.read_bytes()] == []
    rejects = (tmp_path / "out.jsonl.rejects.jsonl").read_text()
    assert f'"where":"{web.url}/in.jsonl:2"' in rejects


def test_check_asks_no_web_server(web, tmp_path, run_cli) -> None:
    web.answers["/in.jsonl"] = (200, {}, ROWS)
    run_cli(["convert", f"{web.url}/in.jsonl?{SIGNED}", "-o", tmp_path / "out.jsonl"])
    web.asked.clear()
    ran = run_cli(["check", tmp_path])
    assert ran.code == 0
    assert f"its input {web.url}/in.jsonl is on a web server, and was not compared" in ran.err
    assert web.asked == []


WAY_OUT = "try again later, or fetch it first and give the file"


@pytest.mark.parametrize(
    ("answer", "code", "message"),
    [
        ((404, {}, b""), 2, "no such file on that server; check the address"),
        (
            (403, {}, b""),
            1,
            "access is denied (403); put the password into ~/.netrc; a signed address may have "
            "expired",
        ),
        ((500, {}, b""), 1, f"the server answers 500 Internal Server Error; {WAY_OUT}"),
        (
            (302, {"Location": "http://127.0.0.1/x"}, b""),
            1,
            f"leads to an address that is not https; {WAY_OUT}",
        ),
        (
            (302, {"Location": "/in.jsonl"}, b""),
            1,
            f"leads from address to address, 5 times; {WAY_OUT}",
        ),
        (
            (200, {"X-No-Length": "1"}, ROWS),
            1,
            "the server does not say how long the file is, so its end cannot be known; fetch it "
            "first and give the file",
        ),
        (
            (200, {"Content-Length": str(len(ROWS) + 10)}, ROWS),
            1,
            f"the connection broke after byte {len(ROWS)}; {WAY_OUT}",
        ),
        (
            (200, {"Transfer-Encoding": "chunked"}, b"5\r\nhello\r\n5\r\nhe"),
            1,
            f"the connection broke after byte 0; {WAY_OUT}",
        ),
    ],
)
def test_what_a_server_answers_is_told(web, tmp_path, run_cli, answer, code, message) -> None:
    web.answers["/in.jsonl"] = answer
    ran = run_cli(["convert", f"{web.url}/in.jsonl?sig=x", "-o", tmp_path / "out.jsonl"])
    assert (ran.code, ran.err) == (code, f"corpus: error: {web.url}/in.jsonl: {message}\n")
    assert not (tmp_path / "out.jsonl").exists()


def test_redirects_and_chunks_are_followed(web) -> None:
    web.answers["/a"] = (302, {"Location": "/b?sig=x"}, b"")
    web.answers["/b"] = (200, {"Transfer-Encoding": "chunked"}, b"5\r\nhello\r\n0\r\n\r\n")
    with open_object(f"{web.url}/a") as source:
        assert source.read() == b"hello"


def test_a_server_that_is_silent_is_left(web, monkeypatch) -> None:
    web.answers["/in.jsonl"] = (200, {"Content-Length": "100", "X-Wait": "1"}, b"begin")
    monkeypatch.setattr(corpus.remote.web, "_PATIENCE", (10, 0.1))
    with pytest.raises(RemoteError) as caught, open_object(f"{web.url}/in.jsonl") as source:
        source.read()
    assert str(caught.value) == f"{web.url}/in.jsonl: no answer within 0.1 s; {WAY_OUT}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "https://ann:s3cret@HOST/in.jsonl",
            "https://HOST/in.jsonl: a password stands in the address, and so in the shell's "
            "history; put it into ~/.netrc",
        ),
        (
            "https://HOST/a b.jsonl",
            "https://HOST/a: a blank stands in the address; write it as %20",
        ),
    ],
)
def test_addresses_that_are_refused(web, run_cli, url: str, message: str) -> None:
    host = web.url.removeprefix("https://")
    ran = run_cli(["convert", url.replace("HOST", host), "-o", "-"])
    assert (ran.code, ran.err) == (2, f"corpus: error: {message.replace('HOST', host)}\n")
    assert web.asked == []


def test_a_password_comes_from_netrc(web, tmp_path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    web.answers["/in.txt"] = (200, {}, b"text")
    with open_object(f"{web.url}/in.txt") as source:
        assert source.read() == b"text"
    assert web.asked[0][1].startswith("Basic ")


def test_a_certificate_that_nobody_trusts_is_told(web, monkeypatch) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(RemoteError) as caught:
        open_object(f"{web.url}/in.txt")
    assert str(caught.value) == (
        f"{web.url}/in.txt: its certificate is not trusted; of an own authority name the file of "
        "certificates in REQUESTS_CA_BUNDLE"
    )


def test_parquet_is_not_read_from_its_end(web, run_cli) -> None:
    web.answers["/in.parquet"] = (200, {}, b"PAR1 and so on")
    ran = run_cli(["convert", f"{web.url}/in.parquet", "-o", "-"])
    assert ran.code == 1
    assert "Parquet is read from its end, which cannot be had here; fetch it first" in ran.err
