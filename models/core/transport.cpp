#include "models/core/transport.h"

#include <algorithm>

#include "models/core/engine_port.h"

namespace spinvp::core {

const Transfer& transfer_of(const tlm::tlm_generic_payload& payload) {
  static const Transfer neutral;
  const Transfer* t = payload.get_extension<Transfer>();
  return t != nullptr ? *t : neutral;
}

std::uint64_t span_of(const tlm::tlm_generic_payload& payload) {
  const Transfer& t = transfer_of(payload);
  const std::uint64_t length = payload.get_data_length();
  if (t.row_bytes == 0 || t.row_bytes >= length) return length;
  const std::uint64_t rows = divide_up(length, t.row_bytes);
  return (rows - 1) * t.stride + (length - (rows - 1) * t.row_bytes);
}

BusMaster::BusMaster(tlm::tlm_initiator_socket<>& socket, const char* name) : socket_(socket), port_(dynamic_cast<EnginePort*>(&socket)), name_(name) {}

namespace {
Transfer transfer_by(const char* initiator, RegionId region, KernelTally* job, BusMaster::Shape shape, bool phantom) {
  Transfer transfer;
  transfer.initiator = initiator;
  transfer.region = region;
  transfer.job = job;
  transfer.row_bytes = shape.row_bytes;
  transfer.stride = shape.stride;
  transfer.phantom = phantom;
  return transfer;
}
}  // namespace

tlm::tlm_response_status BusMaster::burst(const Move& all, std::uint64_t address, std::uint64_t done, std::uint64_t length, Shape shape) {
  if (port_ != nullptr && port_->approximately_timed()) return burst_in_phases(all, address, done, length, shape);
  tlm::tlm_generic_payload payload;
  Transfer transfer = transfer_by(name_, all.region, all.job, shape, all.data == nullptr);
  payload.set_command(all.command);
  payload.set_address(address);
  payload.set_data_ptr(all.data == nullptr ? nullptr : all.data + done);
  payload.set_data_length(static_cast<unsigned>(length));
  payload.set_streaming_width(static_cast<unsigned>(length));
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  payload.set_extension(&transfer);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket_->b_transport(payload, delay);
  payload.clear_extension(&transfer);
  if (all.posted != nullptr) {
    all.posted->over = now() + from_sc(delay);
  } else if (delay != sc_core::SC_ZERO_TIME) {
    waited_ += from_sc(delay);
    sc_core::wait(delay);
  }
  if (payload.get_response_status() != tlm::TLM_OK_RESPONSE) failed_address_ = address;
  return payload.get_response_status();
}

tlm::tlm_response_status BusMaster::burst_in_phases(const Move& all, std::uint64_t address, std::uint64_t done, std::uint64_t length, Shape shape) {
  const Transfer transfer = transfer_by(name_, all.region, all.job, shape, all.data == nullptr);
  PostedWrite waited_out;
  PostedWrite& posted = all.posted != nullptr ? *all.posted : waited_out;
  posted.burst = port_->start(all.command, address, all.data == nullptr ? nullptr : all.data + done, length, transfer, all.posted != nullptr);
  if (all.posted != nullptr) return tlm::TLM_OK_RESPONSE;
  const SimTime start = now();
  while (!posted.burst->over()) sc_core::wait(posted.burst->finished);
  waited_ += now() - start;
  return finish_posted(posted);
}

bool BusMaster::wait_posted(const PostedWrite& posted, const sc_core::sc_event& stop) {
  if (posted.burst != nullptr) {
    if (!posted.burst->over()) sc_core::wait(posted.burst->finished | stop);
    return posted.burst->over();
  }
  if (now() < posted.over) sc_core::wait(to_sc(posted.over - now()), stop);
  return now() >= posted.over;
}

tlm::tlm_response_status BusMaster::finish_posted(PostedWrite& posted) {
  const std::shared_ptr<PhasedBurst> burst = std::move(posted.burst);
  posted = {};
  if (burst == nullptr) return tlm::TLM_OK_RESPONSE;  // loosely timed, its call has said so
  if (burst->response != tlm::TLM_OK_RESPONSE) failed_address_ = burst->failed_address;
  return burst->response;
}

tlm::tlm_response_status BusMaster::move(const Move& all) {
  const Shape shape = all.shape;
  const bool contiguous = shape.row_bytes == 0 || shape.row_bytes >= all.length || shape.row_bytes == shape.stride;
  std::uint64_t done = 0;
  while (done < all.length) {
    std::uint64_t start = all.address + done, size = std::min(all.length - done, all.most);
    Shape piece{0, 0};
    if (!contiguous) {
      const std::uint64_t row = done / shape.row_bytes, within = done % shape.row_bytes;
      start = all.address + row * shape.stride + within;
      const std::uint64_t whole_rows = all.most / shape.row_bytes;
      if (within == 0 && whole_rows >= 1) {
        size = std::min(all.length - done, whole_rows * shape.row_bytes);
        piece = shape;
      } else {
        size = std::min({all.length - done, shape.row_bytes - within, all.most});
      }
    }
    const auto response = burst(all, start, done, size, piece);
    if (response != tlm::TLM_OK_RESPONSE) return response;
    done += size;
  }
  return tlm::TLM_OK_RESPONSE;
}

tlm::tlm_response_status BusMaster::read(std::uint64_t address, std::span<std::uint8_t> data, RegionId region, KernelTally* job, Shape shape,
                                         std::uint64_t most) {
  return move({tlm::TLM_READ_COMMAND, address, data.data(), data.size(), region, job, shape, most});
}

tlm::tlm_response_status BusMaster::write(std::uint64_t address, std::span<const std::uint8_t> data, RegionId region, KernelTally* job, Shape shape,
                                          std::uint64_t most, PostedWrite* posted) {
  // A write payload is never written through: TLM has one pointer type for both directions.
  return move({tlm::TLM_WRITE_COMMAND, address, const_cast<std::uint8_t*>(data.data()), data.size(), region, job, shape, most, posted});
}

tlm::tlm_response_status BusMaster::read_phantom(std::uint64_t address, std::uint64_t length, RegionId region, KernelTally* job, Shape shape,
                                                 std::uint64_t most) {
  return move({tlm::TLM_READ_COMMAND, address, nullptr, length, region, job, shape, most});
}

tlm::tlm_response_status BusMaster::write_phantom(std::uint64_t address, std::uint64_t length, RegionId region, KernelTally* job, Shape shape,
                                                  std::uint64_t most, PostedWrite* posted) {
  return move({tlm::TLM_WRITE_COMMAND, address, nullptr, length, region, job, shape, most, posted});
}

}  // namespace spinvp::core
