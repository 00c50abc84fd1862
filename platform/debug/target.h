// What a debugger asks of the machine it debugs. The harts stand still during every call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/riscv/watch.h"

namespace spinvp::platform {

class DebugTarget {
 public:
  virtual ~DebugTarget() = default;

  [[nodiscard]] virtual unsigned harts() const = 0;
  // A few words for `info threads`.
  virtual std::string hart_text(unsigned hart) = 0;
  // The target description, an XML document.
  virtual std::string description() = 0;

  // Registers by their numbers in the description (register_numbers.h). Nothing, false: there is no such register, or not now.
  virtual std::optional<std::uint64_t> read_register(unsigned hart, unsigned number) = 0;
  virtual bool write_register(unsigned hart, unsigned number, std::uint64_t value) = 0;

  // Physical memory and device registers, without time, energy or side effects. Reading gives the bytes up to the first that nobody answers.
  virtual std::string read_memory(std::uint64_t address, std::size_t size) = 0;
  virtual bool write_memory(std::uint64_t address, const std::string& bytes) = 0;

  // All harts stop there. Inserting twice is inserting once.
  virtual void insert_breakpoint(std::uint64_t address) = 0;
  virtual void remove_breakpoint(std::uint64_t address) = 0;
  virtual void insert_watch(const riscv::Watch& watch) = 0;
  virtual void remove_watch(const riscv::Watch& watch) = 0;

  // The answer to `monitor command`, whole lines.
  virtual std::string monitor(std::string_view command) = 0;
};

// What each hart does next.
enum class Pace { stand, step, run };

// Why the harts stand.
struct StopEvent {
  unsigned hart = 0;
  unsigned signal = 5;      // as GDB numbers them: 2 interrupt, 4 illegal instruction, 5 trap, 11 access, 17 stop
  bool breakpoint = false;  // at pc
  std::optional<riscv::WatchHit> watch;
};

}  // namespace spinvp::platform
