// SPDX-License-Identifier: Apache-2.0
#include "engine/log_check.h"

#include <limits>

#include "base/cat.h"
#include "base/status_macros.h"
#include "store/block.h"
#include "store/digest.h"
#include "vigie/store/v1/log.pb.h"
#include "vigie/v1/event.pb.h"

namespace vigie::engine {
namespace {

namespace sv = vigie::store::v1;

template <typename... Parts>
absl::Status Damaged(const Parts&... parts) {
  return absl::DataLossError(base::Cat(parts..., "; keep a copy and restore a backup"));
}

// Takes blocks in order and says the first thing that is wrong.
class Walk {
 public:
  Walk(const store::Store& store, const sv::Cursor& cursor)
      : anchor_(store.anchor().value_or(store::Anchor{})),
        has_anchor_(store.anchor().has_value()),
        cursor_(cursor) {}

  absl::Status Take(int64_t first_position, std::string_view bytes) {
    VIGIE_ASSIGN_OR_RETURN(const sv::Block block, DecodeAt(first_position, bytes));
    VIGIE_RETURN_IF_ERROR(CheckPlace(first_position, block));
    if (facts_.block_count > 0 && block.previous_sha256() != facts_.block_sha256) {
      return Damaged("log: the block at position ", first_position,
                     " does not follow the one before");
    }
    if (block.recorded_at_ms() < facts_.recorded_at_ms) {
      return Damaged("log: time goes back at position ", first_position);
    }
    VIGIE_RETURN_IF_ERROR(CheckEvents(first_position, block));
    if (facts_.block_count++ == 0) facts_.first_position = first_position;
    facts_.last_position = first_position + block.records_size() - 1;
    facts_.recorded_at_ms = block.recorded_at_ms();
    facts_.block_sha256 = store::Sha256(bytes);
    found_anchor_ |= IsAt(anchor_.position, anchor_.block_sha256);
    found_cursor_ |= IsAt(cursor_.position(), cursor_.block_sha256());
    return absl::OkStatus();
  }

  // After the last block.
  absl::StatusOr<LogFacts> Finish() {
    if (anchor_.position > facts_.last_position) {
      return Damaged("log: position ", anchor_.position,
                     " was on disk by the anchor and is missing");
    }
    // One that was purged since says nothing any more.
    if (anchor_.position > cursor_.purged_position() && !found_anchor_) {
      return Damaged("log: the block at position ", anchor_.position,
                     " is not the one of the anchor");
    }
    if (cursor_.position() > 0 && !found_cursor_) {
      return Damaged("log: the views include a block that ends at position ", cursor_.position(),
                     ", and the log, which ends at ", facts_.last_position, ", has no such block");
    }
    facts_.anchored = has_anchor_;
    return facts_;
  }

  [[nodiscard]] int64_t last_position() const { return facts_.last_position; }

 private:
  static absl::StatusOr<sv::Block> DecodeAt(int64_t position, std::string_view bytes) {
    auto block = store::DecodeBlock(bytes);
    if (block.ok()) return block;
    return absl::Status(block.status().code(), base::Cat(base::ToStd(block.status().message()),
                                                         ", at position ", position));
  }

  absl::Status CheckPlace(int64_t first_position, const sv::Block& block) const {
    // A purge takes away the oldest blocks, up to a position that the views know.
    const bool begins_well = facts_.block_count == 0 && first_position >= 1 &&
                             first_position <= cursor_.purged_position() + 1;
    if (!begins_well && first_position != facts_.last_position + 1) {
      return Damaged("log: got a block at position ", first_position, ", want ",
                     facts_.last_position + 1);
    }
    if (block.first_position() != first_position || block.records().empty()) {
      return Damaged("log: the block at position ", first_position, " belongs elsewhere");
    }
    return absl::OkStatus();
  }

  absl::Status CheckEvents(int64_t first_position, const sv::Block& block) {
    vigie::v1::Event event;
    int64_t position = first_position;
    for (const sv::Record& record : block.records()) {
      if (record.has_event()) {
        ++facts_.event_count;
        if (!event.ParseFromString(record.event().event())) {
          return Damaged("log: no event can be read at position ", position);
        }
      }
      ++position;
    }
    return absl::OkStatus();
  }

  [[nodiscard]] bool IsAt(int64_t position, const std::string& sha256) const {
    return position == facts_.last_position && sha256 == facts_.block_sha256;
  }

  const store::Anchor anchor_;
  const bool has_anchor_;
  const sv::Cursor& cursor_;
  LogFacts facts_;
  bool found_anchor_ = false;
  bool found_cursor_ = false;
};

}  // namespace

absl::StatusOr<LogFacts> CheckLog(const store::Store& store, const sv::Cursor& cursor,
                                  const BlockVisit& visit) {
  Walk walk(store, cursor);
  VIGIE_RETURN_IF_ERROR(
      store.ForEachBlock(1, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
        VIGIE_RETURN_IF_ERROR(walk.Take(first_position, bytes));
        return visit(first_position, walk.last_position(), bytes);
      }));
  return walk.Finish();
}

absl::StatusOr<sv::Cursor> ReadCursor(const store::Store::Reader& reader) {
  sv::Cursor cursor;
  VIGIE_ASSIGN_OR_RETURN(const auto row, reader.Get(store::Family::kMeta, "cursor"));
  if (row.has_value() && !cursor.ParseFromString(*row))
    return Damaged("views: their cursor cannot be read");
  return cursor;
}

absl::StatusOr<store::Anchor> EndOfLog(const store::Store& store) {
  const auto bytes = store.newest().BlockHolding(std::numeric_limits<int64_t>::max());
  if (absl::IsNotFound(bytes.status())) return store::Anchor{};
  VIGIE_RETURN_IF_ERROR(bytes.status());
  VIGIE_ASSIGN_OR_RETURN(const sv::Block block, store::DecodeBlock(*bytes));
  return store::Anchor{.position = block.first_position() + block.records_size() - 1,
                       .block_sha256 = store::Sha256(*bytes)};
}

}  // namespace vigie::engine
