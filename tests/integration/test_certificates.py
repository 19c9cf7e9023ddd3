"""TLS as the real client speaks it, to a server on this machine."""

import os
import socket
import ssl
import subprocess
import threading

import pytest

from hotpress.cloud.wire import Wire
from hotpress.errors import NotSent


@pytest.fixture
def server(tmp_path):
    """(port, its certificate); it answers each request with an envelope."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=localhost"]
    words += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(words, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                line, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(line, server_side=True) as talk:
                    talk.recv(65_536)
                    body = b'{"code": 0, "data": {"heard": true}}'
                    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n"
                    talk.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
            except OSError:
                line.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], certificate
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def asked(host, port):
    wire = Wire(f"https://{host}:{port}", {}, threading.Event())
    try:
        return wire.get("/x", "token")
    finally:
        wire.close()


def test_only_who_the_system_trusts_gets_a_token(server, monkeypatch):
    """A certificate that nobody vouches for ends the call, so does one of another name."""
    port, certificate = server
    with pytest.raises(NotSent, match="certificate verify failed"):
        asked("localhost", port)
    monkeypatch.setenv("SSL_CERT_FILE", os.fspath(certificate))

    assert asked("localhost", port) == {"heard": True}
    with pytest.raises(NotSent, match="certificate verify failed"):
        asked("127.0.0.1", port)
