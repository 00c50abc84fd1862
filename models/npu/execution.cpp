#include "models/npu/execution.h"

#include <algorithm>

#include "models/abi/npu.h"

namespace spinvp::npu {

using core::SimTime;

JobContext::JobContext(core::Component& owner, tlm::tlm_initiator_socket<>& socket)
    : owner_(owner),
      buses_{core::BusMaster(socket, owner.name()), core::BusMaster(socket, owner.name()), core::BusMaster(socket, owner.name()),
             core::BusMaster(socket, owner.name())} {}

void JobContext::begin(core::RegionId region) {
  region_ = region;
  cancelled_ = false;
  failure_ = 0;
  message_.clear();
  totals = {};
}

void JobContext::cancel() {
  cancelled_ = true;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void JobContext::fail(std::uint32_t status, const std::string& message) {
  if (over()) return;
  failure_ = status;
  message_ = message;
  progress();
}

bool JobContext::wait_cycles(std::uint64_t cycles, SimTime since) {
  const SimTime until = since + owner_.clock().cycles(cycles), now = core::now();
  if (until > now) sc_core::wait(core::to_sc(until - now));
  return !over();
}

bool JobContext::check(Stage stage, tlm::tlm_response_status response, const char* what) {
  if (response != tlm::TLM_OK_RESPONSE)
    fail(SPINVP_NPU_BAD_ADDRESS, fmt::format("the bus did not take a {} at {:#x}", what, buses_[static_cast<unsigned>(stage)].failed_address()));
  return !over();
}

bool JobContext::read(Stage stage, const Piece& piece, std::span<std::uint8_t> data) {
  if (!proceed()) return false;
  const auto shape = piece.rows > 1 ? core::BusMaster::Shape{piece.row_bytes, piece.stride} : core::BusMaster::Shape{0, 0};
  return check(stage, buses_[static_cast<unsigned>(stage)].read(piece.address, data, region_, &totals.tally, shape), "read");
}

bool JobContext::write(Stage stage, const Piece& piece, std::span<const std::uint8_t> data) {
  if (!proceed()) return false;
  const auto shape = piece.rows > 1 ? core::BusMaster::Shape{piece.row_bytes, piece.stride} : core::BusMaster::Shape{0, 0};
  return check(stage, buses_[static_cast<unsigned>(stage)].write(piece.address, data, region_, &totals.tally, shape), "write");
}

bool JobContext::read_all(Stage stage, const std::vector<Piece>& pieces, std::span<std::uint8_t> data) {
  std::uint64_t done = 0;
  for (const Piece& piece : cut(pieces, core::longest_burst)) {
    if (!read(stage, piece, data.subspan(done, piece.bytes()))) return false;
    done += piece.bytes();
  }
  return true;
}

bool JobContext::write_all(Stage stage, const std::vector<Piece>& pieces, std::span<const std::uint8_t> data) {
  std::uint64_t done = 0;
  for (const Piece& piece : cut(pieces, core::longest_burst)) {
    if (!write(stage, piece, data.subspan(done, piece.bytes()))) return false;
    done += piece.bytes();
  }
  return true;
}

bool JobContext::copy(Stage stage, const std::vector<Piece>& from, const std::vector<Piece>& to) {
  const std::vector<Piece> sources = cut(from, core::longest_burst), targets = cut(to, core::longest_burst);
  // Bytes wait here between a read and the writes that empty it: never more than two bursts.
  std::vector<std::uint8_t> waiting;
  waiting.reserve(2 * core::longest_burst);
  std::size_t source = 0, target = 0;
  while (target < targets.size()) {
    // Read as long as the next source still fits into one burst, or until the next target can be served.
    while (source < sources.size() && (waiting.size() + sources[source].bytes() <= core::longest_burst || waiting.size() < targets[target].bytes())) {
      const std::size_t held = waiting.size();
      waiting.resize(held + sources[source].bytes());
      if (!read(stage, sources[source], std::span(waiting).subspan(held))) return false;
      ++source;
    }
    std::size_t given = 0;
    while (target < targets.size() && waiting.size() - given >= targets[target].bytes()) {
      if (!write(stage, targets[target], std::span(waiting).subspan(given, targets[target].bytes()))) return false;
      given += targets[target].bytes();
      ++target;
    }
    if (given == 0 && source == sources.size()) break;  // the two lists name different sizes: an error of the caller
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(given));
  }
  return true;
}

void JobContext::spend(core::EventId event, std::uint64_t count, SimTime from) {
  owner_.simulation().energy.spend_over(event, count, region_, from, core::now(), &totals.tally);
}

}  // namespace spinvp::npu
