# SPDX-License-Identifier: Apache-2.0
"""What a running process takes of the machine, sampled while something goes on."""

import collections
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "fault"))
# pylint: disable=wrong-import-position
from acknowledged import pause

MIB = 1 << 20


class Sample(collections.namedtuple("Sample", "seconds rss_bytes descriptors threads series")):
    """Since the sampling began; VmRSS; open descriptors but those of the store's tables, whose
    number follows what is stored; tasks; lines of /metrics (0 = not asked)."""


def status_number(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise KeyError(field)


def descriptors(pid):
    found = 0
    for each in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += not os.readlink(each).endswith(".sst")
        except FileNotFoundError:
            pass  # Closed meanwhile.
    return found


def sample(daemon, began, with_series=False):
    series = 0
    if with_series:
        series = sum(1 for line in daemon.metrics().splitlines() if not line.startswith("#"))
    return Sample(time.monotonic() - began, status_number(daemon.pid, "VmRSS") * 1024,
                  descriptors(daemon.pid), status_number(daemon.pid, "Threads"), series)


def sample_while(daemon, goes_on, every_seconds, each=None):
    """Samples until `goes_on()` is false; calls `each(number)` with every sample."""
    began, samples = time.monotonic(), []
    while goes_on():
        daemon.require_alive()
        samples.append(sample(daemon, began, with_series=each is not None))
        if each is not None:
            each(len(samples))
        pause(every_seconds)
    return samples


def thirds(samples, field):
    """The medians of a field over the three thirds of the time."""
    end = samples[-1].seconds
    cut = [[], [], []]
    for each in samples:
        cut[min(int(3 * each.seconds / end), 2)].append(getattr(each, field))
    return [statistics.median(part) for part in cut]
