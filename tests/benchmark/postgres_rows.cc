// SPDX-License-Identifier: Apache-2.0
#include "postgres_rows.h"

#include "event_bytes.h"
#include "vigie/v1/event.pb.h"

namespace vigie::benchmark {
namespace {

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr int16_t kEnd = -1;
constexpr int32_t kNull = -1;
// Object identifiers of the columns' types, as PostgreSQL numbers its own.
constexpr int32_t kSmallint = 21;
constexpr int32_t kBigint = 20;
constexpr int32_t kText = 25;
constexpr int32_t kUuid = 2950;
constexpr std::array<int32_t, kColumns> kTypes = {
    kUuid,   kText, kUuid,   kText,     kText, kText,     kText,     kText,   kBigint,
    kBigint, kText, kBigint, kSmallint, kText, kSmallint, kSmallint, kBigint, kBigint};

// Big-endian.
template <typename Integer>
void AppendRaw(std::string& out, Integer value) {
  char bytes[sizeof(value)];
  for (size_t i = 0; i < sizeof(value); ++i) {
    bytes[i] = static_cast<char>(value >> (8 * (sizeof(value) - 1 - i)));
  }
  out.append(bytes, sizeof(value));
}

// After its length, as all fields are.
template <typename Integer>
void AppendInteger(std::string& out, Integer value) {
  AppendRaw(out, static_cast<int32_t>(sizeof(value)));
  AppendRaw(out, value);
}

void AppendText(std::string& out, std::string_view text) {
  AppendRaw(out, static_cast<int32_t>(text.size()));
  out.append(text);
}

void AppendId(std::string& out, const RandomId& id) {
  AppendRaw(out, static_cast<int32_t>(sizeof(id)));
  for (const uint64_t half : id) AppendRaw(out, static_cast<int64_t>(half));
}

void AppendNull(std::string& out) { AppendRaw(out, kNull); }

// Appends each field of a row to what `next` returns for it.
template <typename Next>
void AppendFields(std::string_view source_id, int64_t sequence, const LoadEvent& event,
                  Next&& next) {
  const LoadDecision& decision = *event.decision;
  char system[] = "system-0";
  char unit[] = "unit-000";
  char actor[] = "clinician-0000";
  WriteDigits(decision.system, 1, system + 7);
  WriteDigits(decision.unit, 3, unit + 5);
  WriteDigits(decision.actor, 4, actor + 10);
  AppendId(next(), event.id);
  AppendText(next(), "benchmark");
  AppendId(next(), decision.id);
  AppendText(next(), system);
  AppendText(next(), unit);
  AppendText(next(), "triage");
  AppendText(next(), actor);
  AppendText(next(), "physician");
  AppendInteger(next(), event.occurred_at_ms);
  AppendInteger(next(), event.sent_at_ms);
  AppendText(next(), source_id);
  AppendInteger(next(), sequence);
  AppendInteger(next(), static_cast<int16_t>(event.step));
  switch (event.step) {
    case Step::kIssued:
      AppendText(next(), "send");
      break;
    case Step::kDecided:
    case Step::kApplied:
      AppendText(next(), decision.right ? "send" : "keep");
      break;
    default:
      AppendNull(next());
  }
  if (event.step == Step::kDecided) {
    AppendInteger(next(),
                  static_cast<int16_t>(decision.right ? vigie::v1::DECISION_OUTCOME_ACCEPTED
                                                      : vigie::v1::DECISION_OUTCOME_OVERRIDDEN));
  } else {
    AppendNull(next());
  }
  if (event.step == Step::kApplied) {
    AppendInteger(next(), static_cast<int16_t>(vigie::v1::EFFECT_CAUSE_PERSON));
  } else {
    AppendNull(next());
  }
  if (event.step == Step::kActiveSegment) {
    AppendInteger(next(), decision.began_ms + kSegmentStartsAfterMs);
    AppendInteger(next(), kSegmentLengthMs);
  } else {
    AppendNull(next());
    AppendNull(next());
  }
}

}  // namespace

void CopyRows::Fill(std::string_view source_id, int64_t first_sequence, int event_count,
                    Feed* feed) {
  buffer_.assign(kSignature);
  AppendRaw(buffer_, int32_t{0});  // No flags.
  AppendRaw(buffer_, int32_t{0});  // No extension of the header.
  for (int i = 0; i < event_count; ++i) {
    AppendRaw(buffer_, static_cast<int16_t>(kColumns));
    AppendFields(
        source_id, first_sequence + i, feed->Next(), [&]() -> auto& { return buffer_; });
  }
  AppendRaw(buffer_, kEnd);
}

void ColumnArrays::Fill(std::string_view source_id, int64_t first_sequence, int event_count,
                        Feed* feed) {
  for (size_t i = 0; i < kColumns; ++i) {
    columns_[i].clear();
    AppendRaw(columns_[i], int32_t{1});  // One dimension.
    AppendRaw(columns_[i], int32_t{1});  // It may hold nulls.
    AppendRaw(columns_[i], kTypes[i]);
    AppendRaw(columns_[i], int32_t{event_count});
    AppendRaw(columns_[i], int32_t{1});  // Counted from.
  }
  for (int i = 0; i < event_count; ++i) {
    size_t column = 0;
    AppendFields(
        source_id, first_sequence + i, feed->Next(), [&]() -> auto& { return columns_[column++]; });
  }
}

}  // namespace vigie::benchmark
