// SPDX-License-Identifier: Apache-2.0
#include "privacy/pseudonyms.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "base/cat.h"
#include "base/limits.h"

namespace vigie::privacy {
decision::Pseudonym Pseudonyms::OfActor(std::string_view organisation, std::string_view id) {
  return Of('a', organisation, id);
}

decision::Pseudonym Pseudonyms::OfPatient(std::string_view organisation, std::string_view id) {
  return Of('p', organisation, id);
}

decision::Pseudonym Pseudonyms::Of(char domain, std::string_view organisation,
                                   std::string_view id) {
  {
    const absl::MutexLock lock(&mutex_);
    const auto found =
        recent_.find(PersonView{.domain = domain, .organisation = organisation, .id = id});
    if (found != recent_.end()) return found->second;
  }
  // The separator cannot occur in an identifier.
  const std::string input = base::Cat(std::string_view(&domain, 1), " ", organisation, " ", id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest.data(), &size);
  decision::Pseudonym pseudonym;
  std::copy_n(digest.begin(), pseudonym.size(), pseudonym.begin());
  const absl::MutexLock lock(&mutex_);
  if (recent_.size() >= base::kPseudonymCacheEntries) recent_.clear();
  recent_.emplace(
      Person{.domain = domain, .organisation = std::string(organisation), .id = std::string(id)},
      pseudonym);
  return pseudonym;
}

void Pseudonyms::Replace(vigie::v1::Event& event) {
  if (event.has_actor() && !event.actor().id().empty()) {
    auto& actor = *event.mutable_actor();
    const decision::Pseudonym pseudonym = OfActor(event.organisation_id(), actor.id());
    actor.set_pseudonym(pseudonym.data(), pseudonym.size());
    actor.set_key_epoch(epoch_);
    actor.clear_id();
  }
  if (event.has_issued()) ReplacePatient(event.organisation_id(), *event.mutable_issued());
}

void Pseudonyms::ReplacePatient(std::string_view organisation, vigie::v1::Issued& issued) {
  if (issued.patient_id().empty()) return;
  const decision::Pseudonym pseudonym = OfPatient(organisation, issued.patient_id());
  issued.set_patient_pseudonym(pseudonym.data(), pseudonym.size());
  issued.set_patient_key_epoch(epoch_);
  issued.clear_patient_id();
}

}  // namespace vigie::privacy
