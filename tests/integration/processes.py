# SPDX-License-Identifier: Apache-2.0
"""A vigied in a directory of the test's own, and the `vigie` command beside it.

VIGIED and VIGIE in the environment name the programs.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared"
CONFIG = ROOT / "config/vigied.yaml"
SKIPPED = 77

sys.path.insert(0, str(HERE / "prometheus"))
from running import Failure, Process, get, wait_until  # pylint: disable=wrong-import-position

__all__ = ["CONFIG", "ROOT", "SHARED", "Daemon", "DaemonTest", "Failure", "get", "main", "run",
           "vigie", "vigie_json", "vigied", "wait_until"]


def run(arguments, seconds=300):
    """Runs a program to its end and returns what `subprocess.run` does, as text."""
    return subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=seconds, check=False)


def vigied(*arguments):
    """Runs a vigied that is expected to end by itself."""
    return run([os.environ["VIGIED"], *arguments], seconds=60)


def vigie(daemon, *arguments):
    return run([os.environ["VIGIE"], "--server", daemon.grpc, *arguments])


def vigie_json(daemon, *arguments):
    """The one JSON value that the verb prints; fails unless it exits with 0."""
    done = vigie(daemon, "--output", "json", *arguments)
    if done.returncode != 0:
        raise Failure(f"vigie {' '.join(arguments)}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Daemon(Process):
    """A vigied on loopback, on ports it chose. A directory can be given to one after another."""

    def __init__(self, directory, config=CONFIG, flags=(), wrapper=()):
        """`wrapper` are words before the command that become the daemon (`env`, `strace -D`)."""
        self.directory = pathlib.Path(directory)
        self.data_dir = self.directory / "data"
        starts = len(list(self.directory.glob("vigied-*.log")))
        self._ports_file = self.directory / f"ports-{starts}.json"
        self.grpc = self.http = None
        super().__init__([*wrapper, os.environ["VIGIED"], "--config", config,
                          "--data-dir", self.data_dir, "--grpc-listen", "127.0.0.1:0",
                          "--http-listen", "127.0.0.1:0", "--ports-file", self._ports_file, *flags],
                         self.directory / f"vigied-{starts}.log")

    @property
    def pid(self):
        return self._child.pid

    def ports(self):
        return json.loads(self._ports_file.read_text(encoding="utf-8"))

    def is_ready(self):
        return self._ports_file.exists()

    def wait_ready(self):
        def written():
            self.require_alive()
            return self.is_ready()

        wait_until("the ports file of vigied", written)
        self.grpc = f"127.0.0.1:{self.ports()['grpc']}"
        self.http = f"127.0.0.1:{self.ports()['http']}"
        return self

    def metrics(self):
        status, body = get(f"http://{self.http}/metrics")
        if status != 200:
            raise Failure(f"/metrics: status {status}")
        return body

    def log_position(self):
        for line in self.metrics().splitlines():
            if line.startswith("vigie_log_position "):
                return int(float(line.split()[1]))
        raise Failure("/metrics has no vigie_log_position")

    def freeze(self):
        """Lets it do nothing more: no thread comes back from what it asked of the kernel."""
        self._child.send_signal(signal.SIGSTOP)

    def kill(self):
        """kill -9, and waits until it is gone."""
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()

    def wait_end(self, seconds=60):
        """Waits until it ends by itself; its exit code."""
        return self._child.wait(timeout=seconds)


class DaemonTest(unittest.TestCase):
    """Gives every test a directory, and stops what it started."""

    def setUp(self):
        # pylint: disable-next=consider-using-with
        scratch = tempfile.TemporaryDirectory(prefix="vigie-integration-")
        self.addCleanup(scratch.cleanup)
        self.directory = pathlib.Path(scratch.name)

    def start(self, name="daemon", **options):
        """A ready daemon in the sub-directory `name`."""
        daemon = self.launch(name, **options)
        return daemon.wait_ready()

    def launch(self, name="daemon", **options):
        """The same, not yet ready, and perhaps never."""
        place = self.directory / name
        place.mkdir(exist_ok=True)
        daemon = Daemon(place, **options)
        self.addCleanup(daemon.stop)
        return daemon


def main(needs_shared=False):
    """Runs the tests named on the command line; exits 77 where ../shared is needed and absent."""
    for name in ("VIGIED", "VIGIE"):
        if name not in os.environ:
            sys.exit(f"set {name} to the path of the program")
    if needs_shared and not SHARED.is_dir():
        print("../shared is not there")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
