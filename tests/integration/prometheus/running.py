# SPDX-License-Identifier: Apache-2.0
"""Starts and stops the processes of the test, each by its own id; waits by asking, with a limit."""

import json
import pathlib
import re
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request


class Failure(Exception):
    """A check did not hold; the message says what was wanted and what came."""


def wait_until(what, condition, seconds=60.0):
    """Asks `condition` again and again; returns its first true answer or fails after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()  # Never set: bounds how often we ask, decides nothing.
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise Failure(f"waited {seconds:g} s for {what}")
        pause.wait(0.05)


def get(url, seconds=30.0):
    """(status, body) of a GET; (0, why) when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode("utf-8")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")
    except (urllib.error.URLError, OSError) as error:
        return 0, str(error)


class Process:
    """A child process whose output goes to a file; stopped at the end of a `with`."""

    def __init__(self, arguments, log_file):
        self.log_file = pathlib.Path(log_file)
        self._output = open(log_file, "wb")
        self.name = pathlib.Path(arguments[0]).name
        self._child = subprocess.Popen([str(argument) for argument in arguments],
                                       stdin=subprocess.DEVNULL, stdout=self._output,
                                       stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def log(self):
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def has_ended(self):
        return self._child.poll() is not None

    def require_alive(self):
        if self._child.poll() is not None:
            raise Failure(f"{self.name} ended with {self._child.returncode}:\n{self.log()[-2000:]}")

    def stop(self):
        """Ends it with SIGTERM and returns its exit code."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._output.close()
        return self._child.returncode


class Daemon(Process):
    """A vigied on loopback, on ports it chose itself."""

    def __init__(self, vigied, config, directory):
        directory = pathlib.Path(directory)
        self._ports_file = directory / "ports.json"
        super().__init__([vigied, "--config", config, "--data-dir", directory / "data",
                          "--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0",
                          "--ports-file", self._ports_file], directory / "vigied.log")

    def wait_ready(self):
        def ports():
            self.require_alive()
            try:
                return json.loads(self._ports_file.read_text())
            except (FileNotFoundError, ValueError):
                return None

        found = wait_until("the ports file of vigied", ports)
        self.grpc = f"127.0.0.1:{found['grpc']}"
        self.http = f"127.0.0.1:{found['http']}"
        wait_until("/readyz of vigied",
                   lambda: get(f"http://{self.http}/readyz")[0] == 200)


class Prometheus(Process):
    """A Prometheus on a port that it chose itself."""

    def __init__(self, prometheus, config, directory):
        directory = pathlib.Path(directory)
        super().__init__([prometheus, f"--config.file={config}",
                          f"--storage.tsdb.path={directory / 'tsdb'}",
                          "--web.listen-address=127.0.0.1:0"], directory / "prometheus.log")

    def wait_ready(self):
        def address():
            self.require_alive()
            found = re.search(r'msg="Listening on" address=(\S+)', self.log())
            return found and found.group(1)

        self.address = wait_until("the address of Prometheus", address)
        wait_until("Prometheus", lambda: get(f"http://{self.address}/-/ready")[0] == 200)

    def api(self, path, **parameters):
        """The `data` of an API answer; fails with Prometheus' own words."""
        url = f"http://{self.address}/api/v1/{path}"
        if parameters:
            url += "?" + urllib.parse.urlencode(parameters)
        status, body = get(url)
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise Failure(f"{url}: status {status}, not JSON: {body[:200]}") from error
        if answer.get("status") != "success":
            raise Failure(f"Prometheus refuses {parameters}: {answer.get('error')}")
        return answer["data"]

    def query(self, expr):
        return self.api("query", query=expr)["result"]

    def scrape_errors(self):
        """What went wrong with the last scrape of each target, in its words."""
        return [target["lastError"] for target in self.api("targets")["activeTargets"]]


def json_output(arguments):
    """Runs a command and yields every JSON value on its standard output."""
    done = subprocess.run([str(argument) for argument in arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr}")
    text, decoder = done.stdout.strip(), json.JSONDecoder()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].lstrip()
