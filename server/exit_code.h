// SPDX-License-Identifier: Apache-2.0
// How vigied ends. Written down in vigied(8).
#pragma once

namespace vigie {

enum ExitCode {
  kExitStopped = 0,      // Stopped cleanly.
  kExitFailed = 1,       // Failed while running.
  kExitUsage = 2,        // Wrong flags, configuration or policy; nothing was touched.
  kExitDataRefused = 3,  // The data directory is locked, newer, or damaged.
};

}  // namespace vigie
