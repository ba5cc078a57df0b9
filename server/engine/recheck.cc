// SPDX-License-Identifier: Apache-2.0
#include "engine/recheck.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/engine.h"
#include "engine/purge_list.h"
#include "engine/stored_views.h"

namespace vigie::engine {
namespace {

using store::Family;

constexpr int64_t kScratchCacheBytes = int64_t{64} << 20;

// `decisions`, or `meta o` for the rows of the prefix `o/`. No key is ever told: it may name a
// decision.
std::string KindOf(const store::FamilySpec& family, std::string_view key) {
  if (family.family != Family::kMeta) return family.name;
  const size_t slash = key.find('/');
  return base::Cat("meta ", slash == std::string_view::npos ? key : key.substr(0, slash));
}

using Counts = std::map<std::string, RowsCompared>;

RowsCompared& CountsOf(Counts& counts, const store::FamilySpec& family, std::string_view key) {
  RowsCompared& of_kind = counts[KindOf(family, key)];
  if (of_kind.kind.empty()) of_kind.kind = KindOf(family, key);
  return of_kind;
}

// Calls `visit` with every row of `rows` and the row of the same key in `other`.
absl::Status ForEachPair(const store::Store& rows, const store::Store& other, Family family,
                         const std::function<void(std::string_view key, std::string_view value,
                                                  const std::optional<std::string>&)>& visit) {
  absl::Status read;
  VIGIE_RETURN_IF_ERROR(
      rows.newest().Scan(family, "", "", [&](std::string_view key, std::string_view value) {
        // A purge that was not taken leaves its list, which no record makes.
        if (family == Family::kMeta && key == kPurgeListKey) return true;
        const auto twin = other.newest().Get(family, key);
        read = twin.status();
        if (read.ok()) visit(key, value, *twin);
        return read.ok();
      }));
  return read;
}

absl::StatusOr<std::vector<RowsCompared>> CompareViews(const store::Store& stored,
                                                       const store::Store& fresh) {
  std::vector<RowsCompared> rows;
  for (const store::FamilySpec& family : store::kFamilies) {
    if (family.family == Family::kLog) continue;
    Counts counts;
    VIGIE_RETURN_IF_ERROR(ForEachPair(
        stored, fresh, family.family,
        [&](std::string_view key, std::string_view value, const std::optional<std::string>& twin) {
          RowsCompared& of_kind = CountsOf(counts, family, key);
          ++(!twin.has_value() ? of_kind.extra
             : *twin == value  ? of_kind.equal
                               : of_kind.different);
        }));
    VIGIE_RETURN_IF_ERROR(ForEachPair(
        fresh, stored, family.family,
        [&](std::string_view key, std::string_view, const std::optional<std::string>& twin) {
          if (!twin.has_value()) ++CountsOf(counts, family, key).missing;
        }));
    for (auto& [kind, of_kind] : counts) rows.push_back(std::move(of_kind));
  }
  return rows;
}

// Folds blocks into a store of its own.
class FreshViews {
 public:
  static absl::StatusOr<std::unique_ptr<FreshViews>> Make(const RecheckOptions& options) {
    VIGIE_ASSIGN_OR_RETURN(
        auto store, store::Store::Open(
                        {.directory = options.scratch, .block_cache_bytes = kScratchCacheBytes}));
    return std::unique_ptr<FreshViews>(new FreshViews(std::move(store), options.fold));
  }

  absl::Status Take(int64_t first_position, int64_t last_position, std::string_view bytes) {
    VIGIE_RETURN_IF_ERROR(FoldBlock(first_position, bytes, fold_));
    unwritten_ += last_position - first_position + 1;
    return unwritten_ < base::kMaxUnflushedRecords ? absl::OkStatus() : Write();
  }
  absl::Status Write() {
    unwritten_ = 0;
    return store_->WriteViews(fold_.TakeChanges());
  }
  [[nodiscard]] const store::Store& store() const { return *store_; }

 private:
  FreshViews(std::unique_ptr<store::Store> store, const Fold::Options& options)
      : store_(std::move(store)), views_(store_.get()), fold_(&views_, options) {}

  std::unique_ptr<store::Store> store_;
  StoredViews views_;
  Fold fold_;
  int64_t unwritten_ = 0;
};

}  // namespace

bool Recheck::ViewsEqual() const {
  return std::all_of(rows.begin(), rows.end(),
                     [](const RowsCompared& of_kind) { return of_kind.AllEqual(); });
}

absl::StatusOr<Recheck> RecheckStore(const store::Store& store, const RecheckOptions& options) {
  Recheck result;
  VIGIE_ASSIGN_OR_RETURN(result.cursor, ReadCursor(store.newest()));
  VIGIE_ASSIGN_OR_RETURN(const store::Anchor end, EndOfLog(store));
  // A purge takes decisions first, then blocks; both say so here.
  const bool fold = result.cursor.purged_before_ms() == 0;
  if (!fold) result.not_compared = NotCompared::kPurged;
  if (store.views_outdated()) result.not_compared = NotCompared::kOlderFormat;
  const bool compare = result.not_compared == NotCompared::kCompared;
  VIGIE_ASSIGN_OR_RETURN(const auto fresh, FreshViews::Make(options));
  // Without views there is nothing to compare but rows that should not be there.
  if (compare && result.cursor.position() == 0) {
    VIGIE_ASSIGN_OR_RETURN(result.rows, CompareViews(store, fresh->store()));
  }
  VIGIE_ASSIGN_OR_RETURN(
      result.log,
      CheckLog(store, result.cursor,
               [&](int64_t first_position, int64_t last_position,
                   std::string_view bytes) -> absl::Status {
                 if (fold) {
                   VIGIE_RETURN_IF_ERROR(fresh->Take(first_position, last_position, bytes));
                 }
                 if (options.progress) options.progress(last_position, end.position);
                 if (!compare || last_position != result.cursor.position()) {
                   return absl::OkStatus();
                 }
                 VIGIE_RETURN_IF_ERROR(fresh->Write());
                 VIGIE_ASSIGN_OR_RETURN(result.rows, CompareViews(store, fresh->store()));
                 return absl::OkStatus();
               }));
  return result;
}

}  // namespace vigie::engine
