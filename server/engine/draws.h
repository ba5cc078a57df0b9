// SPDX-License-Identifier: Apache-2.0
// Draws of decisions for expert truth, and what came back (rule N2).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "decision/tally.h"
#include "store/store.h"
#include "vigie/store/v1/view.pb.h"
#include "vigie/v1/audit_service.pb.h"

namespace vigie::engine {

// A draw as folded.
struct Draw {
  std::shared_ptr<const vigie::store::v1::AuditDrawn> drawn;
  std::vector<int64_t> returned;  // By stratum.
  int64_t returned_total = 0;
  int64_t sampled_total = 0;
  int64_t number = 0;  // Among those of its organisation, from 1.
  int64_t position = 0;
  int64_t drawn_at_ms = 0;

  [[nodiscard]] const vigie::v1::AuditDraw& draw() const { return drawn->draw(); }
  // The origin that truths of a stratum count under: `draw` or `draw/stratum`.
  [[nodiscard]] decision::TruthKey KeyOf(size_t stratum) const;
  // Whether draw and stratum have the share of truths that the policy asks for.
  [[nodiscard]] bool Counts(size_t stratum, double minimum_response_ratio) const;
};

// Draws in order of drawing. Not thread-safe.
class Draws {
 public:
  // A place in a sample.
  struct Place {
    size_t draw = 0;
    size_t stratum = 0;
  };

  void Add(const vigie::store::v1::AuditDrawn& drawn, int64_t position, int64_t recorded_at_ms);
  // One more decision of a stratum has a truth.
  void NoteReturned(const Place& place);

  // Where a decision stands in a draw; nothing when the draw does not exist or it was not drawn.
  [[nodiscard]] std::optional<Place> Find(std::string_view organisation_id,
                                          std::string_view decision_id,
                                          std::string_view draw_id) const;
  // Every place of a decision.
  [[nodiscard]] std::vector<Place> PlacesOf(std::string_view organisation_id,
                                            std::string_view decision_id) const;
  [[nodiscard]] const Draw* FindDraw(std::string_view organisation_id,
                                     std::string_view draw_id) const;
  [[nodiscard]] const std::deque<Draw>& all() const { return draws_; }
  [[nodiscard]] bool TakeChanged() { return std::exchange(changed_, false); }

  // Rows `d/<number>`.
  void PutRows(std::vector<store::ViewChange>& changes);
  void LoadRow(const vigie::store::v1::AuditDrawView& row);

 private:
  std::deque<Draw> draws_;
  absl::flat_hash_map<std::pair<std::string, std::string>, std::vector<Place>> places_;
  absl::flat_hash_set<size_t> dirty_;
  bool changed_ = true;
};

}  // namespace vigie::engine
