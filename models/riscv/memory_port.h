// How the interpreter reaches memory and the rest of the world, and what memory grants it for direct access.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace spinvp::riscv {

inline constexpr std::uint64_t page_bytes = 4096;

// Direct accesses by the binary logarithm of their size, counted where they happen: one increment each.
struct DirectTally {
  std::array<std::uint64_t, 4> reads{}, writes{};

  [[nodiscard]] std::uint64_t read_count() const { return reads[0] + reads[1] + reads[2] + reads[3]; }
  [[nodiscard]] std::uint64_t write_count() const { return writes[0] + writes[1] + writes[2] + writes[3]; }
  [[nodiscard]] std::uint64_t read_bytes() const { return reads[0] + 2 * reads[1] + 4 * reads[2] + 8 * reads[3]; }
  [[nodiscard]] std::uint64_t write_bytes() const { return writes[0] + 2 * writes[1] + 4 * writes[2] + 8 * writes[3]; }
};

// A whole page behind a host pointer.
struct DirectPage {
  std::uint8_t* host = nullptr;  // of the page's first byte
  bool readable = false, writable = false;
  DirectTally* tally = nullptr;  // outlives the grant
  // The bytes around the page of which all this holds as well, the page included: host pointers go on, rights and tally are the same. None: only the page is known.
  std::uint64_t first = 1, last = 0;
};

// Result of an access that went through the port. `cycles` is the time it took beyond the instruction's own class cost.
struct PortAccess {
  bool ok = false;
  std::uint64_t value = 0;
  std::uint32_t cycles = 0;
};

// The interpreter's way out. Inside every call Interpreter::cycles() and pc() stand at the instruction that caused it, the host's floating-point control is the
// simulation's, and the call may let simulated time pass, raise interrupts and revoke direct pages.
class MemoryPort {
 public:
  virtual ~MemoryPort() = default;
  // 1, 2, 4 or 8 bytes, any alignment, within one page; little-endian in the low bytes of `value`.
  virtual PortAccess load(std::uint64_t address, unsigned size) = 0;
  virtual PortAccess store(std::uint64_t address, unsigned size, std::uint64_t value) = 0;
  // Lets pass what must pass before a store to `address` can be at once; returns its cycles. Others may act meanwhile.
  virtual std::uint32_t before_store(std::uint64_t address, unsigned size) {
    (void)address, (void)size;
    return 0;
  }
  // A store that nobody comes before: behind the load of the same bytes by an atomic operation, or behind before_store().
  virtual PortAccess store_at_once(std::uint64_t address, unsigned size, std::uint64_t value) { return store(address, size, value); }
  // Copies instruction bytes; takes no simulated time (an instruction cache without misses is assumed). False: access fault.
  virtual bool fetch(std::uint64_t address, std::uint8_t* bytes, unsigned length) = 0;
  // The page's direct access, if all of it is granted. Nothing: use load and store. All of it is cacheable if a byte is.
  virtual std::optional<DirectPage> direct(std::uint64_t page_address) = 0;
  // An ebreak at `pc`. True: it was a call to the host, which is done; the hart goes on behind it. Called between instructions, with all counts settled.
  virtual bool host_call(std::uint64_t pc) {
    (void)pc;
    return false;
  }
  // For the caches (cache.h): whether they may hold what lies at `address`.
  virtual bool cacheable(std::uint64_t /*address*/) { return false; }
  // A line comes from the memory behind, or goes there, without values; returns the cycles that it takes.
  virtual std::uint32_t move_line(std::uint64_t /*address*/, std::uint64_t /*bytes*/, bool /*write*/) { return 0; }
  // The platform's real-time counter (mtime), at Interpreter::cycles().
  virtual std::uint64_t time() = 0;
};

}  // namespace spinvp::riscv
