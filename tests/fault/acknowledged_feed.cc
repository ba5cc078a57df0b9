// SPDX-License-Identifier: Apache-2.0
// Sends numbered events of several sources and writes down every acknowledgement as it comes.
//
//   acknowledged_feed HOST:PORT [option value]...
//
// Prints one JSON object; `gone` says why a stream could not go on. Exits with 0 when the plan was
// done, 1 when the daemon was gone before, 3 when it no longer knew what it had acknowledged.
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "fault/source_feed.h"

namespace {

namespace po = boost::program_options;
using vigie::testing::FeedFigures;
using vigie::testing::FeedPlan;
using vigie::testing::Journal;
using vigie::testing::SourceFeed;

constexpr int kDone = 0;
constexpr int kGone = 1;
constexpr int kUsage = 2;
constexpr int kLost = 3;
constexpr int kReconnectMs = 100;
constexpr auto kConnectLimit = std::chrono::seconds(5);

po::options_description Options() {
  po::options_description options("Options");
  options.add_options()  //
      ("server", po::value<std::string>()->required(), "HOST:PORT of the daemon")(
          "journal", po::value<std::string>()->default_value(""), "file of acknowledgements")(
          "prefix", po::value<std::string>()->default_value("feed"), "sources are PREFIX-0 ...")(
          "sources", po::value<int>()->default_value(4), "streams at once")(
          "batch", po::value<int64_t>()->default_value(64), "events of a batch")(
          "events-per-second", po::value<double>()->default_value(0), "of all together; 0 = any")(
          "seconds", po::value<double>()->default_value(0), "how long; 0 = no such end")(
          "last-sequence", po::value<int64_t>()->default_value(0), "of each; 0 = no such end")(
          "start-ms", po::value<int64_t>()->required(), "when the first decision begins")(
          "reconnect", po::bool_switch(), "go on when the connection breaks")(
          "close", po::bool_switch(), "end with a watermark that closes every decision")(
          "abandon", po::bool_switch(), "break off at the end, whatever is under way")(
          "window-seconds", po::value<double>()->default_value(0), "of one window of figures");
  return options;
}

double Rank(const std::vector<double>& sorted, double rank) {
  if (sorted.empty()) return 0;
  return sorted[static_cast<size_t>(rank * static_cast<double>(sorted.size() - 1))];
}

// All sources as one.
FeedFigures Sum(const std::vector<std::unique_ptr<SourceFeed>>& feeds) {
  FeedFigures sum;
  for (const auto& feed : feeds) {
    const FeedFigures& one = feed->figures();
    sum.offered += one.offered;
    sum.acknowledged += one.acknowledged;
    sum.duplicates += one.duplicates;
    sum.refused += one.refused;
    if (one.shed > 0) {
      sum.retry_delay_ms =
          sum.shed == 0 ? one.retry_delay_ms : std::min(sum.retry_delay_ms, one.retry_delay_ms);
      sum.shed_reason = one.shed_reason;
    }
    sum.shed += one.shed;
    sum.lost += one.lost;
    sum.broken += one.broken;
    if (one.broken > 0) sum.broken_reason = one.broken_reason;
    if (!one.gone.empty()) sum.gone = one.gone;
    sum.windows.resize(std::max(sum.windows.size(), one.windows.size()));
    for (size_t i = 0; i < one.windows.size(); ++i) {
      sum.windows[i].acknowledged += one.windows[i].acknowledged;
      sum.windows[i].waits_ms.insert(sum.windows[i].waits_ms.end(), one.windows[i].waits_ms.begin(),
                                     one.windows[i].waits_ms.end());
    }
  }
  for (FeedFigures::Window& window : sum.windows) {
    std::sort(window.waits_ms.begin(), window.waits_ms.end());
  }
  return sum;
}

// What gRPC says, between quotes of JSON.
std::string InQuotes(const std::string& text) {
  return absl::StrReplaceAll(text, {{"\"", "'"}, {"\\", "/"}, {"\n", " "}});
}

void Print(const FeedFigures& figures) {
  std::string windows;
  for (const FeedFigures::Window& window : figures.windows) {
    absl::StrAppendFormat(
        &windows, "%s{\"acknowledged\":%d,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f}",
        windows.empty() ? "" : ",", window.acknowledged, Rank(window.waits_ms, .5),
        Rank(window.waits_ms, .99), Rank(window.waits_ms, 1));
  }
  absl::PrintF(
      "{\"offered\":%d,\"acknowledged\":%d,\"duplicates\":%d,\"refused\":%d,\"shed\":%d,"
      "\"retry_delay_ms\":%d,\"shed_reason\":\"%s\",\"lost\":%d,\"broken\":%d,"
      "\"broken_reason\":\"%s\",\"gone\":\"%s\",\"windows\":[%s]}\n",
      figures.offered, figures.acknowledged, figures.duplicates, figures.refused, figures.shed,
      figures.retry_delay_ms, figures.shed_reason, figures.lost, figures.broken,
      InQuotes(figures.broken_reason), InQuotes(figures.gone), windows);
}

// A connection of its own for each source. gRPC's first attempt may fail although somebody listens,
// so it has time for more; who is not there then is found gone by a call.
std::shared_ptr<grpc::Channel> Connect(const std::string& server, int number) {
  grpc::ChannelArguments arguments;
  arguments.SetInt("feed", number);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  auto channel = grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  static_cast<void>(channel->WaitForConnected(std::chrono::system_clock::now() + kConnectLimit));
  return channel;
}

int Run(const po::variables_map& options) {
  FeedPlan plan;
  const int sources = options["sources"].as<int>();
  plan.start_ms = options["start-ms"].as<int64_t>();
  plan.batch_events = options["batch"].as<int64_t>();
  plan.events_per_second = options["events-per-second"].as<double>() / sources;
  plan.seconds = options["seconds"].as<double>();
  plan.last_sequence = options["last-sequence"].as<int64_t>();
  plan.abandon = options["abandon"].as<bool>();
  plan.reconnect = options["reconnect"].as<bool>();
  plan.close = options["close"].as<bool>();
  plan.window_seconds = options["window-seconds"].as<double>();
  Journal journal(options["journal"].as<std::string>());
  std::vector<std::unique_ptr<SourceFeed>> feeds;
  std::vector<std::thread> threads;
  for (int i = 0; i < sources; ++i) {
    feeds.push_back(std::make_unique<SourceFeed>(
        absl::StrCat(options["prefix"].as<std::string>(), "-", i), plan, &journal,
        Connect(options["server"].as<std::string>(), i)));
  }
  threads.reserve(feeds.size());
  for (const auto& feed : feeds) threads.emplace_back([&feed] { feed->Run(); });
  for (std::thread& thread : threads) thread.join();
  const FeedFigures figures = Sum(feeds);
  Print(figures);
  if (!journal.ok()) {
    std::cerr << "acknowledged_feed: the journal cannot be written\n";
    return kUsage;
  }
  if (figures.lost > 0) return kLost;
  return figures.gone.empty() ? kDone : kGone;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    po::positional_options_description operands;
    operands.add("server", 1);
    po::variables_map options;
    po::store(po::command_line_parser(argc, argv).options(Options()).positional(operands).run(),
              options);
    po::notify(options);
    return Run(options);
  } catch (const po::error& error) {
    std::cerr << "acknowledged_feed: " << error.what() << "\n" << Options();
    return kUsage;
  }
}
