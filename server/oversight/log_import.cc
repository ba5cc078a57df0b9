// SPDX-License-Identifier: Apache-2.0
#include "oversight/log_import.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "base/cat.h"
#include "base/durable_file.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/engine.h"
#include "store/block.h"
#include "store/digest.h"

namespace vigie::oversight {
namespace {

namespace sv = vigie::store::v1;

constexpr int kMaxBlockRecords = 1'000'000;             // Many times what a turn can take.
constexpr size_t kMaxUnwrittenBytes = size_t{8} << 20;  // Of blocks, before they are written.

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

absl::Status Wrong(std::string_view field, int64_t got, std::string_view want) {
  return absl::DataLossError(base::Cat(field, ": got ", got, ", want ", want));
}

}  // namespace

LogImport::LogImport(Options options)
    : options_(std::move(options)), partial_(WithoutSlash(options_.directory) + ".partial") {}

absl::StatusOr<std::unique_ptr<LogImport>> LogImport::Begin(Options options) {
  std::unique_ptr<LogImport> import(new LogImport(std::move(options)));
  const std::string& directory = import->options_.directory;
  std::error_code error;
  if (std::filesystem::exists(directory, error) && !std::filesystem::is_empty(directory, error)) {
    return absl::AlreadyExistsError(
        base::Cat(directory,
                  ": got a directory that holds something, want an absent or empty one; "
                  "name another"));
  }
  if (mkdir(import->partial_.c_str(), 0700) != 0) {
    if (errno == EEXIST) {
      return absl::AlreadyExistsError(
          base::Cat(import->partial_, ": left by an import that did not end; remove it"));
    }
    return absl::ErrnoToStatus(errno, base::ToAbsl(import->partial_));
  }
  import->made_ = true;
  VIGIE_ASSIGN_OR_RETURN(import->store_, store::Store::Open({.directory = import->partial_}));
  import->views_.emplace(import->store_.get());
  import->fold_.emplace(&*import->views_, import->options_.fold);
  return import;
}

LogImport::~LogImport() {
  fold_.reset();
  store_.reset();
  std::error_code ignored;
  if (made_) std::filesystem::remove_all(partial_, ignored);
}

absl::Status LogImport::Add(std::string_view text) {
  VIGIE_ASSIGN_OR_RETURN(LogLine line, ReadLogLine(text));
  VIGIE_RETURN_IF_ERROR(CheckOrder(line));
  if (positions_.empty()) {
    block_.set_first_position(line.block);
    block_.set_recorded_at_ms(line.recorded_at_ms);
  }
  if (block_.records_size() == kMaxBlockRecords) {
    return Wrong("block", kMaxBlockRecords + 1, base::Cat("at most ", kMaxBlockRecords, " lines"));
  }
  last_position_ = line.position;
  positions_.push_back(line.position);
  *block_.add_records() = std::move(line.record);
  last_seen_ = line.last;
  return line.end.has_value() ? EndBlock(*line.end) : absl::OkStatus();
}

// Lines follow each other as the records did.
absl::Status LogImport::CheckOrder(const LogLine& line) {
  if (!heading_.has_value()) {
    if (!line.heading.has_value()) {
      return absl::InvalidArgumentError(
          "heading: got nothing, want the one of an export; make it without --from-position");
    }
    heading_ = line.heading;
    result_.whole = heading_->whole;
    if (heading_->format != kLogLineFormat) {
      return absl::FailedPreconditionError(base::Cat("heading: got format ", heading_->format,
                                                     ", want ", kLogLineFormat,
                                                     "; another version wrote the file"));
    }
  } else if (line.heading.has_value()) {
    return absl::DataLossError("heading: got a second one, want one export in the file");
  }
  if (last_seen_) return Wrong("position", line.position, "no line after the last");
  const bool follows =
      heading_->whole ? line.position == last_position_ + 1 : line.position > last_position_;
  if (!follows) {
    return Wrong("position", line.position,
                 base::Cat(last_position_ + 1, "; lines are missing or out of order"));
  }
  if (positions_.empty()) {
    // Time is that of the block before, or later.
    if (line.recorded_at_ms < fold_->cursor().recorded_at_ms()) {
      return Wrong("recordedAtMs", line.recorded_at_ms,
                   base::Cat("at least ", fold_->cursor().recorded_at_ms()));
    }
    if (heading_->whole && line.block != line.position) {
      return Wrong("block", line.block, base::Cat(line.position, ", where a block begins"));
    }
    return absl::OkStatus();
  }
  if (line.block != block_.first_position()) {
    return Wrong("block", line.block,
                 base::Cat(block_.first_position(), "; the end of that block is missing"));
  }
  if (line.recorded_at_ms != block_.recorded_at_ms()) {
    return Wrong("recordedAtMs", line.recorded_at_ms,
                 base::Cat(block_.recorded_at_ms(), ", as in the rest of its block"));
  }
  return absl::OkStatus();
}

absl::Status LogImport::EndBlock(const LogBlockEnd& end) {
  for (const sv::SourceProgress& progress : end.progress) *block_.add_progress() = progress;
  if (ContentSha256(block_) != end.content_sha256) {
    return absl::DataLossError(base::Cat("contentSha256: got lines of block ",
                                         block_.first_position(), " with another digest, want ",
                                         absl::BytesToHexString(end.content_sha256),
                                         "; the file was changed or damaged: export again"));
  }
  VIGIE_RETURN_IF_ERROR(CheckFoldable(block_));
  if (heading_->whole) {
    VIGIE_RETURN_IF_ERROR(Append(block_, &end));
  } else if (const sv::Block block = Renumbered(block_); block.records_size() > 0) {
    VIGIE_RETURN_IF_ERROR(Append(block, nullptr));
  }
  block_.Clear();
  positions_.clear();
  return absl::OkStatus();
}

// The fold takes it for granted that settings and a policy come first.
absl::Status LogImport::CheckFoldable(const sv::Block& block) const {
  bool has_store = fold_->cursor().has_store();
  bool has_policy = !fold_->epochs().empty();
  for (const sv::Record& record : block.records()) {
    has_policy = has_policy || (has_store && record.has_policy_activated());
    has_store = has_store || record.has_store_created();
    if (record.body_case() == sv::Record::BODY_NOT_SET) {
      return absl::FailedPreconditionError(
          "record: got a kind that this version does not know, want one it does; a newer version "
          "wrote the file");
    }
    const bool needs_policy = record.has_event() || record.has_watermark();
    if (needs_policy && !has_policy) {
      return absl::DataLossError(
          "record: got an event before storeCreated and policyActivated, want them first; the "
          "beginning of the export is missing");
    }
  }
  return absl::OkStatus();
}

// What refers to records that are not there is left out.
sv::Block LogImport::Renumbered(const sv::Block& block) {
  sv::Block out;
  int64_t next = fold_->cursor().position() + 1;
  out.set_first_position(next);
  out.set_recorded_at_ms(block.recorded_at_ms());
  *out.mutable_progress() = block.progress();
  for (int i = 0; i < block.records_size(); ++i) {
    sv::Record record = block.records(i);
    if (record.has_log_purge()) continue;
    if (record.has_refused_event()) refused_at_[positions_[static_cast<size_t>(i)]] = next;
    if (record.has_quarantine_released()) {
      const auto found = refused_at_.find(record.quarantine_released().position());
      if (found == refused_at_.end()) continue;
      record.mutable_quarantine_released()->set_position(found->second);
      refused_at_.erase(found);
    }
    ++next;
    *out.add_records() = std::move(record);
  }
  return out;
}

absl::Status LogImport::Append(const sv::Block& block, const LogBlockEnd* end) {
  sv::Block chained = block;
  chained.set_previous_sha256(fold_->cursor().block_sha256());
  std::string bytes = store::EncodeBlock(chained);
  if (end != nullptr && store::Sha256(bytes) != end->block_sha256) {
    return absl::DataLossError(base::Cat("blockSha256: got block ", block.first_position(),
                                         " with another digest, want ",
                                         absl::BytesToHexString(end->block_sha256),
                                         "; the file was changed or damaged: export again"));
  }
  VIGIE_RETURN_IF_ERROR(engine::FoldBlock(block.first_position(), bytes, *fold_));
  for (const sv::Record& record : block.records()) result_.events += record.has_event() ? 1 : 0;
  result_.records += block.records_size();
  unflushed_records_ += block.records_size();
  unwritten_bytes_ += bytes.size();
  unwritten_.emplace_back(block.first_position(), std::move(bytes));
  if (unwritten_bytes_ >= kMaxUnwrittenBytes) VIGIE_RETURN_IF_ERROR(WriteLog());
  return unflushed_records_ >= base::kMaxUnflushedRecords ? WriteViews() : absl::OkStatus();
}

absl::Status LogImport::WriteLog() {
  if (unwritten_.empty()) return absl::OkStatus();
  VIGIE_RETURN_IF_ERROR(store_->AppendBlocks(unwritten_));
  unwritten_.clear();
  unwritten_bytes_ = 0;
  return absl::OkStatus();
}

// Never ahead of the log.
absl::Status LogImport::WriteViews() {
  VIGIE_RETURN_IF_ERROR(WriteLog());
  unflushed_records_ = 0;
  return store_->WriteViews(fold_->TakeChanges());
}

absl::StatusOr<LogImport::Made> LogImport::Finish() {
  if (!last_seen_ || !positions_.empty()) {
    return absl::DataLossError(
        base::Cat("last: got an export that ends at position ", last_position_,
                  " without it, want a last line; the file was cut: export again"));
  }
  VIGIE_RETURN_IF_ERROR(WriteViews());
  const auto& cursor = fold_->cursor();
  result_.log_position = cursor.position();
  result_.block_sha256 = cursor.block_sha256();
  VIGIE_RETURN_IF_ERROR(
      store_->KeepAnchor({.position = cursor.position(), .block_sha256 = cursor.block_sha256()}));
  fold_.reset();
  store_.reset();
  const std::string directory = WithoutSlash(options_.directory);
  if (std::rename(partial_.c_str(), directory.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, base::ToAbsl(directory));
  }
  made_ = false;
  VIGIE_RETURN_IF_ERROR(base::SyncDirectoryOf(directory));
  return result_;
}

}  // namespace vigie::oversight
