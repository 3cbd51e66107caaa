"""Receivers of every channel's messages, for tests and pictures; written from the public descriptions of the robots, not from our senders."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DING_SECRET = "SEC0123456789abcdef"
FEISHU_SECRET = "feishu-secret"


class Robots:
    """A server that behaves as the robots do; ``got`` is what each took, ``status`` makes it fail."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.raw: list[bytes] = []
        self.status = 200
        self.url = ""
        self.hook_secret = ""
        self.slow: threading.Event | None = None
        """While it is there, whoever has sent to a webhook waits for the answer until it is set."""

    def answer(
        self, path: str, query: dict[str, list[str]], headers: dict[str, str], body: bytes
    ) -> Any:
        """What the robot at this path says: a message with its own code, taken or not."""
        content = json.loads(body)
        if path.startswith("/cgi-bin/webhook/send"):
            return self._wecom(query, headers, content)
        if path.startswith("/robot/send"):
            return self._dingtalk(query, headers, content)
        if path.startswith("/open-apis/bot/v2/hook/"):
            return self._feishu(headers, content)
        return self._webhook(headers, content, body)

    def _wecom(
        self, query: dict[str, list[str]], headers: dict[str, str], content: dict[str, Any]
    ) -> Any:
        if query.get("key") != ["k-1"]:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        text = content["markdown"]["content"]
        if content["msgtype"] != "markdown" or len(text.encode()) > 4096:
            return {"errcode": 40058, "errmsg": "content exceeds 4096 bytes"}
        self.got.append(("wecom", content, headers))
        return {"errcode": 0, "errmsg": "ok"}

    def _dingtalk(
        self, query: dict[str, list[str]], headers: dict[str, str], content: dict[str, Any]
    ) -> Any:
        stamp, sign = query["timestamp"][0], query["sign"][0]
        digest = hmac.new(DING_SECRET.encode(), f"{stamp}\n{DING_SECRET}".encode(), hashlib.sha256)
        fresh = abs(time.time() * 1000 - int(stamp)) < 3_600_000
        if not fresh or sign != base64.b64encode(digest.digest()).decode():
            return {"errcode": 310000, "errmsg": "sign not match"}
        if content["msgtype"] != "markdown" or not content["markdown"]["title"]:
            return {"errcode": 40035, "errmsg": "bad parameters"}
        self.got.append(("dingtalk", content, headers))
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, headers: dict[str, str], content: dict[str, Any]) -> Any:
        key = f"{content['timestamp']}\n{FEISHU_SECRET}".encode()
        right = base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()
        if content["sign"] != right or abs(time.time() - int(content["timestamp"])) > 3600:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        if content["msg_type"] != "interactive" or not content["card"]["elements"]:
            return {"code": 9499, "msg": "Bad Request"}
        self.got.append(("feishu", content, headers))
        return {"code": 0, "msg": "success", "data": {}}

    def _webhook(self, headers: dict[str, str], content: dict[str, Any], body: bytes) -> Any:
        key = base64.b64decode(self.hook_secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if f"v1,{right}" not in headers["webhook-signature"].split():
            return None
        self.got.append(("webhook", content, headers))
        return {}


@contextmanager
def running() -> Iterator[Robots]:
    """The robots on a port of this machine."""
    robots = Robots()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take a message as the robot of the path does."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            robots.raw.append(body)
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = None
            if robots.status == 200:
                said = robots.answer(parts.path, parse_qs(parts.query), headers, body)
            if robots.slow is not None and "webhook-id" in headers:
                robots.slow.wait(60)
            with suppress(BrokenPipeError):  # whoever asked may have been killed meanwhile
                self._say(said)

        def _say(self, said: Any) -> None:
            self.send_response(401 if said is None and robots.status == 200 else robots.status)
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    robots.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield robots
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
