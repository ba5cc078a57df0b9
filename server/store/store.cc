// SPDX-License-Identifier: Apache-2.0
#include "store/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/cat.h"
#include "base/status_macros.h"
#include "store/keys.h"
#include "store/lasting_tables.h"
#include "store/rocks_status.h"

namespace vigie::store {
namespace {

constexpr char kFormatKey[] = "format";
constexpr size_t kWriteBufferBytes = size_t{32} << 20;
constexpr uint64_t kWalBytes = uint64_t{256} << 20;
constexpr uint64_t kBytesPerSync = uint64_t{1} << 20;
constexpr int kBloomBitsPerKey = 10;
constexpr size_t kBlockBytes = size_t{16} << 10;  // Compressed as one.
constexpr int kCompressionLevel = 1;              // Level 3 makes rows no smaller.
constexpr int kTablesBeforeCompaction = 8;        // Of one family, as they were written.
constexpr size_t kLearnReadaheadBytes = size_t{2} << 20;
constexpr size_t kHintPrefixBytes = 4;        // Organisation: keys come sorted within one write.
constexpr double kMemtableBloomRatio = 0.05;  // Of the write buffer.

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  // The default mode drops acknowledged data after one flipped byte; this one refuses.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.paranoid_checks = true;
  options.max_bgerror_resume_count = 0;  // The first failed write ends the process.
  options.allow_data_in_errors = false;
  options.max_total_wal_size = kWalBytes;
  options.max_background_jobs = 2;
  // What is left to the end of a table, a sync of the log would have to wait for.
  options.bytes_per_sync = kBytesPerSync;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.keep_log_file_num = 4;
  options.max_log_file_size = size_t{8} << 20;
  options.avoid_flush_during_shutdown = false;
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const FamilySpec& spec,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  // Every new decision asks every table whether it is there.
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kFlushedAndSimilar;
  table.block_size = kBlockBytes;
  if (spec.point_lookup) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = kWriteBufferBytes;
  // The log is written in order and once: its small blocks are compressed when they leave memory,
  // and its tables are never written again.
  options.compression = spec.family == Family::kLog ? rocksdb::kZSTD : rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.compression_opts.level = kCompressionLevel;
  options.bottommost_compression_opts.level = kCompressionLevel;
  options.bottommost_compression_opts.enabled = true;
  // Rows of decisions come in no order and stay: every merge of sorted runs writes them again.
  if (spec.family == Family::kDecisions) {
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
  }
  options.level0_file_num_compaction_trigger = kTablesBeforeCompaction;
  options.level0_slowdown_writes_trigger = 4 * kTablesBeforeCompaction;
  options.level0_stop_writes_trigger = 8 * kTablesBeforeCompaction;
  if (spec.point_lookup) {
    // The first event of a decision asks for a row that is not there.
    options.memtable_prefix_bloom_size_ratio = kMemtableBloomRatio;
    options.memtable_whole_key_filtering = true;
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(kHintPrefixBytes));
  }
  options.force_consistency_checks = true;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> Descriptors(const Store::Options& options) {
  const auto cache = rocksdb::NewLRUCache(static_cast<size_t>(options.block_cache_bytes));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const FamilySpec& spec : kFamilies) {
    descriptors.emplace_back(spec.name, FamilyOptions(spec, cache));
  }
  return descriptors;
}

// RocksDB's own messages, where nothing may be written.
class NoMessages final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

absl::Status Refused(absl::Status status) {
  if (status.ok()) return status;
  const absl::string_view cause = status.message();
  if (!absl::IsDataLoss(status) &&
      (absl::StrContains(cause, "lock hold") || absl::StrContains(cause, "While lock file"))) {
    return absl::UnavailableError(
        base::Cat(cause, "; another vigied holds the data directory: stop it, or use another"));
  }
  if (absl::IsDataLoss(status)) return status;
  // A file that the store's own records name is gone.
  if (absl::StrContains(cause, "No such file")) {
    return absl::DataLossError(base::Cat(
        cause, "; the data directory is damaged: keep a copy of it and restore a backup"));
  }
  return absl::Status(status.code(), base::Cat(cause, "; the data directory was not opened"));
}

// Without CURRENT RocksDB makes a new store and deletes every other file, also where they hold all
// there is.
absl::Status CheckHasHead(const std::string& path) {
  std::error_code error;
  if (std::filesystem::exists(path + "/CURRENT", error)) return absl::OkStatus();
  for (const auto& file : std::filesystem::directory_iterator(path, error)) {
    if (file.path().extension() == ".sst" || file.path().extension() == ".log") {
      return absl::DataLossError(
          "opening the store: the file CURRENT is missing beside files that need it; the data "
          "directory is damaged: keep a copy of it and restore a backup");
    }
  }
  return absl::OkStatus();
}

// What is synced in a directory that was just made is there after power loss only with the entry of
// the directory itself.
absl::Status SyncDirectories(const std::string& path, rocksdb::FileSystem* file_system) {
  rocksdb::FileSystem& files =
      file_system != nullptr ? *file_system : *rocksdb::FileSystem::Default();
  const std::string parent = std::filesystem::absolute(path).parent_path().string();
  for (const std::string& directory : {path, parent}) {
    std::unique_ptr<rocksdb::FSDirectory> opened;
    rocksdb::IOStatus status = files.NewDirectory(directory, {}, &opened, nullptr);
    if (status.ok()) status = opened->Fsync({}, nullptr);
    VIGIE_RETURN_IF_ERROR(FromRocks(status, "data directory: cannot be synced"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const Options& options) {
  std::unique_ptr<Store> store(new Store());
  store->directory_ = options.directory;
  const std::string path = options.directory + "/store";
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(
        base::Cat("data directory: cannot be made (", error.message(), "); check its parent"));
  }
  if (made) {
    VIGIE_RETURN_IF_ERROR(SyncDirectories(options.directory, options.file_system.get()));
  }
  VIGIE_RETURN_IF_ERROR(CheckHasHead(path));
  store->file_system_ = options.file_system;
  store->sync_ = !options.unsafe_without_sync;
  store->tables_from_changes_ = options.tables_from_changes;
  rocksdb::DBOptions database = DatabaseOptions();
  store->env_ = rocksdb::NewCompositeEnv(std::make_shared<LastingTables>(
      options.file_system != nullptr ? options.file_system : rocksdb::FileSystem::Default()));
  // Whoever waits for an answer goes before what writes and merges tables.
  for (const auto pool : {rocksdb::Env::Priority::LOW, rocksdb::Env::Priority::HIGH}) {
    static_cast<void>(store->env_->LowerThreadPoolCPUPriority(pool, rocksdb::CpuPriority::kLow));
  }
  database.env = store->env_.get();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  VIGIE_RETURN_IF_ERROR(
      Refused(FromRocks(rocksdb::DB::Open(database, path, Descriptors(options), &handles, &db),
                        "opening the store")));
  VIGIE_RETURN_IF_ERROR(store->TakeUp(db, handles));
  store->decision_keys_ = std::make_unique<KeyFilter>(2 * store->EstimateDecisions());
  store->DeleteLeftTables();
  if (store->format_ == 0) {
    VIGIE_RETURN_IF_ERROR(
        Refused(store->WriteViews({{Family::kMeta, kFormatKey, base::Cat(kFormat)}})));
    store->format_ = kFormat;
  }
  return store;
}

absl::StatusOr<std::unique_ptr<Store>> Store::OpenForReading(const Options& options) {
  const std::string path = options.directory + "/store";
  std::error_code error;
  if (!std::filesystem::is_directory(path, error) || std::filesystem::is_empty(path, error)) {
    return absl::NotFoundError(
        "data directory: holds no store; want a directory that vigied has used, or a backup");
  }
  std::unique_ptr<Store> store(new Store());
  store->directory_ = options.directory;
  VIGIE_ASSIGN_OR_RETURN(store->read_lock_, ReadLock::Take(path + "/LOCK"));
  rocksdb::DBOptions database = DatabaseOptions();
  database.create_if_missing = false;
  database.create_missing_column_families = false;
  database.info_log = std::make_shared<NoMessages>();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  VIGIE_RETURN_IF_ERROR(Refused(
      FromRocks(rocksdb::DB::OpenForReadOnly(database, path, Descriptors(options), &handles, &db),
                "opening the store")));
  VIGIE_RETURN_IF_ERROR(store->TakeUp(db, handles));
  return store;
}

absl::Status Store::TakeUp(rocksdb::DB* db,
                           const std::vector<rocksdb::ColumnFamilyHandle*>& handles) {
  db_.reset(db);
  std::copy(handles.begin(), handles.end(), handles_.begin());
  newest_.reset(new Reader(*this, nullptr));
  VIGIE_RETURN_IF_ERROR(ReadFormat());
  VIGIE_RETURN_IF_ERROR(CheckMarks());
  VIGIE_ASSIGN_OR_RETURN(anchor_, ReadAnchor(directory_ + "/anchor"));
  return absl::OkStatus();
}

absl::Status Store::ReadFormat() {
  VIGIE_ASSIGN_OR_RETURN(const auto row, newest_->Get(Family::kMeta, kFormatKey));
  if (!row.has_value()) return absl::OkStatus();
  if (!absl::SimpleAtoi(*row, &format_) || format_ < 1 || format_ > kFormat) {
    return absl::FailedPreconditionError(
        base::Cat("data directory: got format ", *row, ", want at most ", kFormat,
                  "; a newer vigied wrote it: run that version, or restore a backup"));
  }
  return absl::OkStatus();
}

Store::~Store() {
  newest_.reset();
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (handle != nullptr) static_cast<void>(db_->DestroyColumnFamilyHandle(handle));
  }
  if (db_ != nullptr) static_cast<void>(db_->Close());
}

absl::Status Store::AppendBlock(int64_t first_position, std::string_view bytes) {
  if (failed_)
    return absl::FailedPreconditionError("appending to the log: an earlier write failed");
  rocksdb::WriteOptions options;
  options.sync = sync_;
  const auto status = FromRocks(
      db_->Put(options, Handle(Family::kLog), PositionKey(first_position), packer_.Pack(bytes)),
      "appending to the log");
  if (!status.ok()) failed_ = true;
  return status;
}

absl::Status Store::AppendBlocks(const std::vector<std::pair<int64_t, std::string>>& blocks) {
  if (failed_)
    return absl::FailedPreconditionError("appending to the log: an earlier write failed");
  rocksdb::WriteBatch batch;
  for (const auto& [first_position, bytes] : blocks) {
    const auto added =
        batch.Put(Handle(Family::kLog), PositionKey(first_position), packer_.Pack(bytes));
    if (!added.ok()) return FromRocks(added, "appending to the log");
  }
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = FromRocks(db_->Write(options, &batch), "appending to the log");
  if (!status.ok()) failed_ = true;
  return status;
}

absl::Status Store::DeleteBlocksBefore(int64_t first_kept_position) {
  if (failed_) return absl::FailedPreconditionError("purging the log: an earlier write failed");
  const auto status = FromRocks(db_->DeleteRange(rocksdb::WriteOptions(), Handle(Family::kLog),
                                                 PositionKey(0), PositionKey(first_kept_position)),
                                "purging the log");
  if (!status.ok()) failed_ = true;
  return status;
}

absl::Status Store::ReclaimSpace(std::atomic<bool>* canceled) const {
  // Until every family is flushed the write-ahead log holds what was deleted, too.
  VIGIE_RETURN_IF_ERROR(FromRocks(
      db_->Flush(rocksdb::FlushOptions(), {handles_.begin(), handles_.end()}), "reclaiming space"));
  const std::string begin = PositionKey(0);
  std::string end = begin;  // Of what was deleted: where the log begins now.
  VIGIE_RETURN_IF_ERROR(newest_->Scan(Family::kLog, "", "", [&](std::string_view key, auto) {
    end = key;
    return false;
  }));
  const rocksdb::Slice first(begin);
  const rocksdb::Slice last(end);
  // Of the log whole tables go, and only what is left at the edge is written again.
  VIGIE_RETURN_IF_ERROR(
      FromRocks(rocksdb::DeleteFilesInRange(db_.get(), Handle(Family::kLog), &first, &last,
                                            /*include_end=*/false),
                "reclaiming space"));
  rocksdb::CompactRangeOptions options;
  options.canceled = canceled;
  absl::Status status = FromRocks(db_->CompactRange(options, Handle(Family::kLog), &first, &last),
                                  "reclaiming space");
  // Deletions name their keys, so they have to go as well. What stays until the store is opened
  // again are the keys at the ends of old tables, in the file MANIFEST.
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (const Family family : {Family::kMeta, Family::kDecisions, Family::kQuarantine}) {
    if (*canceled) return absl::CancelledError("reclaiming space: stopped");
    VIGIE_RETURN_IF_ERROR(status);
    status =
        FromRocks(db_->CompactRange(options, Handle(family), nullptr, nullptr), "reclaiming space");
  }
  return *canceled ? absl::CancelledError("reclaiming space: stopped") : status;
}

absl::Status Store::CheckMarks() {
  const auto damaged = [] {
    return absl::DataLossError(
        "opening the store: its families are of different moments; the data directory is damaged "
        "(likely the file MANIFEST): keep a copy of it and restore a backup");
  };
  std::optional<std::string> first;
  int64_t tables = 0;
  for (const FamilySpec& spec : kFamilies) {
    if (spec.family == Family::kLog) continue;
    VIGIE_ASSIGN_OR_RETURN(const auto mark, newest_->Get(spec.family, kMarkKey));
    VIGIE_ASSIGN_OR_RETURN(const auto tables_mark, newest_->Get(spec.family, kTablesMarkKey));
    if (spec.family == kFamilies.front().family && mark.has_value()) {
      // The number of the last write, and of the last tables.
      first = mark;
      const std::pair<std::string, std::string> numbers =
          absl::StrSplit(*mark, absl::MaxSplits(' ', 1));
      int64_t writes = 0;
      if (!absl::SimpleAtoi(numbers.first, &writes)) return damaged();
      if (!numbers.second.empty() && !absl::SimpleAtoi(numbers.second, &tables)) return damaged();
      view_writes_ = writes;
      last_tables_ = tables;
    }
    if (mark != first || tables_mark.value_or("0") != base::Cat(tables)) return damaged();
  }
  return absl::OkStatus();
}

absl::Status Store::ForgetViews() {
  rocksdb::WriteBatch batch;
  for (const FamilySpec& spec : kFamilies) {
    if (spec.family == Family::kLog) continue;
    VIGIE_RETURN_IF_ERROR(
        FromRocks(batch.DeleteRange(Handle(spec.family), "", kMarkKey), "forgetting the views"));
  }
  VIGIE_RETURN_IF_ERROR(FromRocks(batch.Put(Handle(Family::kMeta), kFormatKey, base::Cat(kFormat)),
                                  "forgetting the views"));
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = FromRocks(db_->Write(options, &batch), "forgetting the views");
  if (!status.ok()) failed_ = true;
  if (status.ok()) format_ = kFormat;
  return status;
}

absl::Status Store::KeepAnchor(const Anchor& anchor) {
  if (failed_) return absl::FailedPreconditionError("anchor file: an earlier write failed");
  const auto status = WriteAnchor(directory_ + "/anchor", anchor, file_system_.get());
  if (!status.ok()) failed_ = true;
  return status;
}

std::unique_ptr<Store::Reader> Store::Read() const {
  return std::unique_ptr<Reader>(new Reader(*this, db_->GetSnapshot()));
}

absl::Status Store::ForEachBlock(
    int64_t from_position,
    const std::function<absl::Status(int64_t first_position, std::string_view bytes)>& visit)
    const {
  const std::unique_ptr<rocksdb::Iterator> blocks(
      db_->NewIterator(rocksdb::ReadOptions(), Handle(Family::kLog)));
  blocks->SeekForPrev(PositionKey(from_position));
  if (!blocks->Valid() && blocks->status().ok()) blocks->SeekToFirst();
  std::string buffer;
  for (; blocks->Valid(); blocks->Next()) {
    VIGIE_ASSIGN_OR_RETURN(const std::string_view bytes,
                           UnpackBlock(blocks->value().ToStringView(), &buffer));
    VIGIE_RETURN_IF_ERROR(visit(PositionOfKey(blocks->key().ToStringView()), bytes));
  }
  return FromRocks(blocks->status(), "reading the log");
}

int64_t Store::EstimateDecisions() const {
  uint64_t count = 0;
  const bool known = db_->GetIntProperty(Handle(Family::kDecisions),
                                         rocksdb::DB::Properties::kEstimateNumKeys, &count);
  return known ? static_cast<int64_t>(count) : 0;
}

void Store::LearnDecisions(const std::atomic<bool>& canceled) {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = kLearnReadaheadBytes;
  const std::unique_ptr<rocksdb::Iterator> rows(
      db_->NewIterator(options, Handle(Family::kDecisions)));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    if (canceled) return;
    decision_keys_->Add(rows->key().ToStringView());
  }
  if (rows->status().ok()) knows_decisions_ = true;
}

absl::Status Store::MakeCheckpoint(const std::string& path) const {
  rocksdb::Checkpoint* made = nullptr;
  VIGIE_RETURN_IF_ERROR(
      FromRocks(rocksdb::Checkpoint::Create(db_.get(), &made), "making a checkpoint"));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // Flushes first, so that its write-ahead log, which holds the families together, is short.
  return FromRocks(checkpoint->CreateCheckpoint(path, /*log_size_for_flush=*/0),
                   "making a checkpoint");
}

absl::Status Store::VerifyChecksums() const {
  return FromRocks(db_->VerifyChecksum(rocksdb::ReadOptions()), "reading every table");
}

Store::Reader::~Reader() {
  if (snapshot_ != nullptr) store_.db_->ReleaseSnapshot(snapshot_);
}

absl::StatusOr<std::optional<std::string>> Store::Reader::Get(Family family,
                                                              std::string_view key) const {
  // A snapshot may see what was deleted before the keys were learned.
  if (family == Family::kDecisions && snapshot_ == nullptr && store_.knows_decisions_ &&
      !store_.decision_keys_->MayHold(key)) {
    return std::optional<std::string>();
  }
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  std::string value;
  const auto status = store_.db_->Get(options, store_.Handle(family),
                                      rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  VIGIE_RETURN_IF_ERROR(FromRocks(status, "reading the store"));
  return std::optional<std::string>(std::move(value));
}

absl::Status Store::Reader::Scan(
    Family family, std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  const std::unique_ptr<rocksdb::Iterator> rows(
      store_.db_->NewIterator(options, store_.Handle(family)));
  const std::string_view start = std::max(prefix, from);
  std::string buffer;
  for (rows->Seek(rocksdb::Slice(start.data(), start.size())); rows->Valid(); rows->Next()) {
    const std::string_view key = rows->key().ToStringView();
    if (key.substr(0, prefix.size()) != prefix || key == kMarkKey) break;
    std::string_view value = rows->value().ToStringView();
    if (family == Family::kLog) {
      VIGIE_ASSIGN_OR_RETURN(value, UnpackBlock(value, &buffer));
    }
    if (!visit(key, value)) break;
  }
  return FromRocks(rows->status(), "reading the store");
}

absl::StatusOr<std::string> Store::Reader::BlockHolding(int64_t position) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  const std::unique_ptr<rocksdb::Iterator> blocks(
      store_.db_->NewIterator(options, store_.Handle(Family::kLog)));
  blocks->SeekForPrev(PositionKey(position));
  VIGIE_RETURN_IF_ERROR(FromRocks(blocks->status(), "reading the log"));
  if (!blocks->Valid()) return absl::NotFoundError("reading the log: no block holds the position");
  std::string buffer;
  VIGIE_ASSIGN_OR_RETURN(const std::string_view bytes,
                         UnpackBlock(blocks->value().ToStringView(), &buffer));
  if (bytes.data() == buffer.data()) return buffer;
  return std::string(bytes);
}

}  // namespace vigie::store
