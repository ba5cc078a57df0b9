# SPDX-License-Identifier: Apache-2.0
"""The one table of the benchmark: medians, what they are medians of, and the gates."""

import statistics
import sys
import time

STARTED = time.monotonic()


def progress(text):
    print(f"[{time.monotonic() - STARTED:5.0f} s] {text}", file=sys.stderr, flush=True)


class Table:
    """Rows in the order of their adding."""

    def __init__(self, title):
        self._title = title
        self._rows = []
        self._missed = []

    def add(self, name, values, shape=",.0f", least=None):
        """A row with the median of `values`; `least` makes it a gate. The median."""
        median = statistics.median(values)
        spread = ""
        if len(values) > 1:
            spread = f"{min(values):{shape}} to {max(values):{shape}}"
        gate = ""
        if least is not None:
            met = median >= least
            gate = f"want >= {least:g}: {'met' if met else 'MISSED'}"
            if not met:
                self._missed.append(f"{name}: got {median:{shape}}, want at least {least:g}")
        self._rows.append((name, f"{median:{shape}}", spread, gate))
        progress(f"{name}: {median:{shape}}")
        return median

    def missed_gates(self):
        return self._missed

    def text(self):
        head = ("", "median", "of", "gate")
        widths = [max(len(row[i]) for row in [head, *self._rows]) for i in range(4)]
        lines = [self._title]
        for row in [head, *self._rows]:
            lines.append("  ".join((row[0].ljust(widths[0]), row[1].rjust(widths[1]),
                                    row[2].ljust(widths[2]), row[3])).rstrip())
        return "\n".join(lines)
