// SPDX-License-Identifier: Apache-2.0
// The shared vectors: every group that this room computes, within the tolerances of their notes.
#include <cmath>
#include <string>

#include "gtest/gtest.h"
#include "stats/change.h"
#include "stats/evidence.h"
#include "stats/many.h"
#include "stats/normal.h"
#include "stats/sketch.h"
#include "support/json_vectors.h"
#include "support/wilson.h"

namespace vigie::stats {
namespace {

using support::At;
using support::Integer;
using support::Number;
using support::Text;
using support::Value;

constexpr double kRelative = 1e-9;
constexpr double kIntervalAbsolute = 1e-9;

// Near zero a relative tolerance asks for more digits than the vectors have.
testing::AssertionResult Near(double got, double want) {
  if (std::abs(got - want) <= kRelative * std::max(std::abs(want), 1e-3)) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "got " << got << ", want " << want;
}

Side SideOf(const Value& row) { return Text(row, "side") == "below" ? Side::kBelow : Side::kAbove; }

class Vectors : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = VIGIE_SHARED_DIR "/vectors/statistics/testvectors.json";
    auto read = support::ReadJson(path);
    if (!read.has_value()) GTEST_SKIP() << "../shared is not there";
    vectors_ = *std::move(read);
  }
  [[nodiscard]] const auto& Rows(const std::string& group) const {
    return At(vectors_, group).list_value().values();
  }
  support::Struct vectors_;
};

TEST_F(Vectors, NormalQuantileIsReproduced) {
  for (const Value& row : Rows("normal_quantile")) {
    EXPECT_TRUE(Near(NormalQuantile(Number(row, "p")), Number(row, "z"))) << row.ShortDebugString();
  }
}

TEST_F(Vectors, BernoulliDivergenceIsReproduced) {
  for (const Value& row : Rows("kl_bernoulli")) {
    EXPECT_TRUE(Near(BernoulliDivergence(Number(row, "q"), Number(row, "p")), Number(row, "kl")))
        << row.ShortDebugString();
  }
}

TEST_F(Vectors, GridOfAlternativesIsReproduced) {
  const Value& grid = At(vectors_, "grid");
  const double threshold = Number(grid, "p0");
  const auto& fields = grid.struct_value();
  EXPECT_TRUE(Near(1.0 / kGridSize, Number(grid, "weight")));
  for (size_t k = 0; k < kGridSize; ++k) {
    const auto nth = [&](const std::string& key) {
      return At(fields, key).list_value().values(static_cast<int>(k)).number_value();
    };
    EXPECT_TRUE(Near(GridDeltas()[k], nth("delta"))) << k;
    EXPECT_TRUE(Near(GridAlternatives(threshold, Side::kBelow)[k], nth("q_below"))) << k;
    EXPECT_TRUE(Near(GridAlternatives(threshold, Side::kAbove)[k], nth("q_above"))) << k;
  }
}

TEST_F(Vectors, LogEValuesAreReproducedOnBothSides) {
  for (const Value& row : Rows("log_e")) {
    const Counts counts = {.successes = Integer(row, "S"), .trials = Integer(row, "n")};
    const double threshold = Number(row, "p0");
    EXPECT_TRUE(Near(LogE(counts, threshold, Side::kBelow), Number(row, "below")))
        << row.ShortDebugString();
    EXPECT_TRUE(Near(LogE(counts, threshold, Side::kAbove), Number(row, "above")))
        << row.ShortDebugString();
  }
}

TEST_F(Vectors, IntervalsAreReproduced) {
  for (const Value& row : Rows("interval")) {
    const Interval interval =
        ConfidenceInterval({Integer(row, "S"), Integer(row, "n")}, Number(row, "alpha"));
    EXPECT_NEAR(interval.low, Number(row, "lo"), kIntervalAbsolute) << row.ShortDebugString();
    EXPECT_NEAR(interval.high, Number(row, "hi"), kIntervalAbsolute) << row.ShortDebugString();
  }
}

TEST_F(Vectors, SmallestNumbersOfTrialsAreReproduced) {
  for (const Value& row : Rows("minimum_n")) {
    const double bound = std::log(1 / Number(row, "alpha"));
    EXPECT_EQ(MinimumTrials(Number(row, "p0"), SideOf(row), bound), Integer(row, "n"))
        << row.ShortDebugString();
  }
}

// The count at the boundary decides and the one beside it does not.
TEST_F(Vectors, BoundaryCountsAreReproduced) {
  for (const Value& group : Rows("boundary_counts")) {
    const Side side = SideOf(group);
    const double threshold = Number(group, "p0");
    const double bound = std::log(1 / Number(group, "alpha"));
    for (const Value& row : At(group.struct_value(), "table").list_value().values()) {
      const int64_t n = Integer(row, "n");
      const auto decides = [&](int64_t s) { return LogE({s, n}, threshold, side) >= bound; };
      const Value& at = At(row.struct_value(), "S");
      if (at.has_null_value()) {
        EXPECT_FALSE(decides(side == Side::kBelow ? 0 : n)) << row.ShortDebugString();
        continue;
      }
      const auto s = static_cast<int64_t>(at.number_value());
      EXPECT_TRUE(decides(s)) << row.ShortDebugString();
      const int64_t beside = side == Side::kBelow ? s + 1 : s - 1;
      EXPECT_FALSE(decides(beside)) << row.ShortDebugString();
    }
  }
}

TEST_F(Vectors, DetectionIndexIsReproduced) {
  for (const Value& row : Rows("dprime")) {
    const double d = DPrime({.hits = Integer(row, "hits"),
                             .wrong = Integer(row, "n_wrong"),
                             .false_alarms = Integer(row, "fa"),
                             .right = Integer(row, "n_right")});
    EXPECT_TRUE(Near(d, Number(row, "d"))) << row.ShortDebugString();
  }
}

TEST_F(Vectors, ObservedThresholdsAreReproduced) {
  for (const Value& row : Rows("observed_scale_threshold")) {
    EXPECT_TRUE(Near(ObservedThreshold(Number(row, "p0"), Number(row, "se"), Number(row, "sp")),
                     Number(row, "p0_observed")))
        << row.ShortDebugString();
  }
}

TEST_F(Vectors, SketchKeysAndValuesAreReproduced) {
  const Value& sketch = At(vectors_, "ddsketch");
  EXPECT_EQ(Number(sketch, "alpha"), Sketch::kRelativeError);
  for (const Value& row : At(sketch.struct_value(), "keys").list_value().values()) {
    EXPECT_EQ(Sketch::Key(Integer(row, "v")), Integer(row, "key")) << row.ShortDebugString();
    EXPECT_TRUE(Near(Sketch::Value(static_cast<int>(Integer(row, "key"))), Number(row, "value")))
        << row.ShortDebugString();
  }
}

TEST_F(Vectors, ChangeStatisticIsReproduced) {
  const support::Struct& group = At(vectors_, "e_detector").struct_value();
  const ChangeFactors factors = ChangeFactorsOf(At(group, "p0").number_value(), Side::kBelow);
  const support::Struct& wanted = At(group, "sr_at").struct_value();
  ChangeStatistics statistics;
  int trials = 0;
  size_t compared = 0;
  for (const Value& x : At(group, "x").list_value().values()) {
    statistics.Add(x.number_value() == 1, factors);
    const auto want = wanted.fields().find(std::to_string(++trials));
    if (want == wanted.fields().end()) continue;
    EXPECT_TRUE(Near(statistics.Mean(), want->second.number_value())) << "after " << trials;
    ++compared;
  }
  EXPECT_EQ(compared, wanted.fields().size());
}

TEST_F(Vectors, EBenjaminiHochbergSelectsTheSame) {
  for (const Value& row : Rows("e_bh")) {
    std::vector<double> logs;
    for (const Value& e : At(row.struct_value(), "e").list_value().values()) {
      logs.push_back(std::log(e.number_value()));
    }
    std::vector<size_t> wanted;
    for (const Value& i : At(row.struct_value(), "selected_zero_based").list_value().values()) {
      wanted.push_back(static_cast<size_t>(i.number_value()));
    }
    EXPECT_EQ(EBenjaminiHochberg(logs, Number(row, "alpha")), wanted) << row.ShortDebugString();
  }
}

TEST_F(Vectors, MeanOfEValuesIsReproduced) {
  const support::Struct& group = At(vectors_, "mean_e").struct_value();
  std::vector<double> logs;
  std::vector<double> weights;
  for (const Value& e : At(group, "e").list_value().values()) {
    logs.push_back(std::log(e.number_value()));
  }
  for (const Value& w : At(group, "weights").list_value().values()) {
    weights.push_back(w.number_value());
  }
  EXPECT_TRUE(Near(std::exp(LogMeanE(logs, weights)), At(group, "combined").number_value()));
}

// Wald's bound on the mean number of trials of any test at alpha: ln(1/alpha) / KL(q, p0).
TEST_F(Vectors, WaldBoundIsReproduced) {
  for (const Value& row : Rows("wald_bound")) {
    EXPECT_TRUE(Near(std::log(1 / Number(row, "alpha")) /
                         BernoulliDivergence(Number(row, "q"), Number(row, "p0")),
                     Number(row, "min_expected_n")))
        << row.ShortDebugString();
  }
}

TEST_F(Vectors, WilsonIntervalsOfTheComparisonsAreReproduced) {
  for (const Value& row : Rows("wilson")) {
    const auto interval =
        support::WilsonInterval(Integer(row, "k"), Integer(row, "n"), Number(row, "z"));
    EXPECT_NEAR(interval.first, Number(row, "lo"), kIntervalAbsolute);
    EXPECT_NEAR(interval.second, Number(row, "hi"), kIntervalAbsolute);
  }
}

}  // namespace
}  // namespace vigie::stats
