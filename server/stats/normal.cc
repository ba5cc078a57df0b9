// SPDX-License-Identifier: Apache-2.0
#include "stats/normal.h"

#include <boost/math/constants/constants.hpp>
#include <boost/math/special_functions/erf.hpp>

namespace vigie::stats {
namespace {

double CorrectedRate(int64_t count, int64_t of) {
  return (static_cast<double>(count) + 0.5) / (static_cast<double>(of) + 1);
}

}  // namespace

double NormalQuantile(double p) {
  return -boost::math::constants::root_two<double>() * boost::math::erfc_inv(2 * p);
}

double DPrime(const Detection& detection) {
  return NormalQuantile(CorrectedRate(detection.hits, detection.wrong)) -
         NormalQuantile(CorrectedRate(detection.false_alarms, detection.right));
}

}  // namespace vigie::stats
