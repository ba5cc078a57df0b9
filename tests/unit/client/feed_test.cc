// SPDX-License-Identifier: Apache-2.0
// `replay` and `simulate` against a server in the test's own process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "command_line.h"
#include "fake_ingest.h"
#include "replay_file.h"

namespace vigie::cli {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
using testing::UnorderedElementsAreArray;

constexpr int kEventsPerRecord = 5;

std::string Line(int decision) {
  return absl::StrCat(R"({"decision_id":"d)", decision,
                      R"(","system_id":"s","dwell_ms":1,"suggestion":"a","final":"a"})", "\n");
}

class FeedTest : public testing::Test {
 protected:
  // Writes a file of so many records, after `before`.
  std::string FileOf(int record_count, const std::string& before = "") {
    const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::string path = absl::StrCat(testing::TempDir(), name, ".jsonl");
    std::ofstream file(path);
    file << before;
    for (int i = 1; i <= record_count; ++i) file << Line(i);
    return path;
  }
  ExitCode Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--server", server_.address()});
    const auto line = ParseCommandLine(arguments);
    EXPECT_TRUE(line.ok()) << line.status();
    return line->verb->run(Session(line->server, line->output, false), line->arguments);
  }

  FakeIngest server_;
};

TEST_F(FeedTest, ReplaySendsTheFileInOrderAndEndsWithAWatermark) {
  EXPECT_EQ(Run({"replay", FileOf(300)}), ExitCode::kDone);
  const std::vector<std::string> recorded = server_.recorded();
  ASSERT_THAT(recorded, SizeIs(300 * kEventsPerRecord));
  EXPECT_EQ(recorded.front(), "d1/issued");
  EXPECT_EQ(recorded.back(), "d300/applied");
  EXPECT_THAT(server_.watermarks(), ElementsAre(testing::Gt(int64_t{1} << 60)));
}

TEST_F(FeedTest, ReplayDeclaresItsSourceWithThePayloadsOfTheFile) {
  const std::string path = FileOf(1);
  ASSERT_EQ(Run({"replay", path}), ExitCode::kDone);
  ASSERT_THAT(server_.declared_sources(), SizeIs(1));
  const v1::Source source = server_.declared_sources()[0];
  EXPECT_EQ(source.source_id(), ReadReplayFile(path)->SourceId());
  EXPECT_THAT(source.payloads(), ElementsAre(v1::PAYLOAD_KIND_ISSUED, v1::PAYLOAD_KIND_SHOWN,
                                             v1::PAYLOAD_KIND_ACTIVE_SEGMENT,
                                             v1::PAYLOAD_KIND_DECIDED, v1::PAYLOAD_KIND_APPLIED));
}

TEST_F(FeedTest, ASecondReplayFindsEverythingOnDisk) {
  const std::string path = FileOf(50);
  ASSERT_EQ(Run({"replay", path}), ExitCode::kDone);
  EXPECT_EQ(Run({"replay", path, "--batch", "7", "--resume"}), ExitCode::kDone);
  EXPECT_THAT(server_.recorded(), SizeIs(50 * kEventsPerRecord));
}

TEST_F(FeedTest, NoResumeOffersEverythingAgain) {
  const std::string path = FileOf(50);
  ASSERT_EQ(Run({"replay", path}), ExitCode::kDone);
  EXPECT_EQ(Run({"replay", path, "--no-resume"}), ExitCode::kDone);
  EXPECT_THAT(server_.recorded(), SizeIs(2 * 50 * kEventsPerRecord));
}

TEST_F(FeedTest, ReplayGoesOnAfterTheServerDied) {
  server_.DieAfterBatches(3);
  EXPECT_EQ(Run({"replay", FileOf(100), "--batch", "9"}), ExitCode::kDone);
  const std::vector<std::string> recorded = server_.recorded();
  EXPECT_THAT(recorded, SizeIs(100 * kEventsPerRecord));
  EXPECT_THAT(std::set<std::string>(recorded.begin(), recorded.end()),
              SizeIs(100 * kEventsPerRecord));
}

TEST_F(FeedTest, ShufflingKeepsTheEventsOfARecordInOrder) {
  const std::string path = FileOf(20);
  ASSERT_EQ(Run({"replay", path}), ExitCode::kDone);
  const std::vector<std::string> in_order = server_.recorded();
  server_.LoseStore();
  ASSERT_EQ(Run({"replay", path, "--shuffle-seed", "3"}), ExitCode::kDone);
  const std::vector<std::string> shuffled = server_.recorded();
  EXPECT_NE(shuffled, in_order);
  EXPECT_THAT(shuffled, UnorderedElementsAreArray(in_order));
  for (size_t i = 0; i < shuffled.size(); i += kEventsPerRecord) {
    const std::string decision = shuffled[i].substr(0, shuffled[i].find('/'));
    EXPECT_EQ(shuffled[i], decision + "/issued");
    EXPECT_EQ(shuffled[i + 4], decision + "/applied");
  }
}

TEST_F(FeedTest, TwiceSendsEveryEventTwice) {
  ASSERT_EQ(Run({"replay", FileOf(10), "--twice"}), ExitCode::kDone);
  std::map<std::string, int> counts;
  for (const std::string& event_id : server_.recorded()) ++counts[event_id];
  EXPECT_THAT(counts, SizeIs(10 * kEventsPerRecord));
  for (const auto& [event_id, count] : counts) EXPECT_EQ(count, 2) << event_id;
}

TEST_F(FeedTest, InvalidLinesAreReportedAndTheOthersSent) {
  EXPECT_EQ(Run({"replay", FileOf(10, "{\"decision_id\":\n")}), ExitCode::kRefused);
  EXPECT_THAT(server_.recorded(), SizeIs(10 * kEventsPerRecord));
}

TEST_F(FeedTest, RefusedEventsShowInTheExitCode) {
  server_.Judge([](const v1::Event& event) {
    v1::EventResult result;
    if (event.event_id() == "d2/shown") result.set_fate(v1::EVENT_FATE_REFUSED);
    return result;
  });
  testing::internal::CaptureStderr();
  EXPECT_EQ(Run({"replay", FileOf(3)}), ExitCode::kRefused);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::HasSubstr("line 2: shown"));
  EXPECT_THAT(server_.recorded(), SizeIs(3 * kEventsPerRecord - 1));
}

TEST_F(FeedTest, AnUnreachableServerHasAnExitCodeOfItsOwn) {
  server_.Stop();
  EXPECT_EQ(Run({"replay", FileOf(1)}), ExitCode::kUnreachable);
  EXPECT_EQ(Run({"summary"}), ExitCode::kUnreachable);
}

TEST_F(FeedTest, WrongOptionsAreUsageErrors) {
  EXPECT_EQ(Run({"replay"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"replay", FileOf(1), "--rate", "fast"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"replay", FileOf(1), "--batch", "5000"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"replay", "/nowhere.jsonl"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"summary", "--period", "year:2026"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"decisions", "--degree", "lazy"}), ExitCode::kUsage);
}

TEST_F(FeedTest, SimulateSendsTheSameHospitalForTheSameSeed) {
  ASSERT_EQ(Run({"simulate", "--decisions", "80", "--seed", "4"}), ExitCode::kDone);
  const size_t event_count = server_.recorded().size();
  EXPECT_GT(event_count, 80u);
  EXPECT_GT(server_.watermarks().size(), 0u);
  EXPECT_GT(server_.declared_sources().size(), 1u);
  ASSERT_EQ(Run({"simulate", "--decisions", "80", "--seed", "4"}), ExitCode::kDone);
  EXPECT_EQ(server_.recorded().size(), event_count);
}

}  // namespace
}  // namespace vigie::cli
