#include "platform/debug/soc_target.h"

#include <algorithm>

#include <fmt/format.h>

#include "platform/debug/monitor.h"
#include "platform/debug/register_numbers.h"
#include "platform/debug/target_description.h"

namespace spinvp::platform {

std::string SocTarget::hart_text(unsigned index) {
  const riscv::Hart& one = hart(index);
  return fmt::format("{}{}", one.name(), one.sleeping() ? ", waits for an interrupt" : one.between_instructions() ? "" : ", waits for the bus");
}

std::string SocTarget::description() {
  return target_description([this](unsigned number) { return hart(0).interpreter().read_csr(number).has_value(); });
}

std::optional<std::uint64_t> SocTarget::read_register(unsigned index, unsigned number) {
  riscv::Interpreter& cpu = hart(index).interpreter();
  if (number < register_number::pc) return cpu.x(number);
  if (number == register_number::pc) return cpu.pc();
  if (number < register_number::csr) return cpu.f(number - register_number::f);
  return cpu.read_csr(number - register_number::csr);
}

bool SocTarget::write_register(unsigned index, unsigned number, std::uint64_t value) {
  riscv::Hart& one = hart(index);
  riscv::Interpreter& cpu = one.interpreter();
  if (number < register_number::pc) {
    cpu.set_x(number, value);
  } else if (number == register_number::pc) {
    if (!one.between_instructions()) return false;
    cpu.set_pc(value);
    one.wake_for_debugger();
  } else if (number < register_number::csr) {
    cpu.set_f(number - register_number::f, value);
  } else {
    return cpu.write_csr(number - register_number::csr, value);
  }
  return true;
}

bool SocTarget::write_memory(std::uint64_t address, const std::string& bytes) {
  if (!soc_.write(address, bytes)) return false;
  for (const auto& one : soc_.harts()) {
    one->interpreter().invalidate_code(address, address + (bytes.size() - 1));
    one->interpreter().invalidate_reservation(address, bytes.size());
  }
  return true;
}

void SocTarget::apply_breakpoints() {
  for (const auto& one : soc_.harts()) one->interpreter().set_breakpoints(breakpoints_);
}

void SocTarget::apply_watches() {
  for (const auto& one : soc_.harts()) one->interpreter().set_watches(watches_);
}

void SocTarget::insert_breakpoint(std::uint64_t address) {
  if (breakpoints_.insert(address).second) apply_breakpoints();
}

void SocTarget::remove_breakpoint(std::uint64_t address) {
  if (breakpoints_.erase(address) != 0) apply_breakpoints();
}

void SocTarget::insert_watch(const riscv::Watch& watch) {
  if (std::find(watches_.begin(), watches_.end(), watch) != watches_.end()) return;
  watches_.push_back(watch);
  apply_watches();
}

void SocTarget::remove_watch(const riscv::Watch& watch) {
  if (std::erase(watches_, watch) != 0) apply_watches();
}

std::string SocTarget::monitor(std::string_view command) {
  if (command == "reset") {
    simulation_.request_reset();
    for (const auto& one : soc_.harts()) one->take_reset();
    return "harts and devices are reset, memories are as they were; `maintenance flush register-cache` shows the new registers\n";
  }
  return monitor_text(command, simulation_, soc_);
}

void SocTarget::let_go() {
  breakpoints_.clear();
  watches_.clear();
  apply_breakpoints();
  apply_watches();
  for (const auto& one : soc_.harts()) {
    one->set_single_step(false);
    one->hold(false);
  }
}

}  // namespace spinvp::platform
