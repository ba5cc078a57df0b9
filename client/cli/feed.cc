// SPDX-License-Identifier: Apache-2.0
#include "feed.h"

#include <cstdio>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "print.h"
#include "replay_mapping.h"
#include "words.h"

namespace vigie::cli {
namespace {

constexpr size_t kRefusalsShown = 20;
constexpr absl::Duration kReportInterval = absl::Milliseconds(100);

absl::Status GaveUp(const PublisherStats& stats, const absl::Status& status) {
  return absl::UnavailableError(absl::StrCat(
      "no progress for ", absl::FormatDuration(kPatience), " (", stats.acknowledged, " of ",
      stats.published, " events acknowledged so far); the same command goes on from there: ",
      std::string(status.message())));
}

}  // namespace

absl::StatusOr<Pace> Pace::Parse(const std::string& rate) {
  if (rate.empty() || rate == "max") return Pace(0);
  double per_second = 0;
  if (!absl::SimpleAtod(rate, &per_second) || !(per_second > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--rate: got \"", rate, "\", want max or a number a second"));
  }
  return Pace(per_second);
}

void Pace::AwaitTurn() {
  if (per_second_ == 0) return;
  if (began_ == absl::InfinitePast()) began_ = absl::Now();
  const absl::Time turn = began_ + absl::Seconds(static_cast<double>(count_++) / per_second_);
  absl::SleepFor(turn - absl::Now());
}

void Refusals::Note(const RefusedEvent& refused) {
  const absl::MutexLock lock(&mutex_);
  ++count_;
  if (first_.size() < kRefusalsShown) first_.push_back(refused);
}

void Refusals::Print(const std::function<std::string(const RefusedEvent&)>& where) const {
  const absl::MutexLock lock(&mutex_);
  for (const RefusedEvent& refused : first_) {
    const v1::Violation& violation = refused.violation;
    const std::string line =
        absl::StrFormat("refused: %s%s: %s (%s): got %s, want %s\n", where(refused),
                        InWords(PayloadKindOf(refused.event)), violation.field(),
                        InWords(violation.reason()), violation.got(), violation.want());
    std::fputs(line.c_str(), stderr);
  }
  if (count_ > std::ssize(first_)) {
    std::fprintf(stderr, "and %lld more; `vigie quarantine` lists all\n",
                 static_cast<long long>(count_ - std::ssize(first_)));
  }
}

absl::Status Send(Publisher& publisher, v1::Event event) {
  // An event that finds no room is left as it was.
  absl::Status published = publisher.Publish(std::move(event));
  if (!absl::IsResourceExhausted(published)) return published;
  int64_t acknowledged = publisher.Stats().acknowledged;
  while (true) {
    // NOLINTNEXTLINE(bugprone-use-after-move): nor does waiting in vain change it.
    absl::Status status = publisher.PublishOrWait(std::move(event), absl::Now() + kPatience);
    if (!absl::IsDeadlineExceeded(status)) return status;
    const PublisherStats stats = publisher.Stats();
    if (stats.acknowledged == acknowledged) return GaveUp(stats, status);
    acknowledged = stats.acknowledged;
  }
}

absl::Status AwaitAll(const std::vector<Publisher*>& publishers,
                      const std::function<void(int64_t acknowledged)>& report) {
  int64_t acknowledged = -1;
  absl::Time progressed = absl::Now();
  for (Publisher* publisher : publishers) {
    absl::Status status;
    while (!(status = publisher->Flush(absl::Now() + kReportInterval)).ok()) {
      if (!absl::IsDeadlineExceeded(status)) return status;
      const PublisherStats stats = Total(publishers);
      if (stats.acknowledged != acknowledged) progressed = absl::Now();
      acknowledged = stats.acknowledged;
      report(acknowledged);
      if (absl::Now() - progressed > kPatience) return GaveUp(stats, status);
    }
  }
  report(Total(publishers).acknowledged);
  return absl::OkStatus();
}

PublisherStats Total(const std::vector<Publisher*>& publishers) {
  PublisherStats total;
  total.incarnations = 0;
  for (const Publisher* publisher : publishers) {
    const PublisherStats stats = publisher->Stats();
    total.published += stats.published;
    total.sent += stats.sent;
    total.acknowledged += stats.acknowledged;
    total.already_durable += stats.already_durable;
    total.duplicates += stats.duplicates;
    total.refused += stats.refused;
    total.reconnects += stats.reconnects;
    // Beyond the first of each.
    total.incarnations += stats.incarnations - 1;
    total.log_position = std::max(total.log_position, stats.log_position);
  }
  ++total.incarnations;
  return total;
}

ExitCode Conclude(const Session& session, const PublisherStats& stats, int64_t invalid_count) {
  if (session.json()) {
    Write(absl::StrFormat(
        "{\"events\": %d, \"sent\": %d, \"acknowledged\": %d, \"alreadyDurable\": %d, "
        "\"duplicate\": %d, \"refused\": %d, \"invalidLines\": %d, \"reconnects\": %d}\n",
        stats.published, stats.sent, stats.acknowledged, stats.already_durable, stats.duplicates,
        stats.refused, invalid_count, stats.reconnects));
  } else {
    Write(absl::StrFormat(
        "%d events: %d sent, %d acknowledged, %d duplicate, %d refused%s%s\n", stats.published,
        stats.sent, stats.acknowledged, stats.duplicates, stats.refused,
        stats.already_durable == 0
            ? ""
            : absl::StrCat(" (", stats.already_durable, " were on disk already)"),
        invalid_count == 0 ? "" : absl::StrCat("; ", invalid_count, " invalid lines not sent")));
  }
  if (stats.incarnations > 1) {
    std::fputs("vigie: the server lost events that it had acknowledged; run the same again\n",
               stderr);
    return ExitCode::kFailed;
  }
  return stats.refused > 0 || invalid_count > 0 ? ExitCode::kRefused : ExitCode::kDone;
}

}  // namespace vigie::cli
