// SPDX-License-Identifier: Apache-2.0
#include "simulator/catalogue.h"

#include "absl/strings/str_cat.h"

namespace vigie::simulator {
namespace {

constexpr std::array<SystemModel, kSystemCount> kSystems = {{
    {"sepsis-triage",
     "Sepsis triage score",
     "triage",
     {"3.1.0", "3.2.0"},
     1.0,
     {"physician", "resident"},
     false,
     false,
     "triage",
     {"immediate", "urgent", "standard", "observe", "discharge"}},
    {"chest-reader",
     "Chest image reader",
     "diagnosis",
     {"2026.1", "2026.2"},
     0.9,
     {"radiologist", "resident"},
     true,
     false,
     "finding",
     {"normal", "nodule", "effusion", "pneumonia", "pneumothorax"}},
    {"prescription-check",
     "Prescription check",
     "prescription-check",
     {"7.0", "7.1"},
     1.1,
     {"pharmacist", "junior-pharmacist"},
     false,
     true,
     "order",
     {"keep", "lower-dose", "raise-dose", "replace", "stop"}},
}};

constexpr std::array<SourceModel, kSourceCount> kSources = {{
    {"ehr-wards", 1'800},
    {"ehr-imaging", -2'600},
    {"ehr-legacy", 4'100},
    {"dispensing", -900},
}};

}  // namespace

const SystemModel& SystemAt(size_t index) { return kSystems.at(index % kSystemCount); }

const SystemModel* FindSystem(std::string_view system_id) {
  for (const SystemModel& model : kSystems) {
    if (model.system_id == system_id) return &model;
  }
  return nullptr;
}

vigie::v1::System DeclarationOf(const SystemModel& model, std::string_view organisation_id) {
  vigie::v1::System system;
  system.set_organisation_id(std::string(organisation_id));
  system.set_system_id(std::string(model.system_id));
  system.set_title(std::string(model.title));
  system.set_provider("Simulated");
  system.set_decision_kind(std::string(model.decision_kind));
  return system;
}

const SourceModel& SourceAt(size_t index) { return kSources.at(index); }

std::string SourceId(size_t index, uint64_t seed) {
  return absl::StrCat(std::string(SourceAt(index).name), ":seed-", seed);
}

vigie::v1::Source DeclarationOf(size_t source_index, uint64_t seed) {
  namespace v1 = vigie::v1;
  v1::Source source;
  source.set_source_id(SourceId(source_index, seed));
  source.set_environment(v1::ENVIRONMENT_PRODUCTION);
  source.set_time_zone("Europe/Paris");
  if (source_index == kDispensingSource) {
    source.add_payloads(v1::PAYLOAD_KIND_APPLIED);
    return source;
  }
  if (source_index == kLegacySource) {
    source.add_payloads(v1::PAYLOAD_KIND_DECIDED);
    source.add_payloads(v1::PAYLOAD_KIND_APPLIED);
    return source;
  }
  for (const v1::PayloadKind payload :
       {v1::PAYLOAD_KIND_ISSUED, v1::PAYLOAD_KIND_SUPPRESSED_BEFORE_DISPLAY, v1::PAYLOAD_KIND_SHOWN,
        v1::PAYLOAD_KIND_OPENED, v1::PAYLOAD_KIND_ACTIVE_SEGMENT, v1::PAYLOAD_KIND_EVIDENCE_OPENED,
        v1::PAYLOAD_KIND_INITIAL_JUDGEMENT, v1::PAYLOAD_KIND_EDITED, v1::PAYLOAD_KIND_DECIDED,
        v1::PAYLOAD_KIND_APPLIED, v1::PAYLOAD_KIND_TELEMETRY_GAP, v1::PAYLOAD_KIND_VOIDED,
        v1::PAYLOAD_KIND_TRUTH_ESTABLISHED, v1::PAYLOAD_KIND_PATIENT_INFORMED,
        v1::PAYLOAD_KIND_CONFIGURATION_CHANGED}) {
    source.add_payloads(payload);
  }
  return source;
}

}  // namespace vigie::simulator
