"""A time server over HTTP: its stamp is in the signature, and its failures are told as what they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from asn1crypto import tsp

from certificates.signing.local import LocalSigner
from certificates.signing.trust import TrustStore
from certificates.signing.verifying import signature_check
from common.errors import Refusal
from tests.certificates.signing.test_verifying import time_server  # noqa: F401  (a fixture)
from tests.factories.certificates import AT


@contextmanager
def served(answer) -> Iterator[str]:
    """A server at an address of its own that answers each POST with (status, content type, bytes)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, body = answer(asked)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_the_stamp_of_a_server_is_in_the_signature(world, time_server):  # noqa: F811
    sworn = time_server(AT)

    def answer(asked):
        return 200, "application/timestamp-reply", sworn.request_tsa_response(tsp.TimeStampReq.load(asked)).dump()

    with served(answer) as url:
        signer = LocalSigner(world.person, tsa_url=url)
        signed = [signer.sign(world.pdf, at=AT) for _ in range(2)]
    trust = TrustStore((*world.trust.certificates, sworn.root.certificate))
    for one in signed:
        report = signature_check(one, trust=trust, original=world.pdf, at=AT)
        assert report.ok
        assert report.timestamp_time == AT


ANSWERS = {
    "an error page": (500, "text/html", b"<h1>Loi</h1>"),
    "a page": (200, "text/html", b"<h1>Xin chao</h1>"),
    "nothing": (200, "application/timestamp-reply", b""),
    "garbage": (200, "application/timestamp-reply", b"\x30\x03abc"),
    # PKIStatusInfo "rejection" and no stamp
    "a refusal": (200, "application/timestamp-reply", bytes.fromhex("30053003020102")),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_server_that_answers_wrongly_signs_nothing(world, what):
    with served(lambda asked: ANSWERS[what]) as url, pytest.raises(Refusal) as told:
        LocalSigner(world.person, tsa_url=url).sign(world.pdf, at=AT)
    assert told.value.code == "tsa_failed"
    assert url in told.value.text


def test_a_server_that_is_not_there_signs_nothing(world):
    with pytest.raises(Refusal) as told:
        LocalSigner(world.person, tsa_url="http://127.0.0.1:9/").sign(world.pdf, at=AT)
    assert told.value.code == "tsa_failed"
    assert "SIGNING_TSA_URL" in told.value.fix


def test_a_stamp_for_something_else_signs_nothing(world, time_server):  # noqa: F811
    sworn = time_server(AT)

    def answer(asked):
        request = tsp.TimeStampReq.load(asked)
        request["message_imprint"]["hashed_message"] = bytes(32)
        return 200, "application/timestamp-reply", sworn.request_tsa_response(request).dump()

    with served(answer) as url, pytest.raises(Refusal) as told:
        LocalSigner(world.person, tsa_url=url).sign(world.pdf, at=AT)
    assert told.value.code == "tsa_failed"
    assert "something else" in told.value.detail["cause"]
