// SPDX-License-Identifier: Apache-2.0
// The log and the views in one RocksDB.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/anchor.h"
#include "store/families.h"
#include "store/key_filter.h"
#include "store/packed_block.h"
#include "store/prepared_views.h"
#include "store/read_lock.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class FileSystem;
class Snapshot;
}  // namespace rocksdb

namespace vigie::store {

// The format of the data directory, in row `format` of the meta family. 1: other tallies than now,
// from the same log. 2: larger rows of decisions; in the log sent_at_ms as such.
inline constexpr int kFormat = 3;
// After every key of the views, which are text or start with a number that is not negative.
inline constexpr char kMarkKey[] = "\xff";
inline constexpr char kTablesMarkKey[] = "\xff\x01";

// Owns the data directory. What writes is called by one thread at a time: RocksDB as Debian builds
// it can abort when a write fails under several writers. KeepAnchor, whose file is not RocksDB's,
// may be called beside. The first failed write is final: every later one is refused, and the
// process must end. Reads may come from any thread.
class Store {
 public:
  struct Options {
    std::string directory;
    int64_t block_cache_bytes = int64_t{256} << 20;
    // Where the store's files and the anchor are; null = the machine's. Tests make it fail.
    std::shared_ptr<rocksdb::FileSystem> file_system = nullptr;
    // AppendBlock returns before the block is on disk: power loss then takes what was
    // acknowledged. No configuration reaches this; a test shows with it that it would notice.
    bool unsafe_without_sync = false;
    // So many changes to the views, and more, are written as tables of their own instead of going
    // through write-ahead log and memory: a fraction of the work.
    int64_t tables_from_changes = 4096;
  };

  // Opens or creates. Errors mean that the directory is refused: UNAVAILABLE (locked by another
  // process), FAILED_PRECONDITION (newer format or foreign), DATA_LOSS (damaged, or ends before its
  // anchor); each says what to do.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Store>> Open(const Options& options);
  // Opens to read only: not a byte of the directory changes, and no vigied can open it meanwhile.
  // Never on a directory that this process has open. Errors as Open; NOT_FOUND when there is no
  // store.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Store>> OpenForReading(
      const Options& options);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // Appends an encoded block whose records start at `first_position`, durably: on return it
  // survives kill -9 and power loss.
  [[nodiscard]] absl::Status AppendBlock(int64_t first_position, std::string_view bytes);
  // Appends several, durably, with one synced write; all or none. For an import.
  [[nodiscard]] absl::Status AppendBlocks(
      const std::vector<std::pair<int64_t, std::string>>& blocks);
  // Deletes the blocks that start before a position; not synced, so a crash may undo it. The
  // sequencer's, as appending is. Their bytes leave the disk with ReclaimSpace.
  [[nodiscard]] absl::Status DeleteBlocksBefore(int64_t first_kept_position);
  // Applies all changes or none, of one key the last; may not be synced, so a crash may undo the
  // newest.
  [[nodiscard]] absl::Status WriteViews(const std::vector<ViewChange>& changes);
  // The two halves of it: the first may be called from any one thread at a time, does most of the
  // work and needs the rows no longer then; the second from the writing thread.
  [[nodiscard]] absl::StatusOr<PreparedViews> PrepareViews(const std::vector<ViewRow>& changes);
  [[nodiscard]] absl::Status WritePrepared(PreparedViews prepared);
  // Whether an earlier format wrote the views. ForgetViews, then a fold of the log, mend that.
  [[nodiscard]] bool views_outdated() const { return format_ != 0 && format_ < kFormat; }
  // The format found at open; 0 = none, as in a store that was never written.
  [[nodiscard]] int format() const { return format_; }
  // Deletes every row of the views and takes up the present format, durably, both or neither.
  [[nodiscard]] absl::Status ForgetViews();
  // Durably notes the end of the log; call at most every second.
  [[nodiscard]] absl::Status KeepAnchor(const Anchor& anchor);

  // A consistent view of the store. Any thread; must not outlive the store.
  class Reader {
   public:
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Nothing when the key is not there.
    [[nodiscard]] absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                                 std::string_view key) const;
    // Calls `visit` for keys from `from` that start with `prefix`, in order, until it returns
    // false.
    [[nodiscard]] absl::Status Scan(
        Family family, std::string_view prefix, std::string_view from,
        const std::function<bool(std::string_view key, std::string_view value)>& visit) const;
    // The stored bytes of the last block that starts at or before a position; NOT_FOUND when there
    // is
    // none.
    [[nodiscard]] absl::StatusOr<std::string> BlockHolding(int64_t position) const;

   private:
    friend class Store;
    Reader(const Store& store, const rocksdb::Snapshot* snapshot)
        : store_(store), snapshot_(snapshot) {}
    const Store& store_;
    const rocksdb::Snapshot* snapshot_;  // Null = newest.
  };
  [[nodiscard]] std::unique_ptr<Reader> Read() const;
  // Reads the newest state, without a snapshot. For the sequencer.
  [[nodiscard]] const Reader& newest() const { return *newest_; }
  // Begins to bring into the processor's cache what the newest state asks first for a decision of
  // this hash (DecisionHash). For the sequencer.
  void FetchDecisionAhead(uint64_t hash) const { decision_keys_->FetchAhead(hash); }

  // Calls `visit` for every block from the one that holds `from_position`, in order.
  [[nodiscard]] absl::Status ForEachBlock(
      int64_t from_position,
      const std::function<absl::Status(int64_t first_position, std::string_view bytes)>& visit)
      const;

  // Compacts what deletions left behind, so that its bytes leave the disk. Takes long; any thread.
  // CANCELLED once `canceled` became true.
  [[nodiscard]] absl::Status ReclaimSpace(std::atomic<bool>* canceled) const;

  // Reads the keys of all decisions, so that from then on newest().Get tells most that are not
  // there without reading: a new decision would ask every table. Once; takes long; any thread. Ends
  // early once `canceled` became true, or where a table cannot be read; then nothing is different.
  void LearnDecisions(const std::atomic<bool>& canceled);
  // About how many decisions there are. Any thread.
  [[nodiscard]] int64_t EstimateDecisions() const;

  // Makes a store that can be opened at `path`, which must not exist and is absolute: hard links on
  // the same file system, copies elsewhere. It holds all that was written before the call; the
  // caller syncs its files. Any thread.
  [[nodiscard]] absl::Status MakeCheckpoint(const std::string& path) const;
  // Reads every table of every family; DATA_LOSS when a checksum does not match. Any thread.
  [[nodiscard]] absl::Status VerifyChecksums() const;

  // A file of sorted rows, as it was when asked for.
  struct Table {
    std::string path;
    int64_t bytes = 0;
  };
  // The tables in use now. Any thread.
  [[nodiscard]] std::vector<Table> Tables() const;
  // Reads a table and checks the checksum of every block; whether it was still in use. DATA_LOSS
  // when it is damaged or missing. Any thread.
  [[nodiscard]] absl::StatusOr<bool> VerifyTable(const Table& table) const;

  // The anchor found at open; nothing in a new store.
  [[nodiscard]] const std::optional<Anchor>& anchor() const { return anchor_; }

 private:
  Store() = default;
  // Takes up what RocksDB opened, then format and anchor.
  [[nodiscard]] absl::Status TakeUp(rocksdb::DB* db,
                                    const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  [[nodiscard]] absl::Status ReadFormat();
  // Every write of the views leaves its number in each family, and that of the last tables: a
  // family that is older than another, or lacks tables that later batches build on, is told by
  // them.
  [[nodiscard]] absl::Status CheckMarks();
  [[nodiscard]] absl::StatusOr<PreparedViews> PrepareTables(
      const std::vector<const ViewRow*>& ordered, const std::string& number) const;
  void DeleteLeftTables() const;
  [[nodiscard]] rocksdb::ColumnFamilyHandle* Handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

  std::string directory_;
  std::shared_ptr<rocksdb::FileSystem> file_system_;  // Null = the machine's.
  bool sync_ = true;
  ReadLock read_lock_;
  std::unique_ptr<rocksdb::Env> env_;  // Null on a store that is only read.
  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies.size()> handles_{};
  std::unique_ptr<Reader> newest_;
  BlockPacker packer_;  // Of whoever appends.
  // Keys of decisions: all that were written since the store was opened, and all others once
  // `knows_decisions_`. Null on a store that is only read.
  std::unique_ptr<KeyFilter> decision_keys_;
  std::atomic<bool> knows_decisions_ = false;
  std::optional<Anchor> anchor_;
  int format_ = 0;
  int64_t tables_from_changes_ = INT64_MAX;  // Never, on a store that is only read.
  std::atomic<int64_t> view_writes_ = 0;
  std::atomic<int64_t> last_tables_ = 0;  // Number of the last write of the views as tables.
  std::atomic<bool> failed_ = false;
};

}  // namespace vigie::store
