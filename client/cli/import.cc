// SPDX-License-Identifier: Apache-2.0
// `vigie import`: a data directory from an export, without a server. With `vigie check`, the verb
// that links rooms of the daemon.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "oversight/log_import.h"
#include "print.h"
#include "progress.h"
#include "verb.h"

namespace vigie::cli {
namespace {

constexpr size_t kMaxLineBytes = size_t{16} << 20;  // A plan of 10,000 items needs some 4 MiB.

void Describe(po::options_description& options) {
  const engine::Fold::Options defaults;
  options.add_options()  //
      ("max-scopes", po::value<int>()->default_value(defaults.max_scopes)->value_name("N"),
       "as limits.max_scopes of the daemon")  //
      ("max-quarantined-events",
       po::value<int>()->default_value(defaults.max_quarantined_events)->value_name("N"),
       "as limits.max_quarantined_events of the daemon");
}

// Lines of a file, or of standard input for `-`.
class Input {
 public:
  static absl::StatusOr<std::unique_ptr<Input>> Open(const std::string& path) {
    auto input = std::make_unique<Input>();
    if (path == "-") {
      input->stream_ = &std::cin;
      return input;
    }
    input->file_.open(path, std::ios::binary);
    if (!input->file_) return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error) input->size_ = static_cast<int64_t>(size);
    return input;
  }

  // False at the end; RESOURCE_EXHAUSTED when a line is longer than any record.
  absl::StatusOr<bool> Next(absl::string_view* line) {
    stream_->getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    const auto got = static_cast<size_t>(stream_->gcount());
    if (got == 0 && stream_->eof()) return false;
    if (stream_->fail()) {
      return absl::ResourceExhaustedError(
          absl::StrCat("got more than ", kMaxLineBytes, " bytes, want a line of an export"));
    }
    read_ += static_cast<int64_t>(got);
    // The newline is counted where there was one.
    *line = absl::string_view(buffer_.data(), stream_->eof() ? got : got - 1);
    return true;
  }
  [[nodiscard]] int64_t read() const { return read_; }
  [[nodiscard]] int64_t size() const { return size_; }  // 0 = not known.

 private:
  std::ifstream file_;
  std::istream* stream_ = &file_;
  std::vector<char> buffer_ = std::vector<char>(kMaxLineBytes);
  int64_t size_ = 0;
  int64_t read_ = 0;
};

ExitCode Report(const absl::Status& status) {
  std::fprintf(stderr, "vigie: %s\n", std::string(status.message()).c_str());
  switch (status.code()) {
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kOccupied;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kResourceExhausted:
      return ExitCode::kRefused;
    default:
      return ExitCode::kFailed;
  }
}

absl::StatusOr<oversight::LogImport::Made> Import(Input& input, const std::string& path,
                                                  const Session& session,
                                                  oversight::LogImport& import) {
  Progress progress(input.size(), "bytes", session.progress());
  absl::string_view line;
  for (int64_t number = 1;; ++number) {
    const absl::StatusOr<bool> more = input.Next(&line);
    absl::Status status = more.status();
    if (status.ok() && !*more) break;
    if (status.ok()) status = import.Add({line.data(), line.size()});
    if (!status.ok()) {
      return absl::Status(status.code(), absl::StrCat(path == "-" ? "standard input" : path, ":",
                                                      number, ": ", status.message()));
    }
    if (input.size() > 0) progress.Update(input.read());
  }
  return import.Finish();
}

std::string MadeText(const oversight::LogImport::Made& made, const std::string& directory) {
  return absl::StrCat("Made ", directory, " from ", made.records, " records, ", made.events,
                      " events of them.\n", "Log position ", made.log_position,
                      ", sha256 of its block ", absl::BytesToHexString(made.block_sha256),
                      made.whole ? ": the same as in the log exported.\n"
                                 : ": numbered anew, for a part of a log was exported.\n",
                      "The key of the pseudonyms is not in an export. Before `vigied --data-dir ",
                      directory, "` can\nstart, copy the original's key to ", directory,
                      "/pseudonym.key (mode 0600), or name it with\nprivacy.pseudonym_key_file.\n");
}

ExitCode Run(const Session& session, const po::variables_map& arguments) {
  const std::vector<std::string> operands = OperandsOf(arguments);
  if (operands.size() != 2) return FailUsage("import: want DIR and FILE, or - for standard input");
  oversight::LogImport::Options options;
  options.directory = operands[0];
  options.fold.max_scopes = arguments["max-scopes"].as<int>();
  options.fold.max_quarantined_events = arguments["max-quarantined-events"].as<int>();
  auto input = Input::Open(operands[1]);
  if (!input.ok()) return FailUsage(std::string(input.status().message()));
  auto import = oversight::LogImport::Begin(std::move(options));
  if (!import.ok()) return Report(import.status());
  const auto made = Import(**input, operands[1], session, **import);
  if (!made.ok()) {
    const ExitCode code = Report(made.status());
    std::fprintf(stderr, "vigie: nothing was made\n");
    return code;
  }
  Write(MadeText(*made, operands[0]));
  return ExitCode::kDone;
}

}  // namespace

Verb ImportVerb() {
  return {
      .name = "import",
      .arguments = "DIR FILE",
      .summary = "a data directory from an export, without a server",
      .manual =
          "Makes the data directory DIR from FILE as `vigie export` wrote it; FILE may be -. DIR\n"
          "must be absent or empty. A whole export gives the same log, with the same SHA-256 of\n"
          "every block, and the same tallies. An export of a period is numbered anew and gives "
          "the\n"
          "same tallies for decisions whose events all lie in it; a decision that began before is\n"
          "judged by what is there. Every block is checked against its digests: when a line is\n"
          "wrong, missing or too many, its number is said and nothing is left behind.\n"
          "\n"
          "Nothing is sent. The key of the pseudonyms has to be brought along by hand.",
      .describe = Describe,
      .run = Run,
  };
}

}  // namespace vigie::cli
