// SPDX-License-Identifier: Apache-2.0
// The contract of an event, field by field.
//
// Room engine: from a door's events to the log and the views. The fold is pure (no clock, no I/O of
// its own); the sequencer is the one thread that changes state. Uses every room below it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/event_head.h"
#include "vigie/v1/error.pb.h"
#include "vigie/v1/event.pb.h"

namespace re2 {
class RE2;
}

namespace vigie::engine {

// Why something was refused.
struct Refusal {
  vigie::v1::Violation violation;
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
};

[[nodiscard]] Refusal MakeRefusal(vigie::v1::RefusalReason reason, std::string_view field,
                                  std::string_view got, std::string_view want,
                                  absl::StatusCode code = absl::StatusCode::kInvalidArgument);

// Of a message that can be written but not read again.
[[nodiscard]] Refusal NotAnEvent();

// "field: got ..., want ...", as a status.
[[nodiscard]] absl::Status ToStatus(const Refusal& refusal);

// Scopes beyond the limit fold into this name; no identifier may be it.
inline constexpr std::string_view kOtherName = "_other";

// Whether a string is 1-64 characters of `[A-Za-z0-9._:/-]`.
[[nodiscard]] bool IsIdentifier(std::string_view text);

// Checks a required identifier, for requests that are not events.
[[nodiscard]] std::optional<Refusal> CheckIdentifier(std::string_view field, std::string_view text,
                                                     bool required);

// The kind of a payload; UNSPECIFIED when there is none, or one this build does not know.
[[nodiscard]] vigie::v1::PayloadKind KindOf(const vigie::v1::Event& event);

// Checks events. Messages never repeat an identifier of a person. Any thread.
class Validator {
 public:
  // `organisation`: the only one allowed, empty = any. `patient_number_patterns` must compile.
  Validator(std::string organisation, const std::vector<std::string>& patient_number_patterns);
  ~Validator();

  // Checks an event of so many bytes, as ReadEvent gives it, with an organisation where
  // `organisation` names the only one. The first thing found wrong, or nothing.
  [[nodiscard]] std::optional<Refusal> Check(const EventHead& head, const vigie::v1::Event& rest,
                                             size_t bytes, int64_t now_ms) const;

  // Alike, of a message.
  [[nodiscard]] std::optional<Refusal> Check(const vigie::v1::Event& event, int64_t now_ms) const;

  // The only organisation, empty = any. An event that names none is of this one.
  [[nodiscard]] const std::string& organisation() const { return organisation_; }

  // Whether every text in a pseudonymised event, refused or not, is an identifier that cannot be a
  // name or a patient number, and the event is not over its size.
  [[nodiscard]] bool IsSafeToKeep(const google::protobuf::Message& event) const;

 private:
  [[nodiscard]] bool LooksPersonal(std::string_view id) const;
  [[nodiscard]] std::optional<Refusal> CheckHead(const EventHead& head,
                                                 const vigie::v1::Event& rest) const;

  const std::string organisation_;
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

}  // namespace vigie::engine
