# SPDX-License-Identifier: Apache-2.0
"""What every Grafana dashboard of the tree must have, found without Grafana.

dashboard_lint.py   prints DASHBOARD: PANEL: what to do; exits 1 on a finding
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARDS = ROOT / "dashboards"

# Okabe and Ito: told apart by people with any colour vision.
PALETTE = {"#0072B2", "#D55E00", "#999999", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#F0E442"}
SCOPE_SELECTOR = re.compile(r"\b(vigie_scope_\w+)(\{[^}]*\})?")
ONE_SCOPE = re.compile(r'[{,]scope="\w+"')
RANGE = re.compile(r"\[([^\]]*)\]")


def colours(value):
    """Every colour at any depth."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("color", "fixedColor", "iconColor") and isinstance(inner, str):
                yield inner
            yield from colours(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from colours(inner)


def whole(dashboard):
    """What must hold for the dashboard itself."""
    for key, wanted in (("id", None), ("editable", False), ("schemaVersion", 39)):
        if dashboard.get(key, "missing") != wanted:
            yield f"{key} is {dashboard.get(key, 'missing')!r}, want {wanted!r}"
    if not re.fullmatch(r"[a-z0-9-]{1,40}", dashboard.get("uid") or ""):
        yield "uid: want a fixed one of a-z, 0-9 and -"
    names = [variable["name"] for variable in dashboard["templating"]["list"]]
    for wanted in ("datasource", "job", "instance", "organisation", "system", "unit"):
        if wanted not in names:
            yield f"no variable {wanted}"
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query" and variable.get("refresh") != 2:
            yield f"variable {variable['name']}: want refresh 2, on change of the time range"
    for colour in set(colours(dashboard)) - PALETTE:
        yield f"colour {colour} is outside the palette for any colour vision"


def overlaps(one, other):
    a, b = one["gridPos"], other["gridPos"]
    return (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


def places(panels):
    """Panel ids are unique; no two panels overlap or leave the 24 columns."""
    ids = [panel["id"] for panel in panels]
    for number in {number for number in ids if ids.count(number) > 1}:
        yield f"id {number} is used more than once"
    for index, panel in enumerate(panels):
        if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24:
            yield f"{panel['title']}: reaches over column 24"
        for other in panels[index + 1:]:
            if overlaps(panel, other):
                yield f"{panel['title']}: overlaps {other['title']}"


def expression(expr):
    """What must hold for one query."""
    for name, braces in SCOPE_SELECTOR.findall(expr):
        if not ONE_SCOPE.search(braces):
            yield f'{name} without scope="...": adds up what is counted once in each kind of scope'
    if 'job=~"$job"' not in expr:
        yield 'no job=~"$job"'
    if re.search(r"\b(rate|irate|increase)\(", expr):
        for span in RANGE.findall(expr):
            if span != "$__rate_interval":
                yield f"rate over [{span}], want [$__rate_interval]"


def content(panel):
    """What must hold for one panel that is no row."""
    if not panel.get("title"):
        yield "no title"
    if len(panel.get("description", "")) < 20:
        yield "no description that an oversight officer understands"
    if not panel["fieldConfig"]["defaults"].get("unit"):
        yield "no unit"
    if panel.get("datasource", {}).get("uid") != "${datasource}":
        yield "datasource: want the variable ${datasource}"
    if not panel.get("targets"):
        yield "no query"
    for target in panel.get("targets", []):
        for words in expression(target["expr"]):
            yield f"query {target['refId']}: {words}"


def findings(dashboard):
    """Every finding on one dashboard, in words."""
    panels = dashboard["panels"]
    yield from whole(dashboard)
    yield from places(panels)
    for panel in panels:
        if panel["type"] != "row":
            for words in content(panel):
                yield f"{panel.get('title', '?')}: {words}"


def main():
    said, count = [], 0
    for path in sorted((DASHBOARDS / "grafana").glob("*.json")):
        dashboard = json.loads(path.read_text(encoding="utf-8"))
        count += len(dashboard["panels"])
        said += [f"{path.relative_to(ROOT)}: {words}" for words in findings(dashboard)]
    if not count:
        said.append("dashboards/grafana holds no dashboard")
    written = subprocess.run([sys.executable, "-B", DASHBOARDS / "source/oversight.py", "--check"],
                             capture_output=True, text=True, check=False)
    if written.returncode != 0:
        said.append(written.stderr.strip())
    print("\n".join(said) if said else f"{count} panels are as they must be")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main())
