// SPDX-License-Identifier: Apache-2.0
#include "simulator/hospital.h"

#include <algorithm>
#include <set>
#include <utility>

#include "simulator/catalogue.h"
#include "simulator/decision_script.h"
#include "simulator/plan.h"
#include "simulator/timeline.h"
#include "simulator/unit_stream.h"

namespace vigie::simulator {
namespace {

// Where the unit at this index gets its suggestions and who reports on it.
UnitSetting SettingOf(const HospitalOptions& options, const UnitPlan& plan, size_t index) {
  UnitSetting setting;
  setting.options = options;
  setting.plan = plan;
  setting.system = &SystemAt(index);
  if (plan.feed == Feed::kPoor) {
    setting.source = kLegacySource;
  } else {
    setting.source = setting.system->has_image ? kImagingSource : kWardSource;
  }
  const bool examines = plan.habit == Habit::kCareful || plan.habit == Habit::kFading ||
                        plan.habit == Habit::kCarefulButAgreeing;
  setting.dispenses = examines && plan.feed == Feed::kFull && setting.system->dispensed;
  return setting;
}

UnitTruth TruthOf(const UnitSetting& setting) {
  UnitTruth truth;
  truth.unit_id = setting.plan.unit_id;
  truth.system_id = std::string(setting.system->system_id);
  truth.source_id = SourceId(setting.source, setting.options.seed);
  truth.habit = setting.plan.habit;
  truth.feed = setting.plan.feed;
  truth.truth_returned = TruthReturned(setting.plan, setting.options);
  truth.decision_count = setting.plan.decision_count;
  truth.expected = ExpectedVerdict(setting.plan, setting.options,
                                   setting.options.ai_error_ratio * setting.system->error_factor);
  return truth;
}

// The system's new version, half-way through the working time.
Happening VersionChanged(const UnitSetting& setting, size_t unit_index, int64_t working_days) {
  Happening happening;
  happening.true_at_ms = MomentAt(0.5, working_days, setting.options.start_ms).at_ms;
  happening.source = setting.source;
  Random random(setting.options.seed, ~static_cast<uint64_t>(unit_index));
  vigie::v1::Event& event = happening.event;
  event.set_event_id(random.Hex128());
  event.set_organisation_id(setting.options.organisation_id);
  event.set_system_id(std::string(setting.system->system_id));
  event.set_system_version(std::string(setting.system->versions.back()));
  vigie::v1::ConfigurationChanged& changed = *event.mutable_configuration_changed();
  changed.set_change(vigie::v1::CONFIGURATION_CHANGE_VERSION);
  changed.set_new_version(std::string(setting.system->versions.back()));
  return happening;
}

}  // namespace

Hospital::Hospital(const HospitalOptions& options)
    : Hospital(options, UsualPlans(Bounded(options))) {}

Hospital::Hospital(HospitalOptions options, std::vector<UnitPlan> plans)
    : options_(Bounded(std::move(options))) {
  const int64_t working_days = WorkingDays(plans);
  std::set<size_t> used_sources;
  std::set<std::string_view> used_systems;
  std::vector<UnitStream> streams;
  std::vector<Happening> announcements;
  for (size_t i = 0; i < plans.size(); ++i) {
    UnitSetting setting = SettingOf(options_, plans[i], i);
    used_sources.insert(setting.source);
    if (setting.dispenses) used_sources.insert(kDispensingSource);
    if (used_systems.insert(setting.system->system_id).second) {
      systems_.push_back(DeclarationOf(*setting.system, options_.organisation_id));
      if (setting.plan.feed == Feed::kFull) {
        announcements.push_back(VersionChanged(setting, i, working_days));
      }
    }
    units_.push_back(TruthOf(setting));
    streams.emplace_back(std::move(setting), i, working_days);
  }
  std::vector<SourceClock> clocks;
  for (size_t source = 0; source < kSourceCount; ++source) {
    const bool used = used_sources.contains(source);
    clocks.push_back({SourceId(source, options_.seed), SourceAt(source).skew_ms, used});
    if (used) sources_.push_back(DeclarationOf(source, options_.seed));
  }
  timeline_ = std::make_unique<Timeline>(options_, std::move(clocks), std::move(streams),
                                         std::move(announcements));
}

Hospital::~Hospital() = default;
Hospital::Hospital(Hospital&&) noexcept = default;
Hospital& Hospital::operator=(Hospital&&) noexcept = default;

std::optional<double> Hospital::ErrorRatio(std::string_view system_id) const {
  const SystemModel* model = FindSystem(system_id);
  if (model == nullptr) return std::nullopt;
  return std::min(1.0, options_.ai_error_ratio * model->error_factor);
}

bool Hospital::Next(Delivery* out) { return timeline_->Next(out); }

std::string_view HabitName(Habit habit) {
  switch (habit) {
    case Habit::kCareful:
      return "careful";
    case Habit::kCarefulButAgreeing:
      return "careful-but-agreeing";
    case Habit::kRubberStamping:
      return "rubber-stamping";
    case Habit::kBulk:
      return "bulk";
    case Habit::kAutoApplied:
      return "auto-applied";
    case Habit::kFading:
      return "fading";
  }
  return "unknown";
}

}  // namespace vigie::simulator
