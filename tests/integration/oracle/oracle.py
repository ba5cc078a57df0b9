# SPDX-License-Identifier: Apache-2.0
"""A second reading of the measurement: small, slow, and written from its text alone.

Recomputes degrees (degree.py), tallies and verdicts from the lines of `vigie export`. Nothing here
is shared with the product. Rule numbers are those of the measurement. Decisions only; change alarms
(V4) depend on the order of trials and are left out.
"""

import base64
import collections
import heapq
import json
import math

from degree import (ASSERTED, DRAWN, EXPECTED_LATER, HOUR_MS, NOT_FINAL, OPENING, SEEDED, Decision,
                    Fact, Finding, codes_of)

RIGHTS = {"reversed", "contested", "recourseReviewed", "patientInformed"}


class Counts:
    """Successes, trials, unknown."""

    def __init__(self):
        self.successes = self.trials = self.unknown = 0

    def add(self, trial, sign=1):
        if trial == "unknown":
            self.unknown += sign
        elif trial is not None:
            self.trials += sign
            self.successes += sign * bool(trial)


class Tally:
    """All counts of one scope, cumulative."""

    def __init__(self):
        self.closed, self.degrees = 0, collections.Counter()
        self.reasons = collections.Counter()
        self.positive_act, self.concrete, self.coverage = Counts(), Counts(), Counts()
        self.switches, self.overrides, self.workload = Counts(), Counts(), Counts()
        self.cells = collections.defaultdict(collections.Counter)  # By origin.
        self.batch = self.late = self.uncounted = self.limited_time = self.minimum_ms = 0
        self.opportunistic, self.rights = Counts(), collections.Counter()


class Log:
    """Folds the lines of an export."""

    def __init__(self):
        self.decisions, self.sources, self.policies, self.plans = {}, {}, [], {}
        self.calibrations, self.medians, self.items, self.draws = [], {}, {}, {}
        self.by_source, self.heap = collections.defaultdict(set), []
        self.batches = collections.defaultdict(list)
        self.handed_out, self.revealed = {}, {}

    def read(self, lines):
        for line in lines:
            row = json.loads(line)
            now, position = int(row["recordedAtMs"]), int(row["position"])
            self.close_due(now)
            record = row["record"]
            if "event" in record:
                self.add(row["event"], record["event"]["sourceId"], position, now)
            elif "watermark" in record:
                self.pass_watermark(record["watermark"])
            elif "source" in record:
                self.sources[record["source"]["sourceId"]] = record["source"]
            elif "policyActivated" in record:
                self.begin_epoch(record["policyActivated"]["policy"])
            elif "calibration" in record:
                self.calibrations.append(record["calibration"])
            elif "probePlanCommitted" in record:
                self.commit(record["probePlanCommitted"], position)
            elif "probeHandedOut" in record:
                handed = record["probeHandedOut"]
                self.handed_out[handed["planId"]][handed["item"]] = position
            elif "probePlanRevealed" in record:
                self.revealed[record["probePlanRevealed"]["planId"]] = position
            elif "auditDrawn" in record:
                self.draw(record["auditDrawn"])

    def begin_epoch(self, policy):
        """R9: baselines as they stand now."""
        self.policies.append(policy)
        self.medians = {}
        for calibration in self.calibrations:
            baseline = calibration["baseline"]
            if baseline["calibrationId"] in policy["examination"]["calibrations"]:
                self.medians.setdefault(
                    (calibration["organisationId"], baseline["decisionKind"]),
                    int(baseline["medianMs"]))

    def commit(self, committed, position):
        organisation, plan = committed["organisationId"], committed["plan"]["planId"]
        self.plans[plan] = len(self.plans) + 1
        self.handed_out[plan], self.revealed[plan] = {}, math.inf
        items = manifest_items(base64.b64decode(committed["manifest"]))
        for index, (name, truth) in enumerate(items):
            self.items[organisation, name] = (plan, truth, position, index)

    def draw(self, drawn):
        draw = drawn["draw"]
        number = len({key[0] for key in self.draws}) + 1
        for stratum, sample in zip(draw["strata"], drawn["samples"]):
            key = draw["drawId"] + ("/" + stratum["name"] if stratum["name"] else "")
            self.draws[draw["drawId"], key] = {
                "ids": {(drawn["organisationId"], name) for name in sample["decisionIds"]},
                "returned": set(), "number": number, "strata": len(draw["strata"]),
                "by_unit": draw["stratification"] == "STRATIFICATION_UNIT",
                "by_degree": draw["stratification"] == "STRATIFICATION_DEGREE"}

    def add(self, event, source, position, now):
        if not event["decisionId"] or "unaidedDecision" in event:
            return
        key = event["organisationId"], event["decisionId"]
        decision = self.decisions.get(key)
        if decision is None:
            decision = self.decisions[key] = Decision(*key, event["systemId"])
            decision.first_position = position
        decision.kind = decision.kind or event["decisionKind"]
        fact = Fact(event, source, position)
        if source not in decision.sources:
            decision.sources.append(source)
        if fact.payload == "evidenceOpened" and fact.body["batchId"]:
            self.batches[key[0], fact.body["batchId"]].append(fact)
        if decision.state == "closed":
            self.after_close(decision, fact)
            return
        if fact.payload in OPENING:
            decision.state = "open"
        decision.facts.append(fact)
        self.update_due(key, decision, now)

    def update_due(self, key, decision, now):
        """L4."""
        closing = self.policies[-1]["closing"]
        acts = [f.at for f in decision.valid() if f.payload == "applied" or (
            f.payload == "decided" and f.body["outcome"] not in NOT_FINAL)]
        if acts:
            decision.closing_recorded = decision.closing_recorded or now
            decision.due_recorded = decision.closing_recorded + int(closing["settleDelayMs"])
            decision.due_occurred = min(acts) + int(closing["settleDelayMs"])
        elif decision.state == "open":
            decision.closing_recorded = 0
            decision.due_recorded = now + int(closing["expiryMs"])
            decision.due_occurred = max(f.at for f in decision.facts) + int(closing["expiryMs"])
        else:
            decision.due_recorded = now + int(closing["pendingTtlMs"])
            decision.due_occurred = math.inf
        heapq.heappush(self.heap, (decision.due_recorded, key))
        for source in decision.sources:
            self.by_source[source].add(key)

    def close_due(self, now):
        while self.heap and self.heap[0][0] <= now:
            due, key = heapq.heappop(self.heap)
            decision = self.decisions[key]
            if decision.state != "closed" and decision.due_recorded == due:
                self.close(key, decision)

    def pass_watermark(self, watermark):
        source = watermark["sourceId"]
        known = self.sources.setdefault(source, {"sourceId": source})
        known["mark"] = max(known.get("mark", -math.inf), int(watermark["watermarkMs"]))
        for key in sorted(self.by_source[source]):
            decision = self.decisions[key]
            marks = [self.sources.get(name, {}).get("mark", -math.inf)
                     for name in decision.sources]
            if decision.state != "closed" and min(marks) >= decision.due_occurred:
                self.close(key, decision)

    def close(self, key, decision):
        for source in decision.sources:
            self.by_source[source].discard(key)
        opened = decision.state == "open"
        decision.state, decision.epoch = "closed", len(self.policies)
        declared = set()
        for name in decision.sources:
            source = self.sources.get(name, {})
            declared |= set(source.get("payloads", ["PAYLOAD_KIND_DECIDED",
                                                    "PAYLOAD_KIND_APPLIED"]))
            decision.test |= source.get("environment") == "ENVIRONMENT_TEST"
        batch = []
        for fact in decision.facts:
            if fact.payload == "decided" and fact.body["batchId"]:
                batch = list(self.batches[key[0], fact.body["batchId"]])
        decision.finding = Finding(decision, self.policies[-1], declared, batch,
                                   self.medians.get((key[0], decision.kind)))
        decision.opened = opened
        item = self.items.get(key)
        if item and item[2] < decision.first_position:
            decision.plan = item[0]
            # Handed out before, and not revealed by then (N4).
            if self.handed_out[item[0]].get(item[3], math.inf) < decision.first_position and \
                    self.revealed[item[0]] > decision.first_position:
                decision.truth = ((SEEDED, item[0]), item[1])
            return
        decision.afterwards = [f for f in decision.facts
                               if f.payload in EXPECTED_LATER or f.payload == "voided"]
        decision.uncounted = sum(f.payload == "truthEstablished" and
                                 self.origin_of(decision, f) is None for f in decision.facts)
        self.recount(decision)

    def origin_of(self, decision, fact):
        """N2."""
        origin = fact.body["origin"]
        if origin == ASSERTED and self.policies[decision.epoch - 1]["truth"]["acceptAssertedAudit"]:
            return (ASSERTED, "")
        if origin == DRAWN:
            for (draw, name), sample in self.draws.items():
                if draw == fact.body["originId"] and \
                        (decision.organisation, decision.name) in sample["ids"]:
                    return (DRAWN, name)
        return None

    def after_close(self, decision, fact):
        """L5."""
        if fact.payload not in EXPECTED_LATER:
            decision.late += 1
        if decision.plan:
            return
        if fact.payload == "truthEstablished":
            origin = self.origin_of(decision, fact)
            if origin is None:
                decision.uncounted += 1
            elif origin[0] == DRAWN:
                self.draws[fact.body["originId"], origin[1]]["returned"].add(decision.name)
        if fact.payload in EXPECTED_LATER:
            decision.afterwards.append(fact)
            self.recount(decision)

    def recount(self, decision):
        """N3: the strongest origin, then the latest."""
        best = None
        for fact in sorted(decision.valid(decision.afterwards), key=lambda f: (f.at, f.position)):
            if fact.payload != "truthEstablished":
                continue
            origin = self.origin_of(decision, fact)
            strength = [SEEDED, DRAWN, ASSERTED]
            if origin and (best is None or
                           strength.index(origin[0]) <= strength.index(best[0][0])):
                best = (origin, codes_of(fact.body["codes"]))
        decision.truth = best

    def tallies(self, epoch):
        """By (organisation, system, version, unit), production only (L10, L11)."""
        tallies, hours = collections.defaultdict(Tally), collections.Counter()
        closed = [d for d in self.decisions.values()
                  if d.state == "closed" and d.opened and not d.test and d.epoch == epoch]
        for d in closed:
            if d.plan is None and d.finding.actor and d.finding.minimum is not None:
                hours[d.finding.actor, d.finding.decisive_at // HOUR_MS] += d.finding.minimum
        for d in closed:
            f = d.finding
            fits = None
            if d.plan is None and f.actor:
                fits = "unknown" if f.minimum is None else \
                    hours[f.actor, f.decisive_at // HOUR_MS] <= HOUR_MS
            scopes = [(d.organisation, "", "", ""), (d.organisation, d.system, "", "")]
            if f.version:
                scopes.append((d.organisation, d.system, f.version, ""))
            if f.unit:
                scopes += [(d.organisation, "", "", f.unit), (d.organisation, d.system, "", f.unit)]
            for scope in scopes:
                add_to(tallies[scope], d, fits)
        return tallies


def add_to(tally, decision, fits):
    f = decision.finding
    known = f.exposed and None not in (f.suggested, f.chosen)
    if decision.truth and f.exposed and f.suggested is not None:
        cells = tally.cells[decision.truth[0]]
        wrong = f.suggested != decision.truth[1]
        if f.chosen is None:
            cells["unknown"] += wrong
        else:
            cells[wrong, f.chosen != f.suggested] += 1
            if f.judged is not None:
                right_before, right_after = f.judged == decision.truth[1], \
                    f.chosen == decision.truth[1]
                if not right_before and not wrong:
                    cells["rair", right_after] += 1
                if right_before and wrong:
                    cells["rsr", right_after] += 1
    if decision.plan is not None:
        return
    tally.closed += 1
    tally.degrees[f.degree] += 1
    for reason in f.reasons:
        tally.reasons[f.degree, reason] += 1
    tally.positive_act.add(f.positive_act)
    tally.concrete.add(f.concrete)
    tally.coverage.add(f.coverage)
    tally.workload.add(fits)
    if known:
        tally.overrides.add(f.chosen != f.suggested)
        if f.judged is not None and f.judged != f.suggested:
            tally.switches.add(f.chosen == f.suggested)
    tally.batch += f.batch
    tally.late += decision.late
    tally.uncounted += decision.uncounted
    tally.limited_time += f.limited_time
    later = sorted(decision.valid(decision.afterwards), key=lambda fact: (fact.at, fact.position))
    tally.rights.update({fact.payload for fact in later} & RIGHTS)
    tally.rights["sameReviewer"] += any(
        fact.payload == "recourseReviewed" and f.actor and fact.actor == f.actor for fact in later)
    told = [fact for fact in later if fact.payload == "truthEstablished"
            and fact.body["origin"] == "TRUTH_ORIGIN_OPPORTUNISTIC"]
    if told and known and codes_of(told[-1].body["codes"]) != f.suggested:
        tally.opportunistic.add(f.chosen != f.suggested)
    if f.actor and f.minimum is not None:
        tally.minimum_ms += f.minimum


def log_e(successes, trials, threshold, sign):
    """Section 4: ln of the mixture; sign -1 below, +1 above."""
    terms = []
    for k in range(12):
        q = 1 / (1 + (1 - threshold) / threshold * math.exp(-sign * .1 * 2 ** (k / 2)))
        terms.append(successes * math.log(q / threshold) +
                     (trials - successes) * math.log((1 - q) / (1 - threshold)))
    top = max(terms)
    return top + math.log(sum(math.exp(term - top) for term in terms) / 12)


def conclude(tally, policy, log, single_unit):
    """V1-V3: the verdict, its certainty, and rows (indicator, origin, counts, below, above)."""
    evidence = policy["evidence"]
    third = math.log(3 / evidence["alphaBelow"])
    coverage = tally.coverage.successes / tally.coverage.trials if tally.coverage.trials else 0
    rows = [["INDICATOR_POSITIVE_ACT", ("", ""), tally.positive_act,
             evidence["positiveActThreshold"], third, True],
            ["INDICATOR_CONCRETE_EXAMINATION", ("", ""), tally.concrete,
             evidence["concreteExaminationThreshold"], third,
             coverage >= evidence["coverageForRedRatio"]]]
    for origin, cells in tally.cells.items():
        counts = Counts()
        counts.successes, counts.unknown = cells[True, True], cells["unknown"]
        counts.trials = cells[True, True] + cells[True, False]
        bound, counted = third + math.log(3), True
        number = log.plans.get(origin[1], 1) if origin[0] == SEEDED else 0
        if origin[0] == DRAWN:
            draw = next(d for key, d in log.draws.items() if key[1] == origin[1])
            number = draw["number"]
            counted = responded(log, origin[1], policy["truth"]["minimumResponseRatio"])
            if not (draw["by_unit"] and single_unit):
                bound += math.log(draw["strata"])
        if number:
            bound += math.log(math.pi ** 2 * number ** 2 / 6)
        rows.append(["INDICATOR_VIGILANCE", origin, counts, evidence["vigilanceThreshold"], bound,
                     counted])
    above_bound = math.log(1 / evidence["alphaAbove"])
    red, corroborated, vigilant, denied, green = False, False, False, False, True
    out = []
    for indicator, origin, counts, threshold, bound, may_drive in rows:
        below = log_e(counts.successes, counts.trials, threshold, -1)
        above = log_e(counts.successes, counts.trials, threshold, 1)
        out.append((indicator, origin, counts, below, above))
        if may_drive and below >= bound:
            red = True
            corroborated |= indicator != "INDICATOR_CONCRETE_EXAMINATION"
        if indicator != "INDICATOR_VIGILANCE":
            green &= above >= above_bound
        elif may_drive:
            vigilant |= above >= above_bound
            denied |= below >= above_bound
    if red:
        return "VERDICT_EFFECTIVELY_AUTOMATED", corroborated, out
    if green and vigilant and not denied and coverage >= evidence["coverageForGreenRatio"]:
        return "VERDICT_CONCRETE_AND_SIGNIFICANT", False, out
    return "VERDICT_UNDETERMINED", False, out


def responded(log, name, minimum):
    """N2: both the draw and the stratum have enough truths."""
    draw_id = name.split("/")[0]
    strata = [d for key, d in log.draws.items() if key[0] == draw_id]
    own = log.draws[draw_id, name]
    whole = sum(len(d["returned"]) for d in strata), sum(len(d["ids"]) for d in strata)
    return whole[0] >= minimum * whole[1] and len(own["returned"]) >= minimum * len(own["ids"])


def manifest_items(data):
    """(decision_id, truth) of each item of a ProbeManifest in wire format."""
    def fields(data):
        i = 0
        while i < len(data):
            tag, i = varint(data, i)
            length, i = varint(data, i)
            yield tag >> 3, data[i:i + length]
            i += length

    def varint(data, i):
        value = shift = 0
        while True:
            byte = data[i]
            i += 1
            value |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return value, i

    for number, item in fields(data):
        if number != 2:
            continue
        name, truth = "", []
        for field, value in fields(item):
            if field == 1:
                name = value.decode()
            elif field == 3:
                code = dict(fields(value))
                truth.append((code.get(1, b"").decode(), code.get(2, b"").decode()))
        yield name, frozenset(truth)
