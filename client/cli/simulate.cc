// SPDX-License-Identifier: Apache-2.0
// `vigie simulate`: a hospital whose truth is known, sent through the daemon.
#include <map>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "feed.h"
#include "print.h"
#include "progress.h"
#include "sha256.h"
#include "simulator/hospital.h"
#include "verb.h"
#include "vigie/v1/registry_service.grpc.pb.h"
#include "words.h"

namespace vigie::cli {
namespace {

using simulator::Delivery;
using simulator::Hospital;
using simulator::HospitalOptions;
using Publishers = std::map<std::string, std::unique_ptr<Publisher>, std::less<>>;

void Describe(po::options_description& options) {
  options.add_options()  //
      ("seed", po::value<uint64_t>()->value_name("N"),
       "the same seed gives the same hospital (default 1)")                                  //
      ("decisions", po::value<int64_t>()->value_name("N"), "over all units (default 2000)")  //
      ("units", po::value<int>()->value_name("N"), "eight cover every habit (default 8)")    //
      ("probe-rate", po::value<double>()->value_name("RATIO"),
       "planted wrong suggestions, 0 to 1 (default 0.02)")  //
      ("organisation", po::value<std::string>()->value_name("ID"),
       "whose events they are (default demo-hospital)")  //
      ("rate", po::value<std::string>()->value_name("max|N"), "events a second (default max)");
}

absl::StatusOr<HospitalOptions> OptionsFrom(const po::variables_map& arguments) {
  HospitalOptions options;
  if (arguments.count("seed") > 0) options.seed = arguments["seed"].as<uint64_t>();
  if (arguments.count("decisions") > 0) {
    options.decision_count = arguments["decisions"].as<int64_t>();
  }
  if (arguments.count("units") > 0) options.unit_count = arguments["units"].as<int>();
  if (arguments.count("probe-rate") > 0) options.probe_ratio = arguments["probe-rate"].as<double>();
  if (arguments.count("organisation") > 0) {
    options.organisation_id = TextOf(arguments, "organisation");
  }
  if (options.decision_count < 1) return absl::InvalidArgumentError("--decisions: want 1 or more");
  if (options.unit_count < 1) return absl::InvalidArgumentError("--units: want 1 or more");
  if (!(options.probe_ratio >= 0 && options.probe_ratio <= 1)) {
    return absl::InvalidArgumentError("--probe-rate: want a ratio from 0 to 1");
  }
  return options;
}

absl::Status Declare(const Session& session, const Hospital& hospital) {
  for (const v1::System& system : hospital.Systems()) {
    v1::DeclareSystemRequest request;
    *request.mutable_system() = system;
    v1::DeclareSystemResponse response;
    absl::Status status = session.Call<v1::RegistryService>(
        &v1::RegistryService::Stub::DeclareSystem, request, &response);
    if (!status.ok()) return status;
  }
  for (const v1::Source& source : hospital.Sources()) {
    v1::DeclareSourceRequest request;
    *request.mutable_source() = source;
    v1::DeclareSourceResponse response;
    absl::Status status = session.Call<v1::RegistryService>(
        &v1::RegistryService::Stub::DeclareSource, request, &response);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Each source goes on where it left off when the same hospital is simulated again.
std::string IncarnationOf(const HospitalOptions& options, absl::string_view source_id) {
  return UuidFrom(Sha256Hex(absl::StrCat("simulate/", options.seed, "/", options.decision_count,
                                         "/", options.unit_count, "/", options.probe_ratio, "/",
                                         options.organisation_id, "/", source_id)));
}

Publishers MakePublishers(const Session& session, const Hospital& hospital,
                          const HospitalOptions& hospital_options, Refusals& refusals) {
  Publishers publishers;
  for (const v1::Source& source : hospital.Sources()) {
    PublisherOptions options;
    options.source_id = source.source_id();
    options.source_incarnation = IncarnationOf(hospital_options, source.source_id());
    options.client_name = "vigie-simulate";
    options.on_refused = [&refusals](const RefusedEvent& refused) { refusals.Note(refused); };
    publishers[source.source_id()] = std::make_unique<Publisher>(session.channel(), options);
  }
  return publishers;
}

std::vector<Publisher*> Borrow(const Publishers& publishers) {
  std::vector<Publisher*> all;
  for (const auto& [source_id, publisher] : publishers) all.push_back(publisher.get());
  return all;
}

absl::Status SendHospital(Hospital& hospital, Pace& pace, const Publishers& publishers,
                          Progress& progress) {
  absl::flat_hash_set<std::string> decisions;
  Delivery delivery;
  while (hospital.Next(&delivery)) {
    Publisher& publisher = *publishers.at(delivery.source_id);
    if (delivery.event.has_value()) {
      pace.AwaitTurn();
      const std::string& decision_id = delivery.event->decision_id();
      if (!decision_id.empty() && decisions.insert(decision_id).second) {
        progress.Update(std::ssize(decisions));
      }
      absl::Status status = Send(publisher, *std::move(delivery.event));
      if (!status.ok()) return status;
    }
    if (delivery.watermark_ms.has_value()) {
      absl::Status status = publisher.SetWatermark(*delivery.watermark_ms);
      if (!status.ok()) return status;
    }
  }
  return AwaitAll(Borrow(publishers), [&](int64_t acknowledged) {
    progress.Update(std::ssize(decisions), absl::StrCat(acknowledged, " events acknowledged"));
  });
}

void PrintTruth(const Hospital& hospital) {
  Table table({"UNIT", "SYSTEM", "HABIT", "FEED", "TRUTH", ">DECISIONS", "VERDICT TO EXPECT"});
  for (const simulator::UnitTruth& unit : hospital.Units()) {
    table.Add({unit.unit_id, unit.system_id, std::string(simulator::HabitName(unit.habit)),
               unit.feed == simulator::Feed::kFull ? "full" : "poor",
               unit.truth_returned ? "returned" : "-", absl::StrCat(unit.decision_count),
               unit.expected == v1::VERDICT_UNSPECIFIED ? "open" : InWords(unit.expected)});
  }
  Write(table.Text());
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  if (!OperandsOf(arguments).empty()) return FailUsage("simulate takes no operand");
  absl::StatusOr<Pace> pace = Pace::Parse(TextOf(arguments, "rate"));
  if (!pace.ok()) return FailUsage(std::string(pace.status().message()));
  const absl::StatusOr<HospitalOptions> options = OptionsFrom(arguments);
  if (!options.ok()) return FailUsage(std::string(options.status().message()));
  Hospital hospital(*options);
  if (absl::Status status = Declare(session, hospital); !status.ok()) return session.Fail(status);
  Refusals refusals;
  const Publishers publishers = MakePublishers(session, hospital, *options, refusals);
  Progress progress(options->decision_count, "decisions", session.progress());
  const absl::Status status = SendHospital(hospital, *pace, publishers, progress);
  progress.End();
  refusals.Print([](const RefusedEvent& refused) { return refused.event.unit_id() + ": "; });
  if (!status.ok()) return session.Fail(status);
  for (const auto& [source_id, publisher] : publishers) {
    absl::Status closed = publisher->Close(absl::Now() + kPatience);
    if (!closed.ok()) return session.Fail(closed);
  }
  if (!session.json()) PrintTruth(hospital);
  return Conclude(session, Total(Borrow(publishers)), 0);
}

}  // namespace

Verb SimulateVerb() {
  return {
      .name = "simulate",
      .arguments = "",
      .summary = "send a simulated hospital whose truth is known",
      .manual =
          "Simulates a hospital: units with AI systems of known error rates, people who are\n"
          "careful, who agree too easily, who rubber-stamp, sign in bulk or tire over a shift,\n"
          "results that take effect by themselves, audits, planted errors, clocks that differ,\n"
          "events that come twice, late or not at all. Declares its systems and sources, sends\n"
          "everything with watermarks, waits until all is acknowledged, and prints what is true "
          "of\n"
          "each unit, to be compared with `vigie scopes`.\n"
          "\n"
          "The same options give the same events: a second run finds everything on disk already.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
