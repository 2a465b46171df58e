"""What a double does: `migrate` leaves a row, `serve` and `work` say that they are ready and what they were told."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psycopg


def run() -> None:
    """Do what the command line says."""
    if sys.argv[1] == "migrate":
        _migrate()
    else:
        host, port = os.environ["PUREMUSIC_HTTP_LISTEN"].split(":")
        HTTPServer((host, int(port)), _Answers).serve_forever()


def _migrate() -> None:
    password = Path(os.environ["PUREMUSIC_POSTGRES_PASSWORD_FILE"]).read_text()
    with psycopg.connect(os.environ["PUREMUSIC_POSTGRES_URL"], password=password) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS migrated (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO migrated DEFAULT VALUES")


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        told = {name: value for name, value in os.environ.items() if name.startswith(("PUREMUSIC_", "NUMBA_"))}
        body = json.dumps({"pid": os.getpid(), "told": told}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
