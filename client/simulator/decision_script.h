// SPDX-License-Identifier: Apache-2.0
// Writes what happens around one suggestion, by the habit of the people who see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/catalogue.h"
#include "simulator/hospital.h"
#include "simulator/plan.h"
#include "simulator/random.h"
#include "vigie/v1/event.pb.h"

namespace vigie::simulator {

// An event before its source's clock has stamped it: all times in it are true.
struct Happening {
  int64_t true_at_ms = 0;
  size_t source = 0;
  vigie::v1::Event event;
};

// Nothing of a decision happens later than this after it began.
inline constexpr int64_t kLongestTruthDelayMs = 3 * kDayMs;

// What stays the same for all decisions of a unit.
struct UnitSetting {
  HospitalOptions options;
  UnitPlan plan;
  const SystemModel* system = nullptr;
  size_t source = kWardSource;
  // Applied comes from the dispensing source, half a minute and more after Decided.
  bool dispenses = false;
  // Actors of the unit, by shift: even entries work the early shift, odd ones the late.
  std::vector<vigie::v1::Actor> staff;
};

// Writes the events of one decision, in no particular order. Made for one decision; `setting`,
// `random` and `out` must outlive it.
class DecisionScript {
 public:
  // `version` is that of the AI system.
  DecisionScript(const UnitSetting& setting, std::string_view version, Random& random,
                 std::vector<Happening>& out);

  // One decision from its first event to its truth. For every habit but kBulk.
  void Write(const Moment& start);
  // One item of a batch that was issued before, and signed at `signed_at_ms`.
  void WriteBatchItem(int64_t issued_at_ms, int64_t signed_at_ms, const vigie::v1::Actor& actor,
                      const std::string& batch_id, int batch_item_count);

 private:
  // How the person goes about it.
  enum class Manner { kExamined, kHurried, kStamped, kNobody };

  Manner DrawManner(double shift_ratio);
  void DrawCase(Manner manner);
  std::string OtherCode(std::string_view code);
  std::string DrawFinal(Manner manner);

  void WriteExamined(int64_t at_ms);
  void WriteSuppressed(int64_t at_ms);
  void WriteAtAGlance(int64_t at_ms, Manner manner);
  void WriteWithoutPerson(int64_t at_ms);

  void AddPatientInformed(int64_t at_ms);
  void AddIssued(int64_t at_ms);
  void AddOwnJudgement(int64_t shown_at_ms);
  // Returns when the look ends.
  int64_t AddLook(int64_t at_ms);
  int64_t AddSegments(int64_t at_ms, int64_t active_ms);
  int64_t AddPostponement(int64_t at_ms);
  int64_t AddMistake(int64_t at_ms);
  void AddEdit(int64_t at_ms);
  vigie::v1::Decided& AddDecided(int64_t at_ms);
  void AddApplied(int64_t at_ms, vigie::v1::EffectCause cause);
  void AddTruth(int64_t acted_at_ms);
  // Replaces one kind of telemetry by a TelemetryGap.
  void LoseTelemetry(Manner manner);
  // Drops what a poor feed cannot send.
  void Impoverish();

  vigie::v1::Event& Add(int64_t at_ms);
  [[nodiscard]] vigie::v1::Code CodeOf(std::string_view code) const;
  [[nodiscard]] bool Poor() const { return setting_.plan.feed == Feed::kPoor; }

  const UnitSetting& setting_;
  std::string_view version_;
  Random& random_;
  std::vector<Happening>& out_;
  const size_t first_;  // Where this decision starts in out_.

  std::string decision_id_;
  const vigie::v1::Actor* actor_ = nullptr;
  int64_t item_count_ = 1;
  bool probe_ = false;
  bool audited_ = false;
  std::string truth_;
  std::string suggestion_;
  std::string final_;
};

}  // namespace vigie::simulator
