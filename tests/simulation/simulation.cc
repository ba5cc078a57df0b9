// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulation.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "simulation/comparison.h"
#include "simulation/dice.h"
#include "simulation/sender.h"
#include "simulation/slow_model.h"
#include "simulation/stepped_engine.h"
#include "simulation/wild_hospital.h"
#include "store/digest.h"
#include "support/fake_clock.h"
#include "support/faulty_file_system.h"

namespace vigie::simulation {
namespace {

constexpr char kDirectory[] = "data";
constexpr int64_t kStartMs = 1'772'442'000'000;  // 2026-03-02T09:00:00Z, a Monday.
constexpr int64_t kSecondMs = 1000;
constexpr int64_t kMinuteMs = 60 * kSecondMs;
constexpr int64_t kHourMs = 60 * kMinuteMs;
constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kCacheBytes = 1 << 20;
constexpr int64_t kMaxTurns = 2000;
constexpr int64_t kCrashPermille = 18;
constexpr int kMaxFailedStarts = 3;

// A turn that was under way in a crash, and what was answered.
struct Pending {
  TurnPlan plan;
  std::vector<std::optional<BatchAnswer>> answers;

  // What was acknowledged must be there after the crash.
  [[nodiscard]] bool IsAcknowledged() const {
    return std::any_of(answers.begin(), answers.end(),
                       [](const auto& answer) { return answer.has_value() && !answer->refused; });
  }
};

// Lives for one call of Simulate. A step that fails leaves its reason in failure_.
class Life {
 public:
  explicit Life(const SimulationOptions& options)
      : options_(options),
        dice_(options.seed),
        hospital_(dice_.Fork(), kStartMs),
        model_("Europe/Paris", options.mutation),
        clock_(kStartMs),
        engine_({.directory = kDirectory,
                 .block_cache_bytes = kCacheBytes,
                 .unsafe_without_sync = options.sabotage == Sabotage::kNoSync},
                &clock_) {
    for (const WildSource& source : hospital_.sources()) {
      senders_.emplace_back(source.declaration.source_id());
    }
    std::filesystem::remove_all(kDirectory);
  }
  ~Life() {
    engine_.Close();
    std::filesystem::remove_all(kDirectory);
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  SimulationResult Run() {
    policy_ = hospital_.MakePolicy();
    Start(std::nullopt);
    while (Good() && Unfinished() && result_.turns < kMaxTurns) Step();
    Settle();
    Check();
    if (options_.sabotage == Sabotage::kChangeOneView) ChangeOneView();
    if (Good()) Crash(/*power_is_lost=*/false, std::nullopt);
    result_.events = model_.event_count();
    for (const auto& [key, decision] : model_.decisions()) result_.closed += decision.closed;
    return std::move(result_);
  }

 private:
  bool Good() const { return !result_.failure.has_value(); }
  void Expect(std::string difference) {
    if (!difference.empty() && Good()) {
      result_.failure = SimulationFailure{.commit = result_.turns, .what = std::move(difference)};
    }
  }
  bool Unfinished() const {
    return next_sending_ < hospital_.sendings().size() ||
           std::any_of(senders_.begin(), senders_.end(),
                       [](const Sender& sender) { return sender.HasWork(); });
  }

  // One turn, mostly with some batches, sometimes the last before a crash.
  void Step() {
    PassTime();
    TakeUpSendings();
    const TurnPlan plan = MakePlan();
    if (dice_.Permille(kCrashPermille)) return CrashIn(plan);
    Expect(TakeTurn(plan));
    if (dice_.Permille(15)) Senders();
  }

  // Time goes in bursts of little steps, and to the next thing that is sent.
  void PassTime() {
    if (burst_ > 0) {
      --burst_;
      now_ms_ += dice_.Below(400);
      return;
    }
    if (dice_.Percent(25)) burst_ = dice_.Below(12);
    const bool idle = next_sending_ < hospital_.sendings().size() && dice_.Percent(70);
    if (idle) now_ms_ = std::max(now_ms_, hospital_.sendings()[next_sending_].send_at_ms);
    static constexpr int64_t kLongest[] = {2 * kSecondMs, 2 * kMinuteMs, 2 * kHourMs, 2 * kDayMs};
    now_ms_ += dice_.Between(0, kLongest[dice_.Weighted({50, 40, 9, 1})]);
  }

  void TakeUpSendings() {
    const auto& sendings = hospital_.sendings();
    for (; next_sending_ < sendings.size(); ++next_sending_) {
      if (sendings[next_sending_].send_at_ms > now_ms_) break;
      senders_[sendings[next_sending_].source].Offer(sendings[next_sending_].event);
    }
  }

  TurnPlan MakePlan() {
    TurnPlan plan;
    // The machine's clock may be set back; the log's time is not.
    plan.clock_ms = now_ms_ - (dice_.Percent(3) ? dice_.Below(kMinuteMs) : 0);
    in_turn_.clear();
    for (int64_t i = dice_.Between(1, 3); i > 0; --i) AddBatch(plan);
    if (dice_.Percent(5)) plan.items.emplace_back(Pause{.flush_views = dice_.Percent(50)});
    if (declared_ < senders_.size() && dice_.Percent(declared_ == 0 ? 90 : 25)) Declare(plan);
    if (dice_.Permille(12)) plan.items.emplace_back(hospital_.MakeCalibration());
    if (dice_.Permille(8)) plan.items.emplace_back(policy_ = hospital_.MakePolicy());
    if (plan.items.empty()) plan.items.emplace_back(Pause{});
    return plan;
  }

  void AddBatch(TurnPlan& plan) {
    const auto index = static_cast<size_t>(dice_.Below(static_cast<int64_t>(senders_.size())));
    Sender& sender = senders_[index];
    if (!sender.HasWork()) return;
    // Only a sender that knows what is durable can declare what comes next lost.
    const int64_t durable = model_.LastSequence(sender.source_id(), sender.incarnation());
    if (dice_.Permille(10) && in_turn_.empty() && durable == sender.acknowledged()) {
      plan.items.emplace_back(sender.LoseSome(dice_));
      return;
    }
    const SentBatch batch = sender.NextBatch(dice_, Watermark(index));
    // Lost on the way to the daemon; nobody learns anything.
    if (dice_.Percent(4)) return;
    for (int copies = dice_.Percent(5) ? 2 : 1; copies > 0; --copies) {
      plan.items.emplace_back(batch);
      in_turn_.push_back(index);
    }
  }

  // What a source can promise: mostly nothing that it will still send occurred before.
  int64_t Watermark(size_t source) {
    int64_t promised_ms = now_ms_;
    const auto& sendings = hospital_.sendings();
    for (size_t i = next_sending_; i < sendings.size(); ++i) {
      if (sendings[i].source != source) continue;
      promised_ms = std::min(promised_ms, sendings[i].event.occurred_at_ms());
    }
    return dice_.Percent(85) ? promised_ms : now_ms_ + dice_.Between(-kHourMs, kHourMs);
  }

  void Declare(TurnPlan& plan) {
    const WildSource& source = hospital_.sources()[declared_++];
    if (source.declares) plan.items.emplace_back(source.declaration);
  }

  std::string TakeTurn(const TurnPlan& plan) {
    ++result_.turns;
    const auto got = engine_.Take(plan, PowerCut::kNever, 0);
    const TurnAnswer want = model_.Take(plan);
    for (size_t i = 0; i < want.size(); ++i) {
      if (!got[i].has_value()) return "a batch was not answered although nothing failed";
      if (std::string text = CompareAnswers(*got[i], want[i]); !text.empty()) return text;
      if (i < in_turn_.size()) Acknowledge(senders_[in_turn_[i]], *got[i]);
    }
    for (const TurnItem& item : plan.items) {
      const auto* lost = std::get_if<LostSequences>(&item);
      if (lost == nullptr) continue;
      for (Sender& sender : senders_) {
        if (sender.source_id() == lost->source_id) sender.Connect(lost->last);
      }
    }
    return dice_.Percent(5) ? ComparePublished(engine_.engine().published(), model_) : "";
  }

  // Acknowledgements get lost; their batches come again.
  void Acknowledge(Sender& sender, const BatchAnswer& answer) {
    if (dice_.Percent(88)) {
      sender.Learn(answer);
    } else {
      sender.Forget();
    }
  }

  static std::string CompareAnswers(const BatchAnswer& got, const BatchAnswer& want) {
    if (got == want) return {};
    if (got.refused != want.refused) return absl::StrCat("batch refused: got ", got.refused);
    if (got.durable_sequence != want.durable_sequence) {
      return absl::StrCat("durable sequence: got ", got.durable_sequence, ", want ",
                          want.durable_sequence);
    }
    for (size_t i = 0; i < std::min(got.events.size(), want.events.size()); ++i) {
      const EventAnswer& a = got.events[i];
      const EventAnswer& b = want.events[i];
      if (a == b) continue;
      return absl::StrCat("event ", i, " of a batch: got fate ", a.fate, " reason ", a.reason,
                          " status ", a.status_code, ", want ", b.fate, " ", b.reason, " ",
                          b.status_code);
    }
    return absl::StrCat("log position of a batch: got ", got.log_position, ", want ",
                        want.log_position);
  }

  // A sender starts again, or its connection does.
  void Senders() {
    Sender& sender =
        senders_[static_cast<size_t>(dice_.Below(static_cast<int64_t>(senders_.size())))];
    if (dice_.Percent(50)) {
      sender.Restart();
    } else {
      Reconnect(sender);
    }
  }

  // As the start of a stream answers; what was acknowledged must be durable.
  void Reconnect(Sender& sender) {
    const int64_t durable = engine_.engine().published().Read([&](const auto& state) -> int64_t {
      for (const auto& source : state.sources) {
        if (source.source().source_id() != sender.source_id()) continue;
        return source.source_incarnation() == sender.incarnation() ? source.last_sequence() : 0;
      }
      return 0;
    });
    if (durable < sender.acknowledged()) {
      Expect(absl::StrCat("durable sequence after a restart: got ", durable,
                          ", acknowledged before ", sender.acknowledged()));
    }
    sender.Connect(durable);
  }

  void CrashIn(const TurnPlan& plan) {
    const bool power_is_lost = dice_.Percent(60);
    const PowerCut cut = dice_.Pick({PowerCut::kNever, PowerCut::kBeforeTurn, PowerCut::kInTurn,
                                     PowerCut::kInTurn, PowerCut::kAfterLogWrite});
    ++result_.turns;
    const Pending pending{.plan = plan, .answers = engine_.Take(plan, cut, dice_.Between(1, 9))};
    const bool clean = cut == PowerCut::kNever && dice_.Percent(30);
    if (!clean) files_->LosePowerAt(0);
    Crash(power_is_lost && !clean, pending);
  }

  // The process ends here; `pending` is the turn that it may have written.
  void Crash(bool power_is_lost, const std::optional<Pending>& pending) {
    ++result_.crashes;
    engine_.Close();
    RestoreDisk(power_is_lost);
    Start(pending);
    Check();
    if (!Good()) return;
    for (Sender& sender : senders_) Reconnect(sender);
  }

  void RestoreDisk(bool power_is_lost) {
    if (power_is_lost) {
      std::mt19937_64 random(static_cast<uint64_t>(dice_.Below(1'000'000)));
      files_->DropUnsynced(random);
      files_ = std::make_shared<support::FaultyFileSystem>();
    } else {
      files_->LosePowerAt(int64_t{1} << 40);
    }
  }

  // The model as it goes on after a crash: with the turn that was under way, if the log has it, and
  // with what the start wrote.
  void TakeUp(const ReadLog& log, int64_t opened_at_ms, const std::optional<Pending>& pending) {
    SlowModel without = model_;
    without.TakeOpening(opened_at_ms, policy_);
    const bool lost = log.recorded_at_ms == without.recorded_at_ms() &&
                      CompareRecords(log.records, without.records()).empty();
    if (!pending.has_value() || (lost && !pending->IsAcknowledged())) {
      model_ = std::move(without);
      return Expect(CompareRecords(log.records, model_.records()));
    }
    const TurnAnswer want = model_.Take(pending->plan);
    for (size_t i = 0; i < want.size(); ++i) {
      const auto& got = pending->answers[i];
      if (got.has_value()) Expect(CompareAnswers(*got, want[i]));
    }
    model_.TakeOpening(opened_at_ms, policy_);
    Expect(CompareRecords(log.records, model_.records()));
  }

  // Opens the engine, mostly at once, sometimes after starts that crash while they catch up.
  void Start(const std::optional<Pending>& pending) {
    if (!Good()) return;
    // The clock may be behind the log's time for a while; nothing becomes due unseen meanwhile.
    const int64_t opened_at_ms = std::max(model_.recorded_at_ms(), kStartMs);
    clock_.Advance(opened_at_ms - clock_.NowMs());
    if (result_.crashes > 0 && dice_.Percent(10)) policy_ = hospital_.MakePolicy();
    for (int failed = 0; result_.crashes > 0 && failed < kMaxFailedStarts; ++failed) {
      if (!dice_.Percent(25)) break;
      files_->LosePowerAt(dice_.Between(1, 40));
      static_cast<void>(engine_.Open(policy_, files_));
      files_->LosePowerAt(0);
      engine_.Close();
      RestoreDisk(dice_.Percent(50));
    }
    const absl::Status opened = engine_.Open(policy_, files_);
    if (!opened.ok()) return Expect(absl::StrCat("opening: ", opened.message()));
    const ReadLog log = LogOf(engine_.engine().store());
    Expect(log.fault);
    if (Good()) TakeUp(log, opened_at_ms, pending);
  }

  // Everything becomes due.
  void Settle() {
    in_turn_.clear();
    for (const int64_t wait_ms : {kHourMs, 4 * kDayMs, 6 * kDayMs}) {
      now_ms_ += wait_ms;
      const TurnPlan plan{.clock_ms = now_ms_, .items = {Pause{}}};
      if (Good()) Expect(TakeTurn(plan));
    }
  }

  // The log, a fresh fold of it, the views on disk, and what readers are told.
  void Check() {
    if (!Good()) return;
    in_turn_.clear();
    const TurnPlan flush{.clock_ms = std::max(clock_.NowMs(), now_ms_),
                         .items = {Pause{.flush_views = true}}};
    Expect(TakeTurn(flush));
    if (!Good()) return;
    const store::Store& store = engine_.engine().store();
    const ReadLog log = LogOf(store);
    Expect(log.fault);
    Expect(CompareRecords(log.records, model_.records()));
    if (Good()) Expect(CompareFold(log, store, model_));
    if (Good()) Expect(ComparePublished(engine_.engine().published(), model_));
    std::string all;
    for (const auto& [first_position, bytes] : log.blocks) all += store::Sha256(bytes);
    result_.log_sha256 = store::Sha256(all);
  }

  // Sabotage: what the simulation must notice.
  void ChangeOneView() {
    engine_.Close();
    const auto store = store::Store::Open(
        {.directory = kDirectory, .block_cache_bytes = kCacheBytes, .file_system = files_});
    if (!store.ok()) return Expect(std::string(store.status().message()));
    store::ViewChange change;
    const absl::Status read = (*store)->newest().Scan(
        store::Family::kTallies, "", "", [&](std::string_view key, std::string_view value) {
          change = {store::Family::kTallies, std::string(key), std::string(value)};
          return false;
        });
    if (!read.ok() || !change.value.has_value()) return;
    change.value->back() ^= 1;
    static_cast<void>((*store)->WriteViews({change}));
  }

  const SimulationOptions options_;
  Dice dice_;
  WildHospital hospital_;
  SlowModel model_;
  support::FakeClock clock_;
  std::shared_ptr<support::FaultyFileSystem> files_ = std::make_shared<support::FaultyFileSystem>();
  SteppedEngine engine_;
  vigie::config::v1::Policy policy_;
  std::deque<Sender> senders_;
  std::vector<size_t> in_turn_;  // Whose batches are in the turn, in order.
  size_t next_sending_ = 0;
  size_t declared_ = 0;
  int64_t now_ms_ = kStartMs;  // True time.
  int64_t burst_ = 0;
  SimulationResult result_;
};

}  // namespace

SimulationResult Simulate(const SimulationOptions& options) { return Life(options).Run(); }

}  // namespace vigie::simulation
