// SPDX-License-Identifier: Apache-2.0
// Every limit that is not a policy value or a configuration value. ARCHITECTURE.md lists them.
//
// Room base: what every room may use. Includes no other room.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vigie::base {

inline constexpr int kMaxBatchEvents = 4096;
inline constexpr int kMaxBatchBytes = 1 << 20;
inline constexpr int kMaxMessageBytes = (1 << 20) + (1 << 16);  // A batch and its envelope.
inline constexpr int kMaxEventBytes = 4096;
inline constexpr int kMaxDecisionEvents = 512;
inline constexpr int kMaxCodes = 8;
inline constexpr int kMaxAttributes = 8;
inline constexpr int kMaxIdentifierChars = 64;
inline constexpr int kMaxTitleChars = 128;
inline constexpr int kMinReasonChars = 3;
inline constexpr int kMaxReasonChars = 200;
inline constexpr int64_t kMaxFutureMs = int64_t{24} * 3600 * 1000;
inline constexpr int64_t kMaxSpanMs = int64_t{24} * 3600 * 1000;

inline constexpr int kMaxTurnEvents = 4096;  // Events in one turn of the sequencer.
// Until more than two full turns are queued: half as many wait half as long for one another.
inline constexpr int kShortTurnEvents = kMaxTurnEvents / 2;
inline constexpr int kMaxUnacknowledgedBatches = 16;  // Per stream, before reading pauses.
inline constexpr int kMaxNames = 1'000'000;           // Distinct units, versions, roles, kinds.
inline constexpr int kMaxOpenDecisions = 5'000'000;
inline constexpr int kMaxSources = 10'000;
inline constexpr int kMaxSystems = 10'000;
inline constexpr int kMaxWatchers = 64;
inline constexpr int kMaxPageSize = 1000;
inline constexpr int kDefaultPageSize = 100;
inline constexpr int kMaxWaitingReads = 1024;  // Calls waiting for a worker.
inline constexpr int kMaxHttpHeaderBytes = 8192;
inline constexpr int kMaxHttpConnections = 256;
inline constexpr int kHttpDeadlineMs = 30'000;
inline constexpr int kRetryDelayMs = 200;  // Told to callers when a queue is full.
inline constexpr int kPseudonymCacheEntries = 65'536;
inline constexpr int kMaxUnflushedRecords = 1'048'576;  // Before the views are written.
inline constexpr int kMaxBatchGroups = 100'000;  // Batches whose evidence is remembered (R8).
inline constexpr int kMaxPlans = 1000;
inline constexpr int kMaxProbeItems = 10'000;  // Of one plan.
inline constexpr int kMaxDraws = 1000;
inline constexpr int kMaxDrawnDecisions = 10'000;  // Of one draw.
inline constexpr int kMaxCalibrations = 1000;
inline constexpr size_t kMaxChainDecisions = 32;      // Followed from one decision.
inline constexpr int kMaxChangePoints = 1000;         // Of one system.
inline constexpr int kMaxActorHours = 1'000'000;      // Held for I5.
inline constexpr int kMaxTriedDecisions = 1'000'000;  // Judged again by one TryPolicy.
inline constexpr int64_t kPreviousEpochMs = int64_t{90} * 24 * 3600 * 1000;  // V6.

}  // namespace vigie::base
