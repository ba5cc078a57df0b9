// SPDX-License-Identifier: Apache-2.0
// Log lines: logfmt on standard error, one fact a line, no personal data.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/cat.h"

namespace vigie::base {

// Info: at most once every few seconds in steady state. Warn: may heal by itself. Error: someone
// must act, or something was lost.
enum class Level { kInfo, kWarn, kError };

// A key and its value. Values are numbers, file names, policy ids, states; never an identifier of
// a clinician, patient, decision or event.
struct Field {
  template <typename T>
  Field(std::string_view field_key, const T& field_value)
      : key(field_key), value(Cat(field_value)) {}
  std::string_view key;
  std::string value;
};

// Writes `level=info room=engine msg="..." key=value` to standard error. Any thread.
void Log(Level level, std::string_view room, std::string_view message,
         std::initializer_list<Field> fields = {});

// The line that Log writes, without its end. For tests.
[[nodiscard]] std::string LogLine(Level level, std::string_view room, std::string_view message,
                                  std::initializer_list<Field> fields);

// Lines written so far at `level`. Any thread.
[[nodiscard]] int64_t LogLineCount(Level level);

}  // namespace vigie::base
