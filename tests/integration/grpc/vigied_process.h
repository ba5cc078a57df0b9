// SPDX-License-Identifier: Apache-2.0
// A real vigied for the tests that speak gRPC with it.
#pragma once

#include <grpcpp/channel.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace vigie::testing {

// A directory that goes with its owner.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A vigied on loopback, on ports of its choice; stopped by its own process id when destroyed.
class VigiedProcess {
 public:
  // Starts it on `directory`/data and waits until it is ready; fails the test, and leaves
  // running() false, when it does not become so. `yaml` is added to its configuration.
  VigiedProcess(const std::filesystem::path& directory, const std::string& yaml = "");
  ~VigiedProcess();
  VigiedProcess(const VigiedProcess&) = delete;
  VigiedProcess& operator=(const VigiedProcess&) = delete;

  [[nodiscard]] bool running() const { return pid_ > 0; }
  // A connection of its own at every call.
  [[nodiscard]] std::shared_ptr<grpc::Channel> Connect() const;
  // SIGTERM, without waiting.
  void AskToStop() const;
  // kill -9, and waits.
  void Kill();
  // SIGTERM, and waits; the exit code, or -1 when a signal ended it.
  int Stop();

 private:
  [[nodiscard]] bool WaitReady(const std::filesystem::path& ports_file);
  [[nodiscard]] bool Ended();

  pid_t pid_ = 0;
  int exit_code_ = -1;
  std::string address_;
};

// A start that should not succeed.
struct RefusedStart {
  int exit_code = -1;
  std::string last_line;  // Of what it said.
};
// Starts a vigied on `directory`/data and waits until it ends by itself.
[[nodiscard]] RefusedStart StartRefused(const std::filesystem::path& directory);

// Waits until `condition` holds, asking again and again, for at most half a minute; whether it did.
template <typename Condition>
[[nodiscard]] bool WaitUntil(Condition condition);

// The pause between two looks.
void PauseBriefly();

template <typename Condition>
bool WaitUntil(Condition condition) {
  constexpr int kLooks = 3000;
  for (int look = 0; look < kLooks; ++look) {
    if (condition()) return true;
    PauseBriefly();
  }
  return false;
}

}  // namespace vigie::testing
