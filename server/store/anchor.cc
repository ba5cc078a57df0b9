// SPDX-License-Identifier: Apache-2.0
#include "store/anchor.h"

#include <rocksdb/file_system.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/cat.h"
#include "base/status_macros.h"
#include "store/rocks_status.h"

namespace vigie::store {
namespace {

constexpr size_t kDigestBytes = 32;

std::string TextOf(const Anchor& anchor) {
  return base::Cat("vigie-anchor-1 ", anchor.position, " ",
                   absl::BytesToHexString(anchor.block_sha256), "\n");
}

absl::Status WriteSynced(const std::string& path, const std::string& text,
                         rocksdb::FileSystem& files) {
  rocksdb::FileOptions options;
  options.use_mmap_writes = false;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  VIGIE_RETURN_IF_ERROR(FromRocks(files.NewWritableFile(path, options, &file, nullptr),
                                  "anchor file: cannot be opened"));
  const rocksdb::IOOptions io;
  rocksdb::IOStatus status = file->Append(text, io, nullptr);
  if (status.ok()) status = file->Sync(io, nullptr);
  const rocksdb::IOStatus closed = file->Close(io, nullptr);
  return FromRocks(status.ok() ? closed : status, "anchor file: cannot be written");
}

}  // namespace

absl::StatusOr<std::optional<Anchor>> ReadAnchor(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::optional<Anchor>();
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::vector<std::string> parts = absl::StrSplit(absl::StripSuffix(text, "\n"), ' ');
  Anchor anchor;
  if (parts.size() == 3 && absl::SimpleAtoi(parts[1], &anchor.position)) {
    anchor.block_sha256 = absl::HexStringToBytes(parts[2]);
  }
  // What is not a hexadecimal digit reads as one, so what was read is compared as it was written.
  if (anchor.block_sha256.size() != kDigestBytes || TextOf(anchor) != text) {
    return absl::DataLossError("anchor file: damaged; restore the data directory from a backup");
  }
  return std::optional<Anchor>(std::move(anchor));
}

absl::Status WriteAnchor(const std::string& path, const Anchor& anchor,
                         rocksdb::FileSystem* file_system) {
  rocksdb::FileSystem& files =
      file_system != nullptr ? *file_system : *rocksdb::FileSystem::Default();
  const std::string temporary = path + ".new";
  VIGIE_RETURN_IF_ERROR(WriteSynced(temporary, TextOf(anchor), files));
  const rocksdb::IOOptions io;
  VIGIE_RETURN_IF_ERROR(
      FromRocks(files.RenameFile(temporary, path, io, nullptr), "anchor file: cannot be replaced"));
  // The rename itself is durable only with its directory.
  std::unique_ptr<rocksdb::FSDirectory> directory;
  rocksdb::IOStatus status =
      files.NewDirectory(path.substr(0, path.rfind('/')), io, &directory, nullptr);
  if (status.ok()) status = directory->Fsync(io, nullptr);
  return FromRocks(status, "anchor file: directory");
}

}  // namespace vigie::store
