// The hart's way to the bus: direct ranges, transactions, debug accesses.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "models/riscv/hart.h"

namespace spinvp::riscv {

using core::SimTime;

void Hart::prepare(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t size) {
  payload_.set_command(command);
  payload_.set_address(address);
  payload_.set_data_ptr(static_cast<unsigned char*>(data));
  payload_.set_data_length(static_cast<unsigned>(size));
  payload_.set_streaming_width(static_cast<unsigned>(size));
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_dmi_allowed(false);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload_hops_.clear();
  transfer_.hops = &payload_hops_;
  transfer_.region = simulation().regions.current();
  transfer_.pc = cpu_.pc();
}

// The accounted range around `address`, asked for once; nullptr where accesses are ordinary ones.
Hart::Range* Hart::range_of(std::uint64_t address) {
  for (const auto& range : ranges_)
    if (!range->revoked && address >= range->first && address <= range->last) return range.get();
  const std::uint64_t page = address / page_bytes;
  if (refused_pages_.contains(page)) return nullptr;
  constexpr std::size_t most_refused_pages = 4096;
  if (refused_pages_.size() >= most_refused_pages) refused_pages_.clear();
  prepare(tlm::TLM_READ_COMMAND, address, nullptr, 0);
  tlm::tlm_dmi dmi;
  const bool granted = bus->get_direct_mem_ptr(payload_, dmi);
  const bool covers = granted && dmi.get_dmi_ptr() != nullptr && address >= dmi.get_start_address() && address <= dmi.get_end_address();
  if (!covers) {
    refused_pages_.insert(page);
    return nullptr;
  }
  auto range = std::make_unique<Range>();
  range->first = dmi.get_start_address();
  range->last = dmi.get_end_address();
  range->host = dmi.get_dmi_ptr();
  range->readable = dmi.is_read_allowed();
  range->writable = dmi.is_write_allowed();
  range->hops = payload_hops_;
  return ranges_.emplace_back(std::move(range)).get();
}

std::optional<DirectPage> Hart::direct(std::uint64_t page) {
  if (!config_.dmi || watch_ != nullptr) return std::nullopt;
  const std::uint64_t tohost = htif_ != nullptr ? htif_->tohost() & ~(page_bytes - 1) : ~std::uint64_t{0};
  if (tohost == page) return std::nullopt;
  Range* range = range_of(page);
  if (range == nullptr || page < range->first || range->last - page < page_bytes - 1) return std::nullopt;
  const bool watched = simulation().stores.watched_by_others(page, page + (page_bytes - 1), *this);
  DirectPage direct{range->host + (page - range->first), range->readable, range->writable && !watched,
                    cpu_.data_cache() != nullptr ? &cached_accesses_ : &range->tally};
  if (simulation().stores.watched_by_others(range->first, range->last, *this)) return direct;
  direct.first = tohost < page ? std::max(range->first, tohost + page_bytes) : range->first;
  direct.last = tohost > page ? std::min(range->last, tohost - 1) : range->last;
  return direct;
}

PortAccess Hart::transport(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, sc_core::sc_time& delay) {
  prepare(command, address, &value, size);
  bus->b_transport(payload_, delay);
  PortAccess result;
  result.ok = payload_.get_response_status() == tlm::TLM_OK_RESPONSE;
  result.value = value;
  if (!result.ok)
    log_guest_error("{} of {} bytes at {:#x} failed: {} (pc {:#x})", command == tlm::TLM_READ_COMMAND ? "load" : "store", size, address,
                    payload_.get_response_string(), cpu_.pc());
  return result;
}

// In the present: what came before is booked and waited out first. `at_once`: right behind the access before, whose time travels with this one as its delay.
PortAccess Hart::device_access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, bool at_once) {
  const SimTime start = local_time();
  if (!at_once) wait_until(start + period_ * settle());
  watch_reservation();
  sc_core::sc_time delay = start > core::now() ? core::to_sc(start - core::now()) : sc_core::SC_ZERO_TIME;
  PortAccess result = transport(command, address, size, value, delay);
  const SimTime end = core::now() + core::from_sc(delay);
  if (end > start) result.cycles = static_cast<std::uint32_t>(std::min<std::uint64_t>(cycles_in(end - start), ~std::uint32_t{0}));
  // The access may have set something going: what was seen of the kernel's queue is out of date.
  if (simulation().exit().set || reset_requested_ || clock().period() != period_ || looks_ahead_) cpu_.request_stop();
  return result;
}

Hart::Range* Hart::accounts_for(tlm::tlm_command command, std::uint64_t address, unsigned size) {
  Range* range = range_of(address);
  const bool allowed = range != nullptr && range->last - address >= size - 1 && (command == tlm::TLM_READ_COMMAND ? range->readable : range->writable);
  return allowed ? range : nullptr;
}

std::uint32_t Hart::before_store(std::uint64_t address, unsigned size) {
  if (accounts_for(tlm::TLM_WRITE_COMMAND, address, size) != nullptr) return 0;
  const std::uint64_t stalled = settle();
  wait_until(local_time() + period_ * stalled);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(stalled, ~std::uint32_t{0}));
}

PortAccess Hart::access(tlm::tlm_command command, std::uint64_t address, unsigned size, std::uint64_t value, bool at_once) {
  const bool reading = command == tlm::TLM_READ_COMMAND;
  Range* range = accounts_for(command, address, size);
  if (range == nullptr) return device_access(command, address, size, value, at_once);
  PortAccess result;
  if (config_.dmi) {  // a page that is watched or only partly memory
    std::uint8_t* const host = range->host + (address - range->first);
    result.ok = true;
    if (reading)
      std::memcpy(&result.value, host, size);
    else
      std::memcpy(host, &value, size);
    if (!reading) simulation().stores.stored(address, address + (size - 1), this);
  } else {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    result = transport(command, address, size, value, delay);
    result.cycles = static_cast<std::uint32_t>(cycles_in(core::from_sc(delay)));
    if (payload_hops_.empty() || !result.ok) return result;
  }
  if (cpu_.data_cache() != nullptr) {  // lines use the bus, not accesses
    (reading ? loads_counter_ : stores_counter_) += 1;
    return result;
  }
  auto& counts = reading ? range->tally.reads : range->tally.writes;
  ++counts[static_cast<std::size_t>(std::countr_zero(size))];
  return result;
}

PortAccess Hart::load(std::uint64_t address, unsigned size) {
  const PortAccess result = access(tlm::TLM_READ_COMMAND, address, size, 0);
  if (watch_ != nullptr) watch_->accessed(cpu_, {address, size, false, result.ok});
  return result;
}

// A burst like an engine's, in the present: booked, counted and waited out where it passes. It carries no values: memory has them.
std::uint32_t Hart::move_line(std::uint64_t address, std::uint64_t bytes, bool write) {
  const SimTime start = local_time();
  wait_until(start + period_ * settle());
  prepare(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, nullptr, bytes);
  transfer_.hops = nullptr;
  transfer_.phantom = true;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  bus->b_transport(payload_, delay);
  transfer_.phantom = false;
  if (simulation().exit().set || reset_requested_ || clock().period() != period_) cpu_.request_stop();
  const SimTime end = core::now() + core::from_sc(delay);
  return end > start ? static_cast<std::uint32_t>(std::min<std::uint64_t>(cycles_in(end - start), ~std::uint32_t{0})) : 0;
}

PortAccess Hart::store(std::uint64_t address, unsigned size, std::uint64_t value) { return store_as(address, size, value, false); }

PortAccess Hart::store_at_once(std::uint64_t address, unsigned size, std::uint64_t value) { return store_as(address, size, value, true); }

PortAccess Hart::store_as(std::uint64_t address, unsigned size, std::uint64_t value, bool at_once) {
  const PortAccess result = access(tlm::TLM_WRITE_COMMAND, address, size, value, at_once);
  if (watch_ != nullptr) watch_->accessed(cpu_, {address, size, true, result.ok});
  if (htif_ != nullptr && result.ok && htif_->watches(address, size)) {
    htif_->after_store();
    if (simulation().exit().set) cpu_.request_stop();
  }
  return result;
}

bool Hart::fetch(std::uint64_t address, std::uint8_t* bytes, unsigned length) {
  const Range* range = range_of(address);
  if (range == nullptr || !range->readable || range->last - address < length - 1) return debug_access(tlm::TLM_READ_COMMAND, address, bytes, length);
  std::memcpy(bytes, range->host + (address - range->first), length);
  return true;
}

bool Hart::debug_access(tlm::tlm_command command, std::uint64_t address, void* data, std::size_t size) {
  prepare(command, address, data, size);
  return bus->transport_dbg(payload_) == size;
}

std::uint64_t Hart::time() { return time_source_(local_time()); }

// In the present, as an access to a device: what comes before is booked and waited out, what the call waits for is the hart's idle time.
bool Hart::host_call(std::uint64_t pc) {
  if (semihosting_ == nullptr) return false;
  std::array<std::uint32_t, 3> words{};
  const bool one_page = (pc - 4) / page_bytes == (pc + 4) / page_bytes;
  if (!one_page || !fetch(pc - 4, reinterpret_cast<std::uint8_t*>(words.data()), sizeof words) ||
      words != std::array{Semihosting::entry_word, Semihosting::break_word, Semihosting::exit_word})
    return false;
  cpu_.idle(settle());
  wait_until(local_time());
  cpu_.set_x(10, semihosting_->call(cpu_.x(10), cpu_.x(11)));
  if (const SimTime local = local_time(); core::now() > local) cpu_.idle(cycles_in(core::now() - local));
  if (simulation().exit().set || reset_requested_) cpu_.request_stop();
  return true;
}

tlm::tlm_sync_enum Hart::nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) { return tlm::TLM_COMPLETED; }

// Ranges are revoked whole: what is left of them is asked for again. Their tallies are still to be settled, so they stay until then.
void Hart::invalidate_direct_mem_ptr(sc_dt::uint64 first, sc_dt::uint64 last) {
  for (const auto& range : ranges_) {
    if (range->revoked || range->first > last || range->last < first) continue;
    cpu_.invalidate_direct(range->first, range->last);
    range->revoked = true;
  }
  refused_pages_.clear();
  cpu_.invalidate_code(first, last);
}

}  // namespace spinvp::riscv
