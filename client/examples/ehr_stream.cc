// SPDX-License-Identifier: Apache-2.0
// A whole EHR in one page: three decisions around a suggestion, sent and acknowledged.
//
//   ehr_stream 127.0.0.1:7443
#include <cstdio>
#include <string>

#include "absl/time/clock.h"
#include "vigie/channel.h"
#include "vigie/publisher.h"

namespace {

using vigie::v1::Event;

// What every event of a decision has in common. The identifiers are opaque: no patient number.
Event MakeEvent(const std::string& decision_id, const std::string& name, int64_t occurred_at_ms) {
  Event event;
  event.set_event_id(decision_id + "/" + name);
  event.set_decision_id(decision_id);
  event.set_organisation_id("example-hospital");
  event.set_system_id("sepsis-3");
  event.set_unit_id("icu-2");
  event.set_decision_kind("diagnosis");
  event.set_occurred_at_ms(occurred_at_ms);
  return event;
}

// The AI suggests sepsis, a clinician opens it, reads for `reading_ms`, and decides `answer`.
absl::Status SendDecision(vigie::Publisher& publisher, const std::string& decision_id,
                          int64_t at_ms, int64_t reading_ms, const std::string& answer) {
  Event issued = MakeEvent(decision_id, "issued", at_ms);
  issued.mutable_issued()->add_suggestions()->set_code("sepsis");
  Event shown = MakeEvent(decision_id, "shown", at_ms);
  shown.mutable_shown()->set_screen_version("4.2");
  Event opened = MakeEvent(decision_id, "opened", at_ms + 500);
  opened.mutable_opened();
  Event active = MakeEvent(decision_id, "active_segment", at_ms + 500);
  active.mutable_active_segment()->set_start_ms(at_ms + 500);
  active.mutable_active_segment()->set_length_ms(reading_ms);
  Event decided = MakeEvent(decision_id, "decided", at_ms + 500 + reading_ms);
  decided.mutable_actor()->set_id("clinician-17");  // Vigie keeps only a keyed pseudonym.
  decided.mutable_decided()->set_outcome(answer == "sepsis"
                                             ? vigie::v1::DECISION_OUTCOME_ACCEPTED
                                             : vigie::v1::DECISION_OUTCOME_OVERRIDDEN);
  decided.mutable_decided()->add_final_codes()->set_code(answer);
  for (Event* event : {&issued, &shown, &opened, &active, &decided}) {
    if (absl::Status status = publisher.Publish(std::move(*event)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: ehr_stream HOST:PORT\n");
    return 2;
  }
  vigie::PublisherOptions options;
  options.source_id = "example-ehr";
  options.on_refused = [](const vigie::RefusedEvent& refused) {
    std::fprintf(stderr, "refused: %s: got %s, want %s\n", refused.violation.field().c_str(),
                 refused.violation.got().c_str(), refused.violation.want().c_str());
  };
  vigie::Publisher publisher(vigie::ConnectInsecure(argv[1]), options);

  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  const std::string encounter = "example-" + std::to_string(now_ms);
  absl::Status status =
      SendDecision(publisher, encounter + "-1", now_ms - 690'000, 20'000, "sepsis");
  if (status.ok())
    status = SendDecision(publisher, encounter + "-2", now_ms - 660'000, 700, "sepsis");
  if (status.ok())
    status = SendDecision(publisher, encounter + "-3", now_ms - 630'000, 15'000, "none");
  if (status.ok()) status = publisher.SetWatermark(now_ms);
  if (status.ok()) status = publisher.Close(absl::Now() + absl::Seconds(30));

  const vigie::PublisherStats stats = publisher.Stats();
  std::printf("acknowledged %lld of %lld events (%lld duplicates, %lld refused)\n",
              static_cast<long long>(stats.acknowledged), static_cast<long long>(stats.published),
              static_cast<long long>(stats.duplicates), static_cast<long long>(stats.refused));
  if (status.ok()) return stats.refused == 0 ? 0 : 4;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}
