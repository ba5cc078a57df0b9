// SPDX-License-Identifier: Apache-2.0
#include "oversight/log_line.h"

#include <google/protobuf/util/json_util.h>

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "base/cat.h"
#include "base/status_macros.h"
#include "store/digest.h"

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;

constexpr size_t kShownChars = 40;   // Of a value that is refused.
constexpr size_t kDigestBytes = 32;  // SHA-256.

absl::StatusOr<std::string> ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return absl::InternalError("export: a record cannot be written as JSON");
  }
  return json;
}

// Where a record keeps its event as bytes; null where it has none.
std::string* EventBytes(sv::Record& record) {
  if (record.has_event()) return record.mutable_event()->mutable_event();
  if (record.has_refused_event()) return record.mutable_refused_event()->mutable_event();
  return nullptr;
}

absl::Status Wrong(std::string_view field, std::string_view got, std::string_view want) {
  return absl::InvalidArgumentError(base::Cat(
      field, ": got ", got.empty() ? "nothing" : got.substr(0, kShownChars), ", want ", want));
}

// The end of the JSON value that starts at `at`; npos when there is none.
size_t EndOfValue(std::string_view text, size_t at) {
  int depth = 0;
  for (size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
      }
      if (i >= text.size()) return std::string_view::npos;
    } else if (c == '{' || c == '[') {
      ++depth;
      continue;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return i;  // Of the object around a bare value.
      --depth;
    } else if (c == ',' && depth == 0) {
      return i;
    } else {
      continue;
    }
    if (depth == 0) return i + 1;
  }
  return std::string_view::npos;
}

using Members = std::map<std::string_view, std::string_view>;

// The members of the outer object, as raw text. Written without spaces, so read without.
absl::StatusOr<Members> MembersOf(std::string_view text) {
  const auto broken = [&](std::string_view want) {
    return Wrong("line", base::Cat(text.size(), " characters"),
                 base::Cat("one JSON object as `vigie export` writes it: ", want));
  };
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return broken("{...}");
  Members members;
  size_t at = 1;
  while (at < text.size()) {
    const size_t name_end = text[at] == '"' ? text.find('"', at + 1) : std::string_view::npos;
    if (name_end == std::string_view::npos || text.substr(name_end + 1, 1) != ":") {
      return broken("a name and a colon");
    }
    const std::string_view name = text.substr(at + 1, name_end - at - 1);
    const size_t begin = name_end + 2;
    const size_t end = EndOfValue(text, begin);
    if (end == std::string_view::npos || end >= text.size()) return broken("a closed value");
    if (!members.emplace(name, text.substr(begin, end - begin)).second) {
      return Wrong(name, "it twice", "it once");
    }
    at = end + 1;
    if (text[end] == '}' && at == text.size()) return members;
    if (text[end] != ',') break;
  }
  return broken("an end");
}

// Takes members out by name, and keeps the first thing wrong.
class Reading {
 public:
  explicit Reading(Members members) : members_(std::move(members)) {}

  [[nodiscard]] bool Has(std::string_view name) const { return members_.contains(name); }
  std::string_view Take(std::string_view name) {
    const auto found = members_.find(name);
    if (found == members_.end()) return {};
    const std::string_view value = found->second;
    members_.erase(found);
    return value;
  }
  std::string TakeText(std::string_view name) {
    const std::string_view value = Take(name);
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    if (!quoted) status_.Update(Wrong(name, value, "a text in quotes"));
    return quoted ? std::string(value.substr(1, value.size() - 2)) : std::string();
  }
  int64_t TakeNumber(std::string_view name) {
    const std::string text = TakeText(name);
    int64_t number = 0;
    if (!absl::SimpleAtoi(text, &number) || number < 0) {
      status_.Update(Wrong(name, text, "a whole number from 0, in quotes"));
    }
    return number;
  }
  bool TakeFlag(std::string_view name) {
    const std::string_view value = Take(name);
    if (!value.empty() && value != "true" && value != "false") {
      status_.Update(Wrong(name, value, "true or false"));
    }
    return value == "true";
  }
  std::string TakeDigest(std::string_view name) {
    const std::string text = TakeText(name);
    const bool hex = text.size() == 2 * kDigestBytes &&
                     text.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hex) status_.Update(Wrong(name, text, "64 hexadecimal digits"));
    return hex ? absl::HexStringToBytes(text) : std::string();
  }
  void TakeMessage(std::string_view name, google::protobuf::Message* message) {
    const std::string_view value = Take(name);
    if (google::protobuf::util::JsonStringToMessage(std::string(value), message).ok()) return;
    // What it holds may name a decision.
    status_.Update(Wrong(name, base::Cat(value.size(), " characters"),
                         base::Cat("a ", message->GetDescriptor()->full_name(), " in JSON")));
  }
  void Refuse(absl::Status status) { status_.Update(std::move(status)); }
  // The first thing wrong; a member that nobody took is one.
  [[nodiscard]] absl::Status Finish() const {
    if (!status_.ok() || members_.empty()) return status_;
    return Wrong(members_.begin()->first, "a field that is not known", "a file of this version");
  }

 private:
  Members members_;
  absl::Status status_;
};

void TakeEvent(Reading& reading, sv::Record& record) {
  std::string* bytes = EventBytes(record);
  if (bytes == nullptr || !reading.Has("event")) return;
  vigie::v1::Event event;
  reading.TakeMessage("event", &event);
  if (!reading.Has("eventBytes")) {
    *bytes = event.SerializeAsString();
    return;
  }
  const std::string encoded = reading.TakeText("eventBytes");
  if (!absl::Base64Unescape(encoded, bytes)) {
    reading.Refuse(Wrong("eventBytes", encoded, "bytes in base64"));
  }
}

LogBlockEnd TakeBlockEnd(Reading& reading) {
  LogBlockEnd end;
  end.content_sha256 = reading.TakeDigest("contentSha256");
  end.block_sha256 = reading.TakeDigest("blockSha256");
  sv::Block block;
  reading.TakeMessage("progress", &block);
  end.progress.assign(block.progress().begin(), block.progress().end());
  return end;
}

LogHeading TakeHeading(Reading& reading) {
  LogHeading heading;
  auto members = MembersOf(reading.Take("heading"));
  if (!members.ok()) {
    reading.Refuse(members.status());
    return heading;
  }
  Reading inner(*std::move(members));
  heading.format = inner.TakeNumber("format");
  heading.whole = inner.TakeFlag("whole");
  heading.from_ms = inner.TakeNumber("fromMs");
  heading.to_ms = inner.TakeNumber("toMs");
  reading.Refuse(inner.Finish());
  return heading;
}

std::string HeadingText(const LogHeading& heading) {
  return base::Cat(",\"heading\":{\"format\":\"", heading.format,
                   "\",\"whole\":", heading.whole ? "true" : "false", ",\"fromMs\":\"",
                   heading.from_ms, "\",\"toMs\":\"", heading.to_ms, "\"}");
}

absl::StatusOr<std::string> BlockEndText(const LogBlockEnd& end) {
  sv::Block block;
  for (const sv::SourceProgress& progress : end.progress) *block.add_progress() = progress;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(block, &json).ok()) {
    return absl::InternalError("export: progress cannot be written as JSON");
  }
  return base::Cat(",\"progress\":", json, ",\"contentSha256\":\"",
                   absl::BytesToHexString(end.content_sha256), "\",\"blockSha256\":\"",
                   absl::BytesToHexString(end.block_sha256), "\"");
}

}  // namespace

absl::StatusOr<std::string> WriteLogLine(const LogLine& line) {
  sv::Record shown = line.record;
  std::string event_text;
  std::string* bytes = EventBytes(shown);
  if (bytes != nullptr && !bytes->empty()) {
    vigie::v1::Event event;
    if (!event.ParseFromString(*bytes)) return absl::DataLossError("log record: not an event");
    VIGIE_ASSIGN_OR_RETURN(const std::string json, ToJson(event));
    event_text = base::Cat(",\"event\":", json);
    event.DiscardUnknownFields();  // JSON does not have them.
    if (event.SerializeAsString() != *bytes) {
      event_text += base::Cat(",\"eventBytes\":\"", absl::Base64Escape(*bytes), "\"");
    }
    bytes->clear();
  }
  VIGIE_ASSIGN_OR_RETURN(const std::string record, ToJson(shown));
  std::string text =
      base::Cat("{\"position\":\"", line.position, "\",\"recordedAtMs\":\"", line.recorded_at_ms,
                "\",\"block\":\"", line.block, "\",\"record\":", record, event_text);
  if (line.end.has_value()) {
    VIGIE_ASSIGN_OR_RETURN(const std::string end, BlockEndText(*line.end));
    text += end;
  }
  if (line.heading.has_value()) text += HeadingText(*line.heading);
  if (line.last) text += ",\"last\":true";
  return text + "}";
}

absl::StatusOr<LogLine> ReadLogLine(std::string_view text) {
  VIGIE_ASSIGN_OR_RETURN(Members members, MembersOf(text));
  Reading reading(std::move(members));
  LogLine line;
  line.position = reading.TakeNumber("position");
  line.recorded_at_ms = reading.TakeNumber("recordedAtMs");
  line.block = reading.TakeNumber("block");
  reading.TakeMessage("record", &line.record);
  TakeEvent(reading, line.record);
  if (reading.Has("contentSha256")) line.end = TakeBlockEnd(reading);
  if (reading.Has("heading")) line.heading = TakeHeading(reading);
  line.last = reading.TakeFlag("last");
  VIGIE_RETURN_IF_ERROR(reading.Finish());
  return line;
}

std::string ContentSha256(sv::Block block) {
  block.clear_previous_sha256();
  return store::Sha256(block.SerializeAsString());
}

}  // namespace vigie::oversight
