"""The download of Omniglot, against a server on this machine that can be told to misbehave."""

import hashlib
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from boundcheck.errors import BoundcheckError, DataError, InvalidTypeError, InvalidValueError
from boundcheck.omniglot import download as module
from boundcheck.omniglot.data import ALPHABETS, PARTS, load
from boundcheck.omniglot.download import MD5, OFFICIAL, download

ARCHIVES = {"background": "images_background.zip", "evaluation": "images_evaluation.zip"}


def archive(part: str, compression: int = zipfile.ZIP_STORED) -> bytes:
    """Return a zip with the 20 drawings of one character."""
    buffer = io.BytesIO()
    generator = np.random.default_rng(len(part))
    with zipfile.ZipFile(buffer, "w", compression) as opened:
        for drawer in range(1, 21):
            picture = io.BytesIO()
            Image.fromarray(generator.random((105, 105)) < 0.9).save(picture, "PNG")
            opened.writestr(f"images_{part}/Letters/character01/0001_{drawer:02d}.png", picture.getvalue())
    return buffer.getvalue()


@dataclass
class Server:
    """What the server holds and how it behaves; `requests` records the path and Range of each request."""

    files: dict[str, bytes]
    ranges: bool = True
    wrong_range: bool = False
    cut: int | None = None
    stall: bool = False
    length: bool = True
    status: int | None = None
    requests: list[tuple[str, str | None]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""


def handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            name, asked = self.path.removeprefix("/python/"), self.headers["Range"]
            server.requests.append((name, asked))
            if server.status is not None or name not in server.files:
                self.send_error(server.status or 404)
                return
            content, start = server.files[name], 0
            if asked and server.ranges:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    self.send_error(416)
                    return
            self.answer(content, start, partial=bool(asked) and server.ranges)

        def answer(self, content: bytes, start: int, partial: bool) -> None:
            self.send_response(206 if partial else 200)
            if partial:
                shown = start + 1 if server.wrong_range else start
                self.send_header("Content-Range", f"bytes {shown}-{len(content) - 1}/{len(content)}")
            if server.length:
                self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            self.wfile.write(content[start : None if server.cut is None else start + server.cut])
            self.wfile.flush()
            if server.stall:
                server.released.wait(10)

    return Handler


@pytest.fixture(scope="module")
def archives() -> dict[str, bytes]:
    return {part: archive(part) for part in PARTS}


@pytest.fixture
def server(archives: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of both archives, whose checksums and contents count as the official ones for this test."""
    state = Server({ARCHIVES[part]: archives[part] for part in PARTS})
    for part in PARTS:
        monkeypatch.setitem(MD5, part, hashlib.md5(archives[part]).hexdigest())
        monkeypatch.setitem(ALPHABETS, part, {"Letters": 1})
    monkeypatch.setenv("no_proxy", "*")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(state)) as http_server:
        thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        state.url = f"http://127.0.0.1:{http_server.server_port}/python/"
        yield state
        state.released.set()
        http_server.shutdown()
        thread.join()


def fetch(server: Server, directory: Path) -> None:
    download(directory, parts=("background",), base_url=server.url)


def refused(server: Server, directory: Path) -> str:
    """Return the message of a download that fails, having checked that nothing got the final name."""
    with pytest.raises(DataError) as caught:
        fetch(server, directory)
    assert not (directory / ARCHIVES["background"]).exists()
    return str(caught.value)


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_official_source() -> None:
    assert OFFICIAL == "https://github.com/brendenlake/omniglot/raw/master/python/"
    assert set(MD5) == set(PARTS)


def test_both_archives(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    directory = tmp_path / "new" / "folder"
    assert download(directory, base_url=server.url) == directory
    assert names(directory) == sorted(ARCHIVES.values())
    for part in PARTS:
        assert (directory / ARCHIVES[part]).read_bytes() == archives[part]
    assert len(load(directory, size=8)) == 40


def test_one_part_from_a_url_without_slash(server: Server, tmp_path: Path) -> None:
    download(str(tmp_path), parts=("evaluation",), base_url=server.url.rstrip("/"))
    assert names(tmp_path) == [ARCHIVES["evaluation"]]
    assert server.requests == [(ARCHIVES["evaluation"], None)]


def test_cache_directory_is_the_default(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("BOUNDCHECK_DATA", raising=False)
    assert download(base_url=server.url) == tmp_path / "boundcheck" / "omniglot"
    assert len(load(size=8)) == 40


def test_file_url(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    source, directory = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / ARCHIVES["background"]).write_bytes(archives["background"])
    directory.mkdir()
    # A file URL cannot resume: what is there is written anew.
    (directory / f"{ARCHIVES['background']}.part").write_bytes(archives["background"][:100])
    download(directory, parts=("background",), base_url=source.as_uri())
    assert (directory / ARCHIVES["background"]).read_bytes() == archives["background"]


# What is already there


def test_present_archive_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    fetch(server, tmp_path)
    assert len(server.requests) == 1


def test_repacked_archive_is_kept(server: Server, tmp_path: Path) -> None:
    repacked = archive("background", zipfile.ZIP_DEFLATED)
    (tmp_path / ARCHIVES["background"]).write_bytes(repacked)
    fetch(server, tmp_path)
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == repacked
    assert server.requests == []


def test_damaged_archive_is_replaced(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    (tmp_path / ARCHIVES["background"]).write_bytes(archives["background"][:-1])
    fetch(server, tmp_path)
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == archives["background"]
    assert names(tmp_path) == [ARCHIVES["background"]]


def test_damaged_archive_stays_when_the_transfer_fails(server: Server, tmp_path: Path) -> None:
    (tmp_path / ARCHIVES["background"]).write_bytes(b"damaged")
    server.status = 500
    with pytest.raises(DataError):
        fetch(server, tmp_path)
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == b"damaged"


# Resuming


@pytest.mark.parametrize("cut", [1, 1000, 2500])
def test_interrupted_transfer_resumes(server: Server, tmp_path: Path, archives: dict[str, bytes], cut: int) -> None:
    server.cut = cut
    message = refused(server, tmp_path)
    size = len(archives["background"])
    assert f"{server.url}images_background.zip" in message
    assert f"closed after {cut} of {size} bytes" in message
    assert "call again to resume" in message
    assert "pass data=DIR or set BOUNDCHECK_DATA" in message
    partial = tmp_path / "images_background.zip.part"
    assert partial.read_bytes() == archives["background"][:cut]

    assert f"closed after {2 * cut} of {size} bytes" in refused(server, tmp_path)
    assert partial.read_bytes() == archives["background"][: 2 * cut]

    server.cut = None
    fetch(server, tmp_path)
    assert [asked for _, asked in server.requests] == [None, f"bytes={cut}-", f"bytes={2 * cut}-"]
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == archives["background"]
    assert names(tmp_path) == [ARCHIVES["background"]]


def test_stalled_transfer_resumes(
    server: Server, tmp_path: Path, archives: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.2)
    monkeypatch.setattr(module, "_CHUNK", 100)
    server.cut, server.stall = 1000, True
    assert "TimeoutError" in refused(server, tmp_path)
    server.cut, server.stall = None, False
    fetch(server, tmp_path)
    assert server.requests[-1][1] == "bytes=1000-"
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == archives["background"]


def test_server_without_ranges_restarts(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    (tmp_path / "images_background.zip.part").write_bytes(archives["background"][:1000])
    server.ranges = False
    fetch(server, tmp_path)
    assert [asked for _, asked in server.requests] == ["bytes=1000-"]
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == archives["background"]


def test_server_with_wrong_ranges_restarts(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    (tmp_path / "images_background.zip.part").write_bytes(archives["background"][:1000])
    server.wrong_range = True
    fetch(server, tmp_path)
    assert [asked for _, asked in server.requests] == ["bytes=1000-", None]
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == archives["background"]


def test_partial_file_longer_than_the_archive_restarts(
    server: Server, tmp_path: Path, archives: dict[str, bytes]
) -> None:
    size = len(archives["background"])
    (tmp_path / "images_background.zip.part").write_bytes(bytes(size + 1))
    fetch(server, tmp_path)
    assert [asked for _, asked in server.requests] == [f"bytes={size + 1}-", None]
    assert (tmp_path / ARCHIVES["background"]).read_bytes() == archives["background"]


def test_whole_partial_file_needs_no_server(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    (tmp_path / "images_background.zip.part").write_bytes(archives["background"])
    fetch(server, tmp_path)
    assert server.requests == []
    assert names(tmp_path) == [ARCHIVES["background"]]


def test_empty_partial_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "images_background.zip.part").touch()
    fetch(server, tmp_path)
    assert [asked for _, asked in server.requests] == [None]


def test_server_that_names_no_length(server: Server, tmp_path: Path) -> None:
    server.length = False
    fetch(server, tmp_path)
    assert names(tmp_path) == [ARCHIVES["background"]]


# Failures


def test_wrong_checksum_removes_the_file(server: Server, tmp_path: Path, archives: dict[str, bytes]) -> None:
    other = archives["background"] + b"more"
    server.files[ARCHIVES["background"]] = other
    message = refused(server, tmp_path)
    assert MD5["background"] in message
    assert hashlib.md5(other).hexdigest() in message
    assert "call again for a fresh transfer, or give a local copy" in message
    assert names(tmp_path) == []


def test_stale_partial_file_is_removed_and_the_next_call_succeeds(server: Server, tmp_path: Path) -> None:
    (tmp_path / "images_background.zip.part").write_bytes(b"of another file")
    assert "MD5" in refused(server, tmp_path)
    fetch(server, tmp_path)
    assert names(tmp_path) == [ARCHIVES["background"]]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_http_error(server: Server, tmp_path: Path, archives: dict[str, bytes], status: int) -> None:
    partial = tmp_path / "images_background.zip.part"
    partial.write_bytes(archives["background"][:1000])
    server.status = status
    message = refused(server, tmp_path)
    assert f"HTTP Error {status}" in message
    assert f"{server.url}images_background.zip" in message
    assert partial.stat().st_size == 1000


def test_unasked_416(server: Server, tmp_path: Path) -> None:
    server.status = 416
    assert "HTTP Error 416" in refused(server, tmp_path)
    assert len(server.requests) == 1


def test_no_server(server: Server, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server.url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        message = refused(server, tmp_path)
    assert f"{server.url}/images_background.zip" in message
    assert "resume" in message
    assert "local copy" in message


def test_missing_file_url(server: Server, tmp_path: Path) -> None:
    server.url = (tmp_path / "nowhere").as_uri()
    assert server.url in refused(server, tmp_path)


def test_directory_that_cannot_be_made(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="directory: expected a directory that can be made"):
        fetch(server, tmp_path / "file")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"base_url": "ftp://host/"}, InvalidValueError, "base_url: expected an http, https or file URL"),
        ({"base_url": ""}, InvalidValueError, "got ''"),
        ({"base_url": 3}, InvalidTypeError, "base_url: expected a URL as str, got int"),
        ({"directory": 3}, InvalidTypeError, "directory: expected a path, got int"),
        ({"parts": "background"}, InvalidTypeError, "parts"),
        ({"parts": ("train",)}, InvalidValueError, "parts"),
    ],
)
def test_invalid_arguments_reach_no_server(
    server: Server, tmp_path: Path, arguments: dict[str, object], error: type[BoundcheckError], message: str
) -> None:
    with pytest.raises(error, match=message):
        download(**{"directory": tmp_path, "base_url": server.url, **arguments})
    assert server.requests == []


@pytest.mark.parametrize("length", [True, False])
def test_progress_bar_on_request_only(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], length: bool
) -> None:
    server.length = length
    download(tmp_path, parts=("background",), base_url=server.url, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Fetching images_background.zip" in shown.err
    download(tmp_path, base_url=server.url)
    assert capsys.readouterr() == ("", "")
