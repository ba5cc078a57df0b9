// SPDX-License-Identifier: Apache-2.0
// A working directory in memory, where there is one.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "support/temporary_directory.h"

namespace vigie::simulation {

// Changes the process's working directory, so that paths, which a new store's identity is made of,
// are the same in every run. One at a time.
class Scratch {
 public:
  Scratch() : before_(std::filesystem::current_path()) {
    if (std::getenv("TMPDIR") == nullptr && access("/dev/shm", W_OK) == 0) {
      setenv("TMPDIR", "/dev/shm", 1);
    }
    directory_ = std::make_unique<support::TemporaryDirectory>();
    std::filesystem::current_path(directory_->path());
  }
  ~Scratch() { std::filesystem::current_path(before_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

 private:
  const std::filesystem::path before_;
  std::unique_ptr<support::TemporaryDirectory> directory_;
};

}  // namespace vigie::simulation
