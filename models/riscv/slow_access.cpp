// Memory accesses off the fast path: page cache misses, devices, misaligned and page-crossing accesses, atomics; and the rare float operations.
#include <algorithm>
#include <bit>
#include <cstring>

#include "models/riscv/atomic_operation.h"
#include "models/riscv/float_operations.h"
#include "models/riscv/interpreter.h"

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;
using i64 = std::int64_t;

bool stays_in_page(u64 address, unsigned size) { return address % page_bytes + size <= page_bytes; }

u64 sign_extended(u64 value, unsigned size) { return size == 4 ? static_cast<u64>(static_cast<i64>(static_cast<std::int32_t>(value))) : value; }

}  // namespace

// Brings the clock and pc to the instruction at `op` and gives the host's float control back to the simulation.
void Interpreter::open_port(const Block* block, const ThreadedOp* op, i64 budget) {
  csr_.raise_flags(host_.leave());
  cycles_ = execute_end_ - static_cast<u64>(budget + (block->cycles - op->cycles_before));
  state_.pc = block->pc_of(*op);
  open_block_ = block;
  open_op_ = op;
  if (pages_.window_tally() != nullptr) settle_accesses(executed_accesses());
}

// Up to the instruction that opened the port.
AccessCounts Interpreter::executed_accesses() const {
  AccessCounts later{};
  for (const ThreadedOp* rest = open_op_; rest != open_block_->ops.data() + open_block_->size; ++rest) add_access(later, rest->operation);
  return open_accesses_ - later;
}

// The window's tally gets what the blocks have executed since the last time, but for what was counted elsewhere.
void Interpreter::settle_accesses(AccessCounts executed) {
  DirectTally& tally = *pages_.window_tally();
  const AccessCounts fresh = executed - settled_accesses_;
  for (std::size_t log = 0; log < tally.reads.size(); ++log) {
    tally.reads[log] += fresh[log] - elsewhere_.reads[log];
    tally.writes[log] += fresh[4 + log] - elsewhere_.writes[log];
  }
  settled_accesses_ = executed;
  elsewhere_ = {};
}

// Where execute() ends. A window that serves few of the accesses gives way to another one.
void Interpreter::end_accesses(AccessCounts executed) {
  if (pages_.window_tally() != nullptr) {
    const std::uint64_t before = pages_.window_tally()->read_count() + pages_.window_tally()->write_count();
    const std::uint64_t aside = elsewhere_.read_count() + elsewhere_.write_count();
    settle_accesses(executed);
    const std::uint64_t inside = pages_.window_tally()->read_count() + pages_.window_tally()->write_count() - before;
    constexpr unsigned patience = 16;
    slices_elsewhere_ = aside > 4 * inside ? slices_elsewhere_ + 1 : 0;
    if (slices_elsewhere_ == patience) {
      slices_elsewhere_ = 0;
      pages_.move_window();
    }
  }
  settled_accesses_ = AccessCounts{};
  elsewhere_ = {};
}

// Only inside the port: what is executed so far has been counted where it was.
void Interpreter::open_window(u64 page, const DirectPage& direct) {
  if (!watches_.empty() || !direct.readable || !direct.writable) return;
  const Pmp::Span span = csr_.pmp().undivided_around(page, page | (page_bytes - 1));
  if (!pages_.open(page, direct, std::max(direct.first, span.first), std::min(direct.last, span.last))) return;
  settled_accesses_ = executed_accesses();
  elsewhere_ = {};
}

void Interpreter::close_port(const Block* block, const ThreadedOp* op, SlowAccess& access) {
  // The rest of the block must not run past a moment that is known to matter.
  const auto rest = static_cast<u64>(block->cycles - op->cycles_before);
  access.leave = attention_ || (access.cycles != 0 && cycles_ + rest > exact_end_);
  open_block_ = nullptr;
  host_.enter();
}

// A watched access ends its instruction before it happens.
bool Interpreter::is_watched(u64 address, unsigned size, bool reads, bool writes) {
  const u64 last = address + (size - 1);
  for (const Watch& watch : watches_) {
    if (!((watch.reads && reads) || (watch.writes && writes)) || !watch.overlaps(address, last)) continue;
    watch_hit_ = {std::max(address, watch.first), watch};
    return true;
  }
  return false;
}

Interpreter::SlowAccess Interpreter::fail(Cause cause, u64 value, SlowAccess access) {
  trap_cause_ = static_cast<u64>(cause);
  trap_value_ = value;
  access.trapped = true;
  return access;
}

// The page cache's entry for the page, filled if the port grants the access directly.
PageCache::Entry* Interpreter::direct_entry(u64 address, bool write) {
  if (data_cache_) return nullptr;  // every access is to be seen: no tag matches ever, and the handlers' fast path costs nothing without a cache
  return granted_entry(pages_, address, write);
}

PageCache::Entry* Interpreter::granted_entry(PageCache& pages, u64 address, bool write) {
  const u64 page = address & ~(page_bytes - 1);
  PageCache::Entry& entry = pages.slot(address);
  const auto granted = [&] { return (write ? entry.write_tag : entry.read_tag) == page; };
  if (granted()) return &entry;
  for (const Watch& watch : watches_)
    if (watch.overlaps(page, page + (page_bytes - 1))) return nullptr;
  const auto rights = csr_.pmp().common_rights(page, page | (page_bytes - 1), csr_.data_privilege());
  if (!rights) return nullptr;  // its parts differ: each access is checked anew
  auto direct = port_.direct(page);
  if (!direct) return nullptr;
  direct->readable = direct->readable && (*rights & Pmp::read) != 0;
  direct->writable = direct->writable && (*rights & Pmp::write) != 0;
  pages.fill(page, *direct);
  if (&pages == &pages_) open_window(page, *direct);
  return granted() ? &entry : nullptr;
}

// An access that needs nothing but a line that the data cache holds, done: where it is in host memory. Else null, and nothing has happened. It takes no time, so the
// port stays closed.
std::uint8_t* Interpreter::cached(u64 address, unsigned size, bool write) {
  if (!data_cache_) return nullptr;
  const PageCache::Entry& entry = cached_pages_->slot(address);
  if ((write ? entry.write_tag : entry.read_tag) != PageCache::tag_of(address, size)) return nullptr;
  if (data_cache_->line_of(address) != data_cache_->line_of(address + size - 1) || !data_cache_->hit(address, write)) return nullptr;
  ++(write ? entry.tally->writes : entry.tally->reads)[static_cast<std::size_t>(std::countr_zero(size))];
  return PageCache::host(entry, address);
}

std::optional<u64> Interpreter::denied(u64 address, unsigned size, unsigned rights) const {
  const Pmp& pmp = csr_.pmp();
  const Privilege privilege = csr_.data_privilege();
  if (address % size == 0) return pmp.allows(address, size, rights, privilege) ? std::nullopt : std::optional(address);
  for (unsigned byte = 0; byte < size; ++byte)
    if (!pmp.allows(address + byte, 1, rights, privilege)) return address + byte;
  return std::nullopt;
}

// The lines of [first, last] are used: what is missing is fetched, after what has to make room for it.
void Interpreter::touch(Cache& cache, u64 first, u64 last, bool write, SlowAccess& access) {
  for (u64 line = cache.line_of(first);; line += cache.line_bytes()) {
    if (port_.cacheable(line)) {
      const Cache::Outcome outcome = cache.access(line, write);
      const auto move = [&](u64 address, bool out) {
        const std::uint32_t cycles = port_.move_line(address, cache.line_bytes(), out);
        access.cycles += cycles;
        cycles_ += cycles;
      };
      if (outcome.writes_back) move(outcome.victim, true);
      if (!outcome.hit) move(line, false);
    }
    if (line == cache.line_of(last)) return;
  }
}

Interpreter::SlowAccess Interpreter::fetch_lines(const Block* block, const ThreadedOp* op, i64 budget) {
  Cache& cache = *instruction_cache_;
  const u64 first = cache.line_of(block->pc_of(*op)), last = cache.line_of(block->pc_of(op[1]) - 1);
  SlowAccess access;
  if (first == fetched_line_ && last == fetched_line_) return access;
  open_port(block, op, budget);
  for (u64 line = first;; line += cache.line_bytes()) {
    if (line != fetched_line_) touch(cache, line, line, false, access);
    fetched_line_ = line;
    if (line == last) break;
  }
  close_port(block, op, access);
  return access;
}

// One access within a page. The host is outside guest mode here.
bool Interpreter::port_load(u64 address, unsigned size, SlowAccess& access) {
  if (data_cache_) {
    touch(*data_cache_, address, address + size - 1, false, access);
    if (port_.cacheable(address)) granted_entry(*cached_pages_, address, false);
  }
  if (PageCache::Entry* entry = direct_entry(address, false)) {
    if (std::has_single_bit(size)) ++entry->tally->reads[static_cast<std::size_t>(std::countr_zero(size))];
    std::memcpy(&access.value, PageCache::host(*entry, address), size);
    return true;
  }
  const PortAccess result = port_.load(address, size);
  access.value = result.value;
  access.cycles += result.cycles;
  cycles_ += result.cycles;
  return result.ok;
}

bool Interpreter::port_store(u64 address, unsigned size, u64 value, SlowAccess& access, bool at_once) {
  if (data_cache_) {
    touch(*data_cache_, address, address + size - 1, true, access);
    if (port_.cacheable(address)) granted_entry(*cached_pages_, address, true);
  }
  if (PageCache::Entry* entry = direct_entry(address, true)) {
    ++entry->tally->writes[static_cast<std::size_t>(std::countr_zero(size))];
    std::memcpy(PageCache::host(*entry, address), &value, size);
    return true;
  }
  const PortAccess result = at_once ? port_.store_at_once(address, size, value) : port_.store(address, size, value);
  access.cycles += result.cycles;
  cycles_ += result.cycles;
  return result.ok;
}

Interpreter::SlowAccess Interpreter::slow_load(const Block* block, const ThreadedOp* op, i64 budget, u64 address, unsigned size) {
  if (const std::uint8_t* place = cached(address, size, false)) {
    SlowAccess hit;
    std::memcpy(&hit.value, place, size);
    return hit;
  }
  if (const auto byte = denied(address, size, Pmp::read)) return fail(Cause::load_access, *byte, {});
  if (!watches_.empty() && is_watched(address, size, true, false)) return fail(Cause{watch_cause}, address, {});
  open_port(block, op, budget);
  SlowAccess access;
  if (stays_in_page(address, size)) {
    if (!port_load(address, size, access)) access = fail(Cause::load_access, address, access);
  } else {
    // Across a page boundary: byte by byte, each counted as an access.
    u64 value = 0;
    for (unsigned byte = 0; byte < size && !access.trapped; ++byte) {
      access.value = 0;
      if (port_load(address + byte, 1, access))
        value |= (access.value & 0xff) << (8 * byte);
      else
        access = fail(Cause::load_access, address + byte, access);
    }
    access.value = value;
  }
  if (!access.trapped) ++elsewhere_.reads[static_cast<std::size_t>(std::countr_zero(size))];
  close_port(block, op, access);
  return access;
}

Interpreter::SlowAccess Interpreter::slow_store(const Block* block, const ThreadedOp* op, i64 budget, u64 address, unsigned size, u64 value) {
  if (std::uint8_t* place = cached(address, size, true)) {
    std::memcpy(place, &value, size);
    return {};
  }
  if (const auto byte = denied(address, size, Pmp::write)) return fail(Cause::store_access, *byte, {});
  if (!watches_.empty() && is_watched(address, size, false, true)) return fail(Cause{watch_cause}, address, {});
  open_port(block, op, budget);
  SlowAccess access;
  if (stays_in_page(address, size)) {
    if (!port_store(address, size, value, access)) access = fail(Cause::store_access, address, access);
  } else {
    for (unsigned byte = 0; byte < size && !access.trapped; ++byte)
      if (!port_store(address + byte, 1, value >> (8 * byte), access)) access = fail(Cause::store_access, address + byte, access);
  }
  if (!access.trapped) ++elsewhere_.writes[static_cast<std::size_t>(std::countr_zero(size))];
  close_port(block, op, access);
  return access;
}

Interpreter::SlowAccess Interpreter::atomic(const Block* block, const ThreadedOp* op, i64 budget) {
  using enum Operation;
  const Operation operation = op->operation;
  const unsigned size = operation >= lr_d ? 8 : 4;
  const bool reserves = operation == lr_w || operation == lr_d, conditional = operation == sc_w || operation == sc_d;
  const u64 address = state_.x[op->rs1], operand = sign_extended(state_.x[op->rs2], size);
  SlowAccess access;
  if (address % size != 0) return fail(reserves ? Cause::load_misaligned : Cause::store_misaligned, address, access);
  const unsigned rights = reserves ? Pmp::read : conditional ? Pmp::write : Pmp::read | Pmp::write;
  if (denied(address, size, rights)) return fail(reserves ? Cause::load_access : Cause::store_access, address, access);
  if (!watches_.empty()) {
    const bool stores = conditional ? state_.reserved && state_.reservation == address : !reserves;
    if (is_watched(address, size, !conditional, stores)) return fail(Cause{watch_cause}, address, access);
  }
  open_port(block, op, budget);
  if (conditional) {
    const auto holds = [&] { return state_.reserved && state_.reservation == address; };
    if (holds()) {  // it may be lost on the way
      access.cycles = port_.before_store(address, size);
      cycles_ += access.cycles;
    }
    const bool success = holds();
    state_.reserved = false;
    if (success && !port_store(address, size, operand, access, true)) access = fail(Cause::store_access, address, access);
    access.value = success ? 0 : 1;
  } else if (!port_load(address, size, access)) {
    access = fail(reserves ? Cause::load_access : Cause::store_access, address, access);
  } else {
    const u64 old = sign_extended(access.value, size);
    if (reserves) {
      state_.reservation = address;
      state_.reserved = true;
    } else if (!port_store(address, size, combine_atomic(operation, old, operand), access, true)) {
      access = fail(Cause::store_access, address, access);
    }
    access.value = old;
  }
  close_port(block, op, access);
  return access;
}

u64 Interpreter::soft_float(const ThreadedOp& op, u64 a, u64 b, u64 c) {
  unsigned flags = 0;
  const u64 result = soft_operation(op.operation, static_cast<Rounding>(op.immediate), a, b, c, flags);
  csr_.raise_flags(flags);
  return result;
}

}  // namespace spinvp::riscv
