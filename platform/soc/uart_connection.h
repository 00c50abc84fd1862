// What is at the other end of the UART: nobody, the terminal (stdin), a pseudo-terminal, or a file of timed lines.
//
// Only the file is deterministic: the other two act when the user does, at a slice of simulated time (execution.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/peripherals/uart.h"
#include "platform/soc/outside_input.h"
#include "platform/soc/timed_input.h"

namespace spinvp::platform {

class UartConnection {
 public:
  virtual ~UartConnection() = default;
  // For the run loop; null where nothing of it comes from outside.
  [[nodiscard]] virtual OutsideInput* outside() { return nullptr; }
  // Whether more can come.
  [[nodiscard]] virtual bool open() const = 0;
  // The guest's characters leave this way as well; nothing by default.
  virtual void guest_character(char character) { (void)character; }
  // Whether they do, instead of to stdout.
  [[nodiscard]] virtual bool takes_output() const { return false; }
};

// `uart` outlives each. Before the simulation starts.
std::unique_ptr<UartConnection> connect_stdin(peripherals::Uart& uart);
// Prints the other end's path on stderr. Throws core::FileError.
std::unique_ptr<UartConnection> connect_pty(peripherals::Uart& uart);
std::unique_ptr<UartConnection> connect_timed(peripherals::Uart& uart, std::vector<TimedLine> lines);

}  // namespace spinvp::platform
