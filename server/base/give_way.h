// SPDX-License-Identifier: Apache-2.0
// Threads whose work nobody waits for.
#pragma once

namespace vigie::base {

// Lets the calling thread run when threads that somebody waits for leave it a processor; for its
// whole life. Where the system refuses, it stays as it was.
void GiveWay();

}  // namespace vigie::base
