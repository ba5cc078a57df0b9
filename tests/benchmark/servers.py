# SPDX-License-Identifier: Apache-2.0
"""The three servers that are measured, each in a directory of its own, and what they cost."""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/integration/prometheus"))
from running import Failure, get, wait_until  # pylint: disable=wrong-import-position

TICKS = os.sysconf("SC_CLK_TCK")
POSTGRES_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
# Memory that fits the machine, no checkpoint within a run, and every commit synced.
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "effective_cache_size": "8GB",
    "work_mem": "256MB",
    "maintenance_work_mem": "512MB",
    "wal_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "1GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}


def run_json(*arguments, seconds=7200):
    """Runs a program and returns the JSON it prints."""
    done = subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=seconds, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, arguments))}: exit {done.returncode}: "
                      f"{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


class Server:
    """A process, its cost, and a directory that goes with it."""

    def __init__(self, directory, arguments, **popen):
        self.directory = pathlib.Path(directory)
        self.log_file = self.directory / "log"
        self.cpu_seconds_in_all = None  # Known once it has ended.
        with open(self.log_file, "ab") as log:
            # pylint: disable-next=consider-using-with
            self._child = subprocess.Popen([str(argument) for argument in arguments],
                                           stdin=subprocess.DEVNULL, stderr=log, **popen)

    def require_alive(self):
        if self._child.poll() is not None:
            raise Failure(f"{type(self).__name__} ended with {self._child.returncode}: "
                          f"{self.log_file.read_text(errors='replace')[-2000:]}")

    def wait_ready(self, condition, seconds=600):
        """Waits for the true answer of `condition` and returns it; ends the process otherwise."""
        def answer():
            self.require_alive()
            return condition()

        try:
            return wait_until(f"{type(self).__name__} to be ready", answer, seconds)
        except BaseException:
            self._child.kill()
            self._child.wait()
            raise

    def cpu_seconds(self):
        """Processor time so far, with that of children that have ended."""
        fields = pathlib.Path(f"/proc/{self._child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / TICKS

    def resident_bytes(self):
        for line in pathlib.Path(f"/proc/{self._child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise Failure("/proc says no VmRSS")

    def stop(self, signal_number=15):
        """Ends it; does nothing when it has ended."""
        if self._child.returncode is not None:
            return
        os.kill(self._child.pid, signal_number)
        _, status, usage = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds_in_all = usage.ru_utime + usage.ru_stime
        if self._child.stdout:
            self._child.stdout.close()
        if self._child.returncode != 0:
            raise Failure(f"{type(self).__name__}: exit {self._child.returncode}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Vigied(Server):
    """A vigied with the shipped configuration: idempotence, pseudonyms and synced writes on."""

    def __init__(self, binaries, directory):
        directory = pathlib.Path(directory)
        directory.mkdir(exist_ok=True)
        self.data_dir = directory / "data"
        ports_file = directory / "ports.json"
        ports_file.unlink(missing_ok=True)
        started = time.monotonic()
        super().__init__(directory, [
            binaries / "vigied", "--config", ROOT / "config/vigied.yaml", "--data-dir",
            self.data_dir, "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
            "--ports-file", ports_file])

        def ready():
            if not ports_file.exists():
                return None
            ports = json.loads(ports_file.read_text())
            up = get(f"http://127.0.0.1:{ports['http']}/readyz")[0] == 200
            return ports if up else None

        self.target = f"127.0.0.1:{self.wait_ready(ready)['grpc']}"
        self.ready_seconds = time.monotonic() - started

    def disk_bytes(self):
        return sum(file.stat().st_size for file in self.data_dir.rglob("*") if file.is_file())


class BareProbe(Server):
    """See bare_probe.cc."""

    def __init__(self, binaries, directory, batch):
        directory = pathlib.Path(directory)
        directory.mkdir()
        super().__init__(directory, [binaries / "bare_probe", directory / "data", str(batch)],
                         stdout=subprocess.PIPE, text=True)
        port = self._child.stdout.readline().strip()
        if not port:
            raise Failure(f"bare_probe: {self.log_file.read_text(errors='replace')}")
        self.target = f"127.0.0.1:{port}"


class Postgres(Server):
    """A PostgreSQL cluster on a unix socket, not run as root, which it refuses."""

    def __init__(self, directory):
        directory = pathlib.Path(directory)
        directory.mkdir()
        user = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(directory, entry.pw_uid, entry.pw_gid)
        data = directory / "data"
        subprocess.run([POSTGRES_BIN / "initdb", "-D", data, "-A", "trust", "-U", "benchmark",
                        "-E", "UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL,
                       cwd=directory, **user)
        settings = [word for name, value in POSTGRES_SETTINGS.items()
                    for word in ("-c", f"{name}={value}")]
        super().__init__(directory, [POSTGRES_BIN / "postgres", "-D", data, "-k", directory,
                                     *settings], cwd=directory, **user)
        self.database = f"host={directory} user=benchmark dbname=postgres"

        def ready():
            asked = subprocess.run([POSTGRES_BIN / "pg_isready", "-q", "-d", self.database],
                                   check=False)
            return asked.returncode == 0

        self.wait_ready(ready)

    def stop(self, signal_number=2):  # SIGINT: without waiting for its clients.
        super().stop(signal_number)

    def sql(self, text):
        """Runs statements in one session; their output."""
        done = subprocess.run([POSTGRES_BIN / "psql", "-X", "-q", "-A", "-t", "-v",
                               "ON_ERROR_STOP=1", "-d", self.database], input=text,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr}")
        return done.stdout


def remove(directory):
    shutil.rmtree(directory, ignore_errors=True)
