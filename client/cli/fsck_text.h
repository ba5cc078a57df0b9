// SPDX-License-Identifier: Apache-2.0
// What `vigie fsck` found, and how it says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "engine/recheck.h"
#include "exit_code.h"

namespace vigie::cli {

// What was found, in order.
struct FsckResult {
  int format = 0;                     // 0 = none, or the store could not be opened.
  std::vector<std::string> damage;    // One sentence each.
  std::vector<std::string> obstacle;  // Why it could not be looked at.
  std::optional<engine::Recheck> found;

  // Takes an error up as damage (DATA_LOSS) or as an obstacle (any other).
  void Note(const absl::Status& status);
  // Takes the result of a recheck up; views that differ are damage.
  void Take(engine::Recheck recheck);
  [[nodiscard]] ExitCode exit_code() const;
};

// For people: one word, then lines.
[[nodiscard]] std::string FsckText(const FsckResult& result);
// For programs: one JSON object.
[[nodiscard]] std::string FsckJson(const FsckResult& result);

}  // namespace vigie::cli
