// SPDX-License-Identifier: Apache-2.0
// Says on standard error how far a long run has got.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace vigie::cli {

// Draws a bar on a terminal, or when asked to; otherwise writes a plain line every few seconds. One
// thread.
class Progress {
 public:
  // `unit` is what is counted, for example `records`.
  Progress(int64_t total, std::string unit, bool force_bar);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap when nothing is due to be drawn. `note` stands behind the figures.
  void Update(int64_t done, const std::string& note = "");
  // Draws the last state and ends the line. Idempotent.
  void End();

 private:
  [[nodiscard]] std::string Line() const;
  void Draw();

  const int64_t total_;
  const std::string unit_;
  const bool bar_;
  const absl::Time began_;
  absl::Time due_;
  int64_t done_ = 0;
  std::string note_;
  bool drawn_ = false;
};

}  // namespace vigie::cli
