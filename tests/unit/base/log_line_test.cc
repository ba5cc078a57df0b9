// SPDX-License-Identifier: Apache-2.0
#include "base/log_line.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace vigie::base {
namespace {

TEST(LogLine, NamesLevelRoomMessageAndFields) {
  const std::string line = LogLine(Level::kWarn, "engine", "queue full", {{"events", 3}});
  EXPECT_NE(line.find("level=warn"), std::string::npos) << line;
  EXPECT_NE(line.find("room=engine"), std::string::npos) << line;
  EXPECT_NE(line.find("queue full"), std::string::npos) << line;
  EXPECT_NE(line.find("events=3"), std::string::npos) << line;
}

TEST(LogLine, StaysOneLineWhateverAValueHolds) {
  const std::string line = LogLine(Level::kInfo, "store", "a\nb", {{"path", "x\ny \"z\""}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 0) << line;
}

}  // namespace
}  // namespace vigie::base
