// SPDX-License-Identifier: Apache-2.0
// What is answered after a part of the log was purged.
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/oversight.h"
#include "policy/yaml_message.h"
#include "support/running_engine.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::Contains;
using testing::HasSubstr;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kCeilingDays = 365;

// Decisions of a year ago, one of them with a truth of today, and decisions of today.
class PurgedLog : public testing::Test {
 protected:
  PurgedLog() {
    EXPECT_TRUE(running_.Open().ok());
    egress_.emplace(&running_.engine().published(), &running_.engine().store());
    oversight_.emplace(&running_.engine(), &running_.pseudonyms(), &*egress_);
    running_.DeclareSource();
    Feed("old");
    running_.clock().Advance((kCeilingDays + 1) * kDayMs);
    now_ms_ = running_.clock().NowMs();
    EXPECT_TRUE(running_.SendEvents(TruthAt("old-0", now_ms_, "B")).status.ok());
    Feed("new");
    EXPECT_TRUE(running_.engine().retention().Purge().ok());
    EXPECT_GT(running_.engine().retention().purged().last_position(), 0);
  }
  void Feed(const std::string& name) {
    const int64_t at_ms = running_.clock().NowMs();
    std::vector<Event> events;
    for (int i = 0; i < 30; ++i) {
      const std::string id = absl::StrCat(name, "-", i);
      events.push_back(IssuedAt(id, at_ms));
      events.push_back(ShownAt(id, at_ms));
      if (i % 2 == 0) events.push_back(OpenedAt(id, at_ms));
      events.push_back(DecidedAt(id, at_ms + 5'000));
    }
    engine::EventWork work = running_.Work(std::move(events));
    work.watermark_ms = at_ms + 12 * kHourMs;
    EXPECT_TRUE(running_.Send(std::move(work)).status.ok());
  }

  RunningEngine running_{
      [](engine::Engine::Options& options) { options.retention.ceiling_days = kCeilingDays; }};
  std::optional<Egress> egress_;
  std::optional<Oversight> oversight_;
  int64_t now_ms_ = 0;
};

TEST_F(PurgedLog, ADecisionWhoseEarlyEventsArePurgedSaysSo) {
  GetDecisionRequest request;
  request.set_decision_id("old-0");
  auto response = oversight_->GetDecision(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->events_size(), 1);
  EXPECT_EQ(response->decision().state(), DECISION_STATE_CLOSED);
  EXPECT_TRUE(response->decision().has_ai_wrong());
  EXPECT_THAT(response->decision().explanation(),
              Contains(HasSubstr("4 earlier events were purged")));
  request.set_language(LANGUAGE_FRENCH);
  response = oversight_->GetDecision(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->decision().explanation(), Contains(HasSubstr("4 événements antérieurs")));
  request.set_decision_id("old-1");
  EXPECT_TRUE(absl::IsNotFound(oversight_->GetDecision(request).status()));
  request.set_decision_id("new-1");
  response = oversight_->GetDecision(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->events_size(), 3);
  for (const std::string& sentence : response->decision().explanation()) {
    EXPECT_THAT(sentence, testing::Not(HasSubstr("purged")));
  }
}

TEST_F(PurgedLog, TheSummaryStillCountsWhatWasPurged) {
  const auto response = oversight_->GetSummary(GetSummaryRequest());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->summary().description().closed_count(), 60);
}

TEST_F(PurgedLog, APolicyIsTriedOnWhatIsLeft) {
  TryPolicyRequest request;
  auto policy = BaselinePolicy();
  policy.set_version("2");
  policy.mutable_examination()->set_floor_ms(10 * kHourMs);
  request.set_policy_yaml(policy::WriteYaml(policy));
  EXPECT_TRUE(absl::IsFailedPrecondition(oversight_->TryPolicy(request).status()));
  request.set_from_ms(now_ms_ - kDayMs);
  const auto response = oversight_->TryPolicy(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->decision_count(), 30);
  EXPECT_EQ(response->unmatched_count(), 0);
}

TEST_F(PurgedLog, AnExportBeginsWithWhatTheRestNeedsAndGoesOnAtTheFirstKeptPosition) {
  ExportLogRequest request;
  const auto response = oversight_->ExportLog(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->lines(0), HasSubstr("storeCreated"));
  EXPECT_THAT(response->lines(0), HasSubstr("\"whole\":false"));
  EXPECT_THAT(response->lines(2), HasSubstr("policyActivated"));
  EXPECT_THAT(response->lines(1), HasSubstr("\"sourceId\":\"ehr\""));
  const int64_t first = running_.engine().retention().purged().last_position() + 1;
  EXPECT_THAT(response->lines(3), HasSubstr(absl::StrCat("{\"position\":\"", first, "\"")));
}

}  // namespace
}  // namespace vigie::oversight
