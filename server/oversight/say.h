// SPDX-License-Identifier: Apache-2.0
// Sentences in the two languages of the product, side by side so that neither is forgotten.
#pragma once

#include <string>
#include <string_view>

#include "base/cat.h"
#include "vigie/v1/verdict.pb.h"

namespace vigie::oversight {

// One language. Holds no state beside it.
class Speaker {
 public:
  explicit Speaker(vigie::v1::Language language)
      : french_(language == vigie::v1::LANGUAGE_FRENCH) {}

  // The text in this language.
  [[nodiscard]] std::string_view operator()(std::string_view english,
                                            std::string_view french) const {
    return french_ ? french : english;
  }
  [[nodiscard]] bool french() const { return french_; }

 private:
  bool french_;
};

// `0.8` as `80 %`, `0.525` as `52.5 %`.
[[nodiscard]] std::string PercentText(double ratio);
// Milliseconds as `8.4 s`.
[[nodiscard]] std::string SecondsText(int64_t ms);
// `12 of 14`, `12 sur 14`.
[[nodiscard]] std::string OutOf(const Speaker& say, int64_t part, int64_t whole);

[[nodiscard]] std::string_view NameOf(const Speaker& say, vigie::v1::Degree degree);
[[nodiscard]] std::string_view NameOf(const Speaker& say, vigie::v1::Indicator indicator);
[[nodiscard]] std::string_view NameOf(const Speaker& say, vigie::v1::TruthOrigin origin);

}  // namespace vigie::oversight
