#include "models/riscv/pmp.h"

#include <algorithm>
#include <bit>

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;

constexpr u64 address_mask = (u64{1} << 54) - 1;
constexpr unsigned all_rights = Pmp::read | Pmp::write | Pmp::execute;

}  // namespace

u64 Pmp::configurations(unsigned first) const {
  u64 value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= u64{entries_[first + i].configuration} << (8 * i);
  return value;
}

void Pmp::set_configurations(unsigned first, u64 value) {
  for (unsigned i = 0; i < 8; ++i) {
    Entry& entry = entries_[first + i];
    if (entry.is_locked()) continue;
    auto written = static_cast<unsigned>(value >> (8 * i)) & (locked | matching | all_rights);
    if ((written & read) == 0) written &= ~write;
    entry.configuration = static_cast<std::uint8_t>(written);
  }
  update();
}

bool Pmp::keeps_address(unsigned entry) const {
  if (entries_[entry].is_locked()) return true;
  return entry + 1 < entries && entries_[entry + 1].is_locked() && (entries_[entry + 1].configuration & matching) == tor;
}

void Pmp::set_address(unsigned entry, u64 value) {
  if (keeps_address(entry)) return;
  entries_[entry].address = value & address_mask;
  update();
}

void Pmp::describe_state(core::StateArchive& archive) {
  for (Entry& entry : entries_) {
    archive.item("pmpaddr", entry.address);
    archive.item("pmpcfg", entry.configuration);
    entry.address &= address_mask;
  }
  if (archive.reading()) update();
}

void Pmp::update() {
  bool any_locked = false;
  used_ = 0;
  for (unsigned i = 0; i < entries; ++i) {
    Entry& e = entries_[i];
    const u64 base = e.address << 2;
    e.first = ~u64{0};
    e.last = 0;
    switch (e.configuration & matching) {
      case 0: break;
      case tor: {
        const u64 bottom = i == 0 ? 0 : entries_[i - 1].address << 2;
        if (bottom < base) {
          e.first = bottom;
          e.last = base - 1;
        }
        break;
      }
      case na4:
        e.first = base;
        e.last = base + 3;
        break;
      default: {  // NAPOT: n trailing ones stand for 2^(n+3) bytes
        const u64 size = u64{8} << std::countr_one(e.address);
        e.first = base & ~(size - 1);
        e.last = e.first + (size - 1);
        break;
      }
    }
    if (e.first <= e.last) used_ = i + 1;
    any_locked |= e.is_locked();
  }
  ++changes_;
  // Without a locked entry machine mode executes everything: no parcel straddles entries of a grain of 4 bytes.
  if (any_locked) ++machine_changes_;
}

unsigned Pmp::rights_of(const Entry& entry, Privilege privilege) {
  return privilege == Privilege::machine && !entry.is_locked() ? all_rights : entry.configuration & all_rights;
}

unsigned Pmp::rights_at(u64 byte, Privilege privilege) const {
  for (unsigned i = 0; i < used_; ++i)
    if (entries_[i].holds(byte)) return rights_of(entries_[i], privilege);
  return privilege == Privilege::machine ? all_rights : 0;
}

bool Pmp::allows(u64 address, u64 length, unsigned rights, Privilege privilege) const {
  const u64 last = address + (length - 1);
  for (unsigned i = 0; i < used_; ++i) {
    const Entry& e = entries_[i];
    if (e.first > last || e.last < address) continue;
    return e.first <= address && e.last >= last && (rights_of(e, privilege) & rights) == rights;
  }
  return privilege == Privilege::machine;
}

// Part by part: between two ends of entries all bytes have the same one.
std::optional<unsigned> Pmp::common_rights(u64 first, u64 last, Privilege privilege) const {
  const unsigned common = rights_at(first, privilege);
  for (u64 at = first;;) {
    if (rights_at(at, privilege) != common) return std::nullopt;
    u64 end = last;
    for (unsigned i = 0; i < used_; ++i) {
      const Entry& e = entries_[i];
      if (e.first > e.last) continue;
      if (e.first > at) end = std::min(end, e.first - 1);
      if (e.last >= at) end = std::min(end, e.last);
    }
    if (end == last) return common;
    at = end + 1;
    if (at % 8 != 0) return std::nullopt;  // an aligned access may meet two entries here, and fails
  }
}

Pmp::Span Pmp::undivided_around(u64 first, u64 last) const {
  Span span;
  for (unsigned i = 0; i < used_; ++i) {
    const Entry& e = entries_[i];
    if (e.first > e.last) continue;
    // It divides before its first byte and behind its last.
    if (e.first > last)
      span.last = std::min(span.last, e.first - 1);
    else
      span.first = std::max(span.first, e.first);
    if (e.last < first)
      span.first = std::max(span.first, e.last + 1);
    else
      span.last = std::min(span.last, e.last);
  }
  return span;
}

}  // namespace spinvp::riscv
