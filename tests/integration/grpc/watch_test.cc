// SPDX-License-Identifier: Apache-2.0
// Watching verdicts: the present state first, then news, newest only, resumable.
#include <map>

#include "grpc/scene.h"

namespace vigie::testing {
namespace {

class Watch {
 public:
  Watch(v1::OversightService::Stub& stub, int64_t after_position) {
    SetDeadline(context_);
    v1::WatchVerdictsRequest request;
    request.set_after_position(after_position);
    reader_ = stub.WatchVerdicts(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    v1::WatchVerdictsResponse response;
    while (reader_->Read(&response)) {
    }
    static_cast<void>(reader_->Finish());
  }
  // The next answer; its as_of and scopes.
  v1::WatchVerdictsResponse Next() {
    v1::WatchVerdictsResponse response;
    EXPECT_TRUE(reader_->Read(&response));
    return response;
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchVerdictsResponse>> reader_;
};

class WatchVerdicts : public DaemonTest {
 protected:
  // Twenty automated decisions of `unit`, closed at once.
  void CloseTwenty(const std::string& unit) {
    v1::RecordEventsRequest request;
    request.set_source_id("watched");
    for (int i = 0; i < 20; ++i) {
      v1::Event event = Issued(number_++);
      event.set_unit_id(unit);
      event.clear_actor();
      event.set_event_id(event.decision_id() + "/applied");
      event.mutable_applied()->set_applied_by(v1::EFFECT_CAUSE_SYSTEM);
      event.mutable_applied()->add_codes()->set_code("sepsis");
      v1::Event issued = Issued(number_ - 1);
      issued.set_unit_id(unit);
      *request.add_events() = issued;
      *request.add_events() = event;
    }
    watermark_ms_ += 86'400'000;
    request.set_watermark_ms(watermark_ms_);
    grpc::ClientContext context;
    SetDeadline(context);
    v1::RecordEventsResponse response;
    ASSERT_TRUE(ingest().RecordEvents(&context, request, &response).ok());
  }
  static std::map<std::string, int64_t> Units(const v1::WatchVerdictsResponse& response) {
    std::map<std::string, int64_t> units;
    for (const v1::ScopeVerdict& scope : response.verdicts()) {
      if (scope.scope().system_id().empty() && !scope.scope().unit_id().empty()) {
        units[scope.scope().unit_id()] = scope.closed_count();
      }
    }
    return units;
  }

 private:
  int number_ = 1;
  int64_t watermark_ms_ = 1'700'000'000'000;
};

TEST_F(WatchVerdicts, GivesThePresentStateOfEveryScopeFirst) {
  CloseTwenty("icu-1");
  CloseTwenty("icu-2");
  Watch watch(oversight(), 0);
  const auto units = Units(watch.Next());
  EXPECT_EQ(units, (std::map<std::string, int64_t>{{"icu-1", 20}, {"icu-2", 20}}));
}

TEST_F(WatchVerdicts, ResumesAfterThePositionOfTheLastAnswer) {
  CloseTwenty("icu-1");
  CloseTwenty("icu-2");
  int64_t as_of = 0;
  {
    Watch watch(oversight(), 0);
    as_of = watch.Next().as_of();
  }
  CloseTwenty("icu-3");
  Watch resumed(oversight(), as_of);
  const v1::WatchVerdictsResponse news = resumed.Next();
  EXPECT_GT(news.as_of(), as_of);
  EXPECT_EQ(Units(news), (std::map<std::string, int64_t>{{"icu-3", 20}}))
      << "only what changed since";
}

TEST_F(WatchVerdicts, GiveASlowReaderTheNewestStateOfEachScopeAndNotEveryStep) {
  constexpr int kSteps = 30;
  CloseTwenty("icu-0");
  Watch watch(oversight(), 0);
  EXPECT_EQ(Units(watch.Next()).count("icu-0"), 1U);
  for (int i = 1; i <= kSteps; ++i) CloseTwenty("icu-" + std::to_string(i));
  std::map<std::string, int64_t> seen;
  int answers = 0;
  while (seen.count("icu-" + std::to_string(kSteps)) == 0 && answers < kSteps) {
    for (const auto& [unit, count] : Units(watch.Next())) seen[unit] = count;
    ++answers;
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kSteps));
  EXPECT_LT(answers, kSteps);
}

TEST_F(WatchVerdicts, EndAsUnavailableWhenTheDaemonStops) {
  CloseTwenty("icu-1");
  grpc::ClientContext context;
  SetDeadline(context);
  const auto reader = oversight().WatchVerdicts(&context, {});
  v1::WatchVerdictsResponse response;
  ASSERT_TRUE(reader->Read(&response));
  daemon().AskToStop();
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(daemon().Stop(), 0);
}

}  // namespace
}  // namespace vigie::testing
