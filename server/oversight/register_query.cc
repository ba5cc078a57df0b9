// SPDX-License-Identifier: Apache-2.0
// Questions about systems, sources and quarantine.
#include <algorithm>
#include <tuple>

#include "absl/strings/numbers.h"
#include "base/cat.h"
#include "base/status_macros.h"
#include "decision/grade.h"
#include "oversight/oversight.h"
#include "store/keys.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using engine::PublishedState;

absl::StatusOr<int64_t> ReadIndexToken(const std::string& token) {
  int64_t index = 0;
  if (token.empty()) return index;
  if (absl::SimpleAtoi(token, &index) && index >= 0) return index;
  return absl::InvalidArgumentError("page_token: not one this server gave; start without it");
}

SourceState Describe(const vigie::store::v1::SourceView& view) {
  SourceState state;
  *state.mutable_source() = view.source();
  state.set_declared(view.declared());
  state.set_source_incarnation(view.source_incarnation());
  state.set_last_sequence(view.last_sequence());
  state.set_lost_count(view.lost_count());
  state.set_watermark_ms(std::max<int64_t>(view.watermark_ms(), 0));
  state.set_lag_ms(view.lag_ms());
  if (view.has_clock_skew_ms()) state.set_clock_skew_ms(view.clock_skew_ms());
  state.set_last_recorded_at_ms(view.last_recorded_at_ms());
  state.set_refused_count(view.refused_count());
  decision::PayloadSet declared;
  for (const int payload : view.source().payloads()) {
    declared.Add(static_cast<PayloadKind>(payload));
  }
  if (!view.declared()) declared = decision::PayloadSet::OfUndeclaredSource();
  state.set_grade(decision::GradeOf(declared));
  for (int kind = PAYLOAD_KIND_ISSUED; kind <= PAYLOAD_KIND_UNAIDED_DECISION; ++kind) {
    const auto payload = static_cast<PayloadKind>(kind);
    const int64_t count = kind < view.delivered_size() ? view.delivered(kind) : 0;
    if (count > 0) {
      PayloadCount* delivered = state.add_delivered();
      delivered->set_payload(payload);
      delivered->set_count(count);
    }
    if (count > 0 && !declared.Has(payload)) state.add_undeclared(payload);
    if (count == 0 && view.declared() && declared.Has(payload)) state.add_missing(payload);
  }
  return state;
}

}  // namespace

absl::StatusOr<ListSystemsResponse> Oversight::ListSystems(const ListSystemsRequest& request) {
  VIGIE_ASSIGN_OR_RETURN(const int64_t from, ReadIndexToken(request.page_token()));
  ListSystemsResponse response;
  std::vector<vigie::store::v1::SystemView> systems =
      engine_->published().Read([&](const PublishedState& state) {
        response.set_as_of(state.as_of);
        return state.systems;
      });
  std::sort(systems.begin(), systems.end(), [](const auto& a, const auto& b) {
    return std::tie(a.system().organisation_id(), a.system().system_id()) <
           std::tie(b.system().organisation_id(), b.system().system_id());
  });
  const int page = PageSize(request.page_size());
  for (size_t i = static_cast<size_t>(from); i < systems.size(); ++i) {
    if (response.systems_size() == page) {
      response.set_next_page_token(base::Cat(i));
      break;
    }
    SystemState* system = response.add_systems();
    *system->mutable_system() = systems[i].system();
    system->set_declared(systems[i].declared());
    system->set_event_count(systems[i].event_count());
    system->set_stopped(systems[i].stopped());
    system->set_shown_while_stopped_count(systems[i].shown_while_stopped_count());
  }
  return response;
}

absl::StatusOr<ListSourcesResponse> Oversight::ListSources(const ListSourcesRequest& request) {
  VIGIE_ASSIGN_OR_RETURN(const int64_t from, ReadIndexToken(request.page_token()));
  const int page = PageSize(request.page_size());
  ListSourcesResponse response;
  engine_->published().Read([&](const PublishedState& state) {
    response.set_as_of(state.as_of);
    for (size_t i = static_cast<size_t>(from); i < state.sources.size(); ++i) {
      if (response.sources_size() == page) {
        response.set_next_page_token(base::Cat(i));
        break;
      }
      *response.add_sources() = Describe(state.sources[i]);
    }
  });
  return response;
}

absl::StatusOr<ListQuarantineResponse> Oversight::ListQuarantine(
    const ListQuarantineRequest& request) {
  VIGIE_ASSIGN_OR_RETURN(const std::string from, ReadPageToken(request.page_token()));
  VIGIE_ASSIGN_OR_RETURN(const Fresh fresh, ReadFresh());
  ListQuarantineResponse response;
  const int page = PageSize(request.page_size());
  absl::Status damaged;
  VIGIE_RETURN_IF_ERROR(fresh.reader->Scan(
      store::Family::kQuarantine, "", from, [&](std::string_view key, std::string_view value) {
        if (response.events_size() == page) {
          response.set_next_page_token(MakePageToken(key));
          return false;
        }
        vigie::store::v1::QuarantineView row;
        if (!row.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
          damaged = absl::DataLossError("quarantine row: cannot be read");
          return false;
        }
        QuarantinedEvent* event = response.add_events();
        event->set_position(store::PositionOfKey(key));
        event->set_source_id(row.refused().source_id());
        event->set_recorded_at_ms(row.recorded_at_ms());
        *event->mutable_violation() = row.refused().violation();
        const bool kept = !row.refused().redacted() && !row.refused().event().empty();
        if (kept && !event->mutable_event()->ParseFromString(row.refused().event())) {
          event->clear_event();
        }
        return true;
      }));
  VIGIE_RETURN_IF_ERROR(damaged);
  engine_->published().Read([&](const PublishedState& state) {
    response.set_kept_count(state.quarantine_kept_count);
    response.set_dropped_count(state.quarantine_dropped_count);
  });
  return response;
}

}  // namespace vigie::oversight
