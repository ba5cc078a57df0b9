// SPDX-License-Identifier: Apache-2.0
#include "engine/draws.h"

#include <algorithm>
#include <numeric>

#include "base/cat.h"
#include "store/keys.h"

namespace vigie::engine {

decision::TruthKey Draw::KeyOf(size_t stratum) const {
  const std::string& name = draw().strata(static_cast<int>(stratum)).name();
  return {.origin = vigie::v1::TRUTH_ORIGIN_DRAWN_AUDIT,
          .origin_id = name.empty() ? draw().draw_id() : base::Cat(draw().draw_id(), "/", name)};
}

bool Draw::Counts(size_t stratum, double minimum_response_ratio) const {
  const auto suffices = [&](int64_t got, int64_t of) {
    return static_cast<double>(got) >= minimum_response_ratio * static_cast<double>(of);
  };
  return suffices(returned_total, sampled_total) &&
         suffices(returned[stratum], draw().strata(static_cast<int>(stratum)).sample_count());
}

void Draws::Add(const vigie::store::v1::AuditDrawn& drawn, int64_t position,
                int64_t recorded_at_ms) {
  vigie::store::v1::AuditDrawView row;
  *row.mutable_drawn() = drawn;
  row.set_position(position);
  row.set_drawn_at_ms(recorded_at_ms);
  LoadRow(row);
  dirty_.insert(draws_.size() - 1);
}

void Draws::LoadRow(const vigie::store::v1::AuditDrawView& row) {
  Draw draw;
  draw.drawn = std::make_shared<const vigie::store::v1::AuditDrawn>(row.drawn());
  const std::string& organisation = draw.drawn->organisation_id();
  draw.number = 1 + std::count_if(draws_.begin(), draws_.end(), [&](const Draw& other) {
                  return other.drawn->organisation_id() == organisation;
                });
  draw.position = row.position();
  draw.drawn_at_ms = row.drawn_at_ms();
  draw.returned.assign(row.returned().begin(), row.returned().end());
  draw.returned.resize(static_cast<size_t>(draw.draw().strata_size()));
  draw.returned_total = std::accumulate(draw.returned.begin(), draw.returned.end(), int64_t{0});
  for (const auto& stratum : draw.draw().strata()) draw.sampled_total += stratum.sample_count();
  for (int stratum = 0; stratum < draw.drawn->samples_size(); ++stratum) {
    for (const std::string& id : draw.drawn->samples(stratum).decision_ids()) {
      places_[std::pair(organisation, id)].push_back(
          {.draw = draws_.size(), .stratum = static_cast<size_t>(stratum)});
    }
  }
  draws_.push_back(std::move(draw));
  changed_ = true;
}

void Draws::NoteReturned(const Place& place) {
  ++draws_[place.draw].returned[place.stratum];
  ++draws_[place.draw].returned_total;
  dirty_.insert(place.draw);
  changed_ = true;
}

std::vector<Draws::Place> Draws::PlacesOf(std::string_view organisation_id,
                                          std::string_view decision_id) const {
  if (places_.empty()) return {};
  const auto found =
      places_.find(std::pair(std::string(organisation_id), std::string(decision_id)));
  return found == places_.end() ? std::vector<Place>() : found->second;
}

std::optional<Draws::Place> Draws::Find(std::string_view organisation_id,
                                        std::string_view decision_id,
                                        std::string_view draw_id) const {
  for (const Place& place : PlacesOf(organisation_id, decision_id)) {
    if (draws_[place.draw].draw().draw_id() == draw_id) return place;
  }
  return std::nullopt;
}

const Draw* Draws::FindDraw(std::string_view organisation_id, std::string_view draw_id) const {
  for (const Draw& draw : draws_) {
    if (draw.drawn->organisation_id() == organisation_id && draw.draw().draw_id() == draw_id) {
      return &draw;
    }
  }
  return nullptr;
}

void Draws::PutRows(std::vector<store::ViewChange>& changes) {
  std::vector<size_t> numbers(dirty_.begin(), dirty_.end());
  std::sort(numbers.begin(), numbers.end());
  for (const size_t number : numbers) {
    const Draw& draw = draws_[number];
    vigie::store::v1::AuditDrawView row;
    *row.mutable_drawn() = *draw.drawn;
    row.set_position(draw.position);
    row.set_drawn_at_ms(draw.drawn_at_ms);
    for (const int64_t count : draw.returned) row.add_returned(count);
    changes.push_back({store::Family::kMeta,
                       base::Cat("d/", store::PositionKey(static_cast<int64_t>(number))),
                       row.SerializeAsString()});
  }
  dirty_.clear();
}

}  // namespace vigie::engine
