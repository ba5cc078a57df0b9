// SPDX-License-Identifier: Apache-2.0
// A block as it stands on disk: format(1) crc32c(4, big-endian, of what follows) Block message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "vigie/store/v1/log.pb.h"

namespace vigie::store {

inline constexpr char kBlockFormat = 1;

// A Record with a RecordedEvent as it stands in a block, around the bytes of its event: what one
// thread writes so that another only has to copy it.
class EventRecord {
 public:
  // `sent_at_ms` 0 = not said.
  EventRecord(size_t event_bytes, std::string_view source_id, int64_t occurred_at_ms,
              int64_t sent_at_ms);

  [[nodiscard]] size_t size() const { return size_; }
  // Writes what stands before the event and behind it; each returns where it ends.
  [[nodiscard]] uint8_t* Begin(uint8_t* out) const;
  [[nodiscard]] uint8_t* End(uint8_t* out) const;

 private:
  size_t event_bytes_;
  std::string_view source_id_;
  std::optional<uint64_t> sent_after_;  // As it is written.
  size_t recorded_size_;
  size_t record_size_;
  size_t size_;
};

// Writes a block record by record, as the bytes that serialising the whole message would give:
// events come in as bytes, so a message of them would only be made to be taken apart again. Not
// thread-safe.
class BlockWriter {
 public:
  // `expected_bytes` is about what the records will need; a block may get smaller or larger.
  BlockWriter(int64_t first_position, int64_t recorded_at_ms, std::string_view previous_sha256,
              int64_t expected_bytes = 0);

  void Add(const vigie::store::v1::Record& record);
  // What EventRecord wrote. The bytes stay until Finish; those that lie behind one another are
  // copied at once.
  void AddEvent(std::string_view record);
  void AddProgress(const vigie::store::v1::SourceProgress& progress);

  [[nodiscard]] int64_t first_position() const { return first_position_; }
  [[nodiscard]] int64_t record_count() const { return record_count_; }
  [[nodiscard]] bool empty() const { return record_count_ == 0 && progress_.empty(); }
  // The stored bytes. Once, when all was added.
  [[nodiscard]] std::string Finish();

 private:
  void CopyEvents();

  int64_t first_position_;
  int64_t record_count_ = 0;
  std::string bytes_;
  std::string_view events_;  // Not copied yet.
  std::string progress_;
};

// When an event was sent, whatever format wrote it; 0 = the source did not say.
[[nodiscard]] int64_t SentAtMs(const vigie::store::v1::RecordedEvent& recorded,
                               int64_t occurred_at_ms);

[[nodiscard]] std::string EncodeBlock(const vigie::store::v1::Block& block);

// DATA_LOSS when the bytes are damaged, FAILED_PRECONDITION when a newer build wrote them.
[[nodiscard]] absl::StatusOr<vigie::store::v1::Block> DecodeBlock(std::string_view bytes);

}  // namespace vigie::store
