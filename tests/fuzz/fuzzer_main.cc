// SPDX-License-Identifier: Apache-2.0
// The entry of one libFuzzer program; VIGIE_FUZZ_TARGET is a function of targets.h.
#include <google/protobuf/stubs/logging.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/targets.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerInitialize(int* /*argument_count*/, char*** /*arguments*/) {
  // What the support code of the tests expects must hold here too.
  GTEST_FLAG_SET(break_on_failure, true);
  google::protobuf::SetLogHandler(nullptr);  // It tells of each text that is not UTF-8.
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  vigie::fuzz::VIGIE_FUZZ_TARGET(std::string_view(reinterpret_cast<const char*>(bytes), size));
  return 0;
}
