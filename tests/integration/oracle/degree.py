# SPDX-License-Identifier: Apache-2.0
"""Sections 1 and 2 of the measurement: one decision, its facts and its degree."""

import math

DAY_MS = 24 * 3600 * 1000
HOUR_MS = 3600 * 1000
NO_DEGREE, AUTOMATED, TOKEN, CONCRETE, SIGNIFICANT, UNDETERMINED = (
    "DEGREE_UNSPECIFIED", "DEGREE_AUTOMATED", "DEGREE_TOKEN", "DEGREE_CONCRETE",
    "DEGREE_SIGNIFICANT", "DEGREE_UNDETERMINED")
SEEDED, DRAWN, ASSERTED = "TRUTH_ORIGIN_SEEDED", "TRUTH_ORIGIN_DRAWN_AUDIT", \
    "TRUTH_ORIGIN_ASSERTED_AUDIT"
OPENING = {"issued", "suppressedBeforeDisplay", "shown", "decided"}
NOT_FINAL = {"DECISION_OUTCOME_DEFERRED", "DECISION_OUTCOME_ESCALATED"}
REJECTING = {"DECISION_OUTCOME_OVERRIDDEN", "DECISION_OUTCOME_ABSTAINED"}
EXPECTED_LATER = {"truthEstablished", "expertReviewed", "reversed", "contested",
                  "recourseReviewed", "patientInformed"}
PAYLOADS = {"issued", "suppressedBeforeDisplay", "shown", "opened", "activeSegment",
            "evidenceOpened", "initialJudgement", "edited", "decided", "applied", "telemetryGap",
            "voided", "truthEstablished", "expertReviewed", "reversed", "contested",
            "recourseReviewed", "patientInformed"}


def kind_name(payload):
    """`activeSegment` as PAYLOAD_KIND_ACTIVE_SEGMENT."""
    return "PAYLOAD_KIND_" + "".join("_" + c if c.isupper() else c for c in payload).upper()


def codes_of(items):
    """The set of (system, code), None where there is none."""
    return frozenset((item["system"], item["code"]) for item in items) or None


# Kleene's logic: False < None < True.
def rank(value):
    return {False: 0, None: 1, True: 2}[value]


def all_of(*values):
    return min(values, key=rank)


def any_of(*values):
    return max(values, key=rank, default=False)


class Fact:
    """One event of a decision."""

    def __init__(self, event, source, position):
        self.payload = next(name for name in event if name in PAYLOADS)
        self.body = event[self.payload]
        self.source, self.position = source, position
        self.event_id, self.at = event["eventId"], int(event["occurredAtMs"])
        self.unit, self.version = event["unitId"], event["systemVersion"]
        actor = event.get("actor") or {}
        self.actor, self.role = actor.get("pseudonym", ""), actor.get("role", "")


def before(a, b, tolerance):
    """L8."""
    if a.source == b.source:
        return a.at <= b.at
    if abs(b.at - a.at) <= tolerance:
        return None
    return b.at > a.at


class Decision:
    """One decision, as the log tells it."""

    def __init__(self, organisation, name, system):
        self.organisation, self.name, self.system, self.kind = organisation, name, system, ""
        self.facts, self.sources, self.first_position = [], [], None
        self.state, self.closing_recorded, self.due_recorded = "pending", 0, 0
        self.due_occurred = math.inf
        self.late = self.uncounted = self.reviews_uncounted = 0
        self.finding, self.truth, self.plan, self.test, self.epoch = None, None, None, False, 0

    def valid(self, facts=None):
        facts = self.facts if facts is None else facts
        voided = {f.body["voidedEventId"] for f in facts if f.payload == "voided"}
        return [f for f in facts if f.event_id not in voided]


class Finding:
    """What is found at close: sections 1 and 2."""

    def __init__(self, decision, policy, declared, batch_evidence, median):
        self.policy, self.declared, self.batch_evidence = policy, declared, batch_evidence
        self.median, self.tolerance = median, int(policy["closing"]["clockToleranceMs"])
        self.rule = policy["examination"]
        self.facts = sorted(decision.valid(), key=lambda f: (
            f.at, f.payload == "applied", f.position))
        self.reasons, self.degree, self.automated, self.minimum = [], NO_DEGREE, False, None
        self.place(decision.closing_recorded == 0)
        self.describe()
        self.decide()
        self.count()

    def of(self, payload):
        return [f for f in self.facts if f.payload == payload]

    def gap(self, payload):
        return any(f.body["missing"] == kind_name(payload) for f in self.of("telemetryGap"))

    def declares(self, payload):
        return kind_name(payload) in self.declared

    def place(self, expired):
        """L3: the acts and the effect."""
        def first(payload):
            return next(iter(self.of(payload)), None)
        self.issued, self.suppressed, self.shown = (
            first("issued"), first("suppressedBeforeDisplay"), first("shown"))
        applied = self.of("applied")
        self.effect = applied[0] if applied else None
        self.last_effect = applied[-1] if applied else None
        final = [f for f in self.of("decided") if f.body["outcome"] not in NOT_FINAL]
        self.decided = final[-1] if final else None
        edited = self.of("edited")
        self.edited = edited[-1] if edited else None
        acts = [f for f in self.facts if f in final or f.payload == "edited" or (
            f.payload == "applied" and f.body["appliedBy"] == "EFFECT_CAUSE_PERSON")]
        self.decisive = acts[-1] if acts else None
        if expired and self.decisive is None and self.effect is None and self.of("decided"):
            self.decided = self.decisive = self.of("decided")[-1]
        self.deadline = self.effect or self.decisive

    def describe(self):
        act = self.decisive
        units = [f.unit for f in ([act] if act else []) + self.facts if f.unit]
        versions = [f.version for f in ([self.issued] if self.issued else []) + self.facts
                    if f.version]
        self.unit, self.version = (units + [""])[0], (versions + [""])[0]
        actors = [f.actor for f in self.facts if f.actor]
        self.actor = act.actor if act else (actors + [""])[0]
        when = act or self.effect or (self.facts[-1] if self.facts else None)
        self.decisive_at = when.at if when else 0
        self.suggested = codes_of(self.issued.body["suggestions"]) if self.issued else None
        self.describe_choice()
        self.describe_judgement()
        self.describe_time()
        body = self.decided.body if self.decided else None
        size = body["batchItemCount"] if body else 0
        self.batch = bool(body) and ((body["batchId"] != "" and size != 1) or size > 1)
        self.limited_time = bool(body) and any(r["code"] == "limited-time"
                                               for r in body["reasons"])

    def describe_choice(self):
        """The code that differs from the suggestion, if one does (N1)."""
        final = None
        if self.decided:
            final = codes_of(self.decided.body["finalCodes"])
            if final is None and self.decided.body["outcome"] == "DECISION_OUTCOME_ACCEPTED":
                final = self.suggested
        applied = codes_of(self.last_effect.body["codes"]) if self.last_effect else final
        self.chosen = final
        if final in (None, self.suggested) and applied not in (None, self.suggested):
            self.chosen = applied
        if self.chosen is None:
            self.chosen = applied

    def describe_judgement(self):
        """R3 B."""
        self.judged, self.own_judgement = None, False
        for fact in self.of("initialJudgement"):
            if fact.body["timing"] != "JUDGEMENT_TIMING_BEFORE_DISPLAY":
                continue
            first = before(fact, self.shown, self.tolerance) if self.shown else True
            if first is False:
                first = None
            if self.deadline:
                first = all_of(first, before(fact, self.deadline, self.tolerance))
            self.own_judgement = any_of(self.own_judgement, first)
            if first is True:
                self.judged = codes_of(fact.body["codes"])

    def describe_time(self):
        """L7, L8: (certain, possible, missing), or None without a segment."""
        self.time = None
        act = self.decisive or self.effect
        if act is None:
            return
        if self.effect and self.effect.at < act.at:
            act = self.effect
        certain, possible, missing = [], [], False
        for fact in self.of("activeSegment"):
            start, length = int(fact.body["startMs"]), int(fact.body["lengthMs"])
            if length < 0 or length > DAY_MS:
                missing = True
                continue
            slack = 0 if fact.source == act.source else self.tolerance
            end = start + min(length, int(self.rule["idleCapMs"]))
            certain.append((start, min(end, act.at - slack)))
            possible.append((start, min(end, act.at + slack)))
        if possible or missing:
            self.time = [union(certain), union(possible), missing]
        elif self.rule["elapsedCountsAsActive"] and self.shown and self.shown.source == act.source:
            elapsed = act.at - self.shown.at
            if 0 <= elapsed <= DAY_MS:
                self.time = [elapsed, elapsed, False]
        if self.time and self.gap("activeSegment"):
            self.time[2] = True

    def because(self, reason):
        self.reasons.append("REASON_" + reason)

    def outcome(self):
        if self.decided:
            return self.decided.body["outcome"]
        if self.edited:
            return "DECISION_OUTCOME_MODIFIED"
        differs = None not in (self.chosen, self.suggested) and self.chosen != self.suggested
        return "DECISION_OUTCOME_OVERRIDDEN" if differs else "DECISION_OUTCOME_ACCEPTED"

    def was_shown(self):
        if self.shown or self.of("opened"):
            return True
        if self.gap("shown"):
            return None
        if self.suppressed:
            return False
        return False if self.declares("shown") else None

    def is_automated(self):
        """R1."""
        if self.effect is None:
            return False
        if not self.effect_was_chosen():
            self.because("EFFECT_NOT_CHOSEN")
            return True
        if self.effect.body["appliedBy"] == "EFFECT_CAUSE_PERSON":
            return False
        acts = self.of("edited") + [f for f in self.of("decided")
                                    if f.body["outcome"] not in NOT_FINAL]
        acted = any_of(*(before(f, self.effect, self.tolerance) for f in acts))
        if acted is True:
            return False
        if acted is None:
            self.because("CLOCK_INCONSISTENT")
            return None
        if self.gap("decided"):
            self.because("SPAN_MISSING")
            return None
        self.because({"EFFECT_CAUSE_TIMEOUT": "TIMEOUT_DEFAULT",
                      "EFFECT_CAUSE_BYPASS_WINDOW": "BYPASS_WINDOW"}.get(
                          self.effect.body["appliedBy"], "SYSTEM_ACTION"))
        if acts:
            self.because("APPLIED_BEFORE_ACT")
        return True

    def effect_was_chosen(self):
        effect = codes_of(self.last_effect.body["codes"])
        if self.decided is None or effect is None:
            return True
        final, outcome = codes_of(self.decided.body["finalCodes"]), self.decided.body["outcome"]
        if final is not None:
            return effect == final
        if self.suggested is None:
            return True
        if outcome == "DECISION_OUTCOME_ACCEPTED":
            return effect == self.suggested
        return not (outcome in REJECTING and effect == self.suggested)

    def decide(self):
        if self.decisive is None and self.effect is None:
            self.because("SUPPRESSED_BEFORE_DISPLAY" if self.suppressed and not self.shown
                         else "NO_DECISION")
            return
        self.automated = self.is_automated()
        if self.automated is True:
            self.degree = AUTOMATED
        elif self.is_independent():
            self.because("INDEPENDENT")
        elif self.decisive and self.decisive.role in self.rule["rolesWithoutAuthority"] and \
                self.decisive.role:
            self.because("NO_AUTHORITY")
            self.degree = TOKEN
        elif self.automated is None:
            self.degree = UNDETERMINED
        else:
            self.examine()

    def is_independent(self):
        """R0, as ARCHITECTURE.md sharpens it."""
        if self.decisive is None:
            return False
        if self.outcome() == "DECISION_OUTCOME_INDEPENDENT":
            return self.was_shown() is not True
        takes_over = self.outcome() in ("DECISION_OUTCOME_ACCEPTED", "DECISION_OUTCOME_MODIFIED")
        return self.was_shown() is False and not takes_over and not self.batch

    def delivered(self, payload, counts):
        """Whether something that counts came before the deadline; unknown where nobody tells."""
        found = any_of(*(before(f, self.deadline, self.tolerance)
                         for f in self.facts + self.batch_evidence if counts(f)))
        if found is None:
            self.clock_inconsistent = True
        if found is not False:
            return found
        if self.gap(payload):
            self.span_missing = True
            return None
        if self.declares(payload):
            return False
        self.grade_too_low = True
        return None

    def examine(self):
        """R3, R4, then R5 to R8."""
        rule, outcome = self.rule, self.outcome()
        self.clock_inconsistent = self.span_missing = self.grade_too_low = False
        one_click = bool(self.decided) and self.decided.body["oneClick"]
        accepted = outcome == "DECISION_OUTCOME_ACCEPTED"
        untouched = bool(self.shown) and self.shown.body["preselected"] and accepted
        shown_counts = rule["shownCountsAsOpened"]
        opens = {"opened"} | ({"shown"} if shown_counts else set())
        opened = self.delivered("shown" if shown_counts and not self.declares("opened")
                                else "opened", lambda f: f.payload in opens)
        something = any(f.payload in ("opened", "evidenceOpened") and
                        before(f, self.deadline, self.tolerance) is True
                        for f in self.facts + self.batch_evidence)
        evidence, kind_missing, independent_missing = True, False, False
        for kind in rule["requiredEvidence"]:
            got = self.delivered("evidenceOpened", lambda f, kind=kind: (
                f.payload == "evidenceOpened" and f.body["kind"] == "EVIDENCE_KIND_" + kind))
            kind_missing |= got is False
            evidence = all_of(evidence, got)
        if rule["independentEvidenceRequired"]:
            got = self.delivered("evidenceOpened", lambda f: (
                f.payload == "evidenceOpened" and
                f.body["origin"] == "EVIDENCE_ORIGIN_INDEPENDENT"))
            independent_missing = got is False
            evidence = all_of(evidence, got)
        in_time = self.in_time(one_click and accepted or untouched)
        own, edit = self.own_way(), self.edit_way(outcome)
        way, otherwise = all_of(opened, evidence, in_time), any_of(own, edit)
        if self.batch and not something and own is False and edit is False and \
                not self.clock_inconsistent and not self.gap("opened") and \
                not self.gap("evidenceOpened") and \
                (self.declares("opened") or self.declares("evidenceOpened")):
            self.because("BATCH_WITHOUT_EVIDENCE")
            self.degree = TOKEN
            return
        if any_of(way, otherwise) is True:
            self.conclude_examined(way, own, edit, untouched, outcome)
            return
        too_fast = in_time is False and opened is not False and evidence is not False and \
            otherwise is False
        if too_fast and opened is True and evidence is True and something and not one_click:
            self.because("TOO_FAST_BUT_OPENED")
            self.degree = UNDETERMINED
            return
        if any_of(way, otherwise) is None or (too_fast and opened is None):
            for flag, reason in ((self.grade_too_low, "GRADE_TOO_LOW"),
                                 (self.span_missing, "SPAN_MISSING"),
                                 (self.clock_inconsistent, "CLOCK_INCONSISTENT")):
                if flag:
                    self.because(reason)
            self.degree = UNDETERMINED
            return
        for flag, reason in ((opened is False, "NEVER_OPENED"),
                             (kind_missing, "REQUIRED_EVIDENCE_MISSING"),
                             (independent_missing, "NO_INDEPENDENT_EVIDENCE"),
                             (in_time is False, "TOO_FAST"),
                             (untouched, "PRESELECTED_UNTOUCHED"), (one_click, "ONE_CLICK"),
                             (outcome in REJECTING, "REFLEX_OVERRIDE")):
            if flag:
                self.because(reason)
        self.degree = TOKEN

    def in_time(self, strict):
        """R4: the largest part that exists, compared in integers."""
        parts = []
        if "floorMs" in self.rule:
            parts.append(int(self.rule["floorMs"]))
        if "perItemMs" in self.rule and self.issued:
            parts.append(int(self.rule["perItemMs"]) * int(self.issued.body["contentItemCount"]))
        if self.median is not None:
            permille = self.rule["oneClickPermille" if strict else "unaidedPermille"]
            parts.append(-(-permille * self.median // 1000))
        if not parts:
            return True
        self.minimum = max(parts)
        if self.time is None:
            declared, gap = self.declares("activeSegment"), self.gap("activeSegment")
            self.grade_too_low |= not declared
            self.span_missing |= gap
            return self.minimum <= 0 if declared and not gap else None
        certain, possible, missing = self.time
        if certain >= self.minimum:
            return True
        self.span_missing |= missing
        self.clock_inconsistent |= possible >= self.minimum
        return None if possible >= self.minimum or missing else False

    def own_way(self):
        own = self.own_judgement
        self.clock_inconsistent |= own is None
        if own is False and self.gap("initialJudgement"):
            own, self.span_missing = None, True
        return own if self.rule["acceptOwnJudgementFirst"] else False

    def edit_way(self, outcome):
        edit = any_of(*(before(f, self.deadline, self.tolerance) for f in self.of("edited")
                        if f.body["changedPermille"] >= self.rule["substantialEditPermille"]))
        self.clock_inconsistent |= edit is None
        if edit is not False:
            return edit
        if self.gap("edited"):
            self.span_missing = True
            return None
        if outcome == "DECISION_OUTCOME_MODIFIED" and not self.edited and \
                not self.declares("edited"):
            self.grade_too_low = True
            return None
        return False

    def conclude_examined(self, way, own, edit, untouched, outcome):
        """R5."""
        if way is True:
            self.because("EXAMINED_SUGGESTION")
            if self.rule["unaidedPermille"] > 0 and self.median is None:
                self.because("BASELINE_ABSENT")
        if own is True:
            self.because("OWN_JUDGEMENT_FIRST")
        if edit is True:
            self.because("SUBSTANTIAL_EDIT")
        if untouched:
            self.because("PRESELECTED_UNTOUCHED")
        known = None not in (self.chosen, self.suggested)
        same = known and self.chosen == self.suggested
        changed = outcome != "DECISION_OUTCOME_ACCEPTED"
        if (outcome == "DECISION_OUTCOME_OVERRIDDEN" and same) or (
                outcome == "DECISION_OUTCOME_ACCEPTED" and known and not same):
            self.because("OUTCOME_CONTRADICTED")
            changed = False
        elif outcome == "DECISION_OUTCOME_INDEPENDENT":
            changed = known and not same
        self.degree = SIGNIFICANT if changed else CONCRETE
        if changed:
            self.because("CHANGED_OUTCOME")

    def count(self):
        """Section 3: contributions, None = no trial, "unknown" otherwise."""
        happened = self.decisive is not None or self.effect is not None
        independent = "REASON_INDEPENDENT" in self.reasons
        self.exposed = not independent and (self.was_shown() is True or happened)
        self.positive_act = self.concrete = self.coverage = None
        if not happened:
            return
        failed = self.degree == AUTOMATED or "REASON_BATCH_WITHOUT_EVIDENCE" in self.reasons
        self.positive_act = "unknown" if self.automated is None else not failed
        if self.decisive is None or independent:
            return
        self.coverage = self.degree != UNDETERMINED
        if self.degree != AUTOMATED:
            self.concrete = "unknown" if self.degree == UNDETERMINED else self.degree != TOKEN


def union(stretches):
    length, covered = 0, -math.inf
    for start, end in sorted(stretches):
        start = max(start, covered)
        if end > start:
            length, covered = length + end - start, end
    return length
