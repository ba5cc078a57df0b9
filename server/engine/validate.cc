// SPDX-License-Identifier: Apache-2.0
#include "engine/validate.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/cat.h"
#include "base/limits.h"

namespace vigie::engine {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using google::protobuf::RepeatedPtrField;
using Found = std::optional<Refusal>;

constexpr std::string_view kIdentifierWanted = "1-64 characters of [A-Za-z0-9._:/-]";

// Sixteen characters at once, because events are full of identifiers.
using Chars [[gnu::vector_size(16)]] = unsigned char;
using Words [[gnu::vector_size(16)]] = uint64_t;

template <typename T>
T Load(std::string_view text, size_t at) {
  T loaded;
  std::memcpy(&loaded, text.data() + at, sizeof(T));
  return loaded;
}

// All characters of 1 to 15, some of them twice.
Chars LoadShort(std::string_view text) {
  const size_t size = text.size();
  Words words{};
  if (size >= sizeof(uint64_t)) {
    words = Words{Load<uint64_t>(text, 0), Load<uint64_t>(text, size - sizeof(uint64_t))};
  } else if (size >= sizeof(uint32_t)) {
    words += Load<uint32_t>(text, 0) | uint64_t{Load<uint32_t>(text, size - sizeof(uint32_t))}
                                           << 32;
  } else {
    Chars chars = Chars{} + static_cast<unsigned char>(text.front());
    chars[1] = static_cast<unsigned char>(text[size / 2]);
    chars[2] = static_cast<unsigned char>(text.back());
    return chars;
  }
  return reinterpret_cast<Chars>(words);
}

// All bits are set where a character may stand in an identifier.
Chars IdentifierChars(Chars chars) {
  const Chars small = chars | 0x20;  // As ASCII has it; nothing but a letter becomes a small one.
  const auto letter = small - 'a' <= 'z' - 'a';
  const auto digit = chars - '-' <= ':' - '-';  // - . / 0 to 9 : follow one another.
  return reinterpret_cast<Chars>(letter | digit | (chars == '_'));
}

bool AllSet(Chars chars) {
  const auto words = reinterpret_cast<Words>(chars);
  return (words[0] & words[1]) == ~uint64_t{0};
}

Found Missing(std::string_view field, std::string_view want) {
  return MakeRefusal(REFUSAL_REASON_FIELD_MISSING, field, "nothing", want);
}

// An enum field that the payload requires. proto3 keeps numbers it does not know.
template <typename IsValid>
Found CheckEnum(std::string_view field, int value, IsValid is_valid, std::string_view want) {
  if (value == 0) return Missing(field, want);
  if (!is_valid(value)) {
    return MakeRefusal(REFUSAL_REASON_ENUM_UNKNOWN, field, base::Cat(value),
                       base::Cat(want, " known to this version"));
  }
  return std::nullopt;
}

Found CheckRange(std::string_view field, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return std::nullopt;
  return MakeRefusal(REFUSAL_REASON_OUT_OF_RANGE, field, base::Cat(value),
                     base::Cat(low, " to ", high));
}

Found CheckRatio(std::string_view field, double value) {
  if (value >= 0 && value <= 1) return std::nullopt;
  return MakeRefusal(REFUSAL_REASON_OUT_OF_RANGE, field, base::Cat(value), "0 to 1");
}

// Names the field only once something is wrong: a text for each code of an event costs more than
// the check.
Found In(std::string_view list, std::string_view field, Found found) {
  if (found.has_value()) found->violation.set_field(base::Cat(list, field));
  return found;
}

Found CheckCodes(std::string_view field, const RepeatedPtrField<Code>& codes, bool required) {
  if (required && codes.empty()) return Missing(field, "1-8 codes");
  if (codes.size() > base::kMaxCodes) {
    return MakeRefusal(REFUSAL_REASON_FIELD_TOO_LONG, field, base::Cat(codes.size(), " codes"),
                       base::Cat("at most ", base::kMaxCodes));
  }
  for (const Code& code : codes) {
    if (auto found = In(field, ".system", CheckIdentifier("", code.system(), false))) return found;
    if (auto found = In(field, ".code", CheckIdentifier("", code.code(), true))) return found;
  }
  return std::nullopt;
}

template <typename... Checks>
Found First(Found first, Checks&&... rest) {
  if (first.has_value()) return first;
  if constexpr (sizeof...(rest) == 0) {
    return std::nullopt;
  } else {
    return First(std::forward<Checks>(rest)...);
  }
}

Found Check(const Issued& issued) {
  if (!issued.patient_pseudonym().empty() || issued.patient_key_epoch() != 0) {
    return MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "issued.patient_pseudonym", "a value",
                       "none: it is output only; send patient_id");
  }
  if (issued.derived_from_decision_ids_size() > base::kMaxCodes) {
    return MakeRefusal(REFUSAL_REASON_FIELD_TOO_LONG, "issued.derived_from_decision_ids",
                       base::Cat(issued.derived_from_decision_ids_size()),
                       base::Cat("at most ", base::kMaxCodes));
  }
  for (const std::string& id : issued.derived_from_decision_ids()) {
    if (auto found = CheckIdentifier("issued.derived_from_decision_ids", id, true)) return found;
  }
  return First(CheckCodes("issued.suggestions", issued.suggestions(), true),
               CheckRatio("issued.confidence_ratio", issued.confidence_ratio()),
               CheckRange("issued.content_item_count", issued.content_item_count(), 0, 1'000'000),
               CheckIdentifier("issued.patient_group", issued.patient_group(), false),
               CheckIdentifier("issued.patient_id", issued.patient_id(), false));
}

Found Check(const EvidenceOpened& evidence) {
  return First(
      CheckEnum("evidence_opened.kind", evidence.kind(), EvidenceKind_IsValid, "an EvidenceKind"),
      CheckEnum("evidence_opened.origin", evidence.origin(), EvidenceOrigin_IsValid,
                "an EvidenceOrigin"),
      CheckIdentifier("evidence_opened.batch_id", evidence.batch_id(), false));
}

Found Check(const InitialJudgement& judgement) {
  return First(CheckCodes("initial_judgement.codes", judgement.codes(), true),
               CheckEnum("initial_judgement.timing", judgement.timing(), JudgementTiming_IsValid,
                         "a JudgementTiming"));
}

Found Check(const Edited& edited) {
  return First(CheckRange("edited.changed_permille", edited.changed_permille(), 0, 1000),
               CheckEnum("edited.manner", edited.manner(), EditManner_IsValid, "an EditManner"));
}

Found Check(const Decided& decided) {
  return First(
      CheckEnum("decided.outcome", decided.outcome(), DecisionOutcome_IsValid, "a DecisionOutcome"),
      CheckCodes("decided.final_codes", decided.final_codes(), false),
      CheckCodes("decided.reasons", decided.reasons(), false),
      CheckIdentifier("decided.batch_id", decided.batch_id(), false),
      CheckRange("decided.batch_item_count", decided.batch_item_count(), 0, 1'000'000));
}

Found Check(const TruthEstablished& truth) {
  return First(
      CheckCodes("truth_established.codes", truth.codes(), true),
      CheckEnum("truth_established.origin", truth.origin(), TruthOrigin_IsValid, "a TruthOrigin"),
      CheckRatio("truth_established.inclusion_ratio", truth.inclusion_ratio()),
      CheckIdentifier("truth_established.origin_id", truth.origin_id(), false));
}

Found Check(const UnaidedDecision& unaided) {
  if (!unaided.has_active_ms() && unaided.final_codes().empty()) {
    return Missing("unaided_decision.active_ms", "active_ms or final_codes");
  }
  return First(CheckCodes("unaided_decision.final_codes", unaided.final_codes(), false),
               CheckCodes("unaided_decision.truth_codes", unaided.truth_codes(), false));
}

Found CheckPayload(const EventHead& head, const Event& event) {
  switch (event.payload_case()) {
    case Event::kIssued:
      return Check(event.issued());
    case Event::kSuppressedBeforeDisplay:
      return CheckCodes("suppressed_before_display.reasons",
                        event.suppressed_before_display().reasons(), false);
    case Event::kShown:
      return CheckIdentifier("shown.screen_version", event.shown().screen_version(), false);
    case Event::kEvidenceOpened:
      return Check(event.evidence_opened());
    case Event::kInitialJudgement:
      return Check(event.initial_judgement());
    case Event::kEdited:
      return Check(event.edited());
    case Event::kDecided:
      return Check(event.decided());
    case Event::kApplied:
      return First(CheckCodes("applied.codes", event.applied().codes(), false),
                   CheckEnum("applied.applied_by", event.applied().applied_by(),
                             EffectCause_IsValid, "an EffectCause"));
    case Event::kTelemetryGap:
      return CheckEnum("telemetry_gap.missing", event.telemetry_gap().missing(),
                       PayloadKind_IsValid, "a PayloadKind");
    case Event::kVoided:
      return CheckIdentifier("voided.voided_event_id", event.voided().voided_event_id(), true);
    case Event::kTruthEstablished:
      return Check(event.truth_established());
    case Event::kExpertReviewed:
      return CheckEnum("expert_reviewed.finding", event.expert_reviewed().finding(),
                       ExpertFinding_IsValid, "an ExpertFinding");
    case Event::kReversed:
      return CheckCodes("reversed.codes", event.reversed().codes(), false);
    case Event::kConfigurationChanged:
      return First(CheckEnum("configuration_changed.change", event.configuration_changed().change(),
                             ConfigurationChange_IsValid, "a ConfigurationChange"),
                   CheckIdentifier("configuration_changed.new_version",
                                   event.configuration_changed().new_version(), false));
    case Event::kUnaidedDecision:
      return First(CheckIdentifier("decision_kind", head.decision_kind, true),
                   Check(event.unaided_decision()));
    case Event::PAYLOAD_NOT_SET:
      return Missing("payload", "one payload known to this version");
    default:
      return std::nullopt;
  }
}

bool NeedsDecision(const Event& event) {
  switch (event.payload_case()) {
    case Event::kProfessionalInformed:
    case Event::kSystemStopped:
    case Event::kSystemResumed:
    case Event::kConfigurationChanged:
      return false;
    default:
      return true;
  }
}

Found CheckActor(const EventHead& head) {
  if (!head.pseudonym.empty() || head.key_epoch != 0) {
    return MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "actor.pseudonym", "a value",
                       "none: it is output only; send actor.id");
  }
  return First(CheckIdentifier("actor.role", head.role, false),
               CheckIdentifier("actor.id", head.actor_id, false));
}

Found CheckAttributes(const RepeatedPtrField<Attribute>& attributes) {
  if (attributes.size() > base::kMaxAttributes) {
    return MakeRefusal(REFUSAL_REASON_FIELD_TOO_LONG, "attributes", base::Cat(attributes.size()),
                       base::Cat("at most ", base::kMaxAttributes));
  }
  for (const Attribute& attribute : attributes) {
    if (auto found = CheckIdentifier("attributes.name", attribute.name(), true)) return found;
    if (!std::isfinite(attribute.value())) {
      return MakeRefusal(REFUSAL_REASON_OUT_OF_RANGE, "attributes.value", "not finite",
                         "a finite number");
    }
  }
  return std::nullopt;
}

Found CheckTimes(const EventHead& head, const Event& rest, int64_t now_ms) {
  const int64_t latest_ms = now_ms + base::kMaxFutureMs;
  const auto absurd = [&](std::string_view field, int64_t value) -> Found {
    if (value >= 0 && value <= latest_ms) return std::nullopt;
    return MakeRefusal(REFUSAL_REASON_TIME_ABSURD, field, base::Cat(value),
                       base::Cat("0 to receipt + 24 h (", latest_ms, ")"));
  };
  // sent_at_ms describes the sender's clock, however wrong; only before 1970 it says nothing.
  return First(absurd("occurred_at_ms", head.occurred_at_ms),
               absurd("active_segment.start_ms", rest.active_segment().start_ms()),
               CheckRange("sent_at_ms", head.sent_at_ms, 0, INT64_MAX));
}

// Every identifier that is opaque by contract, with its field.
std::vector<std::pair<std::string_view, std::string_view>> OpaqueIds(const EventHead& head,
                                                                     const Event& rest) {
  std::vector<std::pair<std::string_view, std::string_view>> ids = {
      {"event_id", head.event_id}, {"decision_id", head.decision_id}};
  for (const std::string& id : rest.issued().derived_from_decision_ids()) {
    ids.emplace_back("issued.derived_from_decision_ids", id);
  }
  if (rest.has_voided()) {
    ids.emplace_back("voided.voided_event_id", rest.voided().voided_event_id());
  }
  if (rest.has_decided()) ids.emplace_back("decided.batch_id", rest.decided().batch_id());
  if (rest.has_evidence_opened()) {
    ids.emplace_back("evidence_opened.batch_id", rest.evidence_opened().batch_id());
  }
  return ids;
}

}  // namespace

Refusal MakeRefusal(RefusalReason reason, std::string_view field, std::string_view got,
                    std::string_view want, absl::StatusCode code) {
  Refusal refusal;
  refusal.violation.set_reason(reason);
  refusal.violation.set_field(std::string(field));
  refusal.violation.set_got(std::string(got));
  refusal.violation.set_want(std::string(want));
  refusal.code = code;
  return refusal;
}

Refusal NotAnEvent() {
  return MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "event", "texts that are not UTF-8",
                     "protobuf with UTF-8 strings");
}

absl::Status ToStatus(const Refusal& refusal) {
  const Violation& violation = refusal.violation;
  return absl::Status(refusal.code, base::Cat(violation.field(), ": got ", violation.got(),
                                              ", want ", violation.want()));
}

bool IsIdentifier(std::string_view text) {
  if (text.empty() || text.size() > base::kMaxIdentifierChars) return false;
  if (text.size() < sizeof(Chars)) return AllSet(IdentifierChars(LoadShort(text)));
  // The last sixteen overlap those before.
  const size_t last = text.size() - sizeof(Chars);
  Chars allowed = IdentifierChars(Load<Chars>(text, last));
  for (size_t at = 0; at < last; at += sizeof(Chars)) {
    allowed &= IdentifierChars(Load<Chars>(text, at));
  }
  return AllSet(allowed);
}

std::optional<Refusal> CheckIdentifier(std::string_view field, std::string_view text,
                                       bool required) {
  if (text.empty()) return required ? Missing(field, kIdentifierWanted) : std::nullopt;
  if (text.size() > base::kMaxIdentifierChars) {
    return MakeRefusal(REFUSAL_REASON_FIELD_TOO_LONG, field, base::Cat(text.size(), " characters"),
                       kIdentifierWanted);
  }
  if (!IsIdentifier(text)) {
    return MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, field, "another character",
                       kIdentifierWanted);
  }
  if (text == kOtherName) {
    return MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, field, "a reserved name",
                       "another name: _other is where scopes beyond the limit fold into");
  }
  return std::nullopt;
}

PayloadKind KindOf(const Event& event) {
  // PayloadKind is numbered in the order of the oneof.
  const int offset = static_cast<int>(Event::kIssued) - static_cast<int>(PAYLOAD_KIND_ISSUED);
  return event.payload_case() == Event::PAYLOAD_NOT_SET
             ? PAYLOAD_KIND_UNSPECIFIED
             : static_cast<PayloadKind>(static_cast<int>(event.payload_case()) - offset);
}
static_assert(static_cast<int>(Event::kUnaidedDecision) - static_cast<int>(Event::kIssued) ==
              static_cast<int>(PAYLOAD_KIND_UNAIDED_DECISION) -
                  static_cast<int>(PAYLOAD_KIND_ISSUED));

Validator::Validator(std::string organisation,
                     const std::vector<std::string>& patient_number_patterns)
    : organisation_(std::move(organisation)) {
  for (const std::string& pattern : patient_number_patterns) {
    patterns_.push_back(std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet));
  }
}

Validator::~Validator() = default;

bool Validator::LooksPersonal(std::string_view id) const {
  return std::any_of(patterns_.begin(), patterns_.end(), [id](const auto& pattern) {
    return re2::RE2::PartialMatch(re2::StringPiece(id.data(), id.size()), *pattern);
  });
}

bool Validator::IsSafeToKeep(const google::protobuf::Message& message) const {
  if (message.ByteSizeLong() > base::kMaxEventBytes) return false;
  const auto safe = [this](const std::string& text) {
    return text.empty() || (IsIdentifier(text) && !LooksPersonal(text));
  };
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->type() == google::protobuf::FieldDescriptor::TYPE_STRING) {
        if (!safe(field->is_repeated() ? reflection.GetRepeatedString(message, field, i)
                                       : reflection.GetString(message, field))) {
          return false;
        }
      } else if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
        if (!IsSafeToKeep(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                               : reflection.GetMessage(message, field))) {
          return false;
        }
      }
    }
  }
  return true;
}

std::optional<Refusal> Validator::CheckHead(const EventHead& head, const Event& rest) const {
  const bool needs_decision = NeedsDecision(rest);
  if (auto found = First(CheckIdentifier("event_id", head.event_id, true),
                         CheckIdentifier("organisation_id", head.organisation_id, true),
                         CheckIdentifier("decision_id", head.decision_id, needs_decision),
                         CheckIdentifier("system_id", head.system_id, true),
                         CheckIdentifier("system_version", head.system_version, false),
                         CheckIdentifier("unit_id", head.unit_id, false),
                         CheckIdentifier("decision_kind", head.decision_kind, false))) {
    return found;
  }
  if (!needs_decision && !head.decision_id.empty() &&
      rest.payload_case() != Event::PAYLOAD_NOT_SET) {
    return MakeRefusal(REFUSAL_REASON_FIELD_MALFORMED, "decision_id", "a value",
                       "none: this payload is about a system, not a decision");
  }
  if (!organisation_.empty() && head.organisation_id != organisation_) {
    return MakeRefusal(REFUSAL_REASON_ORGANISATION_UNKNOWN, "organisation_id", "another one",
                       "the configured organisation, or none");
  }
  if (patterns_.empty()) return std::nullopt;
  for (const auto& [field, id] : OpaqueIds(head, rest)) {
    if (!id.empty() && LooksPersonal(id)) {
      return MakeRefusal(REFUSAL_REASON_LOOKS_PERSONAL, field, "a patient number by its pattern",
                         "an opaque identifier");
    }
  }
  return std::nullopt;
}

std::optional<Refusal> Validator::Check(const EventHead& head, const Event& rest, size_t bytes,
                                        int64_t now_ms) const {
  if (bytes > base::kMaxEventBytes) {
    return MakeRefusal(REFUSAL_REASON_EVENT_TOO_LARGE, "event", base::Cat(bytes, " bytes"),
                       base::Cat("at most ", base::kMaxEventBytes));
  }
  if (auto found = CheckHead(head, rest)) return found;
  if (auto found = CheckTimes(head, rest, now_ms)) return found;
  if (auto found = CheckActor(head)) return found;
  if (auto found = CheckAttributes(rest.attributes())) return found;
  return CheckPayload(head, rest);
}

std::optional<Refusal> Validator::Check(const Event& event, int64_t now_ms) const {
  const std::string bytes = event.SerializeAsString();
  Event rest;
  std::string normal;
  EventHead head;
  if (!ReadEvent(bytes, &head, &rest, &normal)) return NotAnEvent();
  DefaultOrganisation(organisation_, head);
  return Check(head, rest, bytes.size(), now_ms);
}

}  // namespace vigie::engine
