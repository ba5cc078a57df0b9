# SPDX-License-Identifier: Apache-2.0
"""Building blocks of Grafana dashboards: queries, panels, and their places on the grid.

Colours are those of Okabe and Ito, told apart by people with any colour vision; words always say
the same as the colour.
"""

BLUE, VERMILION, GREY, ORANGE = "#0072B2", "#D55E00", "#999999", "#E69F00"
SKY, YELLOW = "#56B4E9", "#F0E442"

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}

# What each kind of scope is named by. A query on scopes always picks one kind: the same decision
# is counted once in each, so a sum over kinds would count it five times.
SCOPE_LABELS = {
    "organisation": ("organisation",),
    "system": ("organisation", "system"),
    "system_version": ("organisation", "system", "version"),
    "unit": ("organisation", "unit"),
    "system_unit": ("organisation", "system", "unit"),
}

_FILTERED = ("organisation", "system", "unit")  # Labels with a variable of the same name.


def scope_series(metric, kind, **labels):
    """A selector of `metric` for one kind of scope, filtered by the variables."""
    pairs = ['job=~"$job"', f'scope="{kind}"']
    pairs += [f'{name}=~"${name}"' for name in SCOPE_LABELS[kind] if name in _FILTERED]
    pairs += [f'{name}="{value}"' for name, value in labels.items()]
    return f"{metric}{{{','.join(pairs)}}}"


def scope_sum(metric, kind, by=(), **labels):
    """`metric` by the labels that name the scope; `by` adds labels."""
    names = ", ".join(SCOPE_LABELS[kind] + tuple(by))
    return f"sum by ({names}) ({scope_series(metric, kind, **labels)})"


def scope_share(successes, trials, kind, by=(), **labels):
    """Successes by trials; absent where there is no trial, never zero of zero."""
    return (f"{scope_sum(successes, kind, by, **labels)} / "
            f"({scope_sum(trials, kind, by, **labels)} > 0)")


def scope_legend(kind, tail=""):
    return " / ".join(f"{{{{{name}}}}}" for name in SCOPE_LABELS[kind]) + tail


def daemon(metric, **labels):
    """A selector of a metric of the daemon itself."""
    pairs = ['job=~"$job"', 'instance=~"$instance"']
    pairs += [f'{name}="{value}"' for name, value in labels.items()]
    return f"{metric}{{{','.join(pairs)}}}"


def query(expr, legend="", instant=False, table=False):
    target = {"datasource": DATASOURCE, "expr": expr, "legendFormat": legend or "__auto"}
    if instant or table:
        target.update(instant=True, range=False)
    if table:
        target["format"] = "table"
    return target


def steps(base, *above):
    """Thresholds: colour `base`, then (value, colour) from there on."""
    rows = [{"color": base, "value": None}]
    rows += [{"color": color, "value": value} for value, color in above]
    return {"mode": "absolute", "steps": rows}


def words(*rows):
    """Value mappings from (value, text, colour)."""
    return [{"type": "value",
             "options": {str(value): {"text": text, "color": color, "index": index}
                         for index, (value, text, color) in enumerate(rows)}}]


def override(name, **properties):
    """Properties of the field called `name`; `custom_x` stands for `custom.x`."""
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": key.replace("custom_", "custom."), "value": value}
                           for key, value in properties.items()]}


def panel(kind, title, description, unit, queries, *, thresholds=None, mappings=None,
          overrides=(), options=None, custom=None, transformations=(), decimals=None,
          minimum=None, maximum=None, color="thresholds"):
    defaults = {"unit": unit, "thresholds": thresholds or steps(BLUE),
                "mappings": mappings or [], "color": {"mode": color}}
    for key, value in (("decimals", decimals), ("min", minimum), ("max", maximum),
                       ("custom", custom)):
        if value is not None:
            defaults[key] = value
    targets = [dict(target, refId=chr(ord("A") + index)) for index, target in enumerate(queries)]
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE,
            "targets": targets, "options": options or {},
            "fieldConfig": {"defaults": defaults, "overrides": list(overrides)},
            "transformations": list(transformations)}


def stat(title, description, unit, expr, *, thresholds=None, mappings=None, color_mode="value",
         decimals=None):
    return panel("stat", title, description, unit, [query(expr, title, instant=True)],
                 thresholds=thresholds, mappings=mappings, decimals=decimals,
                 options={"colorMode": color_mode, "graphMode": "none", "justifyMode": "auto",
                          "textMode": "auto", "wideLayout": True, "orientation": "auto",
                          "reduceOptions": {"calcs": ["lastNotNull"], "fields": "",
                                            "values": False}})


def timeseries(title, description, unit, queries, *, overrides=(), minimum=None, maximum=None,
               stacking="none"):
    custom = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0 if stacking == "none" else 60,
              "showPoints": "never", "spanNulls": False,
              "stacking": {"mode": stacking, "group": "A"}}
    return panel("timeseries", title, description, unit, queries, custom=custom,
                 overrides=overrides, minimum=minimum, maximum=maximum, color="palette-classic",
                 options={"legend": {"displayMode": "table", "placement": "bottom",
                                     "showLegend": True, "calcs": ["lastNotNull"]},
                          "tooltip": {"mode": "multi", "sort": "none"}})


def table(title, description, columns, labels, *, unit="none", overrides=(), filterable=True):
    """A table of several instant queries, joined on the labels they share.

    `columns` holds (heading, query expression); `labels` (label, heading) in order.
    """
    queries = [query(expr, table=True) for _, expr in columns]
    names = {label: heading for label, heading in labels}
    order = {"Time": 99}
    for place, (label, _) in enumerate(labels):
        order[label] = place
    # A single frame keeps the plain name; merged ones are told apart by their query.
    single = len(columns) == 1
    hidden = {"Time": True}
    for index, (heading, _) in enumerate(columns):
        field = "Value" if single else f"Value #{chr(ord('A') + index)}"
        order[field] = len(labels) + index
        if heading is None:
            hidden[field] = True
        else:
            names[field] = heading
    return panel("table", title, description, unit, queries, overrides=overrides,
                 custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False,
                         "filterable": filterable},
                 options={"showHeader": True, "cellHeight": "sm",
                          "footer": {"show": False, "reducer": ["sum"], "fields": "",
                                     "countRows": False}},
                 transformations=[
                     {"id": "merge", "options": {}},
                     {"id": "organize", "options": {"excludeByName": hidden, "indexByName": order,
                                                    "renameByName": names}}])


def dashboard(uid, title, description, tags, variables, annotations, rows):
    """Places `rows` [(heading, [(height, [(width, panel), ...]), ...])] on the 24-column grid."""
    placed, y = [], 0
    for heading, lines in rows:
        placed.append({"type": "row", "title": heading, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}})
        y += 1
        for height, cells in lines:
            x = 0
            for width, content in cells:
                placed.append(dict(content, gridPos={"x": x, "y": y, "w": width, "h": height}))
                x += width
            y += height
    placed = [dict({"id": number}, **content) for number, content in enumerate(placed, start=1)]
    return {"id": None, "uid": uid, "title": title, "description": description, "tags": tags,
            "schemaVersion": 39, "version": 1, "editable": False, "graphTooltip": 1,
            "fiscalYearStartMonth": 0, "liveNow": False, "weekStart": "monday", "style": "dark",
            "timezone": "browser", "refresh": "1m", "time": {"from": "now-24h", "to": "now"},
            "timepicker": {}, "links": [], "annotations": {"list": annotations},
            "templating": {"list": variables}, "panels": placed}


def datasource_variable():
    return {"type": "datasource", "name": "datasource", "label": "Prometheus",
            "query": "prometheus", "regex": "", "hide": 0, "refresh": 1, "multi": False,
            "includeAll": False, "options": []}


def label_variable(name, label, selector, of=None):
    """A variable whose values are those of a label; all of them at first."""
    definition = f"label_values({selector}, {of or name})"
    return {"type": "query", "name": name, "label": label, "datasource": DATASOURCE,
            "definition": definition, "query": {"query": definition, "refId": name},
            "refresh": 2, "sort": 1, "multi": True, "includeAll": True, "allValue": ".*",
            "regex": "", "hide": 0, "options": [],
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}


def annotation(name, expr, color, title, text):
    return {"name": name, "datasource": DATASOURCE, "enable": True, "hide": False, "expr": expr,
            "iconColor": color, "step": "60s", "titleFormat": title, "textFormat": text}
