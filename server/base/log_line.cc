// SPDX-License-Identifier: Apache-2.0
#include "base/log_line.h"

#include <array>
#include <atomic>
#include <cstdio>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "base/cat.h"

namespace vigie::base {
namespace {

std::array<std::atomic<int64_t>, 3> line_counts{};

std::string_view Name(Level level) {
  switch (level) {
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "error";
}

// Quotes where needed, so that a value can never break a line or forge a field.
std::string Quoted(std::string_view value) {
  const bool plain =
      !value.empty() && value.find_first_of(" \"=\\\n\r\t") == std::string_view::npos;
  if (plain) return std::string(value);
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&quoted, "\\x%02x", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::string LogLine(Level level, std::string_view room, std::string_view message,
                    std::initializer_list<Field> fields) {
  std::string line = base::Cat("level=", Name(level), " room=", room, " msg=", Quoted(message));
  for (const Field& field : fields) {
    line += base::Cat(" ", field.key, "=", Quoted(field.value));
  }
  return line;
}

void Log(Level level, std::string_view room, std::string_view message,
         std::initializer_list<Field> fields) {
  line_counts[static_cast<size_t>(level)].fetch_add(1, std::memory_order_relaxed);
  const std::string time =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  const std::string line =
      base::Cat("time=", time, " ", LogLine(level, room, message, fields), "\n");
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int64_t LogLineCount(Level level) {
  return line_counts[static_cast<size_t>(level)].load(std::memory_order_relaxed);
}

}  // namespace vigie::base
