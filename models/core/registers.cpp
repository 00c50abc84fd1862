#include "models/core/registers.h"

#include <algorithm>
#include <stdexcept>

namespace spinvp::core {

namespace {

std::uint64_t low_mask(unsigned bits) { return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1; }

std::uint64_t stride_of(const RegisterSpec& spec) { return spec.stride == 0 ? spec.width : spec.stride; }
std::uint64_t end_of(const RegisterSpec& spec) { return spec.offset + (spec.count - 1) * stride_of(spec) + spec.width; }

void merge(std::uint64_t& value, std::uint64_t first_byte, std::span<const std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned shift = static_cast<unsigned>(8 * (first_byte + i));
    value = (value & ~(std::uint64_t{0xff} << shift)) | (std::uint64_t{bytes[i]} << shift);
  }
}

void extract(std::uint64_t value, std::uint64_t first_byte, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * (first_byte + i)));
}

const RegisterField& find_field(const RegisterSpec& spec, const char* name) {
  for (const RegisterField& field : spec.fields)
    if (field.name == name) return field;
  throw std::logic_error("register " + spec.name + " has no field " + name);
}

}  // namespace

Register::Register(RegisterBank& bank, RegisterSpec spec) : spec_(std::move(spec)), mask_(low_mask(8 * spec_.width)) {
  reset();
  bank.add(*this);
}

std::uint64_t Register::field(const char* name, unsigned index) const {
  const RegisterField& f = find_field(spec_, name);
  return (values_[index] >> f.lsb) & low_mask(f.width);
}

void Register::set_field(const char* name, std::uint64_t value, unsigned index) {
  const RegisterField& f = find_field(spec_, name);
  const std::uint64_t mask = low_mask(f.width) << f.lsb;
  values_[index] = (values_[index] & ~mask) | ((value << f.lsb) & mask);
}

void RegisterBank::add(Register& reg) {
  const RegisterSpec& spec = reg.spec();
  if (end_of(spec) > size_) throw std::logic_error("register " + spec.name + " lies outside its bank");
  const auto place =
      std::upper_bound(registers_.begin(), registers_.end(), spec.offset, [](std::uint64_t o, const Register* r) { return o < r->spec().offset; });
  registers_.insert(place, &reg);
}

bool RegisterBank::collect(std::uint64_t offset, std::uint64_t length, std::vector<Slot>& slots) const {
  bool whole = true;
  std::uint64_t at = 0;
  while (at < length) {
    const std::uint64_t byte = offset + at;
    // Arrays of two registers may interleave (equal strides), so the nearest offset below is not always the owner.
    bool found = false;
    auto candidate = std::upper_bound(registers_.begin(), registers_.end(), byte, [](std::uint64_t o, const Register* r) { return o < r->spec().offset; });
    while (!found && candidate != registers_.begin()) {
      --candidate;
      const RegisterSpec& spec = (*candidate)->spec();
      if (byte >= end_of(spec)) continue;
      const std::uint64_t stride = stride_of(spec), within = (byte - spec.offset) % stride;
      if (within >= spec.width) continue;
      const auto index = static_cast<unsigned>((byte - spec.offset) / stride);
      const std::uint64_t bytes = std::min(length - at, spec.width - within);
      slots.push_back({*candidate, index, within, at, bytes});
      at += bytes;
      found = true;
    }
    if (!found) {
      whole = false;
      ++at;
    }
  }
  return whole;
}

std::vector<RegisterBank::Slot> RegisterBank::touched(std::uint64_t offset, std::uint64_t length) const {
  std::vector<Slot> slots;
  collect(offset, length, slots);
  return slots;
}

RegisterBank::Result RegisterBank::read(std::uint64_t offset, std::span<std::uint8_t> data) {
  std::vector<Slot> slots;
  if (!collect(offset, data.size(), slots) && violation_ == Violation::error) return Result::no_register;
  if (violation_ == Violation::error)
    for (const Slot& s : slots)
      if (s.reg->spec_.access == Access::write_only) return Result::not_readable;
  std::fill(data.begin(), data.end(), std::uint8_t{0});
  for (const Slot& s : slots) {
    if (s.reg->spec_.access == Access::write_only) continue;
    const std::uint64_t value = s.reg->read_ ? s.reg->read_(s.index) : s.reg->values_[s.index];
    extract(value, s.first_byte, data.subspan(s.at, s.bytes));
  }
  return Result::ok;
}

RegisterBank::Result RegisterBank::write(std::uint64_t offset, std::span<const std::uint8_t> data) {
  std::vector<Slot> slots;
  if (!collect(offset, data.size(), slots) && violation_ == Violation::error) return Result::no_register;
  if (violation_ == Violation::error)
    for (const Slot& s : slots)
      if (s.reg->spec_.access == Access::read_only) return Result::not_writable;
  for (const Slot& s : slots) {
    Register& reg = *s.reg;
    if (reg.spec_.access == Access::read_only) continue;
    // A register that computes its value keeps nothing to merge a part of a write with: the debugger's view is what it has now.
    const std::uint64_t old = s.bytes < reg.spec_.width && reg.peek_ ? reg.peek_(s.index) : reg.values_[s.index];
    std::uint64_t merged = reg.spec_.access == Access::write_one_to_clear ? 0 : old;
    merge(merged, s.first_byte, data.subspan(s.at, s.bytes));
    if (reg.spec_.access == Access::write_one_to_clear) merged = old & ~merged;
    reg.values_[s.index] = merged & reg.mask_;
    if (reg.write_) reg.write_(s.index, old, merged & reg.mask_);
  }
  return Result::ok;
}

void RegisterBank::peek(std::uint64_t offset, std::span<std::uint8_t> data) const {
  std::vector<Slot> slots;
  collect(offset, data.size(), slots);
  std::fill(data.begin(), data.end(), std::uint8_t{0});
  for (const Slot& s : slots) extract(s.reg->peek_ ? s.reg->peek_(s.index) : s.reg->values_[s.index], s.first_byte, data.subspan(s.at, s.bytes));
}

void RegisterBank::poke(std::uint64_t offset, std::span<const std::uint8_t> data) {
  std::vector<Slot> slots;
  collect(offset, data.size(), slots);
  for (const Slot& s : slots) merge(s.reg->values_[s.index], s.first_byte, data.subspan(s.at, s.bytes));
}

bool RegisterBank::synchronises(std::uint64_t offset, std::uint64_t length) const {
  std::vector<Slot> slots;
  if (!collect(offset, length, slots)) return true;
  return std::any_of(slots.begin(), slots.end(), [](const Slot& s) { return s.reg->spec().synchronise; });
}

void RegisterBank::reset() {
  for (Register* r : registers_) r->reset();
}

void RegisterBank::describe_state(StateArchive& archive) {
  // Of fixed length: a snapshot of another shape must not resize a register array.
  for (Register* r : registers_) archive.raw(r->spec_.name, r->values_.data(), r->values_.size() * sizeof(std::uint64_t));
}

}  // namespace spinvp::core
