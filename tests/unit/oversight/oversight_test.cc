// SPDX-License-Identifier: Apache-2.0
// Answers over a running engine: the golden summary, small cells, restricted access, pages.
#include "oversight/oversight.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "oversight/verdict_feed.h"
#include "store/block.h"
#include "support/running_engine.h"

namespace vigie::oversight {
namespace {

using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kHourMs = 3'600'000;

class OversightTest : public testing::Test {
 protected:
  OversightTest() { running_.DeclareSource(); }

  // Decisions of one unit, every third not opened, every fourth wrong by audit, closed by
  // watermark.
  void Feed(const std::string& unit, int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(unit, "-", i);
      const int64_t at_ms = kMorningMs + i * 1'000;
      events.push_back(IssuedAt(id, at_ms));
      events.push_back(ShownAt(id, at_ms + 1'000));
      if (i % 3 != 0) events.push_back(OpenedAt(id, at_ms + 2'000));
      events.push_back(DecidedAt(id, at_ms + 9'000));
      if (i % 4 == 0) events.push_back(TruthAt(id, at_ms + 10'000, i % 8 == 0 ? "A" : "B"));
    }
    for (Event& event : events) event.set_unit_id(unit);
    engine::EventWork work = running_.Work(std::move(events));
    work.watermark_ms = kMorningMs + 24 * kHourMs;
    EXPECT_TRUE(running_.Send(std::move(work)).status.ok());
  }
  [[nodiscard]] Summary SummaryOf(const std::string& unit) {
    GetSummaryRequest request;
    request.mutable_scope()->set_unit_id(unit);
    const auto response = oversight_.GetSummary(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->summary() : Summary();
  }

  RunningEngine running_;
  Egress egress_{&running_.engine().published(), &running_.engine().store()};
  Oversight oversight_{&running_.engine(), &running_.pseudonyms(), &egress_};
};

std::string Json(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

// VIGIE_UPDATE_GOLDEN=1 writes the file anew; look at the difference before you keep it.
TEST_F(OversightTest, TheSummaryOfAKnownFeedIsTheGoldenOne) {
  Feed("icu", 120);
  const std::string got = Json(SummaryOf(""));
  const std::string path = VIGIE_GOLDEN_DIR "/summary.json";
  if (std::getenv("VIGIE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << got;
  std::ifstream file(path);
  std::stringstream want;
  want << file.rdbuf();
  EXPECT_EQ(got, want.str());
}

TEST_F(OversightTest, Row30_AUnitOfTenDecisionsIsWithheldEverywhere) {
  Feed("icu", 40);
  Feed("ward", 30);
  Feed("night", 10);
  const Summary night = SummaryOf("night");
  EXPECT_EQ(night.suppression(), SUPPRESSION_SMALL_CELL);
  EXPECT_EQ(night.verdict(), VERDICT_UNDETERMINED);
  EXPECT_TRUE(night.indicators().empty());
  EXPECT_FALSE(night.has_description());
  EXPECT_EQ(SummaryOf("ward").suppression(), SUPPRESSION_COMPLEMENTARY);
  EXPECT_EQ(SummaryOf("icu").suppression(), SUPPRESSION_NONE);
  const auto scopes = oversight_.ListScopes({});
  ASSERT_TRUE(scopes.ok());
  VerdictFeed feed(&running_.engine().published(), &egress_, {});
  const auto watched = feed.Next();
  ASSERT_TRUE(watched.has_value());
  for (const auto* list : {&scopes->scopes(), &watched->verdicts()}) {
    for (const ScopeVerdict& scope : *list) {
      if (scope.scope().unit_id() != "night") continue;
      EXPECT_EQ(scope.closed_count(), 0);
      EXPECT_NE(scope.suppression(), SUPPRESSION_NONE);
    }
  }
}

// Found by trying: the list named the ten decisions of a unit that every other answer withheld.
TEST_F(OversightTest, AWithheldUnitCannotBeCountedInTheList) {
  Feed("icu", 40);
  Feed("ward", 30);
  Feed("night", 10);
  ListDecisionsRequest request;
  request.set_page_size(1000);
  const auto all = oversight_.ListDecisions(request);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->decisions_size(), 80);
  int named = 0;
  for (const Decision& decision : all->decisions()) {
    EXPECT_THAT(decision.scope().unit_id(), testing::AnyOf("", "icu"));
    named += decision.scope().unit_id() == "icu" ? 1 : 0;
  }
  EXPECT_EQ(named, 40);
  request.mutable_scope()->set_unit_id("night");
  EXPECT_EQ(oversight_.ListDecisions(request).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(OversightTest, AWatcherLearnsOfVerdictsThatOnlyTimeChanged) {
  Feed("icu", 40);
  VerdictFeed feed(&running_.engine().published(), &egress_, {});
  ASSERT_TRUE(feed.Next().has_value());
  EXPECT_FALSE(feed.Next().has_value());
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i) {
    const std::string id = absl::StrCat("late-", i);
    events.push_back(ShownAt(id, kMorningMs));
    events.push_back(DecidedAt(id, kMorningMs));
    events.back().set_unit_id("ward");
  }
  ASSERT_TRUE(running_.Send(std::move(events)).status.ok());
  EXPECT_FALSE(feed.Next().has_value());  // Still open: nothing is counted yet.
  running_.clock().Advance(10 * 60'000);
  running_.Turn();
  const auto changed = feed.Next();
  ASSERT_TRUE(changed.has_value());
  std::set<std::string> units;
  for (const ScopeVerdict& verdict : changed->verdicts()) units.insert(verdict.scope().unit_id());
  EXPECT_TRUE(units.contains("ward"));
}

TEST_F(OversightTest, Row29_FiguresOfAPersonNeedAReason) {
  Feed("icu", 20);
  GetActorSummaryRequest request;
  request.set_actor_id("dr-1");
  EXPECT_TRUE(absl::IsPermissionDenied(oversight_.GetActorSummary(request, "test").status()));
  request.set_reason("  x  ");
  EXPECT_TRUE(absl::IsPermissionDenied(oversight_.GetActorSummary(request, "test").status()));
}

TEST_F(OversightTest, FiguresOfAPersonLeaveARecordAndGiveNoVerdict) {
  Feed("icu", 20);
  GetActorSummaryRequest request;
  request.set_actor_id("dr-1");
  request.set_reason("annual review");
  const auto response = oversight_.GetActorSummary(request, "test");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->summary().verdict(), VERDICT_UNSPECIFIED);
  EXPECT_EQ(response->summary().description().closed_count(), 20);
  const auto bytes = running_.engine().store().newest().BlockHolding(response->access_position());
  const auto block = store::DecodeBlock(*bytes);
  const auto& record =
      block->records(static_cast<int>(response->access_position() - block->first_position()));
  EXPECT_EQ(record.restricted_access().reason(), "annual review");
  EXPECT_EQ(record.restricted_access().caller(), "test");
  EXPECT_EQ(bytes->find("dr-1"), std::string::npos);
}

TEST_F(OversightTest, PagesOfDecisionsGiveEachOnce) {
  Feed("icu", 25);
  ListDecisionsRequest request;
  request.set_page_size(10);
  std::vector<std::string> ids;
  int pages = 0;
  do {
    const auto response = oversight_.ListDecisions(request);
    ASSERT_TRUE(response.ok()) << response.status();
    for (const Decision& decision : response->decisions()) ids.push_back(decision.decision_id());
    request.set_page_token(response->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ids.size(), 25U);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 25U);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(OversightTest, AForgedPageTokenIsRefused) {
  Feed("icu", 12);
  ListDecisionsRequest request;
  request.set_page_token("not hex");
  EXPECT_TRUE(absl::IsInvalidArgument(oversight_.ListDecisions(request).status()));
}

TEST_F(OversightTest, ADecisionIsShownWithoutItsPeople) {
  Feed("icu", 12);
  GetDecisionRequest request;
  request.set_decision_id("icu-1");
  const auto response = oversight_.GetDecision(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->decision().degree(), DEGREE_CONCRETE);
  EXPECT_EQ(response->events_size(), 4);
  EXPECT_THAT(Json(*response), Not(HasSubstr("dr-1")));
  for (const auto& event : response->events()) {
    EXPECT_TRUE(event.event().actor().pseudonym().empty());
    EXPECT_EQ(event.event().actor().key_epoch(), 0);
  }
}

TEST_F(OversightTest, AnUnknownDecisionIsNotFound) {
  Feed("icu", 12);
  GetDecisionRequest request;
  request.set_decision_id("none");
  EXPECT_TRUE(absl::IsNotFound(oversight_.GetDecision(request).status()));
}

}  // namespace
}  // namespace vigie::oversight
