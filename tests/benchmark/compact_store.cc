// SPDX-License-Identifier: Apache-2.0
// Compacts every family of a store that no daemon has open, with the options it was written with.
//
//   compact_store DIRECTORY
#include <rocksdb/db.h>
#include <rocksdb/utilities/options_util.h>

#include <cstdio>
#include <memory>
#include <vector>

namespace {

int Fail(const rocksdb::Status& status) {
  std::fprintf(stderr, "compact_store: %s\n", status.ToString().c_str());
  return 1;
}

int Compact(const char* directory) {
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::Status status =
      rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), directory, &options, &families);
  if (!status.ok()) return Fail(status);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::Open(options, directory, families, &handles, &opened);
  if (!status.ok()) return Fail(status);
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    status = db->CompactRange(all, handle, nullptr, nullptr);
    if (!status.ok()) return Fail(status);
  }
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    status = db->DestroyColumnFamilyHandle(handle);
    if (!status.ok()) return Fail(status);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: compact_store DIRECTORY\n");
    return 2;
  }
  return Compact(argv[1]);
}
