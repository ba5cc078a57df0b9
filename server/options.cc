// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <boost/program_options.hpp>
#include <sstream>

namespace vigie {
namespace {

namespace po = boost::program_options;

po::options_description Describe() {
  po::options_description flags("Flags", 100, 60);
  flags.add_options()                                                                   //
      ("config", po::value<std::string>()->value_name("FILE"),                          //
       "configuration in YAML; see config/vigied.yaml")                                 //
      ("check-config", "read configuration and policy, print their digests, and exit")  //
      ("print-config", "print the effective configuration and exit")                    //
      ("data-dir", po::value<std::string>()->value_name("DIR"),                         //
       "directory of the store; wins over the file; no default")                        //
      ("grpc-listen", po::value<std::string>()->value_name("IP:PORT"),                  //
       "gRPC address; wins over the file; port 0 takes a free one")                     //
      ("http-listen", po::value<std::string>()->value_name("IP:PORT"),                  //
       "address of /metrics, /healthz, /readyz; wins over the file")                    //
      ("ports-file", po::value<std::string>()->value_name("FILE"),                      //
       "write {\"grpc\":PORT,\"http\":PORT} here once ready")                           //
      ("version", "print version and commit, and exit")                                 //
      ("help", "print this text, and exit");
  return flags;
}

std::optional<std::string> Given(const po::variables_map& given, const char* name) {
  if (given.count(name) == 0) return std::nullopt;
  return given[name].as<std::string>();
}

}  // namespace

absl::StatusOr<Options> ParseOptions(int argc, char** argv) {
  po::variables_map given;
  try {
    const int style =
        po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(argc, argv)
                  .options(Describe())
                  .style(style)
                  .positional(po::positional_options_description())
                  .run(),
              given);
  } catch (const po::error& error) {
    return absl::InvalidArgumentError(std::string(error.what()) + "; see vigied --help");
  }
  Options options;
  options.config_file = Given(given, "config").value_or("");
  options.data_dir = Given(given, "data-dir");
  options.grpc_listen = Given(given, "grpc-listen");
  options.http_listen = Given(given, "http-listen");
  options.ports_file = Given(given, "ports-file").value_or("");
  options.check_config = given.count("check-config") > 0;
  options.print_config = given.count("print-config") > 0;
  options.version = given.count("version") > 0;
  options.help = given.count("help") > 0;
  return options;
}

std::string HelpText() {
  std::ostringstream text;
  text << "vigied: watches whether people really decide when an AI suggests.\n\n"
          "  vigied --config FILE --data-dir DIR\n\n"
       << Describe()
       << "\nExit codes: 0 stopped cleanly, 1 failed while running, 2 usage, configuration or\n"
          "policy (nothing was touched), 3 data directory refused (locked, newer, damaged).\n\n"
          "A first look: deploy/quickstart.sh. The manual: vigied(8).\n";
  return text.str();
}

}  // namespace vigie
