// SPDX-License-Identifier: Apache-2.0
// `vigie fsck`: whether a data directory is what its log says, without a server.
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/recheck.h"
#include "fsck_text.h"
#include "print.h"
#include "progress.h"
#include "store/store.h"
#include "verb.h"

namespace vigie::cli {
namespace {

constexpr int64_t kCacheBytes = int64_t{64} << 20;

void Describe(po::options_description& options) {
  const engine::Fold::Options limits;
  options.add_options()  //
      ("quick", "only the log: leave out the tables' checksums and the views")(
          "max-scopes", po::value<int>()->default_value(limits.max_scopes)->value_name("N"),
          "limits.max_scopes of the daemon that made the views")(
          "max-quarantined-events",
          po::value<int>()->default_value(limits.max_quarantined_events)->value_name("N"),
          "limits.max_quarantined_events of that daemon")(
          "scratch", po::value<std::string>()->value_name("DIR"),
          "where the fresh views may stand meanwhile (default: the system's temporary directory)");
}

// A directory of its own, removed with all it holds.
class Scratch {
 public:
  explicit Scratch(const std::string& parent) {
    std::error_code error;
    const std::string base =
        parent.empty() ? std::filesystem::temp_directory_path(error).string() : parent;
    std::string pattern = base + "/vigie-fsck-XXXXXX";
    if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }  // Empty = could not be made.

 private:
  std::string path_;
};

// Says how far it is, from the first record on.
class Teller {
 public:
  explicit Teller(bool force_bar) : force_bar_(force_bar) {}
  void operator()(int64_t done, int64_t total) {
    if (!progress_.has_value()) progress_.emplace(total, "records", force_bar_);
    progress_->Update(done);
  }

 private:
  const bool force_bar_;
  std::optional<Progress> progress_;
};

// The log alone, as a backup is read again.
absl::StatusOr<engine::Recheck> CheckQuickly(const store::Store& store, Teller& tell) {
  engine::Recheck found;
  found.not_compared = engine::NotCompared::kNotAsked;
  auto cursor = engine::ReadCursor(store.newest());
  if (!cursor.ok()) return cursor.status();
  found.cursor = *std::move(cursor);
  const auto end = engine::EndOfLog(store);
  if (!end.ok()) return end.status();
  auto log = engine::CheckLog(store, found.cursor, [&](int64_t, int64_t last, std::string_view) {
    tell(last, end->position);
    return absl::OkStatus();
  });
  if (!log.ok()) return log.status();
  found.log = *std::move(log);
  return found;
}

absl::StatusOr<engine::Recheck> CheckWhole(const store::Store& store,
                                           const po::variables_map& arguments, Teller& tell) {
  const Scratch scratch(TextOf(arguments, "scratch"));
  if (scratch.path().empty()) {
    return absl::UnavailableError("--scratch: no directory can be made there; name another");
  }
  engine::RecheckOptions options;
  options.fold.max_scopes = arguments["max-scopes"].as<int>();
  options.fold.max_quarantined_events = arguments["max-quarantined-events"].as<int>();
  options.scratch = scratch.path();
  options.progress = [&tell](int64_t done, int64_t total) { tell(done, total); };
  return engine::RecheckStore(store, options);
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 1) return FailUsage("fsck: want exactly one DIR");
  FsckResult result;
  const bool quick = arguments.count("quick") > 0;
  const auto store =
      store::Store::OpenForReading({.directory = operands[0], .block_cache_bytes = kCacheBytes});
  result.Note(store.status());
  if (store.ok()) {
    result.format = (*store)->format();
    if (!quick) result.Note((*store)->VerifyChecksums());
    absl::StatusOr<engine::Recheck> found = absl::UnknownError("");
    {
      Teller tell(session.progress());
      found = quick ? CheckQuickly(**store, tell) : CheckWhole(**store, arguments, tell);
    }
    result.Note(found.status());
    if (found.ok()) result.Take(*std::move(found));
  }
  if (session.json()) {
    Write(FsckJson(result));
  } else {
    Write(FsckText(result));
  }
  return result.exit_code();
}

}  // namespace

Verb FsckVerb() {
  return {
      .name = "fsck",
      .arguments = "DIR",
      .summary = "check a data directory or a backup that no vigied holds",
      .manual =
          "Reads a data directory, changes nothing in it, and says whether it is whole: format,\n"
          "checksums of every table and block, positions without a gap, the chain of SHA-256, the\n"
          "anchor, time that never goes back, events that can be read. Then it folds the log from "
          "its\n"
          "first record and compares every row of the views with the result, byte for byte. Needs "
          "no\n"
          "configuration, but the limits that take part in the fold where they are not the "
          "defaults.\n"
          "\n"
          "No vigied can start on the directory meanwhile. After a purge the fold has no first "
          "record,\n"
          "so the views are not compared, and the answer says since when.\n"
          "\n"
          "Exit code 0: clean. 5: damaged; keep a copy, restore a backup. 6: not looked at, "
          "because a\n"
          "vigied holds it, a newer one wrote it, or it is no data directory.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
