# SPDX-License-Identifier: Apache-2.0
"""Reads a /metrics page, and the catalogue of metrics in dashboards/METRICS.md."""

import re

_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?')
_SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$")
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


class Page:
    """A page: `types` and `helps` by metric, `samples` as (series name, labels, value)."""

    def __init__(self, text):
        self.types, self.helps, self.samples = {}, {}, []
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                name, kind = line[len("# TYPE "):].split(" ", 1)
                self.types[name] = kind
            elif line.startswith("# HELP "):
                name, _, words = line[len("# HELP "):].partition(" ")
                self.helps[name] = words
            elif line and not line.startswith("#"):
                self.samples.append(_sample(line))

    def metric_of(self, series):
        """The metric that a series belongs to: a histogram has three series names."""
        for suffix in ("_bucket", "_sum", "_count"):
            base = series.removesuffix(suffix)
            if base != series and self.types.get(base) in ("histogram", "summary"):
                return base
        return series

    def metrics(self):
        return {self.metric_of(name) for name, _, _ in self.samples}

    def series_names(self):
        return {name for name, _, _ in self.samples}


def _sample(line):
    match = _SAMPLE.match(line)
    if not match:
        raise ValueError(f"not a sample: {line!r}")
    labels = {name: re.sub(r"\\.", lambda escape: _ESCAPES[escape.group()], value)
              for name, value in _LABEL.findall(match.group(2) or "")}
    return match.group(1), labels, float(match.group(3))


class Catalogue:
    """What METRICS.md says: `metrics` {name: (type, labels, meaning)}, `labels` {label: values}.

    The values of a label are a set, or None where the establishment chooses them.
    """

    def __init__(self, text):
        self.metrics, self.labels = {}, {}
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if not line.startswith("| `"):
                continue
            name = cells[0].strip("`")
            if len(cells) == 2:
                values = set(re.findall(r"`([^`]*)`", cells[1]))
                self.labels[name] = values or None
            elif len(cells) == 4:
                self.metrics[name] = (cells[1], self._label_names(cells[2]), cells[3])
            else:
                raise ValueError(f"want 2 or 4 columns: {line!r}")

    @staticmethod
    def _label_names(cell):
        names = set(re.findall(r"`([^`]*)`", cell))
        if re.match(r"S\b", cell):
            names |= {"scope", "organisation", "system", "version", "unit"}
        return names
