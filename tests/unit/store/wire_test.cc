// SPDX-License-Identifier: Apache-2.0
// Fields written one by one are those that Protocol Buffers serialise.
#include "store/wire.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "vigie/store/v1/view.pb.h"

namespace vigie::store::wire {
namespace {

// Sizes on both sides of where a length takes one byte more.
TEST(WireFields, NestOneMessageInAnotherHoweverLargeItIs) {
  for (const size_t size : {0, 1, 127, 128, 129, 16'383, 16'384, 70'000}) {
    const std::string content(size, 'x');
    std::string inner;
    Fields(&inner).Nested(3, content);
    std::string wanted = "before";
    Fields(&wanted).Nested(2, inner);
    std::string bytes = "before";
    Fields out(&bytes);
    out.NestedOf(2, [&] { out.NestedOf(3, [&] { bytes += content; }); });
    EXPECT_EQ(bytes, wanted) << size;
  }
}

TEST(WireFields, PackNumbersAsAMessageDoes) {
  for (const size_t count : {0, 1, 20, 200}) {
    vigie::store::v1::DecisionView view;
    std::vector<int64_t> numbers;
    for (size_t i = 0; i < count; ++i) {
      numbers.push_back(int64_t{1} << (i % 63));
      view.add_position_deltas(numbers.back() + 1);
    }
    std::string bytes;
    Fields(&bytes).PackedVarints(vigie::store::v1::DecisionView::kPositionDeltasFieldNumber,
                                 numbers, [](int64_t number) { return number + 1; });
    EXPECT_EQ(bytes, view.SerializeAsString()) << count;
  }
}

}  // namespace
}  // namespace vigie::store::wire
