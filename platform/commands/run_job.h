// One simulation from request to reports.
//
//   inputs (configuration, ELF, data set, snapshot) -> Soc -> output folder -> simulation -> measurement -> report.json, power.csv, uart.log, resolved.yaml, table
//
// Everything that can be wrong with the inputs is found before the output folder is touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/core/units.h"
#include "platform/commands/run_snapshot.h"
#include "platform/commands/run_watch.h"
#include "platform/commands/verbs.h"
#include "platform/config/platform_config.h"
#include "platform/soc/network_program.h"

namespace spinvp::platform {

struct RunRequest {
  ConfigRequest config;
  std::string firmware_file, firmware_name;  // where it is, and as messages and the report call it
  std::optional<NetworkRequest> network;     // that the firmware runs
  std::optional<std::string> dataset;        // a folder; otherwise the digits that the project draws
  std::uint64_t steps = 0, batch = 0;        // 0: the app's own default
  std::optional<std::string> nvm_image;      // where non-volatile memory comes from and goes to
  bool check_memory = false;
  std::optional<std::string> profile;  // a file
  std::optional<core::SimTime> limit;
  WatchRequest watch;
  SnapshotRequest snapshot;
  std::optional<std::uint16_t> gdb;  // the port where a debugger is waited for, 0: a free one
  std::string out = "out";
};

// Returns the exit status of the guest's end. Throws core::InputError.
int run_job(const RunRequest& request, const Globals& globals);

}  // namespace spinvp::platform
