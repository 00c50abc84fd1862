#include "platform/commands/run_watch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/core/error.h"
#include "platform/report/files.h"

namespace spinvp::platform {

Watch::Watch(Soc& soc, const WatchRequest& request, const std::string& firmware) : soc_(soc), request_(request) {
  if (request_.log_registers) find_logged();
  if (request_.uart) open_uart();
  if (request_.trace_instructions) open_trace();
  if (request_.semihosting || request_.host_dir) enable_semihosting(firmware);
}

Watch::~Watch() {
  for (const auto& hart : soc_.harts()) {
    hart->interpreter().observe(nullptr);
    hart->disable_semihosting();
  }
  for (core::Device* device : logged_) device->observe_registers(nullptr);
}

peripherals::Uart* Watch::first_uart() const {
  for (const Soc::Instance& instance : soc_.devices())
    if (auto* uart = dynamic_cast<peripherals::Uart*>(instance.device.get())) return uart;
  return nullptr;
}

void Watch::open_uart() {
  peripherals::Uart* const uart = first_uart();
  if (uart == nullptr) throw core::InputError(fmt::format("--uart {}: the configuration has no device of type ns16550a", *request_.uart));
  if (*request_.uart == "stdio") {
    uart_ = connect_stdin(*uart);
  } else if (*request_.uart == "pty") {
    uart_ = connect_pty(*uart);
  } else {
    uart_content_ = read_file(*request_.uart);
    uart_ = connect_timed(*uart, parse_timed_input(uart_content_, *request_.uart));
  }
}

void Watch::open_trace() {
  trace_.open(*request_.trace_instructions, std::ios::binary | std::ios::trunc);
  if (!trace_) throw core::FileError(fmt::format("--trace-instructions {}: cannot be written: {}", *request_.trace_instructions, std::strerror(errno)));
  commit_log_ = std::make_unique<riscv::CommitLog>(trace_);
  for (const auto& hart : soc_.harts()) hart->interpreter().observe(commit_log_.get());
}

void Watch::find_logged() {
  std::vector<std::string> names;
  for (const Soc::Instance& instance : soc_.devices()) {
    const auto& windows = instance.device->windows();
    if (std::none_of(windows.begin(), windows.end(), [](const core::Device::Window& window) { return window.bank != nullptr; })) continue;
    names.push_back(instance.config->name);
    if (request_.log_registers->empty() || *request_.log_registers == instance.config->name) logged_.push_back(instance.device.get());
  }
  if (logged_.empty() && !request_.log_registers->empty())
    throw core::InputError(
        fmt::format("--log-registers {}: no device of that name has registers; allowed are {}", *request_.log_registers, fmt::join(names, ", ")));
}

void Watch::open_register_log(const OutputFolder& folder) {
  if (!request_.log_registers) return;
  register_file_ = std::make_unique<GrowingFile>(folder, register_log_name);
  register_log_ = std::make_unique<RegisterLog>(register_file_->stream());
  for (core::Device* device : logged_) device->observe_registers(register_log_.get());
}

void Watch::enable_semihosting(const std::string& firmware) {
  if (request_.host_dir) host_folder_ = std::make_unique<HostFolder>(*request_.host_dir);
  for (const auto& hart : soc_.harts()) {
    riscv::Semihosting::Host host;
    host.files = host_folder_.get();
    host.command_line = firmware;
    host.console = [this](std::string_view text) { soc_.guest_text(text); };
    if (uart_ != nullptr)
      host.input = [this, uart = first_uart()]() -> std::optional<char> {
        for (;;) {
          if (const auto character = uart->take_from_line()) return character;
          if (!uart_->open()) return std::nullopt;
          sc_core::wait(uart->line_event());
        }
      };
    hart->enable_semihosting(std::move(host));
  }
}

std::vector<std::string> Watch::complete() {
  std::vector<std::string> names;
  if (trace_.is_open()) {
    trace_.close();
    if (!trace_) throw core::FileError(fmt::format("--trace-instructions {}: could not be written to its end", *request_.trace_instructions));
  }
  if (register_file_ != nullptr) {
    register_file_->complete();
    names.emplace_back(register_log_name);
  }
  return names;
}

std::vector<OutsideInput*> Watch::inputs() {
  OutsideInput* const outside = uart_ == nullptr ? nullptr : uart_->outside();
  return outside == nullptr ? std::vector<OutsideInput*>() : std::vector<OutsideInput*>{outside};
}

}  // namespace spinvp::platform
