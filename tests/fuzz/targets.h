// SPDX-License-Identifier: Apache-2.0
// What is fuzzed. Each target takes any bytes and ends the program when a claim does not hold.
//
// The preset `fuzz` makes a libFuzzer program of each; in every build corpus_test holds them
// against the inputs kept under corpus/.
#pragma once

#include <string_view>

namespace vigie::fuzz {

// Bytes as an Event, through the validator and the intake. A refusal names field, got and want and
// repeats no identifier of a person; what is recorded names nobody, parses back to itself, and is
// accepted again as it is (from quarantine).
void FuzzEvent(std::string_view input);

// Bytes as a stored block, and as the content of one. A block decodes to what was encoded; one that
// was damaged is never taken for another.
void FuzzBlock(std::string_view input);

// Bytes as a policy in YAML. A refusal names the place; what is accepted can be written and read
// again to the same hash.
void FuzzPolicy(std::string_view input);

// Bytes as a configuration file. A refusal names the place; what is accepted has absolute paths and
// passes the check again.
void FuzzConfiguration(std::string_view input);

// Bytes as steps of a log: events, watermarks, ticks, policies. Folding the log again gives the
// same rows, wherever the fold is let go and loaded.
void FuzzFold(std::string_view input);

}  // namespace vigie::fuzz
