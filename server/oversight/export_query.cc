// SPDX-License-Identifier: Apache-2.0
// The log as JSON Lines, for recomputation by others.
#include <google/protobuf/util/json_util.h>

#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "oversight/oversight.h"
#include "store/block.h"

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;

// `{"position":"7","recordedAtMs":"...","record":{...},"event":{...}}`. The event stands beside its
// record, for it is kept there as bytes.
absl::StatusOr<std::string> LineOf(const sv::Record& record, int64_t position,
                                   int64_t recorded_at_ms) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string record_json;
  std::string event_json;
  sv::Record shown = record;
  std::string* bytes = nullptr;
  if (shown.has_event()) bytes = shown.mutable_event()->mutable_event();
  if (shown.has_refused_event()) bytes = shown.mutable_refused_event()->mutable_event();
  if (bytes != nullptr && !bytes->empty()) {
    vigie::v1::Event event;
    if (!event.ParseFromString(*bytes)) return absl::DataLossError("log record: not an event");
    bytes->clear();
    if (!google::protobuf::util::MessageToJsonString(event, &event_json, options).ok()) {
      return absl::InternalError("export: an event cannot be written as JSON");
    }
  }
  if (!google::protobuf::util::MessageToJsonString(shown, &record_json, options).ok()) {
    return absl::InternalError("export: a record cannot be written as JSON");
  }
  return base::Cat("{\"position\":\"", position, "\",\"recordedAtMs\":\"", recorded_at_ms,
                   "\",\"record\":", record_json,
                   event_json.empty() ? "" : base::Cat(",\"event\":", event_json), "}");
}

// Stops a walk over blocks early; never leaves this file.
absl::Status Enough() { return absl::CancelledError("enough"); }

}  // namespace

absl::StatusOr<vigie::v1::ExportLogResponse> Oversight::ExportLog(
    const vigie::v1::ExportLogRequest& request) {
  if (request.from_position() < 0) {
    return absl::InvalidArgumentError("from_position: want 0 or a log position");
  }
  const int64_t from = std::max<int64_t>(request.from_position(), 1);
  const int64_t end =
      engine_->published().Read([](const engine::PublishedState& state) { return state.as_of; });
  vigie::v1::ExportLogResponse response;
  size_t size = 0;
  const absl::Status walked = engine_->store().ForEachBlock(
      from, [&](int64_t first_position, std::string_view bytes) -> absl::Status {
        if (first_position > end) return Enough();
        VIGIE_ASSIGN_OR_RETURN(const sv::Block block, store::DecodeBlock(bytes));
        int64_t position = first_position;
        for (const sv::Record& record : block.records()) {
          const int64_t here = position++;
          if (here < from) continue;
          VIGIE_ASSIGN_OR_RETURN(std::string line, LineOf(record, here, block.recorded_at_ms()));
          size += line.size() + 8;
          if (size > base::kMaxBatchBytes && response.lines_size() > 0) {
            response.set_next_position(here);
            return Enough();
          }
          response.add_lines(std::move(line));
        }
        return absl::OkStatus();
      });
  if (!walked.ok() && !absl::IsCancelled(walked)) return walked;
  return response;
}

}  // namespace vigie::oversight
