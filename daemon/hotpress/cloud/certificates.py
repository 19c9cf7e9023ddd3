"""Whom to trust over TLS: what the system trusts, read when the first connection needs it.

Reading takes 40 ms of processor time, which a daemon without work need not spend.
"""

from __future__ import annotations

import ssl
import sys
import threading
from typing import Any


class _Later(ssl.SSLContext):
    """As `ssl.create_default_context` makes it; before it has read, it would trust nobody."""

    def __init__(self, _protocol: int) -> None:
        self._reading = threading.Lock()
        self._has_read = False

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:  # noqa: ANN401 - ssl's own
        """A connection."""
        self._read()
        return super().wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:  # noqa: ANN401 - ssl's own
        """A connection inside another one, through a proxy."""
        self._read()
        return super().wrap_bio(*args, **options)

    def _read(self) -> None:
        with self._reading:
            if not self._has_read:
                self.load_default_certs(ssl.Purpose.SERVER_AUTH)
                self._has_read = True


def trusted() -> ssl.SSLContext:
    """For all clients together: certificates and host names are checked."""
    context = _Later(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode, context.check_hostname = ssl.CERT_REQUIRED, True
    if sys.version_info >= (3, 13):  # what the library itself asks for since then
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    return context
