// SPDX-License-Identifier: Apache-2.0
// Events of the load as PostgreSQL takes them, in binary form: as rows of a COPY, or as one array
// for each column.
#pragma once

#include <array>
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

// Fails as a whole when one of its events came before.
inline constexpr char kCopy[] = "COPY event FROM STDIN (FORMAT binary)";
// Leaves out events that came before: what a source needs that sends again what was not
// acknowledged.
inline constexpr char kInsert[] = R"sql(
INSERT INTO event SELECT * FROM unnest(
  $1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::bigint[], $10::bigint[], $11::text[], $12::bigint[], $13::smallint[], $14::text[],
  $15::smallint[], $16::smallint[], $17::bigint[], $18::bigint[])
ON CONFLICT (event_id) DO NOTHING
)sql";
inline constexpr size_t kColumns = 18;

// Builds the bytes of one COPY after the other in one buffer. Not thread-safe.
class CopyRows {
 public:
  // Takes `event_count` events; `first_sequence` numbers the first of them.
  void Fill(std::string_view source_id, int64_t first_sequence, int event_count, Feed* feed);
  // Valid until the next Fill.
  [[nodiscard]] std::string_view bytes() const { return buffer_; }

 private:
  std::string buffer_;
};

// Builds the parameters of one kInsert after the other. Not thread-safe.
class ColumnArrays {
 public:
  // As CopyRows::Fill.
  void Fill(std::string_view source_id, int64_t first_sequence, int event_count, Feed* feed);
  // Valid until the next Fill.
  [[nodiscard]] const std::array<std::string, kColumns>& columns() const { return columns_; }

 private:
  std::array<std::string, kColumns> columns_;
};

}  // namespace vigie::benchmark
