// SPDX-License-Identifier: Apache-2.0
#include "copy_rows.h"

#include "event_bytes.h"
#include "vigie/v1/event.pb.h"

namespace vigie::benchmark {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr int16_t kColumns = 18;
constexpr int16_t kEnd = -1;
constexpr int32_t kNull = -1;

}  // namespace

void CopyRows::Fill(std::string_view source_id, int64_t first_sequence, int event_count,
                    Feed* feed) {
  buffer_.assign(kSignature);
  AppendRaw(int32_t{0});  // No flags.
  AppendRaw(int32_t{0});  // No extension of the header.
  for (int i = 0; i < event_count; ++i) Append(source_id, first_sequence + i, feed->Next());
  AppendRaw(kEnd);
}

void CopyRows::Append(std::string_view source_id, int64_t sequence, const LoadEvent& event) {
  const LoadDecision& decision = *event.decision;
  char system[] = "system-0";
  char unit[] = "unit-000";
  char actor[] = "clinician-0000";
  WriteDigits(decision.system, 1, system + 7);
  WriteDigits(decision.unit, 3, unit + 5);
  WriteDigits(decision.actor, 4, actor + 10);
  AppendRaw(kColumns);
  AppendId(event.id);
  AppendText("benchmark");
  AppendId(decision.id);
  AppendText(system);
  AppendText(unit);
  AppendText("triage");
  AppendText(actor);
  AppendText("physician");
  AppendInteger(event.occurred_at_ms);
  AppendInteger(event.sent_at_ms);
  AppendText(source_id);
  AppendInteger(sequence);
  AppendInteger(static_cast<int16_t>(event.step));
  switch (event.step) {
    case Step::kIssued:
      AppendText("send");
      break;
    case Step::kDecided:
    case Step::kApplied:
      AppendText(decision.right ? "send" : "keep");
      break;
    default:
      AppendNull();
  }
  if (event.step == Step::kDecided) {
    AppendInteger(static_cast<int16_t>(decision.right ? vigie::v1::DECISION_OUTCOME_ACCEPTED
                                                      : vigie::v1::DECISION_OUTCOME_OVERRIDDEN));
  } else {
    AppendNull();
  }
  if (event.step == Step::kApplied) {
    AppendInteger(static_cast<int16_t>(vigie::v1::EFFECT_CAUSE_PERSON));
  } else {
    AppendNull();
  }
  if (event.step == Step::kActiveSegment) {
    AppendInteger(decision.began_ms + kSegmentStartsAfterMs);
    AppendInteger(kSegmentLengthMs);
  } else {
    AppendNull();
    AppendNull();
  }
}

void CopyRows::AppendText(std::string_view text) {
  AppendRaw(static_cast<int32_t>(text.size()));
  buffer_.append(text);
}

void CopyRows::AppendId(const RandomId& id) {
  AppendRaw(static_cast<int32_t>(sizeof(id)));
  for (const uint64_t half : id) AppendRaw(static_cast<int64_t>(half));
}

void CopyRows::AppendNull() { AppendRaw(kNull); }

template <typename Integer>
void CopyRows::AppendInteger(Integer value) {
  AppendRaw(static_cast<int32_t>(sizeof(value)));
  AppendRaw(value);
}

template <typename Integer>
void CopyRows::AppendRaw(Integer value) {
  char bytes[sizeof(value)];
  for (size_t i = 0; i < sizeof(value); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(value) - 1 - i)));
  }
  buffer_.append(bytes, sizeof(value));
}

}  // namespace vigie::benchmark
