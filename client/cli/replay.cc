// SPDX-License-Identifier: Apache-2.0
// `vigie replay`: sends a file of recorded decisions through the daemon.
#include <algorithm>
#include <cstdio>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "feed.h"
#include "progress.h"
#include "replay_file.h"
#include "replay_mapping.h"
#include "sha256.h"
#include "verb.h"
#include "vigie/v1/registry_service.grpc.pb.h"

namespace vigie::cli {
namespace {

// Past everything, and far enough from the end of the range to add any delay to it.
constexpr int64_t kEndOfFeedMs = std::numeric_limits<int64_t>::max() / 4;
constexpr size_t kInvalidShown = 20;
constexpr int kMaxBatchEvents = 4096;

// A change of the mapping must change this, or a resumed feed would mix old and new events.
constexpr char kMappingVersion[] = "replay-mapping-1";

void Describe(po::options_description& options) {
  options.add_options()                                                                           //
      ("rate", po::value<std::string>()->value_name("max|N"), "records a second (default max)")   //
      ("batch", po::value<int>()->value_name("N"), "events in a batch, 1 to 4096 (default 512)")  //
      ("shuffle-seed", po::value<uint64_t>()->value_name("S"),
       "send the records in an order drawn from this seed")                            //
      ("twice", "send every event twice, with the same event_id")                      //
      ("resume", "go on where a replay with the same options left off (the default)")  //
      ("no-resume", "offer every event again, as a new run of sequences");
}

struct ReplayPlan {
  std::vector<ReplayRecord> records;
  int repetitions = 1;
  std::string source_id;
  std::string incarnation;  // Empty = a new one.
  int batch = 512;
};

ReplayPlan PlanReplay(const ReplayFile& file, const po::variables_map& arguments) {
  ReplayPlan plan;
  plan.source_id = file.SourceId();
  plan.records = file.records;
  std::string order = "file order";
  if (arguments.count("shuffle-seed") > 0) {
    const auto seed = arguments["shuffle-seed"].as<uint64_t>();
    plan.records = Shuffled(std::move(plan.records), seed);
    order = absl::StrCat("seed ", seed);
  }
  if (arguments.count("twice") > 0) plan.repetitions = 2;
  if (arguments.count("batch") > 0) plan.batch = arguments["batch"].as<int>();
  if (arguments.count("no-resume") == 0) {
    plan.incarnation = UuidFrom(Sha256Hex(
        absl::StrCat(kMappingVersion, "/", file.sha256_hex, "/", order, "/", plan.repetitions)));
  }
  return plan;
}

absl::Status Declare(const Session& session, const ReplayFile& file) {
  v1::DeclareSourceRequest request;
  request.mutable_source()->set_source_id(file.SourceId());
  request.mutable_source()->set_environment(v1::ENVIRONMENT_PRODUCTION);
  for (const v1::PayloadKind payload : file.payloads)
    request.mutable_source()->add_payloads(payload);
  v1::DeclareSourceResponse response;
  return session.Call<v1::RegistryService>(&v1::RegistryService::Stub::DeclareSource, request,
                                           &response);
}

absl::Status SendRecords(const ReplayPlan& plan, Pace& pace, Publisher& publisher,
                         Progress& progress) {
  for (const ReplayRecord& record : plan.records) {
    pace.AwaitTurn();
    // Mapped a second time rather than kept: a file may be larger than memory for its events.
    const absl::StatusOr<std::vector<v1::Event>> events = MapRecord(record.line, record.index);
    if (!events.ok()) return events.status();
    for (int i = 0; i < plan.repetitions; ++i) {
      for (const v1::Event& event : *events) {
        if (absl::Status status = Send(publisher, event); !status.ok()) return status;
      }
    }
    progress.Update(publisher.Stats().acknowledged);
  }
  if (absl::Status status = publisher.SetWatermark(kEndOfFeedMs); !status.ok()) return status;
  return AwaitAll({&publisher}, [&](int64_t acknowledged) { progress.Update(acknowledged); });
}

// The line of the file that a refused event came from.
std::string PlaceOf(const ReplayPlan& plan, const RefusedEvent& refused) {
  int64_t last = 0;
  for (const ReplayRecord& record : plan.records) {
    last += record.event_count * plan.repetitions;
    if (refused.sequence <= last) return absl::StrCat("line ", record.line_number, ": ");
  }
  return "";
}

void PrintInvalid(const std::string& path, const ReplayFile& file) {
  for (size_t i = 0; i < std::min(kInvalidShown, file.invalid.size()); ++i) {
    std::fprintf(stderr, "%s:%lld: %s\n", path.c_str(),
                 static_cast<long long>(file.invalid[i].line_number),
                 file.invalid[i].problem.c_str());
  }
  if (file.invalid.size() > kInvalidShown) {
    std::fprintf(stderr, "and %zu more invalid lines\n", file.invalid.size() - kInvalidShown);
  }
}

ExitCode SendFile(const Session& session, const ReplayFile& file, const ReplayPlan& plan,
                  Pace& pace) {
  if (absl::Status status = Declare(session, file); !status.ok()) return session.Fail(status);
  Refusals refusals;
  PublisherOptions options;
  options.source_id = plan.source_id;
  options.source_incarnation = plan.incarnation;
  options.client_name = "vigie-replay";
  options.max_batch_events = plan.batch;
  options.on_refused = [&refusals](const RefusedEvent& refused) { refusals.Note(refused); };
  Publisher publisher(session.channel(), options);
  Progress progress(file.event_count * plan.repetitions, "events", session.progress());
  absl::Status status = SendRecords(plan, pace, publisher, progress);
  progress.End();
  refusals.Print([&plan](const RefusedEvent& refused) { return PlaceOf(plan, refused); });
  if (status.ok()) status = publisher.Close(absl::Now() + kPatience);
  const PublisherStats stats = publisher.Stats();
  if (!status.ok()) return session.Fail(status);
  return Conclude(session, stats, std::ssize(file.invalid));
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("replay: want exactly one FILE");
  absl::StatusOr<Pace> pace = Pace::Parse(TextOf(arguments, "rate"));
  if (!pace.ok()) return FailUsage(std::string(pace.status().message()));
  if (arguments.count("resume") > 0 && arguments.count("no-resume") > 0) {
    return FailUsage("--resume and --no-resume exclude each other");
  }
  const absl::StatusOr<ReplayFile> file = ReadReplayFile(operands[0]);
  if (!file.ok()) return FailUsage(std::string(file.status().message()));
  const ReplayPlan plan = PlanReplay(*file, arguments);
  if (plan.batch < 1 || plan.batch > kMaxBatchEvents) {
    return FailUsage(absl::StrCat("--batch: got ", plan.batch, ", want 1 to ", kMaxBatchEvents));
  }
  PrintInvalid(operands[0], *file);
  if (file->records.empty()) {
    return file->invalid.empty() ? Conclude(session, {}, 0)
                                 : Conclude(session, {}, std::ssize(file->invalid));
  }
  return SendFile(session, *file, plan, *pace);
}

}  // namespace

Verb ReplayVerb() {
  return {
      .name = "replay",
      .arguments = "FILE",
      .summary = "send a file of recorded decisions",
      .manual =
          "Sends FILE, one recorded decision as a JSON object a line, as the events that an EHR\n"
          "would have sent, and a watermark past everything at the end. Waits until all is\n"
          "acknowledged, that is on disk.\n"
          "\n"
          "Fields: decision_id and system_id (required), clinician_id, unit_id, kind, t_shown_ms,\n"
          "t_decided_ms, dwell_ms (suggestion visible), duration_ms, initial (own answer before\n"
          "the suggestion), initial_ms, suggestion, suggestion_p, suggestion_seen, final, truth,\n"
          "act (kept, revised, cloned, delegated ...), confidence_initial, confidence_final. A\n"
          "null and an absent field are the same. A record without suggestion is an unaided\n"
          "decision. A record without times is placed at its number in seconds after 1970-01-01.\n"
          "\n"
          "Organisation is \"replay\"; the source is \"replay:\" and 16 digits of the SHA-256 of\n"
          "FILE, declared with exactly the payloads that occur. The run of sequences is named\n"
          "after the file, --shuffle-seed and --twice: the same command, repeated after it or the\n"
          "daemon was killed, goes on where the daemon left off.\n"
          "\n"
          "Lines that cannot be read are listed and not sent; the exit code is then 4, as it is\n"
          "when the daemon refused events. A daemon that acknowledges nothing for 60 s is given\n"
          "up with exit code 3.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
