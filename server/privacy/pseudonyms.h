// SPDX-License-Identifier: Apache-2.0
// Keyed pseudonyms of actors and patients.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "decision/fact.h"
#include "vigie/v1/event.pb.h"

namespace vigie::privacy {

// Replaces identifiers of people by HMAC-SHA-256 truncated to 128 bits. The organisation and the
// role in the data (actor, patient) are part of the input, so that one identifier has unlinkable
// pseudonyms elsewhere. Any thread.
class Pseudonyms {
 public:
  // `key` as ReadKeyFile gives it; `epoch` from 1 names it beside each pseudonym.
  Pseudonyms(std::string key, int32_t epoch) : key_(std::move(key)), epoch_(epoch) {}

  [[nodiscard]] decision::Pseudonym OfActor(std::string_view organisation, std::string_view id);
  [[nodiscard]] decision::Pseudonym OfPatient(std::string_view organisation, std::string_view id);
  [[nodiscard]] int32_t epoch() const { return epoch_; }

  // Replaces every identifier of a person in the event. `event.organisation_id` must be set.
  void Replace(vigie::v1::Event& event);

 private:
  [[nodiscard]] decision::Pseudonym Of(char domain, std::string_view organisation,
                                       std::string_view id);

  const std::string key_;
  const int32_t epoch_;
  absl::Mutex mutex_;
  // Recent ones: one HMAC for each event would cost more than the rest of the path. Emptied when
  // full (kPseudonymCacheEntries).
  absl::flat_hash_map<std::string, decision::Pseudonym> recent_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace vigie::privacy
