// SPDX-License-Identifier: Apache-2.0
#include "policy/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <numeric>

#include "absl/strings/ascii.h"

namespace vigie::policy {
namespace {

// Longer input is cut: the distance costs the product of both lengths.
constexpr size_t kMaxComparedChars = 100;

// Levenshtein distance, one row at a time.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const bool same = absl::ascii_tolower(a[i - 1]) == absl::ascii_tolower(b[j - 1]);
      const size_t replaced = diagonal + (same ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string NearestName(std::string_view wrong, const std::vector<std::string>& known) {
  const std::string_view compared = wrong.substr(0, kMaxComparedChars);
  std::string nearest;
  size_t least = std::numeric_limits<size_t>::max();
  for (const std::string& name : known) {
    const size_t distance = EditDistance(compared, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace vigie::policy
