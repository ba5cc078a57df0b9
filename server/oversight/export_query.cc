// SPDX-License-Identifier: Apache-2.0
// The log as JSON Lines, for recomputation by others.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "oversight/decision_scan.h"
#include "oversight/kept_records.h"
#include "oversight/log_line.h"
#include "oversight/oversight.h"
#include "store/block.h"
#include "store/digest.h"

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;

// Records that one call looks at: before a period most are left out.
constexpr int64_t kMaxRecordsLookedAt = 262'144;
constexpr size_t kLineOverheadBytes = 8;  // In the message, around each line.

// A part of a block, with the position of each of its records.
struct Part {
  sv::Block block;
  std::vector<int64_t> positions;
  std::string block_sha256;
};

// Takes lines into an answer until it is full.
class Page {
 public:
  Page(const vigie::v1::ExportLogRequest& request, vigie::v1::ExportLogResponse* response)
      : from_position_(std::max<int64_t>(request.from_position(), 1)), response_(response) {}

  // Stands on the first line.
  void SetHeading(const LogHeading& heading) { heading_ = heading; }

  // CANCELLED when the page is full.
  absl::Status Add(const Part& part) {
    const size_t last = part.positions.size() - 1;
    for (size_t i = 0; i < part.positions.size(); ++i) {
      if (part.positions[i] < from_position_) continue;
      LogLine line = {.position = part.positions[i],
                      .recorded_at_ms = part.block.recorded_at_ms(),
                      .block = part.block.first_position(),
                      .record = part.block.records(static_cast<int>(i)),
                      .end = std::nullopt,
                      .heading = std::exchange(heading_, std::nullopt)};
      if (i == last) {
        line.end =
            LogBlockEnd{.progress = {part.block.progress().begin(), part.block.progress().end()},
                        .content_sha256 = ContentSha256(part.block),
                        .block_sha256 = part.block_sha256};
      }
      VIGIE_ASSIGN_OR_RETURN(std::string text, WriteLogLine(line));
      size_ += text.size() + kLineOverheadBytes;
      if (size_ > base::kMaxBatchBytes && response_->lines_size() > 0) return Full(line.position);
      response_->add_lines(std::move(text));
    }
    return absl::OkStatus();
  }
  absl::Status Full(int64_t next_position) {
    response_->set_next_position(next_position);
    return absl::CancelledError("the page is full");
  }

 private:
  const int64_t from_position_;
  vigie::v1::ExportLogResponse* const response_;
  std::optional<LogHeading> heading_;
  size_t size_ = 0;
};

Part PartOf(sv::Block block, std::string_view bytes, int64_t from_ms) {
  Part part = {.block = std::move(block), .positions = {}, .block_sha256 = store::Sha256(bytes)};
  const bool all = part.block.recorded_at_ms() >= from_ms;
  sv::Block kept;
  for (int i = 0; i < part.block.records_size(); ++i) {
    sv::Record& record = *part.block.mutable_records(i);
    if (!all && !LastsBeyondItsBlock(record)) continue;
    part.positions.push_back(part.block.first_position() + i);
    if (!all) kept.add_records()->Swap(&record);
  }
  if (all) return part;
  kept.set_first_position(part.block.first_position());
  kept.set_recorded_at_ms(part.block.recorded_at_ms());
  part.block = std::move(kept);
  return part;
}

}  // namespace

absl::StatusOr<vigie::v1::ExportLogResponse> Oversight::ExportLog(
    const vigie::v1::ExportLogRequest& request) {
  if (request.from_position() < 0) {
    return absl::InvalidArgumentError("from_position: want 0 or a log position");
  }
  VIGIE_RETURN_IF_ERROR(CheckSpan(request.from_ms(), request.to_ms()));
  std::vector<KeptRecord> kept;
  const int64_t purged_position = engine_->retention().purged().last_position();
  const int64_t end = engine_->published().Read([&](const engine::PublishedState& state) {
    if (purged_position > 0 && request.from_position() <= purged_position)
      kept = KeptRecords(state, purged_position);
    return state.as_of;
  });
  vigie::v1::ExportLogResponse response;
  Page page(request, &response);
  if (request.from_position() == 0) {
    page.SetHeading({.whole = purged_position == 0 && request.from_ms() == 0,
                     .from_ms = request.from_ms(),
                     .to_ms = request.to_ms()});
  }
  absl::Status walked;
  for (KeptRecord& record : kept) {
    Part part;
    part.block.set_first_position(record.position);
    part.block.set_recorded_at_ms(record.recorded_at_ms);
    *part.block.add_records() = std::move(record.record);
    part.positions.push_back(record.position);
    part.block_sha256 = ContentSha256(part.block);
    walked.Update(page.Add(part));
    if (!walked.ok()) break;
  }
  if (walked.ok()) {
    int64_t looked_at = 0;
    const int64_t from = std::max<int64_t>(request.from_position(), 1);
    walked = engine_->store().ForEachBlock(
        from, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
          if (first_position > end) return absl::CancelledError("enough");
          if (looked_at >= kMaxRecordsLookedAt) return page.Full(first_position);
          VIGIE_ASSIGN_OR_RETURN(sv::Block block, store::DecodeBlock(bytes));
          if (request.to_ms() > 0 && block.recorded_at_ms() >= request.to_ms()) {
            return absl::CancelledError("enough");
          }
          looked_at += block.records_size();
          const Part part = PartOf(std::move(block), bytes, request.from_ms());
          return part.positions.empty() ? absl::OkStatus() : page.Add(part);
        });
  }
  if (!walked.ok() && !absl::IsCancelled(walked)) return walked;
  return response;
}

}  // namespace vigie::oversight
