// SPDX-License-Identifier: Apache-2.0
#include "store/lasting_tables.h"

#include <string>

namespace vigie::store {
namespace {

thread_local bool keeps = false;

}  // namespace

LastingTables::Keep::Keep() { keeps = true; }
LastingTables::Keep::~Keep() { keeps = false; }

rocksdb::IOStatus LastingTables::DeleteFile(const std::string& path,
                                            const rocksdb::IOOptions& options,
                                            rocksdb::IODebugContext* debug) {
  return keeps ? rocksdb::IOStatus::OK() : target()->DeleteFile(path, options, debug);
}

}  // namespace vigie::store
