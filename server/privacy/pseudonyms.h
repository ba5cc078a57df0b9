// SPDX-License-Identifier: Apache-2.0
// Keyed pseudonyms of actors and patients.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/synchronization/mutex.h"
#include "base/cat.h"
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
  // That of the patient.
  void ReplacePatient(std::string_view organisation, vigie::v1::Issued& issued);

 private:
  [[nodiscard]] decision::Pseudonym Of(char domain, std::string_view organisation,
                                       std::string_view id);

  // Whose pseudonym: with its own strings where it is kept, with another's where it is looked for.
  template <typename Text>
  struct PersonOf {
    char domain;
    Text organisation;
    Text id;
  };
  using Person = PersonOf<std::string>;
  using PersonView = PersonOf<std::string_view>;
  struct PersonHash {
    using is_transparent = void;
    template <typename Text>
    size_t operator()(const PersonOf<Text>& person) const {
      return absl::HashOf(person.domain, base::ToAbsl(person.organisation),
                          base::ToAbsl(person.id));
    }
  };
  struct PersonEqual {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const PersonOf<A>& a, const PersonOf<B>& b) const {
      return a.domain == b.domain && a.id == b.id && a.organisation == b.organisation;
    }
  };

  const std::string key_;
  const int32_t epoch_;
  absl::Mutex mutex_;
  // Recent ones: one HMAC for each event would cost more than the rest of the path. Emptied when
  // full (kPseudonymCacheEntries).
  absl::flat_hash_map<Person, decision::Pseudonym, PersonHash, PersonEqual> recent_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace vigie::privacy
