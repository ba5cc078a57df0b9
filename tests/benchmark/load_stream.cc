// SPDX-License-Identifier: Apache-2.0
#include "load_stream.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "vigie/v1/ingest_service.pb.h"

namespace vigie::benchmark {
namespace {

using vigie::v1::StreamEventsRequest;
using vigie::v1::StreamEventsResponse;

constexpr char kMethod[] = "/vigie.v1.IngestService/StreamEvents";

std::shared_ptr<grpc::Channel> OwnConnection(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

LoadStream::LoadStream(const std::string& target, StreamPlan plan, grpc::CompletionQueue* queue)
    : plan_(std::move(plan)),
      feed_(plan_.shape),
      buffers_(static_cast<size_t>(plan_.window) + 1),
      tags_{{{this, Operation::kStart},
             {this, Operation::kWrite},
             {this, Operation::kRead},
             {this, Operation::kWritesDone},
             {this, Operation::kFinish}}},
      stub_(OwnConnection(target)) {
  StreamEventsRequest start;
  start.mutable_start()->set_source_id(plan_.source_id);
  start.mutable_start()->set_source_incarnation(plan_.source_incarnation);
  start_bytes_ = start.SerializeAsString();
  acknowledge_seconds_.reserve(static_cast<size_t>(plan_.batch_count));
  call_ = stub_.PrepareCall(&context_, kMethod, queue);
  call_->StartCall(TagOf(Operation::kStart));
}

void LoadStream::Proceed(Operation operation, bool ok) {
  switch (operation) {
    case Operation::kStart:
      if (!ok) return Fail();
      Write(start_bytes_);
      return call_->Read(&response_, TagOf(Operation::kRead));
    case Operation::kWrite:
      writing_ = false;
      return;  // When it failed, so does the read.
    case Operation::kRead:
      if (!ok) return Fail();
      HandleResponse();
      return call_->Read(&response_, TagOf(Operation::kRead));
    case Operation::kWritesDone:
      return;
    case Operation::kFinish:
      finished_ = true;
      return;
  }
}

// Reading ended: well or not, the status tells.
void LoadStream::Fail() {
  if (std::exchange(finishing_, true)) return;
  call_->Finish(&status_, TagOf(Operation::kFinish));
}

void LoadStream::Begin(Clock::time_point start) {
  begin_ = start + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(plan_.offset_seconds));
}

Clock::time_point LoadStream::DueAt(int64_t batch) const {
  return begin_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
                      plan_.period_seconds * static_cast<double>(batch)));
}

Clock::time_point LoadStream::next_due() const {
  const bool waits_for_time = begin_ != Clock::time_point::max() && !half_closed_ && !finishing_ &&
                              !writing_ &&
                              unacknowledged_.size() < static_cast<size_t>(plan_.window);
  return waits_for_time ? DueAt(sent_batches_) : Clock::time_point::max();
}

void LoadStream::SendDue(Clock::time_point now) {
  if (next_due() > now) return;
  const bool over = plan_.limit_seconds > 0 && SecondsBetween(begin_, now) > plan_.limit_seconds;
  if (sent_batches_ == plan_.batch_count || over) {
    half_closed_ = true;
    return call_->WritesDone(TagOf(Operation::kWritesDone));
  }
  const int64_t first_sequence = sent_batches_ * plan_.batch_events + 1;
  BatchBuffer& buffer = buffers_[static_cast<size_t>(sent_batches_) % buffers_.size()];
  buffer.Fill(encoder_, first_sequence, plan_.batch_events, sent_batches_ + 1 == plan_.batch_count,
              &feed_);
  unacknowledged_.push_back({.last_sequence = first_sequence + plan_.batch_events - 1,
                             .since = plan_.period_seconds > 0 ? DueAt(sent_batches_) : now});
  ++sent_batches_;
  Write(buffer.bytes());
}

// The bytes stay where they are until the answer to them came.
void LoadStream::Write(std::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size(), grpc::Slice::STATIC_SLICE);
  writing_ = true;
  call_->Write(grpc::ByteBuffer(&slice, 1), TagOf(Operation::kWrite));
}

void LoadStream::HandleResponse() {
  StreamEventsResponse response;
  if (!grpc::SerializationTraits<StreamEventsResponse>::Deserialize(&response_, &response).ok()) {
    return context_.TryCancel();
  }
  started_ = true;
  last_acknowledged_ = Clock::now();
  const vigie::v1::Acknowledgement& acknowledgement = response.acknowledgement();
  unrecorded_ += acknowledgement.results_size();
  while (!unacknowledged_.empty() &&
         unacknowledged_.front().last_sequence <= acknowledgement.durable_sequence()) {
    acknowledged_ = unacknowledged_.front().last_sequence;
    acknowledge_seconds_.push_back(
        SecondsBetween(unacknowledged_.front().since, last_acknowledged_));
    unacknowledged_.pop_front();
  }
}

}  // namespace vigie::benchmark
