// A built platform as a debugger sees it.
#pragma once

#include <set>
#include <unordered_set>
#include <vector>

#include "models/core/simulation.h"
#include "platform/debug/target.h"
#include "platform/soc/soc.h"

namespace spinvp::platform {

class SocTarget : public DebugTarget {
 public:
  SocTarget(core::Simulation& simulation, Soc& soc) : simulation_(simulation), soc_(soc) {}

  [[nodiscard]] unsigned harts() const override { return static_cast<unsigned>(soc_.harts().size()); }
  std::string hart_text(unsigned hart) override;
  std::string description() override;
  // CSRs are read and written in machine mode's name. The pc of a hart that waits inside an instruction cannot be written.
  std::optional<std::uint64_t> read_register(unsigned hart, unsigned number) override;
  bool write_register(unsigned hart, unsigned number, std::uint64_t value) override;
  std::string read_memory(std::uint64_t address, std::size_t size) override { return soc_.read(address, size); }
  // Device registers keep the raw value, without what a store of the guest's would set off.
  bool write_memory(std::uint64_t address, const std::string& bytes) override;
  void insert_breakpoint(std::uint64_t address) override;
  void remove_breakpoint(std::uint64_t address) override;
  void insert_watch(const riscv::Watch& watch) override;
  void remove_watch(const riscv::Watch& watch) override;
  std::string monitor(std::string_view command) override;

  [[nodiscard]] riscv::Hart& hart(unsigned index) { return *soc_.harts()[index]; }
  // No breakpoints, no watchpoints, no steps, no holds.
  void let_go();

 private:
  core::Simulation& simulation_;
  Soc& soc_;
  std::unordered_set<std::uint64_t> breakpoints_;
  std::vector<riscv::Watch> watches_;
  void apply_breakpoints();
  void apply_watches();
};

}  // namespace spinvp::platform
