// SPDX-License-Identifier: Apache-2.0
// Events of the load as rows of PostgreSQL's COPY in binary form.
#pragma once

#include <string>
#include <string_view>

#include "load_feed.h"

namespace vigie::benchmark {

// The table the rows fit into. What has no value in this load has no column, identifiers of 128
// bits are uuid and not text, and people stay as they are sent: all of it spares PostgreSQL work
// that vigied does.
inline constexpr char kCreateTable[] = R"sql(
CREATE TABLE event (
  event_id uuid PRIMARY KEY,
  organisation_id text NOT NULL,
  decision_id uuid NOT NULL,
  system_id text NOT NULL,
  unit_id text NOT NULL,
  decision_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_role text NOT NULL,
  occurred_at_ms bigint NOT NULL,
  sent_at_ms bigint NOT NULL,
  source_id text NOT NULL,
  sequence bigint NOT NULL,
  payload smallint NOT NULL,
  code text,
  outcome smallint,
  applied_by smallint,
  segment_start_ms bigint,
  segment_length_ms bigint
);
CREATE INDEX event_by_place ON event (system_id, unit_id, occurred_at_ms);
)sql";

inline constexpr char kCopy[] = "COPY event FROM STDIN (FORMAT binary)";

// Builds the bytes of one COPY after the other in one buffer. Not thread-safe.
class CopyRows {
 public:
  // Takes `event_count` events; `first_sequence` numbers the first of them.
  void Fill(std::string_view source_id, int64_t first_sequence, int event_count, Feed* feed);
  // Valid until the next Fill.
  [[nodiscard]] std::string_view bytes() const { return buffer_; }

 private:
  void Append(std::string_view source_id, int64_t sequence, const LoadEvent& event);
  void AppendText(std::string_view text);
  void AppendId(const RandomId& id);
  void AppendNull();
  // Big-endian, after its length.
  template <typename Integer>
  void AppendInteger(Integer value);
  template <typename Integer>
  void AppendRaw(Integer value);

  std::string buffer_;
};

}  // namespace vigie::benchmark
