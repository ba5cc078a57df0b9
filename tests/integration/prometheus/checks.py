# SPDX-License-Identifier: Apache-2.0
"""What must hold between the daemon, its page, the catalogue, the dashboards and the rules.

Each check takes the Scene and returns what it looked at, in words, or raises Failure.
"""

import json
import re
import subprocess

import promql
from exposition import Catalogue, Page
from running import Failure, get, json_output, wait_until

NOT_OURS = {"up", "ALERTS"}  # Made by Prometheus itself.
# How the simulator names clinicians; nothing else may look like that.
CLINICIAN = re.compile(r"c-[0-9a-f]{12}")
PERSONAL_KEYS = {"decisionId", "eventId", "actorId", "pseudonym", "patientPseudonym"}
HEALTH_AND_REFLECTION = {"grpc.health.v1.Health", "Check", "Watch",
                         "grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo"}


class Scene:
    """The running daemon and Prometheus, and the tree they were started from."""

    def __init__(self, root, daemon, prometheus, vigie):
        self.root, self.daemon, self.prometheus = root, daemon, prometheus
        self._vigie = vigie
        self.catalogue = Catalogue((root / "dashboards/METRICS.md").read_text(encoding="utf-8"))
        self.dashboards = {path.name: json.loads(path.read_text(encoding="utf-8"))
                           for path in sorted((root / "dashboards/grafana").glob("*.json"))}

    def text(self):
        status, body = get(f"http://{self.daemon.http}/metrics")
        if status != 200:
            raise Failure(f"/metrics: want status 200, got {status}")
        return body

    def page(self):
        return Page(self.text())

    def ask(self, *verb):
        """Every JSON answer of `vigie VERB`."""
        return list(json_output([self._vigie, "--server", self.daemon.grpc, "--output", "json",
                                 *verb]))

    def alerts(self):
        groups = self.prometheus.api("rules")["groups"]
        return [rule for group in groups for rule in group["rules"] if rule["type"] == "alerting"]

    def panel_queries(self):
        """(where, expression with variables replaced) of every query of every panel."""
        for name, dashboard in self.dashboards.items():
            variables = [each["name"] for each in dashboard["templating"]["list"]]
            for panel in dashboard["panels"] + [inner for outer in dashboard["panels"]
                                                for inner in outer.get("panels", [])]:
                for target in panel.get("targets", []):
                    yield (f"{name}: {panel['title']} {target['refId']}",
                           promql.substituted(target["expr"], variables))

    def variable_series(self):
        """The selectors that the template variables and annotations of the dashboards ask for."""
        for dashboard in self.dashboards.values():
            for variable in dashboard["templating"]["list"]:
                match = re.match(r"label_values\((.*), (\w+)\)$", variable.get("definition", ""))
                if match:
                    yield promql.substituted(
                        match.group(1), [each["name"] for each in dashboard["templating"]["list"]])


def values_of(answers, *keys):
    """Every string under one of `keys`, at any depth."""
    found = set()
    if isinstance(answers, dict):
        for key, value in answers.items():
            if key in keys and isinstance(value, str):
                found.add(value)
            found |= values_of(value, *keys)
    elif isinstance(answers, list):
        for value in answers:
            found |= values_of(value, *keys)
    return found - {""}


def few(names, limit=8):
    names = sorted(names)
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def page_is_clean(scene):
    text = scene.text()
    if not text.strip():
        raise Failure("/metrics is empty")
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                          text=True, timeout=60, check=False)
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or said:
        raise Failure(f"promtool check metrics: exit {done.returncode}, want 0 and silence: {said}")
    return f"{len(text.splitlines())} lines"


def page_matches_catalogue(scene):
    page, documented = scene.page(), scene.catalogue.metrics
    undocumented = page.metrics() - set(documented)
    if undocumented:
        raise Failure(f"on /metrics but not in dashboards/METRICS.md: {few(undocumented)}")
    absent = set(documented) - page.metrics()
    if absent:
        raise Failure(f"in dashboards/METRICS.md but not on /metrics: {few(absent)}")
    for name, (kind, _, _) in documented.items():
        if page.types.get(name) != kind:
            raise Failure(f"{name}: the page says {page.types.get(name)}, METRICS.md says {kind}")
        if not page.helps.get(name):
            raise Failure(f"{name}: no HELP on the page")
    return f"{len(documented)} metrics"


def labels_are_documented(scene):
    page = scene.page()
    for series, labels, _ in page.samples:
        _, allowed, _ = scene.catalogue.metrics.get(page.metric_of(series), ("", set(), ""))
        unknown = set(labels) - allowed - {"le"}
        if unknown:
            raise Failure(f"{series}: label {few(unknown)} is not in METRICS.md")
    return f"{len(page.samples)} series"


def label_values_are_names_of_the_register(scene):
    """No value comes from anywhere but a closed set or the names that the API lists.

    So no identifier of a clinician, patient, decision or event can be among them.
    """
    scopes, sources = scene.ask("scopes"), scene.ask("sources")
    systems, policy = scene.ask("systems"), scene.ask("policy", "show")
    protos = [path.read_text(encoding="utf-8") for path in (scene.root / "proto").rglob("*.proto")]
    calls = {name for text in protos for name in re.findall(r"(?:rpc|service) (\w+)", text)}
    services = {f"vigie.v1.{name}" for name in calls} | calls | HEALTH_AND_REFLECTION
    known = {
        "organisation": values_of(scopes + systems, "organisationId"),
        "system": values_of(scopes + systems, "systemId"),
        "version": values_of(scopes, "systemVersion") | values_of(policy, "version"),
        "unit": values_of(scopes, "unitId"),
        "source": values_of(sources, "sourceId"),
        "plan": values_of(scene.ask("probe", "list"), "planId"),
        "origin_id": set(),
        "draw": values_of(scene.ask("audit", "list"), "drawId"),
        "id": values_of(policy, "id"), "sha256": values_of(policy, "sha256"),
        "commit": values_of(policy, "commit"),
        "grpc_service": services, "grpc_method": services,
    }
    page, count = scene.page(), 0
    build = {value for series, labels, _ in page.samples if series == "vigie_build_info"
             for value in labels.values()}
    for series, labels, _ in page.samples:
        for label, value in labels.items():
            count += 1
            if label == "le":
                float(value)
                continue
            allowed = scene.catalogue.labels.get(label) or known.get(label, set())
            if series == "vigie_build_info":
                allowed = allowed | build
            if value and value != "_other" and value not in allowed:
                raise Failure(f'{series}: {label}="{value}" is neither in METRICS.md nor a name '
                              "that the API lists")
    return f"{count} label values"


def no_identifier_is_on_the_page(scene):
    decisions = values_of(scene.ask("decisions", "--limit", "1000"), "decisionId")
    if not decisions:
        raise Failure("vigie decisions lists no decision")
    details = [scene.ask("decision", decision) for decision in sorted(decisions)[:5]]
    identifiers = decisions | values_of(details, *PERSONAL_KEYS)
    page = scene.page()
    for series, labels, _ in page.samples:
        words = set(labels) | set(labels.values())
        leaked = identifiers & words | {word for word in words if CLINICIAN.search(word)}
        if leaked:
            raise Failure(f"{series} carries an identifier of a decision or person: {few(leaked)}")
    return f"{len(identifiers)} identifiers looked for"


def scope_kind(scope):
    return "_".join(name for name, key in (("system", "systemId"), ("version", "systemVersion"),
                                           ("unit", "unitId")) if scope.get(key)) or "organisation"


def scope_labels(scope):
    pairs = (("organisation", "organisationId"), ("system", "systemId"),
             ("version", "systemVersion"), ("unit", "unitId"))
    labels = {label: scope[key] for label, key in pairs if scope.get(key)}
    return frozenset({**labels, "scope": scope_kind(scope)}.items())


def verdicts_agree_with_the_api(scene):
    """The page and the API give the same verdict on each scope, and withhold the same scopes."""

    def differences():
        told = {}
        for answer in scene.ask("scopes"):
            for each in answer.get("scopes", [answer] if "scope" in answer else []):
                shown = each.get("suppression", "SUPPRESSION_NONE") in (
                    "SUPPRESSION_NONE", "SUPPRESSION_UNSPECIFIED")
                told[scope_labels(each["scope"])] = (
                    each["verdict"].removeprefix("VERDICT_").lower() if shown else None)
        seen = {}
        for series, labels, value in scene.page().samples:
            if series == "vigie_scope_verdict" and value == 1:
                scope = {name: text for name, text in labels.items() if text and name != "verdict"}
                seen[frozenset(scope.items())] = labels["verdict"]
        shown = {scope: verdict for scope, verdict in told.items() if verdict}
        different = {scope for scope in shown.keys() | seen.keys()
                     if shown.get(scope) != seen.get(scope)}
        return different, len(shown), len(told) - len(shown)

    last = []

    def agree():
        last[:] = differences()
        return not last[0] and last[1] > 0

    try:
        wait_until("the verdicts of the page and of vigie scopes to agree", agree, 15)
    except Failure as failure:
        scopes = [str(dict(scope)) for scope in last[0]]
        raise Failure(f"{failure}: they differ on {few(scopes, 3) or 'nothing, for none is shown'}")
    return f"{last[1]} scopes shown, {last[2]} withheld"


def names_exist(scene):
    series = scene.page().series_names() | NOT_OURS
    used = {}
    for where, expr in scene.panel_queries():
        for name in promql.metrics(expr):
            used.setdefault(name, where)
    for rule in scene.alerts():
        for name in promql.metrics(rule["query"]):
            used.setdefault(name, rule["name"])
    missing = {f"{name} ({where})" for name, where in used.items() if name not in series}
    if missing:
        raise Failure(f"used but not on /metrics: {few(missing)}")
    return f"{len(used)} series names"


def panels_answer(scene):
    """Prometheus accepts every query, and every query finds something."""
    empty, count = [], 0
    for where, expr in list(scene.panel_queries()):
        count += 1
        try:
            wait_until("a result", lambda expr=expr: scene.prometheus.query(expr), 10)
        except Failure as failure:
            empty.append(f"{where}: {failure}: {expr}")
            if len(empty) > 5:
                break
    if empty:
        raise Failure("panels without an answer:\n    " + "\n    ".join(empty))
    return f"{count} queries of {len(scene.dashboards)} dashboards"


def variables_have_values(scene):
    selectors = list(scene.variable_series())
    for selector in selectors:
        if not scene.prometheus.query(selector):
            raise Failure(f"a template variable finds nothing: {selector}")
    return f"{len(selectors)} variables"


def rules_select_something(scene):
    selected = 0
    for rule in scene.alerts():
        if rule.get("health") == "err":
            raise Failure(f"{rule['name']}: {rule.get('lastError')}")
        for _, selector in promql.selectors(rule["query"]):
            selected += 1
            if not scene.prometheus.query(selector):
                raise Failure(f"{rule['name']}: nothing matches {selector}")
    if not selected:
        raise Failure("no alerting rule is loaded")
    return f"{selected} selectors of {len(scene.alerts())} rules"


def alerts_say_what_to_do(scene):
    pages = [path for path in scene.root.rglob("vigied.8*")
             if "build" not in path.relative_to(scene.root).parts]
    if not pages:
        raise Failure("no manual page vigied.8 in the tree: the alerts point to its section ALERTS")
    manual = "".join(path.read_text(encoding="utf-8") for path in pages)
    for rule in scene.alerts():
        for needed in ("summary", "description", "runbook_url"):
            if not rule["annotations"].get(needed):
                raise Failure(f"{rule['name']}: no {needed}")
        if rule["labels"].get("severity") not in ("critical", "warning", "info"):
            raise Failure(f"{rule['name']}: severity is {rule['labels'].get('severity')}")
        if rule["annotations"]["runbook_url"] != f"man:vigied(8)#{rule['name']}":
            raise Failure(f"{rule['name']}: runbook_url is {rule['annotations']['runbook_url']}")
        if rule["name"] not in manual:
            raise Failure(f"vigied.8 has no section {rule['name']} under ALERTS")
    return f"{len(scene.alerts())} rules"


CHECKS = [
    ("promtool has nothing to say about the page", page_is_clean),
    ("the page and METRICS.md name the same metrics", page_matches_catalogue),
    ("every label name is documented", labels_are_documented),
    ("every label value is a known name", label_values_are_names_of_the_register),
    ("no identifier of a decision or person is a label", no_identifier_is_on_the_page),
    ("the page gives the verdicts that the API gives", verdicts_agree_with_the_api),
    ("every metric of dashboards and rules exists", names_exist),
    ("every template variable has values", variables_have_values),
    ("every panel query finds something", panels_answer),
    ("every selector of an alert finds something", rules_select_something),
    ("every alert says what to do", alerts_say_what_to_do),
]
