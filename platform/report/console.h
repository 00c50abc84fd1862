// What a user sees while a simulation runs, and who writes it where: the guest's characters on stdout and in uart.log, the log and the progress line on stderr.
//
// On a terminal the progress line is rewritten in place, wiped before anything else is printed, and kept away while a line of the guest's is open. Elsewhere a line
// comes for the first step and then every tenth of the steps, or every 20 steps where their number is not known: by count, never by the clock.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include <spdlog/common.h>

#include "models/core/units.h"

namespace spinvp::platform {

class Console {
 public:
  struct Options {
    bool guest_on_stdout = true;  // false where stdout holds a document
    bool progress = true;
    bool terminal = false;    // stderr is one
    std::uint64_t steps = 0;  // 0: not known
  };
  // `uart_log` outlives the console.
  Console(Options options, std::ostream& uart_log) : options_(options), uart_log_(uart_log) {}
  ~Console() { finish(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  void guest_character(char character);
  // Steps count from 0, as firmware counts them.
  void progress(std::uint64_t step, float loss, core::SimTime simulated, double energy_j);
  // A finished line for stderr.
  void line(const std::string& text);
  // Ends a line of the guest's that is still open on the terminal, and wipes the progress line.
  void finish();

  // Sends log messages through line().
  [[nodiscard]] spdlog::sink_ptr log_sink();

 private:
  Options options_;
  std::ostream& uart_log_;
  bool progress_shown_ = false, guest_line_open_ = false;
  void wipe();
};

}  // namespace spinvp::platform
