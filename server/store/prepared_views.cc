// SPDX-License-Identifier: Apache-2.0
#include "store/prepared_views.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <system_error>

#include "base/cat.h"
#include "base/prefetch.h"
#include "base/status_macros.h"
#include "store/lasting_tables.h"
#include "store/rocks_status.h"
#include "store/store.h"

namespace vigie::store {
namespace {

constexpr char kWhat[] = "writing the views";
// In the data directory, beside the store.
constexpr char kTablePrefix[] = "views-";
constexpr char kTableSuffix[] = ".sst";
constexpr size_t kRowsAhead = 24;
constexpr size_t kBytesAhead = 8;
constexpr size_t kBatchBytesPerRow = 16;  // Beside key and value.

using Ordered = std::vector<const ViewRow*>;

// The first bytes of a key as numbers, which decide most comparisons without going to the key.
using Head = std::pair<uint64_t, uint64_t>;

Head HeadOf(std::string_view key) {
  std::array<unsigned char, sizeof(Head)> bytes{};
  std::copy_n(key.begin(), std::min(key.size(), bytes.size()), bytes.begin());
  Head head;
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint64_t& half = i < sizeof(uint64_t) ? head.first : head.second;
    half = half << 8 | bytes[i];
  }
  return head;
}

// In order of key, so that each finds its place beside the one before; of one key the last. Rows
// lie all over memory, so whatever can be decided without going to one is.
Ordered OrderChanges(const std::vector<ViewRow>& changes) {
  struct Place {
    Head head;
    Family family;
    const ViewRow* change;
  };
  std::vector<Place> places;
  places.reserve(changes.size());
  for (const ViewRow& change : changes) {
    places.push_back({HeadOf(change.key), change.family, &change});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.family != b.family) return a.family < b.family;
    if (a.head != b.head) return a.head < b.head;
    const int order = a.change->key.compare(b.change->key);
    return order != 0 ? order < 0 : a.change > b.change;
  });
  Ordered ordered;
  ordered.reserve(places.size());
  const Place* before = nullptr;
  for (const Place& place : places) {
    const bool same = before != nullptr && before->family == place.family &&
                      before->head == place.head && before->change->key == place.change->key;
    if (!same) ordered.push_back(place.change);
    before = &place;
  }
  return ordered;
}

// Begins to fetch a row that comes soon.
void FetchAhead(std::span<const ViewRow* const> changes, size_t at) {
  if (at + kRowsAhead < changes.size()) {
    base::PrefetchBytes(changes[at + kRowsAhead], sizeof(ViewRow));
  }
  if (at + kBytesAhead < changes.size()) {
    const ViewRow& soon = *changes[at + kBytesAhead];
    base::PrefetchBytes(soon.key.data(), soon.key.size());
    if (soon.value.has_value()) base::PrefetchBytes(soon.value->data(), soon.value->size());
  }
}

template <typename Rows>
rocksdb::Status AddTo(Rows& rows, const ViewRow& change) {
  return change.value.has_value() ? rows.Put(change.key, *change.value) : rows.Delete(change.key);
}

// A table of one family, synced.
rocksdb::Status WriteTable(const std::string& path, rocksdb::Options options,
                           rocksdb::ColumnFamilyHandle* handle,
                           std::span<const ViewRow* const> changes, const std::string& number) {
  // A table starts at the top and is compressed on its way down.
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  rocksdb::SstFileWriter table(rocksdb::EnvOptions(options), options, handle,
                               /*invalidate_page_cache=*/false);
  rocksdb::Status status = table.Open(path);
  for (size_t i = 0; i < changes.size() && status.ok(); ++i) {
    FetchAhead(changes, i);
    status = AddTo(table, *changes[i]);
  }
  if (status.ok()) status = table.Put(kMarkKey, base::Cat(number, " ", number));
  if (status.ok()) status = table.Put(kTablesMarkKey, number);
  if (status.ok()) status = table.Finish();
  return status;
}

}  // namespace

PreparedViews::PreparedViews() = default;
PreparedViews::~PreparedViews() { DeleteTables(); }
PreparedViews::PreparedViews(PreparedViews&& other) noexcept
    : batch_(std::move(other.batch_)), tables_(std::exchange(other.tables_, {})) {}
PreparedViews& PreparedViews::operator=(PreparedViews&& other) noexcept {
  DeleteTables();
  batch_ = std::move(other.batch_);
  tables_ = std::exchange(other.tables_, {});
  return *this;
}

void PreparedViews::DeleteTables() {
  std::error_code ignored;
  for (const auto& [family, path] : tables_) std::filesystem::remove(path, ignored);
}

// A crash leaves them; no store knows them yet.
void Store::DeleteLeftTables() const {
  std::error_code error;
  std::vector<std::filesystem::path> left;
  for (const auto& file : std::filesystem::directory_iterator(directory_, error)) {
    const std::string name = file.path().filename().string();
    if (name.starts_with(kTablePrefix) && name.ends_with(kTableSuffix)) left.push_back(file.path());
  }
  for (const auto& path : left) std::filesystem::remove(path, error);
}

absl::StatusOr<PreparedViews> Store::PrepareViews(const std::vector<ViewRow>& changes) {
  for (const ViewRow& change : changes) {
    if (change.family == Family::kDecisions) decision_keys_->Add(change.key);
  }
  const Ordered ordered = OrderChanges(changes);
  const int64_t number = ++view_writes_;
  if (static_cast<int64_t>(ordered.size()) >= tables_from_changes_) {
    last_tables_ = number;
    return PrepareTables(ordered, base::Cat(number));
  }
  const std::string mark = base::Cat(number, " ", last_tables_.load());
  size_t bytes = 0;
  for (const ViewRow* change : ordered) {
    bytes += change->key.size() + kBatchBytesPerRow;
    if (change->value.has_value()) bytes += change->value->size();
  }
  PreparedViews prepared;
  prepared.batch_ = std::make_unique<rocksdb::WriteBatch>(bytes);
  rocksdb::WriteBatch& batch = *prepared.batch_;
  for (const ViewRow* change : ordered) {
    VIGIE_RETURN_IF_ERROR(FromRocks(
        change->value.has_value() ? batch.Put(Handle(change->family), change->key, *change->value)
                                  : batch.Delete(Handle(change->family), change->key),
        kWhat));
  }
  for (const FamilySpec& spec : kFamilies) {
    if (spec.family == Family::kLog) continue;
    VIGIE_RETURN_IF_ERROR(FromRocks(batch.Put(Handle(spec.family), kMarkKey, mark), kWhat));
  }
  return prepared;
}

absl::StatusOr<PreparedViews> Store::PrepareTables(const Ordered& ordered,
                                                   const std::string& number) const {
  PreparedViews prepared;
  auto begin = ordered.begin();
  for (const FamilySpec& spec : kFamilies) {
    const auto end = std::partition_point(begin, ordered.end(), [&spec](const ViewRow* change) {
      return change->family == spec.family;
    });
    const std::span<const ViewRow* const> of_family(begin, end);
    begin = end;
    if (spec.family == Family::kLog) continue;
    // Names are never used twice: a table that was taken up may still have its own.
    const std::string path =
        base::Cat(directory_, "/", kTablePrefix, number, "-", spec.name, kTableSuffix);
    prepared.tables_.emplace_back(spec.family, path);
    VIGIE_RETURN_IF_ERROR(FromRocks(WriteTable(path, db_->GetOptions(Handle(spec.family)),
                                               Handle(spec.family), of_family, number),
                                    kWhat));
  }
  return prepared;
}

absl::Status Store::WritePrepared(PreparedViews prepared) {
  if (failed_) return absl::FailedPreconditionError("writing the views: an earlier write failed");
  rocksdb::Status written;
  if (prepared.batch_ != nullptr) {
    written = db_->Write(rocksdb::WriteOptions(), prepared.batch_.get());
  } else {
    std::vector<rocksdb::IngestExternalFileArg> taken;
    for (const auto& [family, path] : prepared.tables_) {
      rocksdb::IngestExternalFileArg& table = taken.emplace_back();
      table.column_family = Handle(family);
      table.external_files = {path};
      table.options.move_files = true;
      table.options.write_global_seqno = false;
    }
    // All of them or none, also after a crash.
    const LastingTables::Keep keep;
    written = db_->IngestExternalFiles(taken);
  }
  const auto status = FromRocks(written, kWhat);
  if (!status.ok()) failed_ = true;
  return status;
}

absl::Status Store::WriteViews(const std::vector<ViewChange>& changes) {
  if (failed_) return absl::FailedPreconditionError("writing the views: an earlier write failed");
  std::vector<ViewRow> rows;
  rows.reserve(changes.size());
  for (const ViewChange& change : changes) rows.push_back(RowOf(change));
  absl::StatusOr<PreparedViews> prepared = PrepareViews(rows);
  if (!prepared.ok()) failed_ = true;
  return prepared.ok() ? WritePrepared(*std::move(prepared)) : prepared.status();
}

}  // namespace vigie::store
