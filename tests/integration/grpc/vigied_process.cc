// SPDX-License-Identifier: Apache-2.0
#include "grpc/vigied_process.h"

#include <fcntl.h>
#include <grpcpp/create_channel.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "gtest/gtest.h"

extern char** environ;

namespace vigie::testing {
namespace {

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

pid_t Spawn(std::vector<std::string> arguments, const std::string& log_file) {
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log_file.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  pid_t pid = 0;
  const int error = posix_spawn(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : 0;
}

pid_t StartIn(const std::filesystem::path& directory, const std::string& yaml) {
  const std::filesystem::path config = directory / "vigied.yaml";
  std::ofstream(config) << "policy_file: " VIGIE_CONFIG_DIR "/policies/baseline.yaml\n"
                        << "insecure_listener: true\n"
                        << yaml;
  return Spawn(
      {VIGIED_PROGRAM, "--config", config, "--data-dir", directory / "data", "--grpc-listen",
       "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--ports-file", directory / "ports.json"},
      directory / "vigied.log");
}

}  // namespace

void PauseBriefly() {
  constexpr int kPauseMs = 10;
  poll(nullptr, 0, kPauseMs);
}

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "vigie-grpc-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
}

VigiedProcess::VigiedProcess(const std::filesystem::path& directory, const std::string& yaml) {
  std::filesystem::remove(directory / "ports.json");
  pid_ = StartIn(directory, yaml);
  if (WaitReady(directory / "ports.json")) return;
  ADD_FAILURE() << "vigied did not become ready: " << ReadAll(directory / "vigied.log");
  Stop();
}

VigiedProcess::~VigiedProcess() { Stop(); }

bool VigiedProcess::WaitReady(const std::filesystem::path& ports_file) {
  const bool written =
      WaitUntil([&] { return std::filesystem::exists(ports_file) || pid_ <= 0 || Ended(); });
  if (!written || pid_ <= 0) return false;
  const std::string ports = ReadAll(ports_file);  // {"grpc":PORT,"http":PORT}
  const size_t colon = ports.find(':');
  const size_t comma = ports.find(',');
  if (colon == std::string::npos || comma == std::string::npos) return false;
  address_ = "127.0.0.1:" + ports.substr(colon + 1, comma - colon - 1);
  return true;
}

bool VigiedProcess::Ended() {
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return false;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  pid_ = 0;
  return true;
}

std::shared_ptr<grpc::Channel> VigiedProcess::Connect() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address_, grpc::InsecureChannelCredentials(), arguments);
}

void VigiedProcess::AskToStop() const {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

void VigiedProcess::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

RefusedStart StartRefused(const std::filesystem::path& directory) {
  RefusedStart refused;
  const pid_t pid = StartIn(directory, "");
  int status = 0;
  if (pid <= 0 || waitpid(pid, &status, 0) != pid) return refused;
  refused.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream log(directory / "vigied.log");
  for (std::string line; std::getline(log, line);) refused.last_line = line;
  return refused;
}

int VigiedProcess::Stop() {
  if (pid_ <= 0) return exit_code_;
  AskToStop();
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return exit_code_;
}

}  // namespace vigie::testing
