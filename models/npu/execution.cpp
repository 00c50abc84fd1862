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
  phantom_ = false;
  failure_ = 0;
  message_.clear();
  totals = {};
}

void JobContext::cancel() {
  cancelled_ = true;
  stop_.notify(sc_core::SC_ZERO_TIME);
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void JobContext::fail(std::uint32_t status, const std::string& message) {
  if (over()) return;
  failure_ = status;
  message_ = message;
  stop_.notify(sc_core::SC_ZERO_TIME);
  progress();
  for (JobContext* peer : peers_) peer->fail(status, message);
}

bool JobContext::wait_time(SimTime until) {
  while (!over() && core::now() < until) sc_core::wait(core::to_sc(until - core::now()), stop_);
  return !over();
}

bool JobContext::wait_cycles(std::uint64_t count, SimTime since) { return wait_time(since + cycles(count)); }

bool JobContext::check(Stage stage, tlm::tlm_response_status response, const char* what) {
  if (response != tlm::TLM_OK_RESPONSE)
    fail(SPINVP_NPU_BAD_ADDRESS, fmt::format("the bus did not take a {} at {:#x}", what, buses_[static_cast<unsigned>(stage)].failed_address()));
  return !over();
}

bool JobContext::read(Stage stage, const Piece& piece, std::span<std::uint8_t> data) {
  if (!proceed()) return false;
  const auto shape = piece.rows > 1 ? core::BusMaster::Shape{piece.row_bytes, piece.stride} : core::BusMaster::Shape{0, 0};
  core::BusMaster& bus = buses_[static_cast<unsigned>(stage)];
  const auto response = phantom_ ? bus.read_phantom(piece.address, piece.bytes(), region_, &totals.tally, shape, core::longest_burst)
                                 : bus.read(piece.address, data, region_, &totals.tally, shape, core::longest_burst);
  return check(stage, response, "read");
}

bool JobContext::write(Stage stage, const Piece& piece, std::span<const std::uint8_t> data, core::PostedWrite* posted) {
  if (!proceed()) return false;
  const auto shape = piece.rows > 1 ? core::BusMaster::Shape{piece.row_bytes, piece.stride} : core::BusMaster::Shape{0, 0};
  core::BusMaster& bus = buses_[static_cast<unsigned>(stage)];
  const auto response = phantom_ ? bus.write_phantom(piece.address, piece.bytes(), region_, &totals.tally, shape, core::longest_burst, posted)
                                 : bus.write(piece.address, data, region_, &totals.tally, shape, core::longest_burst, posted);
  return check(stage, response, "write");
}

bool JobContext::wait_posted(Stage stage, core::PostedWrite& posted) {
  while (!over() && !core::BusMaster::wait_posted(posted, stop_)) {}
  return !over() && check(stage, buses_[static_cast<unsigned>(stage)].finish_posted(posted), "write");
}

bool JobContext::read_all(Stage stage, const std::vector<Piece>& pieces, std::span<std::uint8_t> data, std::uint64_t most) {
  std::uint64_t done = 0;
  for (const Piece& piece : cut(pieces, most)) {
    if (!read(stage, piece, phantom_ ? data : data.subspan(done, piece.bytes()))) return false;
    done += piece.bytes();
  }
  return true;
}

bool JobContext::write_all(Stage stage, const std::vector<Piece>& pieces, std::span<const std::uint8_t> data, std::uint64_t most) {
  std::uint64_t done = 0;
  for (const Piece& piece : cut(pieces, most)) {
    if (!write(stage, piece, phantom_ ? data : data.subspan(done, piece.bytes()))) return false;
    done += piece.bytes();
  }
  return true;
}

bool JobContext::copy(Stage stage, const std::vector<Piece>& from, const std::vector<Piece>& to, std::uint64_t most) {
  const std::vector<Piece> sources = cut(from, most), targets = cut(to, most);
  // Bytes wait here between a read and the writes that empty it: never more than two bursts. Those of a phantom are only counted.
  std::vector<std::uint8_t> waiting;
  if (!phantom_) waiting.reserve(2 * most);
  std::uint64_t held = 0;
  std::size_t source = 0, target = 0;
  core::PostedWrite written;
  while (target < targets.size()) {
    // Read as long as the next source still fits into one burst, or until the next target can be served.
    while (source < sources.size() && (held + sources[source].bytes() <= most || held < targets[target].bytes())) {
      const std::uint64_t before = held;
      held += sources[source].bytes();
      if (!phantom_) waiting.resize(held);
      if (!read(stage, sources[source], phantom_ ? std::span<std::uint8_t>() : std::span(waiting).subspan(before))) return false;
      ++source;
    }
    std::uint64_t given = 0;
    while (target < targets.size() && held - given >= targets[target].bytes()) {
      const std::uint64_t bytes = targets[target].bytes();
      const auto data = phantom_ ? std::span<const std::uint8_t>() : std::span(std::as_const(waiting)).subspan(given, bytes);
      if (!wait_posted(stage, written) || !write(stage, targets[target], data, &written)) return false;
      given += bytes;
      ++target;
    }
    if (given == 0 && source == sources.size()) break;  // the two lists name different sizes: an error of the caller
    held -= given;
    if (!phantom_) waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(given));
  }
  return wait_posted(stage, written);
}

void JobContext::spend(core::EventId event, std::uint64_t count, SimTime from, SimTime to) {
  if (count > 0) owner_.simulation().energy.spend_over(event, count, region_, from, to, &totals.tally);
}

}  // namespace spinvp::npu
