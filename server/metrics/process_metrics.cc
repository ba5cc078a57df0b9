// SPDX-License-Identifier: Apache-2.0
#include "metrics/process_metrics.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "metrics/metric_page.h"

namespace vigie::metrics {
namespace {

// Fields of /proc/self/stat after the command name, numbered as in proc(5) from the state on.
struct Stat {
  double user_ticks = 0;
  double system_ticks = 0;
  double threads = 0;
  double start_ticks = 0;
  double resident_pages = 0;
};

Stat ReadStat() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const auto after_name = line.rfind(')');
  Stat stat;
  if (after_name == std::string::npos) return stat;
  std::istringstream fields(line.substr(after_name + 1));
  std::string field;
  for (int number = 3; fields >> field; ++number) {
    if (number == 14) stat.user_ticks = std::stod(field);
    if (number == 15) stat.system_ticks = std::stod(field);
    if (number == 20) stat.threads = std::stod(field);
    if (number == 22) stat.start_ticks = std::stod(field);
    if (number == 24) stat.resident_pages = std::stod(field);
  }
  return stat;
}

double BootTimeSeconds() {
  std::ifstream file("/proc/stat");
  std::string key;
  double value = 0;
  while (file >> key) {
    if (key == "btime" && file >> value) return value;
    std::getline(file, key);
  }
  return 0;
}

double OpenFiles() {
  std::error_code error;
  double count = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  const Stat stat = ReadStat();
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&families](const char* name, const char* help, double value,
                               prometheus::MetricType type = prometheus::MetricType::Gauge) {
    FamilyBuilder family(name, help, type);
    family.Add({}, value);
    families.push_back(family.Take());
  };
  add("process_cpu_seconds_total", "User and system time spent.",
      (stat.user_ticks + stat.system_ticks) / ticks, prometheus::MetricType::Counter);
  add("process_resident_memory_bytes", "Resident memory.", stat.resident_pages * page_bytes);
  add("process_open_fds", "Open file descriptors.", OpenFiles());
  add("process_threads", "Threads.", stat.threads);
  add("process_start_time_seconds", "When the process started.",
      BootTimeSeconds() + stat.start_ticks / ticks);
  return families;
}

}  // namespace vigie::metrics
