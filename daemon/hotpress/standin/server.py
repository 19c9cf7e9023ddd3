"""The two HTTP servers and the life of one request: count it, do its faults, answer it."""

from __future__ import annotations

import socketserver
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hotpress.standin.api import answer, classify
from hotpress.standin.body import Body, CutError
from hotpress.standin.cloud import Cloud
from hotpress.standin.exchange import Exchange
from hotpress.standin.pace import StandinStoppedError
from hotpress.standin.sending import canned, cut, error_500, exhaust, send
from hotpress.standin.shapes import Reply

IDLE_SECONDS = 900


class CloudServer(ThreadingHTTPServer):
    """One of the two hosts, on the loopback address; its threads never hold up the end."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, host: str, port: int, cloud: Cloud) -> None:
        self.cloud, self.host = cloud, host
        super().__init__(("127.0.0.1", port), Wire)

    def server_bind(self) -> None:
        """Bind without asking the resolver for this machine's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is daily bread; anything else is a mistake of ours."""
        del request, client_address
        if not isinstance(sys.exception(), OSError | ValueError | StandinStoppedError):
            traceback.print_exc()


class Wire(BaseHTTPRequestHandler):
    """One connection. Every method goes the same way."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: CloudServer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Say nothing: the request log is a file of its own."""

    def _one(self) -> None:
        cloud = self.server.cloud
        host = self.server.host
        kind, ids = classify(host, self.command, self.path.partition("?")[0])
        n, actions = cloud.book.take(kind)
        length = self.headers.get("Content-Length", "0")
        chunked = "chunked" in self.headers.get("Transfer-Encoding", "").lower()
        body = Body(self.rfile, int(length) if length.isdigit() else 0, chunked=chunked)
        x = Exchange(self, cloud.pace, cloud.log, host, kind, ids, n, actions, body)
        try:
            converse(cloud, x)
        except CutError:
            x.note(None, 0)
            cut(cloud, x)
        except (OSError, StandinStoppedError):
            x.note(None, x.written)
            x.close()

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _one  # noqa: N815


def converse(cloud: Cloud, x: Exchange) -> None:
    """One request from its head to the end of its answer, faults included."""
    actions = x.actions
    if actions.kill == "before" or actions.drop_before:
        x.note(None, 0)
        if actions.kill == "before":
            cloud.kill_client("before", x.n)
        x.reset()
        return
    if actions.delay:
        cloud.pace.wait(actions.delay)
    if (actions.drop_mid or actions.kill == "mid") and x.body.expected and x.kind != "run_sse":
        x.body.cut_half()
    reply = _worked(cloud, x)
    x.body.drain()
    if actions.drop_after or actions.kill == "swallow":
        exhaust(reply)
        x.note(None, 0)
        if actions.kill == "swallow":
            cloud.kill_client("swallow", x.n)
            x.close()
        else:
            x.reset()
        return
    send(cloud, x, reply)
    if actions.kill == "after":
        x.flush()
        cloud.kill_client("after", x.n)


def _worked(cloud: Cloud, x: Exchange) -> Reply:
    """Do what was asked, unless the scenario answers instead of it."""
    if x.actions.canned and not x.actions.effect:
        return canned(x.actions)
    try:
        reply = answer(cloud, x)
    except (CutError, StandinStoppedError, ConnectionError, TimeoutError):
        raise
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the connection
        traceback.print_exc()
        return error_500(f"stand-in: {type(error).__name__}")
    if x.actions.canned:
        exhaust(reply)
        return canned(x.actions)
    return reply
