"""A small server that speaks the INSTREAM protocol of clamd over TCP or a socket, as told."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class _Connection(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self._speak()
        except OSError:  # whoever asked has gone
            return

    def _speak(self):
        server = self.server
        if server.hangs:
            server.released.wait(20)
            return
        assert self.rfile.read(10) == b"zINSTREAM\0"
        received = bytearray()
        while length := int.from_bytes(self.rfile.read(4), "big"):
            received += self.rfile.read(length)
            if server.breaks_off:
                return
        server.received.append(bytes(received))
        answer = server.answer
        if answer is None:
            answer = b"stream: Eicar-Signature FOUND\0" if EICAR in received else b"stream: OK\0"
        self.wfile.write(answer)
        if server.drips:
            while not server.released.wait(0.05):
                self.wfile.write(b".")


class _Told:
    allow_reuse_address = True
    daemon_threads = True
    answer = None
    hangs = breaks_off = drips = False

    def tell(self, **told):
        self.received, self.released = [], threading.Event()
        for name, value in told.items():
            setattr(self, name, value)


class _TcpServer(_Told, socketserver.ThreadingTCPServer):
    pass


class _SocketServer(_Told, socketserver.ThreadingUnixStreamServer):
    pass


@contextmanager
def clamd(path=None, **told):
    """The server and its address: a port of this machine, or a socket at a path."""
    server = (
        _SocketServer(str(path), _Connection) if path else _TcpServer(("127.0.0.1", 0), _Connection)
    )
    server.tell(**told)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server, str(path) if path else f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port():
    """An address at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
