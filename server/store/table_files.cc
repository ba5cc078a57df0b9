// SPDX-License-Identifier: Apache-2.0
// The store's tables as files, for the scrub.
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/metadata.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>

#include "base/cat.h"
#include "store/rocks_status.h"
#include "store/store.h"

namespace vigie::store {

std::vector<Store::Table> Store::Tables() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  db_->GetLiveFilesMetaData(&files);
  std::vector<Table> tables;
  tables.reserve(files.size());
  for (const rocksdb::LiveFileMetaData& file : files) {
    tables.push_back({.path = file.db_path + file.name, .bytes = static_cast<int64_t>(file.size)});
  }
  return tables;
}

absl::StatusOr<bool> Store::VerifyTable(const Table& table) const {
  rocksdb::Options options;
  options.env = db_->GetEnv();
  rocksdb::SstFileReader reader(options);
  rocksdb::Status status = reader.Open(table.path);
  if (status.ok()) status = reader.VerifyChecksum();
  if (status.ok()) return true;
  // A compaction may have replaced it meanwhile.
  const std::vector<Table> now = Tables();
  const bool in_use = std::any_of(
      now.begin(), now.end(), [&table](const Table& other) { return other.path == table.path; });
  if (!in_use) return false;
  const absl::Status cause = FromRocks(status, "reading the store again");
  if (absl::IsDataLoss(cause)) return cause;
  return absl::DataLossError(base::Cat(
      cause.message(), "; the data directory is damaged: keep a copy of it and restore a backup"));
}

}  // namespace vigie::store
