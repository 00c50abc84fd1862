// report.json, schema `spinvp-report/1`: every key is there, null where a value does not exist.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "platform/measure/measurement.h"

namespace spinvp::platform {

// What went into the run, named as the user named it, and the files that came out, each with a hash of its content.
struct Artifact {
  std::string path;
  std::string role;  // firmware, config, dataset, nvm-image, nvm-output, output (in the folder of the run)
  std::string hash;
};

// What the machine it ran on needed: the only part that differs between two equal runs.
struct HostTimes {
  double wall_s = 0, cpu_s = 0;
};

struct ReportInputs {
  nlohmann::ordered_json config;
  std::string version;
  std::vector<Artifact> artifacts;
  std::uint64_t seed = 0;
  HostTimes host;
};

nlohmann::ordered_json report_json(const Measurement& measurement, const ReportInputs& inputs);

// `finished`, `guest-code`, ... as in exit.reason.
const char* exit_reason_text(core::ExitReason reason);

}  // namespace spinvp::platform
