// SPDX-License-Identifier: Apache-2.0
#include "decision/codes.h"

#include <algorithm>
#include <vector>

namespace vigie::decision {
namespace {

// Neither character occurs in an identifier.
constexpr char kBetweenSystemAndCode = '|';
constexpr char kBetweenCodes = ' ';

std::string One(const vigie::v1::Code& code) { return CanonicalCode(code.system(), code.code()); }

}  // namespace

std::string CanonicalCode(std::string_view system, std::string_view code) {
  std::string canonical;
  if (!system.empty()) {
    canonical.reserve(system.size() + 1 + code.size());
    canonical = system;
    canonical += kBetweenSystemAndCode;
  }
  canonical += code;
  return canonical;
}

std::string CanonicalCodes(const google::protobuf::RepeatedPtrField<vigie::v1::Code>& codes) {
  if (codes.empty()) return {};
  if (codes.size() == 1) return One(codes[0]);
  std::vector<std::string> parts;
  parts.reserve(codes.size());
  for (const auto& code : codes) parts.push_back(One(code));
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::string joined;
  for (const std::string& part : parts) {
    if (!joined.empty()) joined += kBetweenCodes;
    joined += part;
  }
  return joined;
}

}  // namespace vigie::decision
