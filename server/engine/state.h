// SPDX-License-Identifier: Apache-2.0
// The state that the fold keeps: decisions and tallies, and what names them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decision/degree.h"
#include "decision/fact.h"
#include "decision/scope.h"
#include "decision/tally.h"
#include "decision/truth.h"
#include "store/keys.h"

namespace vigie::engine {

// Where a decision is in its life (rules L1, L4, L5). Numbers are on disk.
enum class Stage { kPending = 1, kOpen = 2, kClosed = 3 };

// One decision, unaided decision or system-level event.
struct DecisionState {
  std::string id;
  decision::NameIndex organisation = 0;
  store::IdSpace space = store::IdSpace::kDecision;
  decision::NameIndex system = 0;
  decision::NameIndex kind = 0;
  Stage stage = Stage::kPending;

  std::vector<decision::Fact> facts;       // Of all events in order of position, until closed.
  std::vector<decision::Fact> afterwards;  // Truths, reviews, voids: what can still matter (L5).
  // Of all events in order of position, from close on (FingerprintOf).
  std::vector<uint64_t> fingerprints;
  std::vector<int64_t> positions;
  std::vector<decision::SourceIndex> sources;

  int64_t serial = 0;               // Order of creation while in memory; breaks ties of due times.
  int64_t due_recorded_ms = 0;      // L4, by recorded_at.
  int64_t due_occurred_ms = 0;      // L4, by watermarks.
  int64_t closing_recorded_ms = 0;  // When the first closing act was recorded; 0 = none yet.
  int64_t last_recorded_ms = 0;

  // From close on.
  decision::Finding finding;
  bool test = false;
  int32_t epoch = 0;
  int64_t closed_at_ms = 0;
  std::optional<decision::CountedTruth> truth;
  int32_t plan = 0;  // Number of the plan that it is an item of, from 1; 0 = not seeded (N4).
  int32_t calibration = 0;  // Number of the calibration that its minimum used, from 1; 0 = none.
  int32_t late_count = 0;

  // Not on disk: where it stands in the queues and in the views.
  int64_t queued_recorded_ms = INT64_MAX;
  int64_t queued_occurred_ms = INT64_MAX;
  size_t queued_sources = 0;  // How many of `sources` it waits at.
  int64_t flush = -1;         // Number of the last flush that writes it, and its place there.
  size_t place = 0;
  int64_t first_flush = INT64_MAX;  // The one that says that it is not closed (OpenRowKey).
  uint64_t hash = 0;                // store::DecisionHash of its name.
};

// Makes it as new, but for the room that its texts and lists take.
void MakeBlank(DecisionState& state);

// How many events were recorded of it, and where.
[[nodiscard]] size_t EventCount(const DecisionState& state);
[[nodiscard]] std::vector<int64_t> EventPositions(const DecisionState& state);
// Of its first event; 0 = it has none.
[[nodiscard]] int64_t FirstPosition(const DecisionState& state);

// What a closed decision keeps of an event to know it again (L9): half of the hash of its event_id,
// then half of that of its content. That another event has both halves is as unlikely as that it
// has one whole hash.
[[nodiscard]] uint64_t FingerprintOf(uint64_t event_hash, uint64_t content_hash);

// What an event is to a decision that has recorded others.
enum class Repeat { kNone, kSame, kChanged };
// By the whole hashes while the decision is not closed, by fingerprint afterwards. Then one new
// event in 2^32, for each event of its decision, passes for a changed one and is refused by name.
[[nodiscard]] Repeat RepeatOf(const DecisionState& state, uint64_t event_hash,
                              uint64_t content_hash);

// Leaves of the facts what a closed decision keeps of its events.
void KeepFingerprints(DecisionState& state);

// Key of the row that says a decision is not closed, in the family meta.
[[nodiscard]] std::string OpenRowKey(const DecisionState& state);

// Which tally.
struct TallyId {
  int32_t epoch = 0;
  decision::ScopeKey scope;
  decision::PeriodKey period;

  friend bool operator==(const TallyId&, const TallyId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const TallyId& id) {
    return H::combine(std::move(h), id.epoch, id.scope, id.period);
  }
};

}  // namespace vigie::engine
