// SPDX-License-Identifier: Apache-2.0
#include "engine/backup.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/cat.h"
#include "base/durable_file.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/log_check.h"
#include "store/anchor.h"

namespace vigie::engine {
namespace {

namespace fs = std::filesystem;

constexpr char kPartial[] = ".partial";
// What stands beside the store, where it does: the key, and what tells it from another one.
constexpr std::array kKeyFiles = {"/pseudonym.key", "/pseudonym.check"};
constexpr int64_t kReadAgainCacheBytes = int64_t{8} << 20;

absl::Status FromErrno(int number, std::string_view doing) {
  return absl::ErrnoToStatus(number, base::ToAbsl(base::Cat("backup: ", doing)));
}

absl::Status CheckName(const std::string& name) {
  const bool well_formed = !name.empty() && name.size() <= base::kMaxIdentifierChars &&
                           name[0] != '.' && std::all_of(name.begin(), name.end(), [](char c) {
                             return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                                    c == '.' || c == '_' || c == '-';
                           });
  if (well_formed && !absl::EndsWith(name, kPartial)) return absl::OkStatus();
  return absl::InvalidArgumentError(base::Cat(
      "name: want 1 to ", base::kMaxIdentifierChars,
      " characters of [A-Za-z0-9._-], not starting with a dot and not ending in ", kPartial));
}

absl::Status Sync(const fs::path& path) {
  const absl::Status synced = base::Sync(path);
  return synced.ok() ? synced
                     : absl::Status(synced.code(), base::Cat("backup: a file ", synced.message()));
}

// Syncs a directory and all that it holds; the bytes of its files.
absl::StatusOr<int64_t> SyncTree(const fs::path& directory) {
  int64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    VIGIE_RETURN_IF_ERROR(Sync(entry->path()));
    if (entry->is_regular_file(error)) bytes += static_cast<int64_t>(entry->file_size(error));
    if (error) break;
  }
  if (error) return FromErrno(error.value(), "its files cannot be listed");
  VIGIE_RETURN_IF_ERROR(Sync(directory));
  return bytes;
}

// The directory in which a backup grows; removed with all it holds unless it was kept.
class Growing {
 public:
  static absl::StatusOr<std::unique_ptr<Growing>> Make(const std::string& path) {
    std::error_code error;
    fs::remove_all(path, error);  // Of a daemon that was killed.
    if (!fs::create_directory(path, error)) {
      return FromErrno(error.value(), "no directory can be made in backup_dir");
    }
    fs::permissions(path, fs::perms::owner_all, error);
    return std::make_unique<Growing>(path);
  }
  explicit Growing(std::string path) : path_(std::move(path)) {}
  ~Growing() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  Growing(const Growing&) = delete;
  Growing& operator=(const Growing&) = delete;

  absl::Status KeepAs(const std::string& path) {
    std::error_code error;
    fs::rename(path_, path, error);
    if (error) return FromErrno(error.value(), "it cannot be given its name");
    path_.clear();
    return Sync(fs::path(path).parent_path());
  }

 private:
  std::string path_;
};

// Sets a flag while it lives.
class Busy {
 public:
  explicit Busy(std::atomic<bool>* flag) : flag_(flag), taken_(!flag->exchange(true)) {}
  ~Busy() {
    if (taken_) *flag_ = false;
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  std::atomic<bool>* flag_;
  const bool taken_;
};

}  // namespace

absl::StatusOr<vigie::v1::BackUpResponse> Backups::BackUp(const std::string& name) {
  VIGIE_RETURN_IF_ERROR(CheckName(name));
  if (options_.backup_dir.empty()) {
    return absl::FailedPreconditionError(
        "backup_dir: got nothing, want a directory in the configuration of vigied, which then may "
        "make backups in it; set it and start again");
  }
  std::error_code error;
  if (!fs::is_directory(options_.backup_dir, error)) {
    return absl::FailedPreconditionError(
        "backup_dir: is not there, want a directory; make it, or mount its file system");
  }
  const Busy busy(&busy_);
  if (!busy.taken()) {
    return absl::ResourceExhaustedError("backup: another one is being made; retry once it is done");
  }
  const std::string final_path = base::Cat(options_.backup_dir, "/", name);
  if (fs::exists(final_path, error)) {
    return absl::AlreadyExistsError("name: got one that backup_dir holds already, want another");
  }
  const std::string path = final_path + kPartial;
  VIGIE_ASSIGN_OR_RETURN(const auto growing, Growing::Make(path));
  VIGIE_RETURN_IF_ERROR(Fill(path));
  VIGIE_ASSIGN_OR_RETURN(const int64_t bytes, SyncTree(path));
  VIGIE_ASSIGN_OR_RETURN(auto response, ReadAgain(path));
  VIGIE_RETURN_IF_ERROR(growing->KeepAs(final_path));
  response.set_directory(final_path);
  response.set_bytes(bytes);
  return response;
}

// The anchor is read before the checkpoint is made, so the checkpoint cannot end before it.
absl::Status Backups::Fill(const std::string& directory) const {
  VIGIE_ASSIGN_OR_RETURN(const store::Anchor anchor, EndOfLog(*store_));
  VIGIE_RETURN_IF_ERROR(store_->MakeCheckpoint(directory + "/store"));
  if (anchor.position > 0) {
    VIGIE_RETURN_IF_ERROR(store::WriteAnchor(directory + "/anchor", anchor));
  }
  for (const char* name : kKeyFiles) {
    std::error_code error;
    const std::string key = options_.data_dir + name;
    if (!fs::exists(key, error)) continue;
    const std::string copy = directory + name;
    fs::copy_file(key, copy, error);
    if (!error) fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, error);
    if (error) return FromErrno(error.value(), "the pseudonym key cannot be copied");
  }
  return absl::OkStatus();
}

absl::StatusOr<vigie::v1::BackUpResponse> Backups::ReadAgain(const std::string& directory) const {
  VIGIE_ASSIGN_OR_RETURN(const auto copy,
                         store::Store::OpenForReading(
                             {.directory = directory, .block_cache_bytes = kReadAgainCacheBytes}));
  VIGIE_ASSIGN_OR_RETURN(const auto cursor, ReadCursor(copy->newest()));
  VIGIE_ASSIGN_OR_RETURN(
      const LogFacts log,
      CheckLog(*copy, cursor, [this](int64_t, int64_t, std::string_view) -> absl::Status {
        if (!stopping_) return absl::OkStatus();
        return absl::UnavailableError("backup: the daemon is stopping; nothing was kept");
      }));
  vigie::v1::BackUpResponse response;
  response.set_log_position(log.last_position);
  response.set_block_sha256(log.block_sha256);
  return response;
}

}  // namespace vigie::engine
