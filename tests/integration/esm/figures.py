# SPDX-License-Identifier: Apache-2.0
"""Holds the answers of the daemon against the published figures of the judge-advisor study.

Which figures are bars is said in section 5 of the measurement: counts and d' exactly, evidence and
intervals within 1e-9, quantiles within 1 %. Everything that differs is listed, not only the first.
"""

import math

EVIDENCE_TOLERANCE = 1e-9
QUANTILE_TOLERANCE = 0.01
CONCRETE, SIGNIFICANT = 5157, 2355


class Differences:
    """Collects what is not as published."""

    def __init__(self):
        self.found = []
        self.checked = 0

    def _note(self, holds, what, got, want):
        self.checked += 1
        if not holds:
            self.found.append(f"{what}: got {got}, want {want}")

    def exact(self, what, got, want):
        self._note(got == want, what, got, want)

    def near(self, what, got, want, tolerance=EVIDENCE_TOLERANCE):
        holds = got is not None and math.isfinite(got) and abs(got - want) <= tolerance
        self._note(holds, what, got, want)

    def relative(self, what, got, want):
        self.near(what, got, want, QUANTILE_TOLERANCE * want)


def proportion(value):
    """(successes, trials) of the JSON form; absent = no trial."""
    return (int(value["successes"]), int(value["trials"])) if value else (0, 0)


def degree_counts(summary):
    return {row["degree"]: int(row["count"]) for row in summary["degrees"]}


def vigilance(summary):
    """The only counted origin of these data."""
    rows = [row for row in summary["indicators"] if row["indicator"] == "INDICATOR_VIGILANCE"]
    if [row["origin"] for row in rows] != ["TRUTH_ORIGIN_ASSERTED_AUDIT"]:
        raise ValueError(f"want one source-asserted audit, got {[row['origin'] for row in rows]}")
    return rows[0]


def compare_degrees(out, what, summary, concrete, significant):
    for degree, want in (("CONCRETE", concrete), ("SIGNIFICANT", significant), ("AUTOMATED", 0),
                         ("TOKEN", 0), ("UNDETERMINED", 0)):
        out.exact(f"{what}: {degree}", degree_counts(summary).get(f"DEGREE_{degree}"), want)


def compare_reliance(out, what, summary, expected):
    """Counts and d' of a scope: `expected` is a block such as summary.by_system[x]."""
    reliance = summary["reliance"]
    cell = {name: int(reliance[name]) for name in (
        "aiRightAccepted", "aiRightNotAccepted", "aiWrongAccepted", "aiWrongNotAccepted")}
    accepted = cell["aiRightAccepted"] + cell["aiWrongAccepted"]
    rejected = cell["aiRightNotAccepted"] + cell["aiWrongNotAccepted"]
    right = cell["aiRightAccepted"] + cell["aiRightNotAccepted"]
    wrong = cell["aiWrongAccepted"] + cell["aiWrongNotAccepted"]
    count = accepted + rejected
    detection = expected["signal_detection"]
    out.exact(f"{what}: decisions", int(summary["description"]["closedCount"]), expected["n"])
    for name, got in (
            ("override_rate", proportion(summary["description"]["override"])),
            ("agreement", (accepted, count)), ("suggestion_accuracy", (right, count)),
            ("appropriate_override", (cell["aiWrongNotAccepted"], rejected)),
            ("inappropriate_accept", (cell["aiWrongAccepted"], accepted)),
            ("catch_rate", (cell["aiWrongNotAccepted"], wrong)),
            ("switch_fraction", proportion(reliance.get("switchFraction"))),
            ("RAIR", proportion(reliance.get("rair"))), ("RSR", proportion(reliance.get("rsr")))):
        out.exact(f"{what}: {name}", got, (expected[name]["num"], expected[name]["den"]))
    out.exact(f"{what}: wrong suggestions", wrong, detection["wrong_suggestions"])
    out.exact(f"{what}: catches", cell["aiWrongNotAccepted"], detection["catches"])
    out.exact(f"{what}: right suggestions", right, detection["right_suggestions"])
    out.exact(f"{what}: false rejects", cell["aiRightNotAccepted"], detection["false_rejects"])
    out.near(f"{what}: d'", reliance.get("dPrime"), detection["d_prime"])


def compare_vigilance(out, what, summary, row):
    """Evidence of a row of catch_p0_0.5."""
    found = vigilance(summary)
    out.exact(f"{what}: caught", int(found["successes"]), row["S"])
    out.exact(f"{what}: wrong", int(found["trials"]), row["n"])
    out.exact(f"{what}: unknown", int(found["unknown"]), row["unknown"])
    out.exact(f"{what}: threshold", found["threshold"], row["p0"])
    out.near(f"{what}: ln E below", found["logEBelow"], row["log_e_below"])
    out.near(f"{what}: ln E above", found["logEAbove"], row["log_e_above"])
    out.near(f"{what}: interval low", found["interval"]["low"], row["interval_95"][0])
    out.near(f"{what}: interval high", found["interval"]["high"], row["interval_95"][1])


def compare_quantiles(out, what, quantiles, expected):
    out.exact(f"{what}: ranks", len(quantiles), 9)
    for quantile in quantiles:
        name = f"p{round(quantile['rank'] * 100):02d}"
        out.relative(f"{what}: {name}", quantile["valueMs"], expected[name])


def compare_person(out, person, summary, expected):
    out.exact(f"{person}: decisions", int(summary["description"]["closedCount"]), expected["n"])
    compare_degrees(out, person, summary, expected["n"] - expected["override"],
                    expected["override"])
    out.exact(f"{person}: override", proportion(summary["description"]["override"]),
              (expected["override"], expected["n"]))
    out.exact(f"{person}: switch", proportion(summary["reliance"].get("switchFraction")),
              (expected["switched"], expected["disagreed"]))
    median = [q["valueMs"] for q in summary["description"]["activeTime"] if q["rank"] == 0.5]
    out.relative(f"{person}: median time", median[0] if median else None,
                 expected["median_duration_ms"])
    out.exact(f"{person}: verdict", summary["verdict"], "VERDICT_UNSPECIFIED")


def compare(expected, answers):
    """What differs. `answers` holds `all`, `systems` {id: summary} and `persons` {id: summary}."""
    out = Differences()
    published, everyone = expected["summary"], answers["all"]
    compare_degrees(out, "all", everyone, CONCRETE, SIGNIFICANT)
    compare_reliance(out, "all", everyone, published["reliance"])
    compare_quantiles(out, "active time", everyone["description"]["activeTime"],
                      published["duration_ms"])
    compare_quantiles(out, "judgement time", everyone["description"]["judgementTime"],
                      published["initial_ms"])
    out.exact("systems", sorted(answers["systems"]), sorted(published["by_system"]))
    for system, summary in answers["systems"].items():
        block = published["by_system"][system]
        compare_degrees(out, system, summary, block["agreement"]["num"],
                        block["override_rate"]["num"])
        compare_reliance(out, system, summary, block)
    out.exact("persons", sorted(answers["persons"]), sorted(published["per_clinician"]))
    for person, summary in answers["persons"].items():
        compare_person(out, person, summary, published["per_clinician"][person])
    for row in expected["catch_p0_0.5"]:
        _, _, person = row["scope"].partition(":")
        compare_vigilance(out, row["scope"], answers["persons"][person] if person else everyone,
                          row)
    return out
