// SPDX-License-Identifier: Apache-2.0
// What is exported can be imported: the same log, the same rows; and nothing from a damaged file.
#include "oversight/log_import.h"

#include <filesystem>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "oversight/oversight.h"
#include "store/keys.h"
#include "support/running_engine.h"

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;
using namespace vigie::v1;  // Enumerators and messages.
using namespace vigie::support;
using testing::HasSubstr;

constexpr int64_t kHourMs = 3'600'000;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kCeilingDays = 365;

using Rows = std::map<std::pair<int, std::string>, std::string>;
using Lines = std::vector<std::string>;

Rows AllRows(const store::Store& store) {
  Rows rows;
  for (const store::FamilySpec& family : store::kFamilies) {
    const absl::Status read = store.Read()->Scan(
        family.family, "", "", [&](std::string_view key, std::string_view value) {
          rows[{static_cast<int>(family.family), std::string(key)}] = value;
          return true;
        });
    EXPECT_TRUE(read.ok()) << read;
  }
  return rows;
}

// Tallies by names instead of numbers, without the position at which each changed last.
std::map<std::string, std::string> TalliesByName(const Rows& rows) {
  const auto number = [](std::string_view bytes) {
    int64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  };
  const auto name = [&](std::string_view bytes) -> std::string {
    if (number(bytes) == 0) return "-";
    return rows.at({0, "n/" + store::PositionKey(number(bytes))});
  };
  const auto without_position = [](const std::string& row) {
    sv::TallyView view;
    EXPECT_TRUE(view.ParseFromString(row));
    view.clear_changed_at();
    return view.SerializeAsString();
  };
  std::map<std::string, std::string> tallies;
  for (const auto& [key, value] : rows) {
    if (key.first != static_cast<int>(store::Family::kTallies)) continue;
    const std::string_view k = key.second;
    tallies[absl::StrCat(
        name(k.substr(0, 4)), " ", number(k.substr(4, 4)), " ", name(k.substr(8, 4)), " ",
        name(k.substr(12, 4)), " ", name(k.substr(16, 4)), " ", number(k.substr(20, 1)), " kind ",
        number(k.substr(21, 1)), " day ", number(k.substr(22, 4)))] = without_position(value);
  }
  return tallies;
}

class LogImportTest : public testing::Test {
 protected:
  LogImportTest() {
    EXPECT_TRUE(running_.Open().ok());
    running_.DeclareSource();
  }

  // Decisions of two units at the clock's time, some wrong, closed by a watermark; with a refused
  // event among them, and the progress of a stream.
  void Feed(const std::string& name, int count) {
    const int64_t now_ms = running_.clock().NowMs();
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      const std::string id = absl::StrCat(name, "-", i);
      const int64_t at_ms = now_ms + i * 1'000;
      events.push_back(IssuedAt(id, at_ms));
      events.push_back(ShownAt(id, at_ms + 1'000));
      if (i % 3 != 0) events.push_back(OpenedAt(id, at_ms + 2'000));
      events.push_back(DecidedAt(id, at_ms + 9'000));
      if (i % 4 == 0) events.push_back(TruthAt(id, at_ms + 10'000, i % 8 == 0 ? "A" : "B"));
      for (Event& event : events) {
        if (event.decision_id() == id && i % 2 == 0) event.set_unit_id("ward");
      }
    }
    Event bad = ShownAt(absl::StrCat(name, "-bad"), now_ms);
    bad.clear_system_id();
    events.push_back(bad);
    engine::EventWork work = running_.Work(std::move(events));
    work.source_incarnation = "6c1f7e0a-0000-4000-8000-000000000001";
    work.first_sequence = next_sequence_;
    next_sequence_ += static_cast<int64_t>(work.events.size());
    work.watermark_ms = now_ms + 12 * kHourMs;
    EXPECT_TRUE(running_.Send(std::move(work)).status.ok());
  }

  // All pages, as `vigie export` writes them.
  [[nodiscard]] Lines Export(int64_t from_ms = 0, int64_t to_ms = 0) {
    Egress egress(&running_.engine().published(), &running_.engine().store());
    Oversight oversight(&running_.engine(), &running_.pseudonyms(), &egress);
    Lines lines;
    ExportLogRequest request;
    request.set_from_ms(from_ms);
    request.set_to_ms(to_ms);
    do {
      const auto response = oversight.ExportLog(request);
      EXPECT_TRUE(response.ok()) << response.status();
      if (!response.ok()) return lines;
      lines.insert(lines.end(), response->lines().begin(), response->lines().end());
      request.set_from_position(response->next_position());
    } while (request.from_position() != 0);
    if (!lines.empty()) lines.back().replace(lines.back().size() - 1, 1, ",\"last\":true}");
    return lines;
  }

  [[nodiscard]] std::string copy() const { return running_.directory().File("copy"); }
  absl::StatusOr<LogImport::Made> Import(const Lines& lines) {
    auto import = LogImport::Begin({.directory = copy()});
    if (!import.ok()) return import.status();
    for (const std::string& line : lines) {
      if (absl::Status added = (*import)->Add(line); !added.ok()) return added;
    }
    return (*import)->Finish();
  }
  void ExpectRefused(const Lines& lines, const std::string& why) {
    const auto made = Import(lines);
    EXPECT_THAT(std::string(made.status().message()), HasSubstr(why));
    EXPECT_FALSE(std::filesystem::exists(copy()));
    EXPECT_FALSE(std::filesystem::exists(copy() + ".partial"));
  }
  [[nodiscard]] Rows RowsOfCopy() const {
    const auto store = store::Store::Open({.directory = copy()});
    EXPECT_TRUE(store.ok()) << store.status();
    return AllRows(**store);
  }
  RunningEngine running_{
      [](engine::Engine::Options& options) { options.retention.ceiling_days = kCeilingDays; }};
  int64_t next_sequence_ = 1;
};

TEST_F(LogImportTest, AWholeExportGivesTheSameBytesInEveryRow) {
  for (int day = 0; day < 3; ++day) {
    Feed(absl::StrCat("d", day), 40);
    running_.clock().Advance(kDayMs);
  }
  running_.Turn();  // What became due closes, by a tick.
  const Lines lines = Export();
  const auto made = Import(lines);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_TRUE(made->whole);
  EXPECT_EQ(made->records, static_cast<int64_t>(lines.size()));
  EXPECT_EQ(made->log_position, made->records);
  running_.Close();
  const auto original = store::Store::Open({.directory = running_.directory().path()});
  ASSERT_TRUE(original.ok()) << original.status();
  const Rows want = AllRows(**original);
  ASSERT_GT(TalliesByName(want).size(), 10U);
  EXPECT_EQ(RowsOfCopy(), want);
}

TEST_F(LogImportTest, AnImportedDirectoryStartsAndGoesOn) {
  Feed("d", 40);
  ASSERT_TRUE(Import(Export()).ok());
  ASSERT_TRUE(running_.Open(copy()).ok());
  EXPECT_EQ(running_.engine().catch_up().records, 0);
  const int64_t before = running_.EventCount();
  EXPECT_EQ(running_.SendEvents(ShownAt("d-1", kMorningMs + 2'000)).results.at(0).fate(),
            EVENT_FATE_DUPLICATE);
  Feed("more", 10);
  EXPECT_GT(running_.EventCount(), before);
}

TEST_F(LogImportTest, APeriodGivesTheSameTalliesForDecisionsThatLieInIt) {
  Feed("before", 40);
  running_.clock().Advance(3 * kDayMs);
  const int64_t from_ms = running_.clock().NowMs() - kHourMs;
  Feed("within", 40);
  running_.clock().Advance(kDayMs);
  running_.Turn();
  const int64_t to_ms = running_.clock().NowMs() + kHourMs;
  running_.clock().Advance(3 * kDayMs);
  Feed("after", 40);
  const auto made = Import(Export(from_ms, to_ms));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->whole);
  running_.Close();
  const auto original = store::Store::Open({.directory = running_.directory().path()});
  ASSERT_TRUE(original.ok()) << original.status();
  const auto want = TalliesByName(AllRows(**original));
  const auto got = TalliesByName(RowsOfCopy());
  const int64_t day = from_ms / kDayMs;
  int compared = 0;
  for (const auto& [key, tally] : got) {
    if (!absl::EndsWith(key, absl::StrCat("kind 2 day ", day))) continue;
    ASSERT_TRUE(want.contains(key)) << key;
    EXPECT_EQ(tally, want.at(key)) << key;
    ++compared;
  }
  EXPECT_GE(compared, 5);
  for (const auto& [key, tally] : want) {
    if (!absl::EndsWith(key, absl::StrCat("kind 2 day ", day))) continue;
    EXPECT_TRUE(got.contains(key)) << key;
  }
  EXPECT_LT(got.size(), want.size());
}

TEST_F(LogImportTest, WhatAPurgeLeftOfALogCanBeImported) {
  Feed("old", 40);
  running_.clock().Advance((kCeilingDays + 1) * kDayMs);
  const int64_t day = running_.clock().NowMs() / kDayMs;
  Feed("new", 40);
  ASSERT_TRUE(running_.engine().retention().Purge().ok());
  ASSERT_GT(running_.engine().retention().purged().last_position(), 0);
  const auto made = Import(Export());
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(made->whole);
  running_.Close();
  const auto original = store::Store::Open({.directory = running_.directory().path()});
  ASSERT_TRUE(original.ok()) << original.status();
  const auto want = TalliesByName(AllRows(**original));
  int compared = 0;
  for (const auto& [key, tally] : TalliesByName(RowsOfCopy())) {
    if (!absl::EndsWith(key, absl::StrCat("kind 2 day ", day))) continue;
    EXPECT_EQ(tally, want.at(key)) << key;
    ++compared;
  }
  EXPECT_GE(compared, 5);
  ASSERT_TRUE(running_.Open(copy()).ok());
}

TEST_F(LogImportTest, AChangedLineIsRefusedAndNothingIsLeft) {
  Feed("d", 40);
  const Lines lines = Export();
  for (const auto& [old_text, new_text] :
       std::map<std::string, std::string>{{"\"unitId\":\"ward\"", "\"unitId\":\"icu2\""},
                                          {"\"sentAtMs\":\"0\"", "\"sentAtMs\":\"7\""},
                                          {"\"lastSequence\":\"", "\"lastSequence\":\"1"},
                                          {"\"watermarkMs\":\"", "\"watermarkMs\":\"1"}}) {
    Lines changed = lines;
    for (std::string& line : changed) {
      if (!absl::StrContains(line, old_text)) continue;
      line = absl::StrReplaceAll(line, {{old_text, new_text}});
      break;
    }
    ASSERT_NE(changed, lines) << old_text;
    ExpectRefused(changed, "contentSha256: got");
  }
}

TEST_F(LogImportTest, ALineThatIsMissingCutOrOutOfPlaceIsRefused) {
  Feed("d", 10);
  const Lines lines = Export();
  for (size_t i = 1; i < lines.size(); ++i) {
    Lines without = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    ExpectRefused(without, i + 1 == lines.size() ? "last: got" : "position: got");
  }
  ExpectRefused(Lines(lines.begin() + 1, lines.end()), "heading: got nothing");
  ExpectRefused({}, "last: got");
  Lines twice = lines;
  twice.push_back(lines.back());
  ExpectRefused(twice, "position: got");
  Lines cut = lines;
  cut[3].resize(cut[3].size() / 2);
  ExpectRefused(cut, "line: got");
  Lines swapped = lines;
  std::swap(swapped[4], swapped[5]);
  ExpectRefused(swapped, "position: got");
  Lines foreign = lines;
  foreign[2].insert(foreign[2].size() - 1, ",\"more\":\"1\"");
  ExpectRefused(foreign, "more: got");
  Lines newer = lines;
  newer[0] = absl::StrReplaceAll(newer[0], {{"\"format\":\"1\"", "\"format\":\"2\""}});
  ExpectRefused(newer, "heading: got format 2, want 1");
}

TEST_F(LogImportTest, NoErrorRepeatsWhatAnEventSays) {
  Feed("secret", 10);
  Lines lines = Export();
  for (std::string& line : lines) {
    line = absl::StrReplaceAll(
        line, {{"\"oneClick\":", "\"noSuchField\":"}, {"\"systemId\":", "\"noSuchField\":"}});
  }
  const auto made = Import(lines);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(std::string(made.status().message()), testing::Not(HasSubstr("secret")));
}

TEST_F(LogImportTest, ADirectoryThatHoldsSomethingIsNotTouched) {
  Feed("d", 10);
  std::filesystem::create_directories(copy() + "/mine");
  const auto made = Import(Export());
  EXPECT_TRUE(absl::IsAlreadyExists(made.status())) << made.status();
  EXPECT_TRUE(std::filesystem::exists(copy() + "/mine"));
  std::filesystem::remove(copy() + "/mine");
  EXPECT_TRUE(Import(Export()).ok());
}

// What a later version records in an event is kept byte for byte.
TEST(LogLineTest, AnEventThatCannotBeWrittenAgainKeepsItsBytes) {
  const std::string unknown = std::string("\xfa\x3e\x01x", 4);  // Field 1007, of no meaning yet.
  LogLine line = {.position = 7, .recorded_at_ms = 5, .block = 6};
  line.record.mutable_event()->set_event(ShownAt("d", 1).SerializeAsString() + unknown);
  const auto text = WriteLogLine(line);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(*text, HasSubstr("\"eventBytes\""));
  const auto read = ReadLogLine(*text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->record.SerializeAsString(), line.record.SerializeAsString());
  EXPECT_EQ(read->position, 7);
  EXPECT_EQ(read->recorded_at_ms, 5);
  EXPECT_EQ(read->block, 6);
}

}  // namespace
}  // namespace vigie::oversight
