// SPDX-License-Identifier: Apache-2.0
#include "decision/rights.h"

#include "decision/timeline.h"

namespace vigie::decision {

Rights RightsOf(std::span<const Fact> facts, const Pseudonym& actor) {
  Rights rights{};
  const auto show = [&rights](Right right) { rights[static_cast<size_t>(right)] = 1; };
  for (const Fact* fact : BuildTimeline(facts, /*expired=*/false).facts) {
    switch (fact->payload) {
      case vigie::v1::PAYLOAD_KIND_REVERSED:
        show(Right::kReversed);
        break;
      case vigie::v1::PAYLOAD_KIND_CONTESTED:
        show(Right::kContested);
        break;
      case vigie::v1::PAYLOAD_KIND_RECOURSE_REVIEWED:
        show(Right::kRecourseReviewed);
        if (actor != Pseudonym{} && fact->actor == actor) show(Right::kSameReviewer);
        break;
      case vigie::v1::PAYLOAD_KIND_PATIENT_INFORMED:
        show(Right::kPatientInformed);
        break;
      default:
        break;
    }
  }
  return rights;
}

}  // namespace vigie::decision
