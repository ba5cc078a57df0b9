// SPDX-License-Identifier: Apache-2.0
#include "decision/grade.h"

namespace vigie::decision {

PayloadSet PayloadSet::OfUndeclaredSource() {
  PayloadSet declared;
  declared.Add(vigie::v1::PAYLOAD_KIND_DECIDED);
  declared.Add(vigie::v1::PAYLOAD_KIND_APPLIED);
  return declared;
}

vigie::v1::Grade GradeOf(const PayloadSet& declared) {
  using namespace vigie::v1;
  if (!declared.Has(PAYLOAD_KIND_DECIDED) && !declared.Has(PAYLOAD_KIND_APPLIED)) {
    return GRADE_UNSPECIFIED;
  }
  if (!declared.Has(PAYLOAD_KIND_SHOWN)) return GRADE_ACT;
  if (!declared.Has(PAYLOAD_KIND_OPENED)) return GRADE_SHOWN;
  if (!declared.Has(PAYLOAD_KIND_ACTIVE_SEGMENT)) return GRADE_OPENED;
  if (!declared.Has(PAYLOAD_KIND_EVIDENCE_OPENED)) return GRADE_ACTIVE_TIME;
  return GRADE_EVIDENCE;
}

}  // namespace vigie::decision
