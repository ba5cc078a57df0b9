// SPDX-License-Identifier: Apache-2.0
#include "replay_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "replay_mapping.h"
#include "sha256.h"

namespace vigie::cli {
namespace {

absl::StatusOr<std::string> ReadAll(const std::string& path) {
  const auto failed = [&path] {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr) return failed();
  std::string contents;
  std::array<char, 65536> piece{};
  while (const size_t size = std::fread(piece.data(), 1, piece.size(), file.get())) {
    contents.append(piece.data(), size);
  }
  if (std::ferror(file.get()) != 0) return failed();
  return contents;
}

}  // namespace

std::string ReplayFile::SourceId() const {
  return absl::StrCat("replay:", absl::string_view(sha256_hex).substr(0, 16));
}

absl::StatusOr<ReplayFile> ReadReplayFile(const std::string& path) {
  absl::StatusOr<std::string> contents = ReadAll(path);
  if (!contents.ok()) return contents.status();
  ReplayFile file;
  file.contents = std::make_unique<const std::string>(*std::move(contents));
  file.sha256_hex = Sha256Hex(*file.contents);
  std::set<v1::PayloadKind> payloads;
  absl::string_view rest = *file.contents;
  int64_t index = 0;
  for (int64_t line_number = 1; !rest.empty(); ++line_number) {
    const absl::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const absl::StatusOr<std::vector<v1::Event>> events = MapRecord(line, index);
    if (events.ok()) {
      const int64_t event_count = std::ssize(*events);
      file.records.push_back({line, line_number, index, event_count});
      file.event_count += event_count;
      for (const v1::Event& event : *events) payloads.insert(PayloadKindOf(event));
    } else {
      file.invalid.push_back({line_number, std::string(events.status().message())});
    }
    ++index;
  }
  file.payloads.assign(payloads.begin(), payloads.end());
  return file;
}

std::vector<ReplayRecord> Shuffled(std::vector<ReplayRecord> records, uint64_t seed) {
  // By hand: the standard leaves the outcome of std::shuffle to the library.
  std::mt19937_64 random(seed);
  for (size_t left = records.size(); left > 1; --left) {
    std::swap(records[left - 1], records[random() % left]);
  }
  return records;
}

}  // namespace vigie::cli
