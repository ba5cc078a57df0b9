// SPDX-License-Identifier: Apache-2.0
#include "simulation/comparison.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "store/block.h"
#include "store/digest.h"
#include "support/memory_views.h"

namespace vigie::simulation {
namespace {

using decision::Trial;

// Collects the first difference of one thing.
class Difference {
 public:
  explicit Difference(std::string what) : what_(std::move(what)) {}
  template <typename Got, typename Want>
  void Expect(std::string_view field, const Got& got, const Want& want) {
    if (!text_.empty() || got == want) return;
    text_ =
        absl::StrCat(what_, ": ", std::string(field), ": got ", Text(got), ", want ", Text(want));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static std::string Text(const std::string& value) { return value.empty() ? "nothing" : value; }
  static std::string Text(int64_t value) { return absl::StrCat(value); }
  static std::string Text(const std::optional<int64_t>& value) {
    return value.has_value() ? absl::StrCat(*value) : "nothing";
  }
  template <typename Number, size_t kSize>
  static std::string Text(const std::array<Number, kSize>& values) {
    return absl::StrJoin(values, "/");
  }
  template <typename Number>
  static std::string Text(const std::vector<Number>& values) {
    return absl::StrJoin(values, "/");
  }

  const std::string what_;
  std::string text_;
};

// As the rules write a set of codes.
std::string CanonicalOf(const CodeSet& codes) {
  std::vector<std::string> parts;
  for (const auto& [system, code] : codes) {
    parts.push_back(system.empty() ? code : absl::StrCat(system, "|", code));
  }
  std::sort(parts.begin(), parts.end());
  return absl::StrJoin(parts, " ");
}

int64_t NumberOf(SlowTrial trial) {
  switch (trial) {
    case SlowTrial::kNone:
      return static_cast<int64_t>(Trial::kNone);
    case SlowTrial::kFailure:
      return static_cast<int64_t>(Trial::kFailure);
    case SlowTrial::kSuccess:
      return static_cast<int64_t>(Trial::kSuccess);
    case SlowTrial::kUnknown:
      return static_cast<int64_t>(Trial::kUnknown);
  }
  return -1;
}
int64_t NumberOf(Trial trial) { return static_cast<int64_t>(trial); }

std::array<int64_t, 3> CountsOf(const decision::TrialCounts& counts) {
  return {counts.successes, counts.trials, counts.unknown};
}
std::array<int64_t, 3> CountsOf(const SlowCounts& counts) {
  return {counts.successes, counts.trials, counts.unknown};
}

// Right and taken over, right and not, wrong and taken over, wrong and not, unknown, RAIR, RSR.
template <typename Origin>
std::array<int64_t, 11> CountsOfOrigin(const Origin& origin) {
  const auto& [right, wrong] = origin.cells;
  const auto rair = CountsOf(origin.rair);
  const auto rsr = CountsOf(origin.rsr);
  return {right[0], right[1], wrong[0], wrong[1], origin.wrong_unknown, rair[0], rair[1],
          rair[2],  rsr[0],   rsr[1],   rsr[2]};
}
static_assert(decision::OriginTally::kWrong == 1 && decision::OriginTally::kNotTaken == 1);

// Counts by origin, those that are all zero left out.
template <typename Counts>
std::string WithoutZeros(const std::vector<std::pair<int, Counts>>& origins) {
  std::string text;
  for (const auto& [origin, counts] : origins) {
    if (counts != Counts{}) absl::StrAppend(&text, origin, ":", absl::StrJoin(counts, "/"), " ");
  }
  return text;
}

std::string ReasonsOf(const decision::Tally& tally) {
  std::map<std::pair<int, int>, int64_t> reasons;
  for (const auto& entry : tally.reasons) reasons[{entry.degree, entry.reason}] = entry.count;
  std::string text;
  for (const auto& [key, count] : reasons) {
    if (count != 0) absl::StrAppend(&text, key.first, ".", key.second, ":", count, " ");
  }
  return text;
}
std::string ReasonsOf(const SlowTally& tally) {
  std::string text;
  for (const auto& [key, count] : tally.reasons) {
    if (count != 0) absl::StrAppend(&text, key.first, ".", key.second, ":", count, " ");
  }
  return text;
}

void Compare(const decision::Tally& got, const SlowTally& want, Difference& difference) {
  difference.Expect("closed", got.closed, want.closed);
  difference.Expect("degrees and reasons", ReasonsOf(got), ReasonsOf(want));
  difference.Expect("I1", CountsOf(got.positive_act), CountsOf(want.positive_act));
  difference.Expect("I2", CountsOf(got.concrete_examination), CountsOf(want.concrete_examination));
  difference.Expect("coverage", CountsOf(got.coverage), CountsOf(want.coverage));
  difference.Expect("switch", CountsOf(got.switches), CountsOf(want.switches));
  difference.Expect("override", CountsOf(got.overrides), CountsOf(want.overrides));
  using Counted = std::pair<int, std::array<int64_t, 11>>;
  std::vector<Counted> got_origins;
  for (const auto& origin : got.origins) {
    got_origins.emplace_back(origin.key.origin, CountsOfOrigin(origin));
  }
  std::vector<Counted> want_origins;
  for (const auto& [key, origin] : want.origins) {
    want_origins.emplace_back(key, CountsOfOrigin(origin));
  }
  difference.Expect("truth by origin", WithoutZeros(got_origins), WithoutZeros(want_origins));
  difference.Expect("opportunistic truth", CountsOfOrigin(got.opportunistic),
                    CountsOfOrigin(want.opportunistic));
  difference.Expect("batch", got.batch, want.batch);
  difference.Expect("limited_time", got.limited_time, want.limited_time);
  difference.Expect("late_event", got.late_event, want.late_event);
  difference.Expect("period_late", got.period_late, want.period_late);
  difference.Expect("truth_revised", got.truth_revised, want.truth_revised);
  difference.Expect("truth_uncounted", got.truth_uncounted, want.truth_uncounted);
  difference.Expect("review_uncounted", got.review_uncounted, want.review_uncounted);
  difference.Expect("rights", got.rights, want.rights);
  int64_t active_times = 0;
  for (const auto& bucket : got.active_time.Buckets()) active_times += bucket.count;
  difference.Expect("active times", active_times, want.active_times);
}

std::string NameOf(const SlowTallyKey& key) {
  const auto& [epoch, scope, period] = key;
  return absl::StrCat("tally of epoch ", epoch, " ", scope.organisation, "/", scope.system, "/",
                      scope.version, "/", scope.unit, scope.test ? " test" : "", " period ",
                      period.first, ".", period.second);
}

engine::TallyId IdOf(const SlowTallyKey& key, const engine::Names& names) {
  const auto& [epoch, scope, period] = key;
  return {.epoch = epoch,
          .scope = {.organisation = names.Find(scope.organisation),
                    .system = names.Find(scope.system),
                    .version = names.Find(scope.version),
                    .unit = names.Find(scope.unit),
                    .test = scope.test},
          .period = {.kind = static_cast<vigie::v1::PeriodKind>(period.first),
                     .first_day = static_cast<int32_t>(period.second)}};
}

void CompareFinding(const decision::Finding& got, const SlowFinding& want,
                    const engine::Names& names, Difference& difference) {
  difference.Expect("degree", int64_t{got.degree}, int64_t{want.degree});
  difference.Expect("reasons", std::vector<int>(got.reasons.begin(), got.reasons.end()),
                    std::vector<int>(want.reasons.begin(), want.reasons.end()));
  difference.Expect("unit", names.Name(got.unit), want.unit);
  difference.Expect("version", names.Name(got.version), want.version);
  difference.Expect("decisive_at_ms", got.decisive_at_ms, want.decisive_at_ms);
  difference.Expect("active_ms", got.active_ms, want.active_ms);
  difference.Expect("minimum_ms", got.minimum_ms, want.minimum_ms);
  difference.Expect("suggested", got.suggested, CanonicalOf(want.suggested));
  difference.Expect("judged", got.judged, CanonicalOf(want.judged));
  difference.Expect("chosen", got.chosen, CanonicalOf(want.chosen));
  difference.Expect("exposed", int64_t{got.exposed}, int64_t{want.exposed});
  difference.Expect("batch", int64_t{got.batch}, int64_t{want.batch});
  difference.Expect("I1", NumberOf(got.positive_act), NumberOf(want.positive_act));
  difference.Expect("I2", NumberOf(got.concrete_examination), NumberOf(want.concrete_examination));
  difference.Expect("coverage", NumberOf(got.coverage), NumberOf(want.coverage));
}

std::string Compare(const engine::DecisionState& got, const SlowDecision& want,
                    const engine::Names& names) {
  Difference difference(absl::StrCat("decision ", want.id, " of ", want.organisation));
  std::vector<int64_t> positions;
  for (const SlowEvent& event : want.events) positions.push_back(event.position);
  difference.Expect("positions", engine::EventPositions(got), positions);
  difference.Expect("kind", names.Name(got.kind), want.kind);
  if (!want.with_ai) return difference.text();
  const bool closed = got.stage == engine::Stage::kClosed;
  difference.Expect("closed", int64_t{closed}, int64_t{want.closed});
  if (!closed || !want.closed) return difference.text();
  difference.Expect("closed_at_ms", got.closed_at_ms, want.closed_at_ms);
  difference.Expect("epoch", int64_t{got.epoch}, int64_t{want.epoch});
  difference.Expect("test", int64_t{got.test}, int64_t{want.test});
  difference.Expect("late events", int64_t{got.late_count}, int64_t{want.late_count});
  CompareFinding(got.finding, want.finding, names, difference);
  const auto truth = got.truth.has_value() ? got.truth->codes : std::string();
  difference.Expect("truth", truth,
                    want.truth.has_value() ? CanonicalOf(want.truth->codes) : std::string());
  return difference.text();
}

std::string CompareDecisions(const engine::Fold& fold, const SlowModel& model) {
  std::string text;
  size_t seen = 0;
  fold.ForEachDecision([&](const engine::DecisionState& got) {
    ++seen;
    if (!text.empty()) return;
    const std::string space(1, static_cast<char>(got.space));
    const auto want = model.decisions().find({fold.names().Name(got.organisation), space, got.id});
    if (want == model.decisions().end()) {
      text = absl::StrCat("decision ", got.id, ": got one, want none");
    } else {
      text = Compare(got, want->second, fold.names());
    }
  });
  if (text.empty() && seen != model.decisions().size()) {
    text = absl::StrCat("decisions: got ", seen, ", want ", model.decisions().size());
  }
  return text;
}

std::string CompareTallies(engine::Fold& fold, const SlowModel& model) {
  for (const auto& [key, want] : model.Tallies()) {
    const decision::Tally* got = fold.FindTally(IdOf(key, fold.names()));
    Difference difference(NameOf(key));
    Compare(got != nullptr ? *got : decision::Tally{}, want, difference);
    if (!difference.text().empty()) return difference.text();
  }
  return {};
}

// Rows of a store, but for the log and the format.
absl::StatusOr<support::MemoryViews::Rows> RowsOf(const store::Store& store) {
  support::MemoryViews::Rows rows;
  for (const store::FamilySpec& spec : store::kFamilies) {
    if (spec.family == store::Family::kLog) continue;
    const absl::Status status =
        store.newest().Scan(spec.family, "", "", [&](std::string_view key, std::string_view value) {
          rows[std::pair(static_cast<int>(spec.family), std::string(key))] = std::string(value);
          return true;
        });
    if (!status.ok()) return status;
  }
  rows.erase(std::pair(static_cast<int>(store::Family::kMeta), std::string("format")));
  return rows;
}

std::string CompareRows(const support::MemoryViews::Rows& got,
                        const support::MemoryViews::Rows& want) {
  const auto name = [](const auto& row) {
    const auto family = static_cast<size_t>(row.first.first);
    return absl::StrCat("view row of ", store::kFamilies[family].name, ", key ",
                        absl::CHexEscape(row.first.second));
  };
  for (const auto& row : want) {
    const auto found = got.find(row.first);
    if (found == got.end()) return absl::StrCat(name(row), ": missing");
    if (found->second != row.second) {
      return absl::StrCat(name(row), ": differs from a fresh fold of the log");
    }
  }
  for (const auto& row : got) {
    if (!want.contains(row.first)) return absl::StrCat(name(row), ": a fresh fold has none");
  }
  return {};
}

}  // namespace

ReadLog LogOf(const store::Store& store) {
  ReadLog log;
  std::string previous;
  const absl::Status read =
      store.ForEachBlock(1, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
        const auto block = store::DecodeBlock(bytes);
        if (!block.ok()) return block.status();
        const auto expected = static_cast<int64_t>(log.records.size()) + 1;
        if (first_position != expected || block->first_position() != expected) {
          log.fault = absl::StrCat("log: got position ", first_position, ", want ", expected);
        } else if (block->previous_sha256() != previous) {
          log.fault = absl::StrCat("log: the chain breaks at position ", first_position);
        } else if (block->recorded_at_ms() < log.recorded_at_ms) {
          log.fault = absl::StrCat("log: time goes back at position ", first_position);
        }
        if (!log.fault.empty()) return absl::DataLossError(log.fault);
        previous = store::Sha256(bytes);
        log.recorded_at_ms = block->recorded_at_ms();
        for (const auto& record : block->records()) {
          log.records.push_back(SlowModel::LineOf(record));
        }
        log.blocks.emplace_back(first_position, std::string(bytes));
        return absl::OkStatus();
      });
  if (!read.ok()) log.fault = std::string(read.message());
  return log;
}

std::string CompareRecords(const std::vector<std::string>& got,
                           const std::vector<std::string>& want) {
  for (size_t i = 0; i < std::max(got.size(), want.size()); ++i) {
    const std::string none = "nothing";
    const std::string& a = i < got.size() ? got[i] : none;
    const std::string& b = i < want.size() ? want[i] : none;
    if (a != b) return absl::StrCat("log at position ", i + 1, ": got ", a, ", want ", b);
  }
  return {};
}

std::string CompareFold(const ReadLog& log, const store::Store& store, const SlowModel& model) {
  const engine::NoViews nothing;
  engine::Fold fold(&nothing, {});
  for (const auto& [first_position, bytes] : log.blocks) {
    const absl::Status folded = engine::FoldBlock(first_position, bytes, fold);
    if (!folded.ok()) return absl::StrCat("folding the log again: ", folded.message());
  }
  if (std::string text = CompareDecisions(fold, model); !text.empty()) return text;
  if (std::string text = CompareTallies(fold, model); !text.empty()) return text;
  support::MemoryViews views;
  views.Apply(fold.TakeChanges());
  const auto tallies = std::count_if(views.rows().begin(), views.rows().end(), [](const auto& row) {
    return row.first.first == static_cast<int>(store::Family::kTallies);
  });
  if (tallies != static_cast<int64_t>(model.Tallies().size())) {
    return absl::StrCat("tallies: got ", tallies, ", want ", model.Tallies().size());
  }
  const auto rows = RowsOf(store);
  if (!rows.ok()) return absl::StrCat("reading the views: ", rows.status().message());
  return CompareRows(*rows, views.rows());
}

std::string ComparePublished(const engine::Published& published, const SlowModel& model) {
  Difference difference("published");
  return published.Read([&](const engine::PublishedState& state) -> std::string {
    difference.Expect("position", state.as_of, static_cast<int64_t>(model.records().size()));
    difference.Expect("events", state.event_count, model.event_count());
    for (const auto& source : state.sources) {
      difference.Expect(
          source.source().source_id(), source.last_sequence(),
          model.LastSequence(source.source().source_id(), source.source_incarnation()));
    }
    if (!difference.text().empty()) return difference.text();
    for (const auto& [key, want] : model.Tallies()) {
      const auto& [epoch, scope, period] = key;
      if (epoch != model.epochs() || period.first != vigie::v1::PERIOD_KIND_CUMULATIVE) continue;
      Difference of_tally(absl::StrCat("published ", NameOf(key)));
      const auto got = state.Tally(IdOf(key, state.names));
      Compare(got != nullptr ? *got : decision::Tally{}, want, of_tally);
      if (!of_tally.text().empty()) return of_tally.text();
    }
    return {};
  });
}

}  // namespace vigie::simulation
