"""Milvus Lite as a server of its own, which a test can kill."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from browsing import free_port

from sqid_core.errors import ServerError
from sqid_core.indexes.milvus_server import MilvusPlace, MilvusServer


class MilvusProcess:
    """`milvus-lite server` on a free port, over a folder that outlives it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.uri = f"http://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        script = "from milvus_lite.cmdline import main; main()"
        command = [sys.executable, "-c", script, "server", "--data-dir", str(self._folder), "--port", str(self._port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        server = MilvusServer(MilvusPlace(self.uri))
        for _ in range(300):
            try:
                server.asked(lambda client: client.list_collections())
                break
            except ServerError:
                assert self._process.poll() is None, "Milvus Lite has ended"
                time.sleep(0.1)
        server.close()

    def kill(self) -> None:
        """Ends it at once, as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
