// What a run is asked to show of the guest or to let in: an instruction trace, a log of register accesses, the UART's other end, semihosting.
#pragma once

#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/riscv/commit_log.h"
#include "platform/report/output_folder.h"
#include "platform/report/register_log.h"
#include "platform/soc/host_folder.h"
#include "platform/soc/soc.h"
#include "platform/soc/uart_connection.h"

namespace spinvp::platform {

struct WatchRequest {
  std::optional<std::string> uart;                // stdio, pty or a file of timed lines
  std::optional<std::string> trace_instructions;  // a file
  std::optional<std::string> log_registers;       // a device, or empty for all
  bool semihosting = false;                       // console, exit and clock
  std::optional<std::string> host_dir;            // and the files of this folder
};

class Watch {
 public:
  static constexpr const char* register_log_name = "registers.log";

  // Checks and opens all that the request names. Before the simulation starts; `soc` outlives it. Throws core::InputError.
  Watch(Soc& soc, const WatchRequest& request, const std::string& firmware);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Installs the log of register accesses, if there is to be one.
  void open_register_log(const OutputFolder& folder);
  // Once the run has ended: completes files; returns the names of those in the output folder. Throws core::FileError.
  std::vector<std::string> complete();

  // The UART's other end takes the guest's text: it does not go to stdout.
  [[nodiscard]] bool takes_output() const { return uart_ != nullptr && uart_->takes_output(); }
  void guest_character(char character) {
    if (uart_ != nullptr) uart_->guest_character(character);
  }
  [[nodiscard]] std::vector<OutsideInput*> inputs();
  // Of the timed lines, for the report.
  [[nodiscard]] const std::string& uart_content() const { return uart_content_; }

 private:
  Soc& soc_;
  WatchRequest request_;
  std::string uart_content_;
  std::unique_ptr<UartConnection> uart_;
  std::ofstream trace_;
  std::unique_ptr<riscv::CommitLog> commit_log_;
  std::unique_ptr<HostFolder> host_folder_;
  std::unique_ptr<GrowingFile> register_file_;
  std::unique_ptr<RegisterLog> register_log_;
  std::vector<core::Device*> logged_;

  void open_uart();
  void open_trace();
  void find_logged();
  void enable_semihosting(const std::string& firmware);
  [[nodiscard]] peripherals::Uart* first_uart() const;
};

}  // namespace spinvp::platform
