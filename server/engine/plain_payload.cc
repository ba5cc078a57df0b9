// SPDX-License-Identifier: Apache-2.0
#include "engine/plain_payload.h"

#include <google/protobuf/io/coded_stream.h>

#include <bit>
#include <climits>
#include <string>

#include "decision/codes.h"
#include "engine/validate.h"
#include "store/wire.h"
#include "store/wire_reading.h"
#include "vigie/v1/event.pb.h"

namespace vigie::engine {
namespace {

namespace wire = store::wire;
using namespace vigie::v1;  // Enumerators and messages.
using decision::Fact;

constexpr int kNoneRepeated = 0;
constexpr int64_t kMaxContentItems = 1'000'000;

// Reads the fields of one message, and adds up how many bytes they would be written with. Fields in
// order and once are written with no more bytes than they were read with, so that the same number
// says that they are the same bytes.
class Reading {
 public:
  explicit Reading(std::string_view bytes) : bytes_(bytes) {}

  // Calls `read(tag, in)` for each field; whether all of it was plain.
  template <typename Read>
  [[nodiscard]] bool All(const Read& read) {
    const size_t end = wire::ReadFields(bytes_, INT_MAX, kNoneRepeated, read);
    return end == bytes_.size() && written_ == bytes_.size();
  }

  // Each of these: false where the field is not plain.
  [[nodiscard]] bool Positive(wire::Input& in, int64_t most, int64_t* value) {
    if (!wire::ReadVarint(in, *value) || *value < 1 || *value > most) return false;
    written_ += wire::PresentVarintFieldSize(static_cast<uint64_t>(*value));
    return true;
  }
  [[nodiscard]] bool Flag(wire::Input& in, bool* value) {
    int64_t number = 0;
    *value = true;
    return Positive(in, 1, &number);
  }
  template <typename IsValid>
  [[nodiscard]] bool Enumerator(wire::Input& in, IsValid is_valid, int32_t* value) {
    int64_t number = 0;
    if (!Positive(in, INT32_MAX, &number)) return false;
    *value = static_cast<int32_t>(number);
    return is_valid(*value);
  }
  [[nodiscard]] bool Identifier(wire::Input& in, std::string_view* value) {
    if (!Nested(in, value)) return false;
    return !value->empty() && !CheckIdentifier("", *value, /*required=*/true).has_value();
  }
  [[nodiscard]] bool Ratio(wire::Input& in) {
    std::string_view bytes;
    uint64_t bits = 0;
    if (!in.ReadSome(sizeof(bits), bytes)) return false;
    google::protobuf::io::CodedInputStream::ReadLittleEndian64FromArray(
        reinterpret_cast<const uint8_t*>(bytes.data()), &bits);
    written_ += 1 + sizeof(bits);
    const auto value = std::bit_cast<double>(bits);
    return value >= 0 && value <= 1;
  }
  [[nodiscard]] bool Nested(wire::Input& in, std::string_view* bytes) {
    if (!in.ReadBytes(*bytes)) return false;
    written_ += wire::BytesFieldSize(bytes->size());
    return true;
  }
  [[nodiscard]] bool OneCode(wire::Input& in, std::string* codes);

 private:
  const std::string_view bytes_;
  size_t written_ = 0;
};

// A list of one: of more, the order would have to be the canonical one.
bool Reading::OneCode(wire::Input& in, std::string* codes) {
  std::string_view bytes;
  if (!Nested(in, &bytes)) return false;
  Reading code(bytes);
  std::string_view system;
  std::string_view text;
  const bool plain = code.All([&](uint32_t tag, wire::Input& field) {
    switch (tag) {
      case wire::BytesTag(Code::kSystemFieldNumber):
        return code.Identifier(field, &system);
      case wire::BytesTag(Code::kCodeFieldNumber):
        return code.Identifier(field, &text);
      default:
        return false;
    }
  });
  if (!plain || text.empty()) return false;
  *codes = decision::CanonicalCode(system, text);
  return true;
}

bool ReadIssued(std::string_view bytes, Fact& fact) {
  Reading issued(bytes);
  const bool plain = issued.All([&](uint32_t tag, wire::Input& in) {
    switch (tag) {
      case wire::BytesTag(Issued::kSuggestionsFieldNumber):
        return issued.OneCode(in, &fact.codes);
      case wire::Fixed64Tag(Issued::kConfidenceRatioFieldNumber):
        return issued.Ratio(in);
      case wire::VarintTag(Issued::kContentItemCountFieldNumber):
        return issued.Positive(in, kMaxContentItems, &fact.amount);
      default:
        return false;
    }
  });
  return plain && !fact.codes.empty();
}

bool ReadShown(std::string_view bytes, PlainPayload& plain) {
  Reading shown(bytes);
  bool auto_launched = false;
  return shown.All([&](uint32_t tag, wire::Input& in) {
    switch (tag) {
      case wire::BytesTag(Shown::kScreenVersionFieldNumber):
        return shown.Identifier(in, &plain.screen_version);
      case wire::VarintTag(Shown::kPreselectedFieldNumber):
        return shown.Flag(in, &plain.fact.preselected);
      case wire::VarintTag(Shown::kAutoLaunchedFieldNumber):
        return shown.Flag(in, &auto_launched);
      default:
        return false;
    }
  });
}

bool ReadActiveSegment(std::string_view bytes, int64_t latest_ms, Fact& fact) {
  Reading segment(bytes);
  return segment.All([&](uint32_t tag, wire::Input& in) {
    switch (tag) {
      case wire::VarintTag(ActiveSegment::kStartMsFieldNumber):
        return segment.Positive(in, latest_ms, &fact.start_ms);
      case wire::VarintTag(ActiveSegment::kLengthMsFieldNumber):
        return segment.Positive(in, INT64_MAX, &fact.amount);
      default:
        return false;
    }
  });
}

bool ReadDecided(std::string_view bytes, Fact& fact) {
  Reading decided(bytes);
  const bool plain = decided.All([&](uint32_t tag, wire::Input& in) {
    switch (tag) {
      case wire::VarintTag(Decided::kOutcomeFieldNumber):
        return decided.Enumerator(in, DecisionOutcome_IsValid, &fact.kind);
      case wire::BytesTag(Decided::kFinalCodesFieldNumber):
        return decided.OneCode(in, &fact.codes);
      case wire::VarintTag(Decided::kOneClickFieldNumber):
        return decided.Flag(in, &fact.one_click);
      default:
        return false;
    }
  });
  return plain && fact.kind != 0;
}

bool ReadApplied(std::string_view bytes, Fact& fact) {
  Reading applied(bytes);
  const bool plain = applied.All([&](uint32_t tag, wire::Input& in) {
    switch (tag) {
      case wire::BytesTag(Applied::kCodesFieldNumber):
        return applied.OneCode(in, &fact.codes);
      case wire::VarintTag(Applied::kAppliedByFieldNumber):
        return applied.Enumerator(in, EffectCause_IsValid, &fact.kind);
      default:
        return false;
    }
  });
  return plain && fact.kind != 0;
}

bool ReadPayload(int field, std::string_view bytes, int64_t latest_ms, PlainPayload& plain) {
  Fact& fact = plain.fact;
  switch (field) {
    case Event::kIssuedFieldNumber:
      fact.payload = PAYLOAD_KIND_ISSUED;
      return ReadIssued(bytes, fact);
    case Event::kShownFieldNumber:
      fact.payload = PAYLOAD_KIND_SHOWN;
      return ReadShown(bytes, plain);
    case Event::kOpenedFieldNumber:
      fact.payload = PAYLOAD_KIND_OPENED;
      return bytes.empty();
    case Event::kActiveSegmentFieldNumber:
      fact.payload = PAYLOAD_KIND_ACTIVE_SEGMENT;
      return ReadActiveSegment(bytes, latest_ms, fact);
    case Event::kDecidedFieldNumber:
      fact.payload = PAYLOAD_KIND_DECIDED;
      return ReadDecided(bytes, fact);
    case Event::kAppliedFieldNumber:
      fact.payload = PAYLOAD_KIND_APPLIED;
      return ReadApplied(bytes, fact);
    default:
      return false;
  }
}

}  // namespace

std::optional<PlainPayload> ReadPlainPayload(std::string_view rest, int64_t latest_ms) {
  wire::Input in(rest);
  const uint32_t tag = in.ReadTag();
  std::string_view bytes;
  if (tag == 0 || !in.ReadBytes(bytes) || !in.at_end()) return std::nullopt;
  const int field = wire::FieldOf(tag);
  if (tag != wire::BytesTag(field)) return std::nullopt;
  // The tag of a payload takes a byte more than that of a field under 16.
  if (rest.size() != 1 + wire::BytesFieldSize(bytes.size())) return std::nullopt;
  std::optional<PlainPayload> plain(std::in_place);
  if (!ReadPayload(field, bytes, latest_ms, *plain)) return std::nullopt;
  return plain;
}

}  // namespace vigie::engine
