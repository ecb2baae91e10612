"""Pictures a second of the verb `images` from a local server with latency, beside what workers/latency allows.

    python -m benchmarks.download [--pictures N] [--workers N] [--latency SECONDS] [--side PIXELS]

The server is another process on the same machine. Each picture is downloaded, decoded, made small, stored as WebP and
journalled, by the command that a person runs: some 7 ms of processor each, so that 8 workers at 50 ms, 160 a second,
take more than one core, and the server a part of another. Other programs that use the cores make the figure worse: the
load average before is printed.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks.sqid_like import table
from precompute.__main__ import main as precompute
from sqid_core.bundle.labels import ESCI
from sqid_core.bundle.write import BundleWriter

_DIFFERENT = 200


def jpeg(seed: int, side: int) -> bytes:
    """A thing on white with as much detail as a product photo: 22 kB at 500 pixels, the mean of 25 real photos."""
    rng = np.random.default_rng(seed)
    coarse, fine = (rng.integers(0, 256, (n, n, 3), dtype=np.uint8) for n in (6, 60))
    size = (side * 2 // 3,) * 2
    layers = [Image.fromarray(part).resize(size, Image.Resampling.BICUBIC) for part in (coarse, fine)]
    image = Image.new("RGB", (side, side), "white")
    image.paste(Image.blend(*layers, 0.2), (side // 6,) * 2)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=85)
    return written.getvalue()


def serve(latency: float, side: int, ready: Connection) -> None:
    bodies = [jpeg(i, side) for i in range(_DIFFERENT)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            time.sleep(latency)
            body = bodies[int(self.path.rpartition("/")[2]) % len(bodies)]
            head = f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ready.send((server.server_address[1], sum(map(len, bodies)) / len(bodies)))
    server.serve_forever()


@contextmanager
def running_server(latency: float, side: int) -> Iterator[tuple[int, float]]:
    """Its port and the mean size of a picture, in bytes."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(latency, side, there), daemon=True)
    process.start()
    there.close()  # so that a server that cannot start is an error here, not a wait for ever
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def make_bundle(folder: Path, count: int, port: int) -> None:
    ids = [f"P{i}" for i in range(count)]
    images = [f"http://127.0.0.1:{port}/{i}" for i in range(count)]
    with BundleWriter(folder) as writer:
        writer.write_tables(
            "download",
            pd.DataFrame({"product_id": ids, "title": "thing", "image": images}),
            pd.DataFrame({"query_id": ["1"], "query": ["thing"]}),
            pd.DataFrame({"query_id": ["1"], "product_id": ids[:1], "label": ["E"]}),
            ESCI,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--side", type=int, default=500)
    args = parser.parse_args()
    load = os.getloadavg()[0]
    with running_server(args.latency, args.side) as (port, size), tempfile.TemporaryDirectory() as scratch:
        bundle = Path(scratch) / "bundle"
        make_bundle(bundle, args.pictures, port)
        start, used = time.perf_counter(), time.process_time()
        code = precompute(["images", str(bundle), "--workers", str(args.workers), "--duplicates", "share"])
        seconds, used = time.perf_counter() - start, time.process_time() - used
        if code:
            raise SystemExit(code)
        stored = sum(path.stat().st_size for path in (bundle / "images").rglob("*.webp"))
        files = sum(1 for _ in (bundle / "images").rglob("*.webp"))
    rate, allowed = args.pictures / seconds, args.workers / args.latency
    print(
        f"{args.pictures:,} JPEGs of {args.side} x {args.side} pixels, {size / 1e3:.0f} kB each, "
        f"{args.workers} workers, {args.latency * 1e3:.0f} ms latency, {os.cpu_count()} cores, load {load:.1f} before"
    )
    rows = [
        ("workers / latency", f"{allowed:.0f}", "", "", ""),
        (
            "images",
            f"{rate:.0f}",
            f"{rate / allowed:.0%}",
            f"{used / args.pictures * 1e3:.1f}",
            f"{stored / files / 1e3:.1f}",
        ),
    ]
    print(table(("", "pictures/s", "share", "processor ms each", "stored kB each"), rows))


if __name__ == "__main__":
    main()
