// SPDX-License-Identifier: Apache-2.0
// The AI systems and sources of the simulated hospital.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vigie/v1/registry_service.pb.h"

namespace vigie::simulator {

// An AI system.
struct SystemModel {
  std::string_view system_id;
  std::string_view title;
  std::string_view decision_kind;
  // The second replaces the first half-way through the simulated time.
  std::array<std::string_view, 2> versions;
  // Times HospitalOptions::ai_error_ratio.
  double error_factor;
  // The first is the senior one, to whom cases are escalated.
  std::array<std::string_view, 2> roles;
  // The image is evidence besides the record.
  bool has_image;
  // What was decided is carried out, and reported, by the dispensing source.
  bool dispensed;
  std::string_view code_system;
  std::array<std::string_view, 5> codes;
};

inline constexpr size_t kSystemCount = 3;
// Units use the systems in turn.
[[nodiscard]] const SystemModel& SystemAt(size_t index);
// Null when there is none.
[[nodiscard]] const SystemModel* FindSystem(std::string_view system_id);
[[nodiscard]] vigie::v1::System DeclarationOf(const SystemModel& model,
                                              std::string_view organisation_id);

// A system that sends events.
struct SourceModel {
  std::string_view name;
  // Constant error of its clock.
  int64_t skew_ms;
};

inline constexpr size_t kSourceCount = 4;
// Full feeds of the wards.
inline constexpr size_t kWardSource = 0;
inline constexpr size_t kImagingSource = 1;
// Sends Decided and Applied only.
inline constexpr size_t kLegacySource = 2;
// Sends Applied only, for decisions that another source describes.
inline constexpr size_t kDispensingSource = 3;

[[nodiscard]] const SourceModel& SourceAt(size_t index);
[[nodiscard]] std::string SourceId(size_t index, uint64_t seed);
[[nodiscard]] vigie::v1::Source DeclarationOf(size_t source_index, uint64_t seed);

}  // namespace vigie::simulator
