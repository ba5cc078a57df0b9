# SPDX-License-Identifier: Apache-2.0
"""The rows on human oversight: verdicts, degrees, vigilance, coverage, indicators."""

from panels import (BLUE, GREY, ORANGE, SCOPE_LABELS, SKY, VERMILION, YELLOW, override, panel,
                    query, scope_legend, scope_series, scope_share, scope_sum, stat, steps, table,
                    timeseries, words)

VERDICT_WORDS = words(("effectively_automated", "Effectively automated", VERMILION),
                      ("undetermined", "Undetermined", GREY),
                      ("concrete_and_significant", "Concrete and significant", BLUE))
CODE_WORDS = words((2, "Effectively automated", VERMILION), (0, "Undetermined", GREY),
                   (1, "Concrete and significant", BLUE))
YES_NO = words((1, "Yes", SKY), (0, "No", GREY))
HEADINGS = {"organisation": "Organisation", "system": "AI system", "version": "Version",
            "unit": "Unit", "indicator": "Indicator", "origin": "Origin of truth"}
DEGREE_COLORS = {"automated": VERMILION, "token": ORANGE, "concrete": SKY, "significant": BLUE,
                 "undetermined": GREY, "none": YELLOW}
# Coverage a scope needs: under 80 % examination cannot condemn it, from 95 % it can be cleared.
COVERAGE_STEPS = steps(ORANGE, (0.80, SKY), (0.95, BLUE))
BACKGROUND = {"type": "color-background", "mode": "basic"}
SHARE = {"unit": "percentunit", "decimals": 1}

COVERAGE = ("vigie_scope_coverage_successes", "vigie_scope_coverage_trials")
INDICATOR = ("vigie_scope_indicator_successes", "vigie_scope_indicator_trials")


def named(kind, *more):
    return [(label, HEADINGS[label]) for label in SCOPE_LABELS[kind] + more]


def verdict_count(verdict, kind="unit"):
    return f"sum({scope_series('vigie_scope_verdict', kind, verdict=verdict)})"


def verdict_table(kind, title, whose):
    names = ", ".join(SCOPE_LABELS[kind])
    in_force = (f"max by ({names}, verdict) "
                f"({scope_series('vigie_scope_verdict', kind)} == 1)")
    return table(
        title,
        f"The verdict on {whose} since the policy in force began. 'Undetermined' means that the "
        "records do not suffice; it is not a finding of compliance. A corroborated finding rests "
        "on structure, seeds, audits or experts, not only on behaviour. An open change alarm "
        "withholds a good verdict. Scopes with too few "
        "decisions are withheld.",
        [(None, in_force),
         ("Corroborated", f"max by ({names}) "
                          f"({scope_series('vigie_scope_verdict_corroborated', kind)})"),
         ("Change alarm", f"max by ({names}) "
                          f"({scope_series('vigie_scope_change_alarm_open', kind)})"),
         ("Decisions", scope_sum("vigie_scope_decisions", kind)),
         ("Coverage", scope_share(*COVERAGE, kind)),
         ("Wrong suggestions with truth",
          scope_sum(INDICATOR[1], kind, indicator="vigilance"))],
        named(kind) + [("verdict", "Verdict")],
        overrides=[override("Verdict", mappings=VERDICT_WORDS, custom_cellOptions=BACKGROUND,
                            custom_width=220),
                   override("Corroborated", mappings=YES_NO),
                   override("Change alarm", mappings=words((1, "Open", VERMILION),
                                                           (0, "None", GREY))),
                   override("Coverage", thresholds=COVERAGE_STEPS,
                            custom_cellOptions={"type": "color-text"}, **SHARE)])


def verdict_history(kind, title, whose):
    good = scope_sum("vigie_scope_verdict", kind, verdict="concrete_and_significant")
    bad = scope_sum("vigie_scope_verdict", kind, verdict="effectively_automated")
    return panel(
        "state-timeline", title,
        f"How the verdict on {whose} changed over time. A gap means that Vigie was not scraped or "
        "that the scope was withheld.", "none",
        [query(f"{good} + 2 * {bad}", scope_legend(kind))], mappings=CODE_WORDS,
        custom={"lineWidth": 0, "fillOpacity": 90, "spanNulls": False},
        options={"mergeValues": True, "showValue": "auto", "alignValue": "left", "rowHeight": 0.9,
                 "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                 "tooltip": {"mode": "single", "sort": "none"}})


def verdict_row():
    automated = steps(BLUE, (1, VERMILION))
    return ("Verdicts", [
        (4, [(5, stat("Units effectively automated",
                      "Units where human intervention is no longer concrete and significant. Any "
                      "number above zero calls for action.", "none",
                      verdict_count("effectively_automated"), thresholds=automated,
                      color_mode="background")),
             (5, stat("Of these, corroborated",
                      "Findings on units that rest on more than behaviour: structure, seeds, "
                      "audits or experts. The others are provisional.", "none",
                      f"sum({scope_series('vigie_scope_verdict_corroborated', 'unit')})",
                      thresholds=automated)),
             (5, stat("Units concrete and significant",
                      "Units where the evidence suffices to say that people really decide. This "
                      "needs known wrong suggestions that people caught.", "none",
                      verdict_count("concrete_and_significant"))),
             (5, stat("Units undetermined",
                      "Units for which the records do not suffice. Not a finding of compliance.",
                      "none", verdict_count("undetermined"), thresholds=steps(GREY))),
             (2, stat("Withheld",
                      "Scopes of any kind whose figures are withheld, because they are too small "
                      "or would reveal a small one by subtraction.", "none",
                      'sum(vigie_scopes_suppressed{job=~"$job"})', thresholds=steps(GREY))),
             (2, stat("Over limit",
                      "Scopes counted under _other because the limit of scopes was reached. Raise "
                      "max_scopes when this is above zero.", "none",
                      'sum(vigie_scopes_overflow{job=~"$job"})',
                      thresholds=steps(GREY, (1, ORANGE))))]),
        (9, [(12, verdict_table("unit", "Verdict per unit", "each unit")),
             (12, verdict_table("system", "Verdict per AI system", "each AI system"))]),
        (9, [(14, verdict_table("system_unit", "Verdict per AI system and unit",
                                "each AI system in each unit")),
             (10, verdict_table("organisation", "Verdict per organisation",
                                "each organisation as a whole"))]),
        (8, [(12, verdict_history("unit", "Verdict of units over time", "each unit")),
             (12, verdict_history("system", "Verdict of AI systems over time",
                                  "each AI system"))]),
    ])


def degree_shares(kind, title, whose):
    labels = ", ".join(f'"{name}"' for name in SCOPE_LABELS[kind])
    expr = (f'sum by (place, degree) (label_join({scope_series("vigie_scope_decisions", kind)}, '
            f'"place", " / ", {labels}))')
    return panel(
        "barchart", title,
        f"Closed decisions of {whose} by degree of human intervention. Automated: took effect "
        "without a person. Token: a person acted without examining. Concrete: examined and "
        "accepted. Significant: examined and changed. Undetermined: the records do not tell. "
        "None: no degree applies.", "none", [query(expr, table=True)],
        color="fixed",
        custom={"lineWidth": 0, "fillOpacity": 90},
        overrides=[override(degree, color={"mode": "fixed", "fixedColor": color})
                   for degree, color in DEGREE_COLORS.items()],
        options={"orientation": "horizontal", "stacking": "percent", "showValue": "auto",
                 "xField": "place\\degree", "xTickLabelRotation": 0, "xTickLabelSpacing": 0,
                 "groupWidth": 0.7, "barWidth": 0.97, "barRadius": 0, "fullHighlight": False,
                 "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True,
                            "calcs": []},
                 "tooltip": {"mode": "multi", "sort": "none"}},
        transformations=[{"id": "groupingToMatrix",
                          "options": {"columnField": "degree", "rowField": "place",
                                      "valueField": "Value", "emptyValue": "zero"}}])


def degree_row():
    over_time = timeseries(
        "Decisions by degree over time",
        "All closed decisions of the organisations chosen, by degree, since the policy in force "
        "began.", "none",
        [query(f"sum by (degree) ({scope_series('vigie_scope_decisions', 'organisation')})",
               "{{degree}}")],
        overrides=[override(degree, color={"mode": "fixed", "fixedColor": color})
                   for degree, color in DEGREE_COLORS.items()],
        stacking="normal", minimum=0)
    return ("Degrees of intervention", [
        (9, [(8, degree_shares("unit", "Degrees per unit", "each unit")),
             (8, degree_shares("system", "Degrees per AI system", "each AI system")),
             (8, over_time)]),
    ])


def vigilance_table(kind, title, whose):
    origin = ("origin",)

    def of(metric):
        return scope_sum(metric, kind, origin, indicator="vigilance")

    return table(
        title,
        f"How many of the AI's wrong suggestions were not taken over in {whose}. The share means "
        "little without its denominator: read the interval. Origins of truth are never added up. "
        "When the whole interval lies under the threshold, vigilance is lost.",
        [("Caught", scope_share(*INDICATOR, kind, origin, indicator="vigilance")),
         ("Wrong suggestions", of(INDICATOR[1])),
         ("Interval from", of("vigie_scope_indicator_low_ratio")),
         ("Interval to", of("vigie_scope_indicator_high_ratio")),
         ("Threshold", of("vigie_scope_indicator_threshold_ratio")),
         ("Drives the verdict", of("vigie_scope_indicator_drives"))],
        named(kind, "origin"),
        overrides=[override(name, **SHARE)
                   for name in ("Caught", "Interval from", "Interval to", "Threshold")]
        + [override("Drives the verdict", mappings=YES_NO)])


def vigilance_row():
    kind = "unit"
    history = timeseries(
        "Wrong suggestions caught, with how many there were",
        "Share of known wrong suggestions that were not taken over, per unit and origin of truth, "
        "and on the right axis how many there were in all.", "percentunit",
        [query(scope_share(*INDICATOR, kind, ("origin",), indicator="vigilance"),
               scope_legend(kind, " caught ({{origin}})")),
         query(scope_sum(INDICATOR[1], kind, ("origin",), indicator="vigilance"),
               scope_legend(kind, " wrong suggestions ({{origin}})"))],
        overrides=[{"matcher": {"id": "byFrameRefID", "options": "B"},
                    "properties": [{"id": "unit", "value": "none"}, {"id": "max"},
                                   {"id": "custom.axisPlacement", "value": "right"},
                                   {"id": "custom.lineStyle",
                                    "value": {"fill": "dash", "dash": [6, 6]}}]}],
        minimum=0, maximum=1)
    return ("Vigilance", [
        (8, [(12, vigilance_table("unit", "Vigilance per unit", "each unit")),
             (12, vigilance_table("system", "Vigilance per AI system", "each AI system"))]),
        (9, [(24, history)]),
    ])


def coverage_gauge(kind, title, whose):
    return panel(
        "bargauge", title,
        f"Share of the decisions of {whose} that the records could grade. Under 95 % no scope "
        "can be cleared, under 80 % examination alone cannot condemn one: ask the source for what "
        "it does not send.", "percentunit",
        [query(scope_share(*COVERAGE, kind), scope_legend(kind), instant=True)],
        thresholds=COVERAGE_STEPS, decimals=1, minimum=0, maximum=1,
        options={"displayMode": "gradient", "orientation": "horizontal", "showUnfilled": True,
                 "valueMode": "color", "minVizHeight": 10, "minVizWidth": 0,
                 "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}})


def coverage_row():
    history = timeseries(
        "Coverage over time",
        "Share of decisions that the records could grade, per unit. A fall often means that a "
        "source stopped sending a kind of event.", "percentunit",
        [query(scope_share(*COVERAGE, "unit"), scope_legend("unit"))], minimum=0, maximum=1)
    return ("Coverage", [
        (8, [(8, coverage_gauge("unit", "Coverage per unit", "each unit")),
             (8, coverage_gauge("system", "Coverage per AI system", "each AI system")),
             (8, history)]),
    ])


def indicator_history(indicator, title, meaning):
    """Share, interval and threshold of one indicator over time, per organisation."""
    kind, by = "organisation", ("origin",)

    def of(metric):
        return scope_sum(metric, kind, by, indicator=indicator)

    threshold = scope_series("vigie_scope_indicator_threshold_ratio", kind, indicator=indicator)
    tail = " ({{origin}})" if indicator == "vigilance" else ""
    queries = [query(scope_share(*INDICATOR, kind, by, indicator=indicator),
                     scope_legend(kind, f": share{tail}")),
               query(of("vigie_scope_indicator_low_ratio"),
                     scope_legend(kind, f": interval from{tail}")),
               query(of("vigie_scope_indicator_high_ratio"),
                     scope_legend(kind, f": interval to{tail}")),
               query(f"max by (indicator) ({threshold})", "threshold of the policy")]

    def styled(ref, color, dash):
        line = {"fill": "dash", "dash": dash} if dash else {"fill": "solid"}
        return {"matcher": {"id": "byFrameRefID", "options": ref},
                "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": color}},
                               {"id": "custom.lineStyle", "value": line}]}

    return timeseries(title, meaning + " The interval is valid at every look; the verdict turns "
                      "only when it is clear of the threshold.", "percentunit", queries,
                      overrides=[styled("A", BLUE, None), styled("B", SKY, [4, 6]),
                                 styled("C", SKY, [4, 6]), styled("D", VERMILION, [12, 4])],
                      minimum=0, maximum=1)


def indicator_table(kind, title, whose):
    by = ("indicator", "origin")

    def of(metric):
        return scope_sum(metric, kind, by)

    return table(
        title,
        f"Every indicator of {whose} with its denominator, interval, threshold and evidence. "
        "Unknown: decisions that would count if the records could tell. Evidence is a natural "
        "logarithm; under the baseline policy a finding needs 5.7 below the threshold (6.8 for an "
        "origin of vigilance), and clearing needs 3.0 above it.",
        [("Share", scope_share(*INDICATOR, kind, by)),
         ("Trials", of(INDICATOR[1])),
         ("Unknown", of("vigie_scope_indicator_unknown")),
         ("Interval from", of("vigie_scope_indicator_low_ratio")),
         ("Interval to", of("vigie_scope_indicator_high_ratio")),
         ("Threshold", of("vigie_scope_indicator_threshold_ratio")),
         ("Evidence below", of("vigie_scope_log_e_below")),
         ("Evidence above", of("vigie_scope_log_e_above")),
         ("Drives the verdict", of("vigie_scope_indicator_drives"))],
        named(kind, *by),
        overrides=[override(name, **SHARE)
                   for name in ("Share", "Interval from", "Interval to", "Threshold")]
        + [override("Evidence below", decimals=2), override("Evidence above", decimals=2),
           override("Drives the verdict", mappings=YES_NO)])


def indicator_row():
    evidence = timeseries(
        "Evidence against oversight, per unit",
        "Natural logarithm of the evidence that an indicator lies under its threshold. It may "
        "rise and fall; above 5.7 (6.8 for vigilance) under the baseline policy the unit is found "
        "effectively automated.", "none",
        [query(scope_sum("vigie_scope_log_e_below", "unit", ("indicator", "origin")),
               scope_legend("unit", " {{indicator}} {{origin}}"))])
    return ("Indicators", [
        (8, [(8, indicator_history("positive_act", "Positive act",
                                   "Share of decisions that a person made, neither automated nor "
                                   "signed in a batch without evidence.")),
             (8, indicator_history("concrete_examination", "Concrete examination",
                                   "Share of people's decisions that were really examined.")),
             (8, indicator_history("vigilance", "Vigilance",
                                   "Share of known wrong suggestions that were not taken "
                                   "over."))]),
        (10, [(24, indicator_table("unit", "Indicators per unit", "each unit"))]),
        (10, [(24, indicator_table("system", "Indicators per AI system", "each AI system"))]),
        (9, [(14, verdict_table("system_version", "Verdict per version of an AI system",
                                "each version of an AI system")),
             (10, evidence)]),
    ])


def rows():
    return [verdict_row(), degree_row(), vigilance_row(), coverage_row(), indicator_row()]
