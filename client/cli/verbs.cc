// SPDX-License-Identifier: Apache-2.0
#include "verb.h"

namespace vigie::cli {

std::vector<std::string> OperandsOf(const po::variables_map& arguments) {
  const auto& operands = arguments["operands"];
  return operands.empty() ? std::vector<std::string>() : operands.as<std::vector<std::string>>();
}

std::string TextOf(const po::variables_map& arguments, const char* option) {
  return arguments[option].empty() ? "" : arguments[option].as<std::string>();
}

void DescribeNothing(po::options_description& /*options*/) {}

const std::vector<Verb>& Verbs() {
  static const std::vector<Verb>& verbs = *new std::vector<Verb>{
      SummaryVerb(), ScopesVerb(),  WatchVerb(),   DecisionVerb(), DecisionsVerb(),  ActorVerb(),
      ReportVerb(),  AlarmsVerb(),  ChangesVerb(), ShiftVerb(),    BaselineVerb(),   AuditVerb(),
      ProbeVerb(),   SystemsVerb(), SourcesVerb(), PolicyVerb(),   QuarantineVerb(), ExportVerb(),
      ImportVerb(),  BackupVerb(),  FsckVerb(),    ReplayVerb(),   SimulateVerb(),   CheckVerb(),
  };
  return verbs;
}

}  // namespace vigie::cli
