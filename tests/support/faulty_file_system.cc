// SPDX-License-Identifier: Apache-2.0
#include "support/faulty_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

namespace vigie::support {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

// RocksDB joins paths with one slash or two.
std::string Plain(const std::string& path) {
  std::string plain = std::filesystem::path(path).lexically_normal().string();
  if (plain.ends_with('/')) plain.pop_back();
  return plain;
}

std::string DirectoryOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

IOStatus PowerIsOff() { return IOStatus::IOError("injected: the power is off"); }

}  // namespace

class FaultyFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  File(std::unique_ptr<rocksdb::FSWritableFile> file, FaultyFileSystem* files,
       std::shared_ptr<Length> length)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        files_(files),
        length_(std::move(length)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    bool half = false;
    IOStatus failure = files_->Take(DiskStep::kWrite, &half);
    if (!failure.ok() && !half) return failure;
    const Slice written(data.data(), half ? data.size() / 2 : data.size());
    IOStatus status = FSWritableFileOwnerWrapper::Append(written, options, debug);
    const absl::MutexLock lock(&files_->mutex_);
    length_->written += written.size();
    return half ? failure : status;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    IOStatus failure = files_->Take(DiskStep::kSync);
    if (!failure.ok()) return failure;
    const absl::MutexLock lock(&files_->mutex_);
    length_->synced = length_->written;
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }

 private:
  FaultyFileSystem* const files_;
  const std::shared_ptr<Length> length_;
};

class FaultyFileSystem::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, FaultyFileSystem* files,
            std::string path)
      : rocksdb::FSDirectoryWrapper(std::move(directory)), files_(files), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    IOStatus failure = files_->Take(DiskStep::kSyncDirectory);
    if (failure.ok()) files_->NoteSynced(path_);
    return failure;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& /*what*/) override {
    return Fsync(options, debug);
  }

 private:
  FaultyFileSystem* const files_;
  const std::string path_;
};

FaultyFileSystem::FaultyFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}

void FaultyFileSystem::Inject(const DiskFault& fault) {
  const absl::MutexLock lock(&mutex_);
  fault_ = fault;
  fault_left_ = fault.nth;
  faulted_ = false;
}

bool FaultyFileSystem::faulted() const {
  const absl::MutexLock lock(&mutex_);
  return faulted_;
}

void FaultyFileSystem::LosePowerAt(int64_t nth) {
  const absl::MutexLock lock(&mutex_);
  power_until_ = steps_ + nth;
  power_lost_ = nth == 0;
}

bool FaultyFileSystem::power_lost() const {
  const absl::MutexLock lock(&mutex_);
  return power_lost_;
}

int64_t FaultyFileSystem::step_count() const {
  const absl::MutexLock lock(&mutex_);
  return steps_;
}

IOStatus FaultyFileSystem::Take(DiskStep step, bool* half) {
  const absl::MutexLock lock(&mutex_);
  if (power_lost_) return PowerIsOff();
  if (++steps_ >= power_until_) {
    power_lost_ = true;
    return PowerIsOff();
  }
  if (!fault_.has_value()) return IOStatus::OK();
  const bool again = faulted_ && fault_->lasting;
  const bool now = !faulted_ && step == fault_->step && --fault_left_ == 0;
  if (!again && !now) return IOStatus::OK();
  faulted_ = true;
  if (half != nullptr) *half = now && fault_->half;
  return fault_->no_space ? IOStatus::NoSpace("injected: no space left on device")
                          : IOStatus::IOError("injected: input/output error");
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                                           IODebugContext* debug) {
  IOStatus failure = Take(DiskStep::kCreate);
  if (!failure.ok()) return failure;
  const std::string plain = Plain(path);
  const absl::MutexLock lock(&mutex_);
  const std::string saved = SetAside(plain);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  // In a directory in memory, room that is reserved costs more than all the rest.
  rocksdb::FileOptions unreserved = options;
  unreserved.allow_fallocate = false;
  IOStatus status = target()->NewWritableFile(plain, unreserved, &file, debug);
  if (!status.ok()) return status;
  changes_[DirectoryOf(plain)].push_back(
      {.step = DiskStep::kCreate, .path = plain, .renamed_from = "", .saved = saved});
  auto& length = lengths_[plain] = std::make_shared<Length>();
  *result = std::make_unique<File>(std::move(file), this, length);
  return status;
}

// The store opens no file to write on. If it did, what it wrote would have to be followed.
IOStatus FaultyFileSystem::ReopenWritableFile(const std::string& path,
                                              const rocksdb::FileOptions& /*options*/,
                                              std::unique_ptr<rocksdb::FSWritableFile>* /*result*/,
                                              IODebugContext* /*debug*/) {
  return IOStatus::NotSupported("faulty file system: reopening", path);
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* result,
                                        IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) {
    *result = std::make_unique<Directory>(std::move(directory), this, Plain(path));
  }
  return status;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const IOOptions& /*options*/, IODebugContext* /*debug*/) {
  IOStatus failure = Take(DiskStep::kRename);
  if (!failure.ok()) return failure;
  const std::string plain_from = Plain(from);
  const std::string plain_to = Plain(to);
  const absl::MutexLock lock(&mutex_);
  if (!std::filesystem::exists(plain_from)) return IOStatus::PathNotFound(plain_from);
  const std::string saved = SetAside(plain_to);
  Move(plain_from, plain_to);
  changes_[DirectoryOf(plain_to)].push_back(
      {.step = DiskStep::kRename, .path = plain_to, .renamed_from = plain_from, .saved = saved});
  return IOStatus::OK();
}

// Counts as a file that is made; its bytes and their sync are those of the other name.
IOStatus FaultyFileSystem::LinkFile(const std::string& from, const std::string& to,
                                    const IOOptions& options, IODebugContext* debug) {
  IOStatus failure = Take(DiskStep::kCreate);
  if (!failure.ok()) return failure;
  const std::string plain_from = Plain(from);
  const std::string plain_to = Plain(to);
  const absl::MutexLock lock(&mutex_);
  IOStatus status = target()->LinkFile(plain_from, plain_to, options, debug);
  if (!status.ok()) return status;
  if (const auto length = lengths_.find(plain_from); length != lengths_.end()) {
    lengths_[plain_to] = length->second;
  }
  changes_[DirectoryOf(plain_to)].push_back(
      {.step = DiskStep::kCreate, .path = plain_to, .renamed_from = "", .saved = ""});
  return IOStatus::OK();
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& /*options*/,
                                      IODebugContext* /*debug*/) {
  IOStatus failure = Take(DiskStep::kDelete);
  if (!failure.ok()) return failure;
  const std::string plain = Plain(path);
  const absl::MutexLock lock(&mutex_);
  const std::string saved = SetAside(plain);
  if (saved.empty()) return IOStatus::PathNotFound(plain);
  changes_[DirectoryOf(plain)].push_back(
      {.step = DiskStep::kDelete, .path = plain, .renamed_from = "", .saved = saved});
  return IOStatus::OK();
}

std::string FaultyFileSystem::SetAside(const std::string& path) {
  if (!std::filesystem::exists(path)) return "";
  const std::string saved = aside_.File(std::to_string(++aside_count_));
  Move(path, saved);
  return saved;
}

void FaultyFileSystem::Move(const std::string& from, const std::string& to) {
  std::filesystem::rename(from, to);
  lengths_.erase(to);
  if (auto length = lengths_.extract(from); !length.empty()) {
    length.key() = to;
    lengths_.insert(std::move(length));
  }
}

void FaultyFileSystem::NoteSynced(const std::string& directory) {
  const absl::MutexLock lock(&mutex_);
  for (const Change& change : std::exchange(changes_[directory], {})) {
    if (change.saved.empty()) continue;
    std::filesystem::remove(change.saved);
    lengths_.erase(change.saved);
  }
}

void FaultyFileSystem::TakeBack(const Change& change) {
  if (change.step == DiskStep::kRename) {
    Move(change.path, change.renamed_from);
  } else if (change.step == DiskStep::kCreate) {
    std::filesystem::remove(change.path);
    lengths_.erase(change.path);
  }
  if (!change.saved.empty()) Move(change.saved, change.path);
}

void FaultyFileSystem::DropUnsynced(std::mt19937_64& random) {
  const absl::MutexLock lock(&mutex_);
  const auto up_to = [&random](uint64_t most) {
    return std::uniform_int_distribution<uint64_t>(0, most)(random);
  };
  for (auto& [directory, changes] : changes_) {
    const uint64_t survive = up_to(changes.size());
    while (changes.size() > survive) {
      TakeBack(changes.back());
      changes.pop_back();
    }
  }
  for (const auto& [path, length] : lengths_) {
    if (length->written == length->synced || !std::filesystem::exists(path)) continue;
    const uint64_t kept = length->synced + up_to(length->written - length->synced);
    std::filesystem::resize_file(path, kept);
  }
}

}  // namespace vigie::support
