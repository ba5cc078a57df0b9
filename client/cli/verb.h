// SPDX-License-Identifier: Apache-2.0
// The table of verbs. A verb is one row; its family's file holds what it does and says.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>
#include <vector>

#include "absl/strings/string_view.h"
#include "session.h"

namespace vigie::cli {

namespace po = boost::program_options;

// One verb.
struct Verb {
  absl::string_view name;
  absl::string_view arguments;  // Positional ones, as help shows them, for example `FILE`.
  absl::string_view summary;    // One line, for the list of verbs.
  absl::string_view manual;     // Paragraphs, for `--help` and the manual page.
  // Adds the options that help shows. Positional arguments arrive in `operands`, as strings.
  void (*describe)(po::options_description& options);
  ExitCode (*run)(const Session& session, const po::variables_map& arguments);
};

// The positional arguments after the verb.
[[nodiscard]] std::vector<std::string> OperandsOf(const po::variables_map& arguments);

// An option's text; empty when it was not given.
[[nodiscard]] std::string TextOf(const po::variables_map& arguments, const char* option);

// For verbs without options of their own.
void DescribeNothing(po::options_description& options);

// Every verb, in the order of help.
[[nodiscard]] const std::vector<Verb>& Verbs();

// One function per row, in the file of its family.
[[nodiscard]] Verb ReplayVerb();
[[nodiscard]] Verb CheckVerb();
[[nodiscard]] Verb SimulateVerb();
[[nodiscard]] Verb SummaryVerb();
[[nodiscard]] Verb ActorVerb();
[[nodiscard]] Verb ScopesVerb();
[[nodiscard]] Verb WatchVerb();
[[nodiscard]] Verb DecisionVerb();
[[nodiscard]] Verb DecisionsVerb();
[[nodiscard]] Verb SystemsVerb();
[[nodiscard]] Verb SourcesVerb();
[[nodiscard]] Verb QuarantineVerb();
[[nodiscard]] Verb PolicyVerb();
[[nodiscard]] Verb AlarmsVerb();
[[nodiscard]] Verb ReportVerb();
[[nodiscard]] Verb ChangesVerb();
[[nodiscard]] Verb ShiftVerb();
[[nodiscard]] Verb BaselineVerb();
[[nodiscard]] Verb AuditVerb();
[[nodiscard]] Verb ProbeVerb();
[[nodiscard]] Verb ExportVerb();
[[nodiscard]] Verb ImportVerb();
[[nodiscard]] Verb BackupVerb();
[[nodiscard]] Verb FsckVerb();

}  // namespace vigie::cli
