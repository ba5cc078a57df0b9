// SPDX-License-Identifier: Apache-2.0
#include "replay_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "replay_mapping.h"

namespace vigie::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string SharedFile(const std::string& name) {
  const char* const chosen = std::getenv("VIGIE_SHARED_DIR");
  return std::string(chosen == nullptr ? VIGIE_SHARED_DIR : chosen) + "/" + name;
}

std::string WriteTemporary(const std::string& name, const std::string& contents) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << contents;
  return path;
}

constexpr char kGood[] =
    R"({"decision_id":"d","system_id":"s","dwell_ms":1,"suggestion":"a","final":"a"})";

TEST(ReplayFile, ReadsEveryRealRecord) {
  const std::string path = SharedFile("data/esm-dotstask-lab.jsonl");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const auto file = ReadReplayFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->records, SizeIs(7512));
  EXPECT_THAT(file->invalid, SizeIs(0));
  EXPECT_EQ(file->event_count, 7512 * 7);
  EXPECT_EQ(file->SourceId(), "replay:" + file->sha256_hex.substr(0, 16));
  EXPECT_THAT(
      file->payloads,
      ElementsAre(v1::PAYLOAD_KIND_ISSUED, v1::PAYLOAD_KIND_SHOWN, v1::PAYLOAD_KIND_ACTIVE_SEGMENT,
                  v1::PAYLOAD_KIND_INITIAL_JUDGEMENT, v1::PAYLOAD_KIND_DECIDED,
                  v1::PAYLOAD_KIND_APPLIED, v1::PAYLOAD_KIND_TRUTH_ESTABLISHED));
}

TEST(ReplayFile, RealRecordsHaveThePublishedOutcomes) {
  const std::string path = SharedFile("data/esm-dotstask-lab.jsonl");
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const auto file = ReadReplayFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  int overridden = 0;
  int wrong = 0;
  int caught = 0;
  for (const ReplayRecord& record : file->records) {
    const auto events = MapRecord(record.line, record.index);
    ASSERT_TRUE(events.ok());
    const bool rejected = (*events)[4].decided().outcome() == v1::DECISION_OUTCOME_OVERRIDDEN;
    const bool ai_wrong = (*events)[0].issued().suggestions(0).code() !=
                          (*events)[6].truth_established().codes(0).code();
    overridden += rejected ? 1 : 0;
    wrong += ai_wrong ? 1 : 0;
    caught += rejected && ai_wrong ? 1 : 0;
  }
  EXPECT_EQ(overridden, 2355);
  EXPECT_EQ(wrong, 2284);
  EXPECT_EQ(caught, 1287);
}

TEST(ReplayFile, NamesTheLineOfEveryInvalidRecord) {
  const auto file = ReadReplayFile(WriteTemporary(
      "invalid.jsonl", std::string(kGood) + "\n\n{\"decision_id\":\n" + kGood + "\n{}"));
  ASSERT_TRUE(file.ok());
  EXPECT_THAT(file->records, SizeIs(2));
  EXPECT_EQ(file->records[1].line_number, 4);
  EXPECT_EQ(file->records[1].index, 2);
  ASSERT_THAT(file->invalid, SizeIs(2));
  EXPECT_EQ(file->invalid[0].line_number, 3);
  EXPECT_THAT(file->invalid[0].problem, HasSubstr("not a JSON object"));
  EXPECT_EQ(file->invalid[1].line_number, 5);
  EXPECT_THAT(file->invalid[1].problem, HasSubstr("decision_id: got nothing"));
}

TEST(ReplayFile, ReadsLinesWithCarriageReturns) {
  const std::string line = absl::StrCat(kGood, "\r\n");
  const auto file = ReadReplayFile(WriteTemporary("windows.jsonl", absl::StrCat(line, line)));
  ASSERT_TRUE(file.ok());
  EXPECT_THAT(file->records, SizeIs(2));
}

TEST(ReplayFile, NamesAFileThatIsNotThere) {
  const auto file = ReadReplayFile(testing::TempDir() + "absent.jsonl");
  EXPECT_TRUE(absl::IsNotFound(file.status()));
  EXPECT_THAT(std::string(file.status().message()), HasSubstr("absent.jsonl"));
}

TEST(ReplayFile, RefusesAFolder) { EXPECT_FALSE(ReadReplayFile(testing::TempDir()).ok()); }

TEST(Shuffled, IsAPermutationThatTheSeedDecides) {
  std::vector<ReplayRecord> records(100);
  for (size_t i = 0; i < records.size(); ++i) records[i].index = static_cast<int64_t>(i);
  const auto indexes = [](const std::vector<ReplayRecord>& shuffled) {
    std::vector<int64_t> all;
    for (const ReplayRecord& record : shuffled) all.push_back(record.index);
    return all;
  };
  const std::vector<int64_t> first = indexes(Shuffled(records, 1));
  EXPECT_EQ(first, indexes(Shuffled(records, 1)));
  EXPECT_NE(first, indexes(Shuffled(records, 2)));
  std::vector<int64_t> sorted = first;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, indexes(records));
}

}  // namespace
}  // namespace vigie::cli
