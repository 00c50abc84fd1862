// The lane-major window on the bus: bytes, row times and cells of an access.
#include "models/pim/pim_controller.h"

namespace spinvp::pim {

using namespace core;

void PimController::window_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::uint64_t offset = payload.get_address(), span = span_of(payload), size = geometry_.window_bytes();
  const Transfer& transfer = transfer_of(payload);
  const auto refuse = [&](tlm::tlm_response_status status, const char* why) {
    payload.set_response_status(status);
    log_guest_error("{} of {} bytes at offset {:#x} of the arrays by {} (pc {:#x}): {}", payload.is_read() ? "read" : "write", payload.get_data_length(),
                    offset, transfer.initiator, transfer.pc, why);
  };
  if (!running()) return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE, "the device is not powered or not clocked");
  if (offset >= size || span > size - offset) return refuse(tlm::TLM_ADDRESS_ERROR_RESPONSE, "outside the arrays");
  if (payload.get_byte_enable_ptr() != nullptr) return refuse(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE, "byte enables are not supported");
  if (transfer.phantom || payload.get_data_ptr() == nullptr)
    return refuse(tlm::TLM_GENERIC_ERROR_RESPONSE, "the arrays take values (their energy follows from them), and none travel with this access");
  ArrayWindow window(store_);
  WindowRows touched(geometry_);
  const bool write = payload.is_write();
  std::uint64_t flips = 0;
  for_each_run(payload, [&](std::uint64_t at, std::uint8_t* data, std::uint64_t length) {
    if (write)
      flips += window.write(at, {data, length});
    else if (payload.is_read())
      window.read(at, {data, length});
    touched.add(at, length);
  });
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  if (!write && !payload.is_read()) return;
  (write ? window_writes_ : window_reads_) += payload.get_data_length();
  const SimTime begin = now() + from_sc(delay);
  const SimTime duration = timing_.time_of(write ? StepCounts::whole(0, touched.rows()) : StepCounts::whole(touched.rows(), 0));
  window_calendar_.forget_before(now());
  const SimTime start = window_calendar_.book(begin, duration);
  delay = to_sc(start + duration - now());
  const auto spend_event = [&](CellEvent event, std::uint64_t count) {
    simulation().energy.spend_over(events_.cells[static_cast<unsigned>(event)], count, transfer.region, start, start + duration, transfer.job);
  };
  spend_event(write ? CellEvent::write_cell : CellEvent::read_cell, touched.cells());
  spend_event(CellEvent::write_flip, flips);
  spend_event(CellEvent::row_step, touched.rows());
}

unsigned PimController::window_debug(tlm::tlm_generic_payload& payload) {
  const std::uint64_t offset = payload.get_address(), size = geometry_.window_bytes();
  if (offset >= size) return 0;
  const std::uint64_t length = std::min<std::uint64_t>(payload.get_data_length(), size - offset);
  ArrayWindow window(store_);
  if (payload.is_write())
    window.write(offset, {payload.get_data_ptr(), length});
  else if (payload.is_read())
    window.read(offset, {payload.get_data_ptr(), length});
  return static_cast<unsigned>(length);
}

}  // namespace spinvp::pim
