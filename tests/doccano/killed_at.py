"""Runs `corpus` and kills this process with SIGKILL at its Nth touch of a file: FOLDER N ARGS...

A touch is an audit event of Python (a file or database opened, renamed, removed, made) that names
something in FOLDER. N = 0 kills nothing and prints how many touches there were. A limit on the size
of files (LIMIT in the environment, bytes) stands in for a full disk.
"""

from __future__ import annotations

import os
import resource
import signal
import sys

FOLDER, AT = sys.argv[1], int(sys.argv[2])
EVENTS = ("open", "os.", "sqlite3.connect", "shutil.")
seen = 0


def watch(event: str, args: tuple[object, ...]) -> None:
    global seen
    if event.startswith(EVENTS) and any(FOLDER in str(arg) for arg in args):
        seen += 1
        if seen == AT:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    from corpus.cli import run

    if limit := int(os.environ.get("LIMIT", "0")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    sys.addaudithook(watch)
    code = run(sys.argv[3:])
    print(f"touches {seen}")
    sys.exit(code)
