// SPDX-License-Identifier: Apache-2.0
// The fold: what a purge removes from the views. Tallies keep what was counted.
#include <algorithm>

#include "base/status_macros.h"
#include "engine/fold.h"
#include "engine/purge_list.h"
#include "store/keys.h"

namespace vigie::engine {
namespace {

constexpr size_t kPositionBytes = 8;

}  // namespace

std::string EncodePurgeList(const PurgeList& list) {
  std::string bytes = store::PositionKey(list.position);
  for (const std::string& key : list.keys) {
    bytes += static_cast<char>(key.size());
    bytes += key;
  }
  return bytes;
}

absl::StatusOr<PurgeList> DecodePurgeList(std::string_view bytes) {
  const auto damaged = [] { return absl::DataLossError("view row of a purge: cannot be read"); };
  if (bytes.size() < kPositionBytes) return damaged();
  PurgeList list{.position = store::PositionOfKey(bytes), .keys = {}};
  bytes.remove_prefix(kPositionBytes);
  while (!bytes.empty()) {
    const size_t size = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (bytes.size() < size) return damaged();
    list.keys.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return list;
}

absl::Status Fold::ApplyPurge(const vigie::v1::LogPurge& purge, int64_t position) {
  cursor_.set_purged_before_ms(std::max(cursor_.purged_before_ms(), purge.before_ms()));
  cursor_.set_purged_decision_count(cursor_.purged_decision_count() + purge.decision_count());
  if (purge.decision_count() > 0) {
    VIGIE_ASSIGN_OR_RETURN(const auto row, views_->Get(store::Family::kMeta, kPurgeListKey));
    // None where a log is folded that did not make these views.
    if (row.has_value()) {
      VIGIE_ASSIGN_OR_RETURN(const PurgeList list, DecodePurgeList(*row));
      if (list.position == position) {
        for (const std::string& key : list.keys) {
          pending_rows_.push_back({store::Family::kDecisions, key, std::nullopt});
        }
        pending_rows_.push_back({store::Family::kMeta, kPurgeListKey, std::nullopt});
      }
    }
  }
  if (purge.last_position() == 0) return absl::OkStatus();
  cursor_.set_purged_position(std::max(cursor_.purged_position(), purge.last_position()));
  cursor_.set_purged_event_count(cursor_.purged_event_count() + purge.event_count());
  // What was refused so long ago is on disk; the rows of one purge are not those of another.
  return views_->Scan(store::Family::kQuarantine, "", [&](std::string_view key, std::string_view) {
    const int64_t refused_at = store::PositionOfKey(key);
    if (refused_at > purge.last_position()) return false;
    if (refused_at < purge.first_position()) return true;
    pending_rows_.push_back({store::Family::kQuarantine, std::string(key), std::nullopt});
    cursor_.set_quarantine_kept_count(cursor_.quarantine_kept_count() - 1);
    return true;
  });
}

}  // namespace vigie::engine
