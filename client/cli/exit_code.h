// SPDX-License-Identifier: Apache-2.0
// What the exit code of `vigie` means; `vigie --help` prints the same.
#pragma once

namespace vigie::cli {

enum class ExitCode {
  kDone = 0,
  kFailed = 1,       // A call failed, or something at run time.
  kUsage = 2,        // The command line is wrong.
  kUnreachable = 3,  // No server answers.
  kRefused = 4,      // Some events were refused, or a file has invalid records.
  kDamaged = 5,      // A data directory is damaged.
  kNotLooked = 6,    // A data directory could not be looked at.
  kOccupied = 7,     // A data directory to be made is there already.
};

}  // namespace vigie::cli
