"""A small OpenID Connect provider for tests: a process of its own, real HTTP, real signatures, PKCE checked.

    python -m tests.oidc_provider PORT

``POST /control`` says who sits there and what goes wrong: ``{"person": {"sub": "…", …}, "fault": "aud"}``. Faults:
denied, error, state, aud, iss, nonce, expired, signature, alg_none, hs256, no_id_token, no_sub, other_person, not_json,
token_500, key_unknown.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.services import LOOPBACK, ROOT, free_port

CLIENT_ID, CLIENT_SECRET = "hoc-so", "bi-mat-giua-hai-may"


class Provider:
    """What the process knows."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://{LOOPBACK}:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.stranger_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {"sub": "nguoi-1", "name": "Nguyễn Thị Hoà"}
        self.fault = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    def jwks(self) -> dict[str, Any]:
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**key, "kid": "k1", "alg": "RS256", "use": "sig"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        self.asked.append(asked)
        state = "somebody-elses" if self.fault == "state" else asked["state"]
        if self.fault in ("denied", "error"):
            error = "access_denied" if self.fault == "denied" else "server_error"
            return f"{asked['redirect_uri']}?{urlencode({'error': error, 'state': state})}"
        code = secrets.token_urlsafe(12)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': state})}"

    def token(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(sent.get("code", ""), None)
        if asked is None or self.fault == "token_500":
            return (500 if asked else 400), {"error": "invalid_grant"}
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked.get("code_challenge_method") != "S256" or challenge != asked.get("code_challenge"):
            return 400, {"error": "invalid_grant", "error_description": "PKCE"}
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        access = secrets.token_urlsafe(12)
        self.tokens[access] = self.person
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        if self.fault != "no_id_token":
            answer["id_token"] = self.id_token(asked)
        return 200, answer

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked.get("nonce", ""),
            "sub": self.person["sub"],
        }  # fmt: skip
        wrong: dict[str, dict[str, Any]] = {
            "aud": {"aud": "another-site"},
            "iss": {"iss": "https://evil.example"},
            "nonce": {"nonce": "of-another-sign-in"},
            "expired": {"exp": now - 3600},
        }
        claims |= wrong.get(self.fault, {})
        if self.fault == "alg_none":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": "k1"})
        if self.fault == "hs256":
            return jwt.encode(claims, "x" * 64, algorithm="HS256", headers={"kid": "k1"})
        key = self.stranger_key if self.fault == "signature" else self.key
        return jwt.encode(claims, key, "RS256", headers={"kid": "k9" if self.fault == "key_unknown" else "k1"})

    def userinfo(self, access: str) -> dict[str, Any]:
        person = dict(self.tokens[access])
        if self.fault == "other_person":
            person["sub"] = "nguoi-khac"
        if self.fault == "no_sub":
            del person["sub"]
        return person


class Handler(BaseHTTPRequestHandler):
    """The addresses."""

    provider: Provider

    def do_GET(self) -> None:  # noqa: N802  (the standard library's name)
        where = urlsplit(self.path)
        asked = dict(parse_qsl(where.query))
        if where.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.end_headers()
        elif where.path == "/userinfo":
            access = self.headers["Authorization"].removeprefix("Bearer ")
            self.answer(200, self.provider.userinfo(access))
        else:
            pages = {
                "/.well-known/openid-configuration": self.provider.discovery,
                "/jwks": self.provider.jwks,
                "/asked": lambda: {"asked": self.provider.asked},
            }
            self.answer(200, pages[where.path]())

    def do_POST(self) -> None:  # noqa: N802
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/control":
            said = json.loads(body)
            self.provider.person = said.get("person", self.provider.person)
            self.provider.fault = said.get("fault", "")
            self.answer(200, {})
            return
        self.answer(*self.provider.token(dict(parse_qsl(body))))

    def answer(self, status: int, content: dict[str, Any]) -> None:
        nonsense = self.provider.fault == "not_json" and self.path in ("/token", "/userinfo")
        text = "<html>bảo trì</html>" if nonsense else json.dumps(content)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@dataclass(frozen=True)
class Running:
    """The provider as a test holds it."""

    url: str

    def set(self, *, fault: str = "", **person: Any) -> None:
        """Who sits there, and what goes wrong from now on."""
        said: dict[str, Any] = {"fault": fault}
        if person:
            said["person"] = person
        urllib.request.urlopen(f"{self.url}/control", json.dumps(said).encode(), timeout=5).close()

    def asked(self) -> list[dict[str, str]]:
        with urllib.request.urlopen(f"{self.url}/asked", timeout=5) as answer:
            return json.load(answer)["asked"]

    def settings(self, **app: Any) -> dict[str, Any]:
        """SOCIALACCOUNT_PROVIDERS as the settings build it."""
        return {
            "openid_connect": {
                "APPS": [
                    {
                        "provider_id": "tinh",
                        "name": "VNeID",
                        "client_id": CLIENT_ID,
                        "secret": CLIENT_SECRET,
                        "settings": {
                            "server_url": self.url,
                            "oauth_pkce_enabled": True,
                            "scope": ["openid", "profile"],
                        },
                        **app,
                    }
                ]
            }
        }


@contextmanager
def running() -> Iterator[Running]:
    """The process, ready to answer; ended with the block."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.oidc_provider", str(port)], cwd=ROOT)
    found = Running(f"http://{LOOPBACK}:{port}")
    try:
        for _ in range(100):
            try:
                found.set()
                break
            except OSError:
                time.sleep(0.1)
        yield found
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    Handler.provider = Provider(int(sys.argv[1]))
    ThreadingHTTPServer((LOOPBACK, int(sys.argv[1])), Handler).serve_forever()
