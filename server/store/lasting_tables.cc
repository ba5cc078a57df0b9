// SPDX-License-Identifier: Apache-2.0
#include "store/lasting_tables.h"

#include <string>

namespace vigie::store {
namespace {

// Aligned, because mold 1.10 begins what becomes read-only at the address of thread-local data:
// where an odd one ends the page before, the program cannot be loaded.
alignas(64) thread_local bool keeps = false;

}  // namespace

LastingTables::Keep::Keep() { keeps = true; }
LastingTables::Keep::~Keep() { keeps = false; }

rocksdb::IOStatus LastingTables::DeleteFile(const std::string& path,
                                            const rocksdb::IOOptions& options,
                                            rocksdb::IODebugContext* debug) {
  return keeps ? rocksdb::IOStatus::OK() : target()->DeleteFile(path, options, debug);
}

}  // namespace vigie::store
