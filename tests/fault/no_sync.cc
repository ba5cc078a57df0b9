// SPDX-License-Identifier: Apache-2.0
// A disk that says yes and does nothing, for LD_PRELOAD: the negative control of the tests of power
// loss. With it, acknowledged events must be lost, or those tests could not fail.
#include <fcntl.h>
#include <unistd.h>

extern "C" {

int fsync(int /*fd*/) { return 0; }

int fdatasync(int /*fd*/) { return 0; }

int sync_file_range(int /*fd*/, off64_t /*offset*/, off64_t /*length*/, unsigned int /*flags*/) {
  return 0;
}
}
