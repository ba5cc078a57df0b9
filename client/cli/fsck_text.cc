// SPDX-License-Identifier: Apache-2.0
#include "fsck_text.h"

#include <google/protobuf/struct.pb.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "print.h"

namespace vigie::cli {
namespace {

using engine::NotCompared;
using google::protobuf::Struct;
using google::protobuf::Value;

const char* Word(const FsckResult& result) {
  switch (result.exit_code()) {
    case ExitCode::kDone:
      return "clean";
    case ExitCode::kDamaged:
      return "damaged";
    default:
      return "not looked at";
  }
}

std::string LogText(const engine::LogFacts& log) {
  if (log.block_count == 0) return "log    empty\n";
  return absl::StrCat(
      "log    positions ", log.first_position, " to ", log.last_position, ", ", log.block_count,
      " blocks, ", log.event_count, " events, recorded until ", TimeText(log.recorded_at_ms),
      "\n       SHA-256 of the last block ", absl::BytesToHexString(log.block_sha256), "\n       ",
      log.anchored ? "the anchor holds\n" : "no anchor file: a missing end would not be noticed\n");
}

std::string WhyNotCompared(const engine::Recheck& found) {
  switch (found.not_compared) {
    case NotCompared::kPurged:
      return absl::StrCat("not compared: what was recorded before ",
                          TimeText(found.cursor.purged_before_ms()),
                          " was purged, so no fold can start from the first record");
    case NotCompared::kOlderFormat:
      return "not compared: an earlier format wrote them, and the next start makes them again";
    case NotCompared::kNotAsked:
      return "not compared: --quick";
    case NotCompared::kCompared:
      break;
  }
  return found.ViewsEqual() ? "equal to a fresh fold of the log"
                            : "not equal to a fresh fold of the log";
}

std::string ViewsText(const engine::Recheck& found) {
  std::string text = absl::StrCat("views  at position ", found.cursor.position(), ", ",
                                  WhyNotCompared(found), "\n");
  if (found.rows.empty()) return text;
  Table table({"ROWS", ">EQUAL", ">DIFFERENT", ">MISSING", ">EXTRA"});
  for (const engine::RowsCompared& rows : found.rows) {
    table.Add({rows.kind, absl::StrCat(rows.equal), absl::StrCat(rows.different),
               absl::StrCat(rows.missing), absl::StrCat(rows.extra)});
  }
  return absl::StrCat(text, table.Text());
}

Value Number(int64_t number) {
  Value value;
  value.set_number_value(static_cast<double>(number));
  return value;
}

Value Text(const std::string& text) {
  Value value;
  value.set_string_value(text);
  return value;
}

Value Texts(const std::vector<std::string>& texts) {
  Value value;
  value.mutable_list_value();
  for (const std::string& text : texts) *value.mutable_list_value()->add_values() = Text(text);
  return value;
}

Struct LogJson(const engine::LogFacts& log) {
  Struct json;
  auto& fields = *json.mutable_fields();
  fields["firstPosition"] = Number(log.first_position);
  fields["lastPosition"] = Number(log.last_position);
  fields["blockCount"] = Number(log.block_count);
  fields["eventCount"] = Number(log.event_count);
  fields["recordedAtMs"] = Number(log.recorded_at_ms);
  fields["blockSha256"] = Text(absl::BytesToHexString(log.block_sha256));
  fields["anchored"].set_bool_value(log.anchored);
  return json;
}

Struct ViewsJson(const engine::Recheck& found) {
  Struct json;
  auto& fields = *json.mutable_fields();
  fields["position"] = Number(found.cursor.position());
  fields["compared"].set_bool_value(found.not_compared == NotCompared::kCompared);
  fields["purgedBeforeMs"] = Number(found.cursor.purged_before_ms());
  fields["says"] = Text(WhyNotCompared(found));
  auto& rows = *fields["rows"].mutable_list_value();
  for (const engine::RowsCompared& of_kind : found.rows) {
    auto& row = *rows.add_values()->mutable_struct_value()->mutable_fields();
    row["kind"] = Text(of_kind.kind);
    row["equal"] = Number(of_kind.equal);
    row["different"] = Number(of_kind.different);
    row["missing"] = Number(of_kind.missing);
    row["extra"] = Number(of_kind.extra);
  }
  return json;
}

}  // namespace

void FsckResult::Note(const absl::Status& status) {
  if (status.ok()) return;
  (absl::IsDataLoss(status) ? damage : obstacle).emplace_back(status.message());
}

void FsckResult::Take(engine::Recheck recheck) {
  if (!recheck.ViewsEqual()) {
    damage.emplace_back(
        "views: rows differ from a fresh fold of the log; where vigied runs with other "
        "limits.max_scopes or limits.max_quarantined_events than the defaults, give them, else "
        "restore a backup");
  }
  found = std::move(recheck);
}

ExitCode FsckResult::exit_code() const {
  if (!damage.empty()) return ExitCode::kDamaged;
  return obstacle.empty() ? ExitCode::kDone : ExitCode::kNotLooked;
}

std::string FsckText(const FsckResult& result) {
  std::string text = absl::StrCat(Word(result), "\n");
  for (const std::string& sentence : result.damage) absl::StrAppend(&text, sentence, "\n");
  for (const std::string& sentence : result.obstacle) absl::StrAppend(&text, sentence, "\n");
  if (!result.found.has_value()) return text;
  return absl::StrCat(text, LogText(result.found->log), ViewsText(*result.found));
}

std::string FsckJson(const FsckResult& result) {
  Struct json;
  auto& fields = *json.mutable_fields();
  fields["result"] = Text(Word(result));
  fields["format"] = Number(result.format);
  fields["damage"] = Texts(result.damage);
  fields["obstacle"] = Texts(result.obstacle);
  if (result.found.has_value()) {
    *fields["log"].mutable_struct_value() = LogJson(result.found->log);
    *fields["views"].mutable_struct_value() = ViewsJson(*result.found);
  }
  return ToJson(json);
}

}  // namespace vigie::cli
