// Registers are members of a model, declared once: name, offset, width, access, reset value, fields, text.
//
//   Register control_{bank_, {.name = "CONTROL", .offset = 0x08, .access = Access::read_write, .text = "starts and stops the unit",
//                             .fields = {{"ENABLE", 0, 1, "the unit works"}}}};
//   control_.on_write([this](std::uint64_t old, std::uint64_t now) { ... });
//
// From that the bank answers every bus access, however it falls (partial, misaligned, across several registers), checks access rights, serves the
// debugger without side effects, resets, saves, and describes itself for the C header, SVD and the reference page.
//
// Semantics. A read calls on_read of each register it touches once (the callback returns the value); a write merges the written bytes into
// the stored value (a partial write into what on_peek gives, where the value is computed) and calls on_write(old, merged) once per register, whose callback may
// store something else with set(). Bytes that belong to no register,
// a write to a read-only register and a read of a write-only one are an error response (Violation::error) or read as zero and are ignored (Violation::ignore).
// An access with an error in it has no effect at all.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "models/core/state.h"

namespace spinvp::core {

enum class Access { read_write, read_only, write_only, write_one_to_clear };
enum class Violation { error, ignore };

struct RegisterField {
  std::string name;
  unsigned lsb = 0, width = 1;
  std::string text;
};

struct RegisterSpec {
  std::string name;  // upper case, as it appears in the C header
  std::uint64_t offset = 0;
  unsigned width = 4;  // bytes: 1, 2, 4 or 8
  Access access = Access::read_write;
  std::uint64_t reset = 0;
  std::string text;
  std::vector<RegisterField> fields = {};
  unsigned count = 1;        // > 1: an array of registers
  std::uint64_t stride = 0;  // of the array, in bytes; 0: width
  bool synchronise = true;   // the initiator's local time is waited out before the access takes effect
};

class RegisterBank;

class Register {
 public:
  Register(RegisterBank& bank, RegisterSpec spec);
  Register(const Register&) = delete;
  Register& operator=(const Register&) = delete;

  [[nodiscard]] const RegisterSpec& spec() const { return spec_; }
  [[nodiscard]] std::uint64_t get(unsigned index = 0) const { return values_[index]; }
  void set(std::uint64_t value, unsigned index = 0) { values_[index] = value & mask_; }
  [[nodiscard]] std::uint64_t field(const char* name, unsigned index = 0) const;
  void set_field(const char* name, std::uint64_t value, unsigned index = 0);
  void reset() { values_.assign(spec_.count, spec_.reset & mask_); }

  // For single registers; the index form serves arrays.
  void on_read(std::function<std::uint64_t()> callback) {
    read_ = [c = std::move(callback)](unsigned) { return c(); };
  }
  void on_write(std::function<void(std::uint64_t old_value, std::uint64_t new_value)> callback) {
    write_ = [c = std::move(callback)](unsigned, std::uint64_t o, std::uint64_t n) { c(o, n); };
  }
  void on_read_at(std::function<std::uint64_t(unsigned index)> callback) { read_ = std::move(callback); }
  void on_write_at(std::function<void(unsigned index, std::uint64_t old_value, std::uint64_t new_value)> callback) { write_ = std::move(callback); }
  // What the debugger sees where the stored value is not it; must have no side effect.
  void on_peek(std::function<std::uint64_t(unsigned index)> callback) { peek_ = std::move(callback); }

 private:
  friend class RegisterBank;
  RegisterSpec spec_;
  std::uint64_t mask_;
  std::vector<std::uint64_t> values_;
  std::function<std::uint64_t(unsigned)> read_, peek_;
  std::function<void(unsigned, std::uint64_t, std::uint64_t)> write_;
};

class RegisterBank {
 public:
  // `size` in bytes: what the bank occupies on the bus.
  explicit RegisterBank(std::uint64_t size, Violation violation = Violation::error) : size_(size), violation_(violation) {}
  RegisterBank(const RegisterBank&) = delete;
  RegisterBank& operator=(const RegisterBank&) = delete;

  enum class Result { ok, no_register, not_readable, not_writable };
  Result read(std::uint64_t offset, std::span<std::uint8_t> data);
  Result write(std::uint64_t offset, std::span<const std::uint8_t> data);
  // Without side effects or access rights; bytes of no register read as zero, writes store the raw value.
  void peek(std::uint64_t offset, std::span<std::uint8_t> data) const;
  void poke(std::uint64_t offset, std::span<const std::uint8_t> data);
  // The part of an access that falls on one element of a register.
  struct Slot {
    Register* reg;
    unsigned index;
    std::uint64_t first_byte;  // of the element that is touched
    std::uint64_t at;          // position in the access
    std::uint64_t bytes;
  };
  // What an access there touches, in order of its bytes.
  [[nodiscard]] std::vector<Slot> touched(std::uint64_t offset, std::uint64_t length) const;
  // Whether an access there waits for the initiator's local time first.
  [[nodiscard]] bool synchronises(std::uint64_t offset, std::uint64_t length) const;

  void reset();
  void describe_state(StateArchive& archive);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<Register*>& registers() const { return registers_; }

 private:
  friend class Register;
  std::uint64_t size_;
  Violation violation_;
  std::vector<Register*> registers_;  // by offset
  void add(Register& reg);
  // False if some byte belongs to no register.
  bool collect(std::uint64_t offset, std::uint64_t length, std::vector<Slot>& slots) const;
};

}  // namespace spinvp::core
