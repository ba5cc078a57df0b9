// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace vigie::cli {
namespace {

constexpr int kBarColumns = 30;
constexpr absl::Duration kBarInterval = absl::Milliseconds(100);
constexpr absl::Duration kLineInterval = absl::Seconds(5);

}  // namespace

Progress::Progress(int64_t total, std::string unit, bool force_bar)
    : total_(std::max<int64_t>(total, 1)),
      unit_(std::move(unit)),
      bar_(force_bar || isatty(STDERR_FILENO) == 1),
      began_(absl::Now()),
      due_(began_ + (bar_ ? absl::ZeroDuration() : kLineInterval)) {}

Progress::~Progress() { End(); }

void Progress::Update(int64_t done, const std::string& note) {
  done_ = done;
  const absl::Time now = absl::Now();
  if (now < due_) return;
  note_ = note;
  due_ = now + (bar_ ? kBarInterval : kLineInterval);
  Draw();
}

void Progress::End() {
  if (!drawn_) return;
  if (bar_) {
    Draw();
    std::fputc('\n', stderr);
  }
  drawn_ = false;
}

std::string Progress::Line() const {
  const double share = std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0., 1.);
  const double seconds = std::max(absl::ToDoubleSeconds(absl::Now() - began_), 1e-3);
  return absl::StrFormat("%3.0f %%  %d of %d %s, %.0f a second%s%s", 100 * share, done_, total_,
                         unit_, static_cast<double>(done_) / seconds, note_.empty() ? "" : ", ",
                         note_);
}

void Progress::Draw() {
  drawn_ = true;
  if (!bar_) {
    std::fprintf(stderr, "%s\n", Line().c_str());
    return;
  }
  const auto filled =
      std::min<size_t>(kBarColumns, static_cast<size_t>(kBarColumns * done_ / total_));
  const std::string bar = std::string(filled, '#') + std::string(kBarColumns - filled, '-');
  // The escape clears what a longer line before left behind.
  std::fprintf(stderr, "\r[%s] %s\x1b[K", bar.c_str(), Line().c_str());
  std::fflush(stderr);
}

}  // namespace vigie::cli
