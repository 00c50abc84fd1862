#include "models/interconnect/interconnect.h"

#include <algorithm>

#include "models/interconnect/interconnect_phases.h"

namespace spinvp::interconnect {

using core::SimTime;

namespace {

// Sockets are made after the module's constructor and still belong to it.
class InsideModule {
 public:
  explicit InsideModule(sc_core::sc_module& module) : context_(module.simcontext()) { context_->hierarchy_push(&module); }
  ~InsideModule() { context_->hierarchy_pop(); }
  InsideModule(const InsideModule&) = delete;
  InsideModule& operator=(const InsideModule&) = delete;

 private:
  sc_core::sc_simcontext* context_;
};

// Gives the payload an address for one call and takes it back.
class LocalAddress {
 public:
  LocalAddress(tlm::tlm_generic_payload& payload, std::uint64_t base) : payload_(payload), address_(payload.get_address()) {
    payload.set_address(address_ - base);
  }
  ~LocalAddress() { payload_.set_address(address_); }
  LocalAddress(const LocalAddress&) = delete;
  LocalAddress& operator=(const LocalAddress&) = delete;

 private:
  tlm::tlm_generic_payload& payload_;
  std::uint64_t address_;
};

// No range is longer than 2^63 bytes in practice, so a shape that steps further fits in none.
bool shape_is_sane(const tlm::tlm_generic_payload& payload) {
  const core::Transfer& t = core::transfer_of(payload);
  if (t.row_bytes == 0 || t.row_bytes >= payload.get_data_length()) return true;
  const std::uint64_t rows = core::divide_up(payload.get_data_length(), t.row_bytes);
  return t.stride <= (1ull << 63) / rows;
}

}  // namespace

// What harts settle with for one pair of initiator and target.
class Interconnect::Hop : public core::DirectHop {
 public:
  Hop(Interconnect& bus, Target& target) : bus_(bus), target_(target) {}
  SimTime settle(const core::AccessTally& tally, core::RegionId region, SimTime from, SimTime to) override {
    if (tally.empty()) return SimTime();
    const std::uint64_t bytes = tally.read_bytes + tally.write_bytes, accesses = tally.reads + tally.writes;
    const SimTime occupancy = bus_.occupancy(target_.shape, bytes, accesses);
    // The initiator's own link carries nothing but this hart's accesses: only the target's is shared.
    const SimTime wait = target_.link.direct(occupancy, from, to, core::now());
    *target_.bytes += bytes;
    *target_.transactions += accesses;
    *target_.wait_ps += wait.ps();
    bus_.add_busy(occupancy);
    bus_.simulation().energy.spend_over(bus_.byte_, bytes, region, from, std::max(from, to));
    return wait;
  }

 private:
  Interconnect& bus_;
  Target& target_;
};

const core::Schema& InterconnectConfig::schema() {
  static const core::Schema schema =
      core::Schema::of<InterconnectConfig>()
          .field("width_bytes", &InterconnectConfig::width_bytes, {.least = 1, .most = 4096, .text = "bytes that one link moves in a cycle"})
          .field("clock", &InterconnectConfig::clock, {.least = 1e6, .most = 1e11, .text = "clock of all links"})
          .field("latency", &InterconnectConfig::latency,
                 {.least = 0, .most = 100000, .text = "cycles that a burst takes through the bus besides its beats, both ways together"})
          .field("energy_per_bit_mm", &InterconnectConfig::energy_per_bit_mm,
                 {.least = 0, .unit = "pJ", .source = "assumed: 0.1 pJ/bit/mm, repeated on-chip wire", .text = "wire energy of one bit over one millimetre"})
          .field("length", &InterconnectConfig::length,
                 {.least = 0, .unit = "mm", .source = "assumed: 10 mm, about the edge of the die", .text = "wire between initiator and target"})
          .what_if({"width_bytes", "clock", "latency", "energy_per_bit_mm", "length"});
  return schema;
}

Interconnect::Interconnect(const sc_core::sc_module_name& name, core::Simulation& simulation, const InterconnectConfig& config,
                           const core::TransportConfig& transport)
    : Component(name, simulation, "interconnect", config.clock), config_(config), transport_(transport) {
  const double millimetres = config.length.in(core::Length::from_si(1e-3));
  byte_ = declare_event("byte", "interconnect", config.energy_per_bit_mm * (8 * millimetres),
                        fmt::format("assumed: {:.4g} pJ/bit/mm x {:.4g} mm of wire", config.energy_per_bit_mm.in(core::Energy::from_si(1e-12)), millimetres));
  if (transport_.approximately_timed()) phases_ = std::make_unique<Phases>(*this);
}

Interconnect::~Interconnect() = default;

void Interconnect::describe_state(core::StateArchive& archive) {
  Component::describe_state(archive);
  for (Initiator& i : initiators_) i.link.describe_state(archive);
  for (Target& t : targets_) t.link.describe_state(archive);
}

std::string Interconnect::unsettled() const { return phases_ && !phases_->idle() ? "transactions are on their way" : ""; }

void Interconnect::on_reset() {
  for (Initiator& i : initiators_) i.link.clear(core::now());
  for (Target& t : targets_) t.link.clear(core::now());
}

SimTime Interconnect::period(const LinkConfig& link) { return link.clock.si() == 0 ? clock().period() : SimTime::from(1.0 / link.clock) * clock().divider(); }

SimTime Interconnect::occupancy(const LinkConfig& link, std::uint64_t bytes, std::uint64_t accesses) {
  const std::uint64_t width = link.width_bytes == 0 ? config_.width_bytes : link.width_bytes;
  return period(link) * std::max(accesses, core::divide_up(bytes, width));
}

SimTime Interconnect::latency(const Initiator& initiator, const Target& target) {
  return clock().cycles(config_.latency) + period(initiator.shape) * initiator.shape.latency + period(target.shape) * target.shape.latency;
}

SimTime Interconnect::stream(const Initiator& initiator, const Target& target, std::uint64_t bytes) {
  return std::max(occupancy(initiator.shape, bytes), occupancy(target.shape, bytes));
}

void Interconnect::bind_initiator(tlm::tlm_initiator_socket<>& socket, const LinkConfig& link) {
  const InsideModule inside(*this);
  const int index = static_cast<int>(initiators_.size());
  Initiator& initiator = initiators_.emplace_back();
  initiator.shape = link;
  const sc_core::sc_object* owner = socket.get_parent_object();
  initiator.name = owner != nullptr ? owner->name() : socket.name();
  initiator.socket = std::make_unique<tlm_utils::simple_target_socket_tagged<Interconnect>>(fmt::format("initiator_{}", index).c_str());
  initiator.socket->register_b_transport(this, &Interconnect::b_transport, index);
  initiator.socket->register_transport_dbg(this, &Interconnect::transport_dbg, index);
  initiator.socket->register_get_direct_mem_ptr(this, &Interconnect::get_direct_mem_ptr, index);
  initiator.socket->register_nb_transport_fw(this, &Interconnect::nb_transport_fw, index);
  socket.bind(*initiator.socket);
  if (phases_) phases_->add_initiator(initiator.link);
  if (auto* port = dynamic_cast<core::EnginePort*>(&socket)) port->configure(transport_);
}

void Interconnect::add_target(tlm::tlm_target_socket<>& socket, std::uint64_t base, std::uint64_t size, const std::string& name, const LinkConfig& link) {
  const int index = static_cast<int>(targets_.size());
  map_.add({base, size, name, targets_.size()});
  const InsideModule inside(*this);
  Target& target = targets_.emplace_back();
  target.shape = link;
  target.socket = std::make_unique<tlm_utils::simple_initiator_socket_tagged<Interconnect>>(fmt::format("target_{}", index).c_str());
  target.socket->register_invalidate_direct_mem_ptr(this, &Interconnect::invalidate_direct_mem_ptr, index);
  target.socket->register_nb_transport_bw(this, &Interconnect::nb_transport_bw, index);
  target.socket->bind(socket);
  if (phases_) phases_->add_target(target.link);
  target.bytes = &declare_counter(name + ".bytes");
  target.transactions = &declare_counter(name + ".transactions");
  target.wait_ps = &declare_counter(name + ".wait_ps");
  target.base = base;
  target.size = size;
}

core::DirectHop* Interconnect::hop(std::size_t initiator, std::size_t target) {
  std::unique_ptr<Hop>& slot = hops_[{initiator, target}];
  if (!slot) slot = std::make_unique<Hop>(*this, targets_[target]);
  return slot.get();
}

const AddressRange* Interconnect::decode(std::size_t initiator, const tlm::tlm_generic_payload& payload) {
  const std::uint64_t address = payload.get_address();
  const std::uint64_t span = shape_is_sane(payload) ? core::span_of(payload) : ~std::uint64_t{0};
  if (const AddressRange* range = map_.find(address, span)) return range;
  const AddressRange* start = map_.find(address);
  const core::Transfer& t = core::transfer_of(payload);
  log_guest_error("{} of {} bytes at {:#x} by {} (pc {:#x}): {}", payload.is_read() ? "read" : "write", payload.get_data_length(), address,
                  *t.initiator != '\0' ? t.initiator : initiators_[initiator].name.c_str(), t.pc,
                  start == nullptr ? "no target answers there" : fmt::format("reaches beyond the end of {} at {:#x}", start->name, start->last()));
  return nullptr;
}

Link::Passage Interconnect::book(std::size_t initiator, std::size_t target, const tlm::tlm_generic_payload& payload, SimTime at) {
  const std::uint64_t bytes = payload.get_data_length();
  const SimTime now = core::now();
  Initiator& i = initiators_[initiator];
  Target& t = targets_[target];
  const Link::Passage own = i.link.shared_burst(at, occupancy(i.shape, bytes), occupancy(i.shape, core::ordinary_burst), now);
  const SimTime busy = occupancy(t.shape, bytes);
  const Link::Passage passage = t.link.shared_burst(own.first, busy, occupancy(t.shape, core::ordinary_burst), now);
  account(t, payload, at, passage.first, busy);
  return {passage.first, std::max(own.start, passage.start)};
}

void Interconnect::account(Target& target, const tlm::tlm_generic_payload& payload, SimTime at, SimTime start, SimTime busy) {
  const std::uint64_t bytes = payload.get_data_length();
  *target.bytes += bytes;
  *target.transactions += 1;
  *target.wait_ps += (start - at).ps();
  add_busy(busy);
  const core::Transfer& transfer = core::transfer_of(payload);
  simulation().energy.spend(byte_, bytes, transfer.region, start, transfer.job);
}

void Interconnect::tell_of_write(const tlm::tlm_generic_payload& payload) const {
  if (!write_listener_ || !payload.is_write()) return;
  core::for_each_run(payload, [this](std::uint64_t address, const std::uint8_t*, std::uint64_t length) { write_listener_(address, length); });
}

tlm::tlm_sync_enum Interconnect::nb_transport_fw(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phases_) return phases_->forward(static_cast<std::size_t>(initiator), payload, phase, core::from_sc(delay));
  // Nobody of ours asks: a loosely timed bus is called by b_transport.
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum Interconnect::nb_transport_bw(int target, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  return phases_ ? phases_->backward(static_cast<std::size_t>(target), payload, phase, core::from_sc(delay)) : tlm::TLM_COMPLETED;
}

void Interconnect::announce(const tlm::tlm_generic_payload& payload) {
  if (!payload.is_write() || simulation().stores.idle()) return;
  const std::uint64_t first = payload.get_address();
  simulation().stores.stored(first, first + (core::span_of(payload) - 1), core::transfer_of(payload).watcher);
}

void Interconnect::b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const auto from = static_cast<std::size_t>(initiator);
  const AddressRange* range = decode(from, payload);
  if (range == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  tell_of_write(payload);
  const Target& target = targets_[range->target];
  const SimTime way = latency(initiators_[from], target), streaming = stream(initiators_[from], target, payload.get_data_length());
  auto& socket = *target.socket;
  if (std::vector<core::DirectHop*>* hops = core::transfer_of(payload).hops; hops != nullptr) {
    const std::size_t before = hops->size();
    {
      const LocalAddress local(payload, range->base);
      socket->b_transport(payload, delay);
    }
    announce(payload);
    if (hops->size() > before) {
      hops->push_back(hop(from, range->target));
      return;
    }
    const SimTime at = core::now() + core::from_sc(delay);
    delay += core::to_sc(book(from, range->target, payload, at).start - at + way + streaming);
    return;
  }
  const Link::Passage passage = book(from, range->target, payload, core::now() + core::from_sc(delay));
  delay = core::to_sc(passage.first + way - core::now());
  {
    const LocalAddress local(payload, range->base);
    socket->b_transport(payload, delay);
  }
  announce(payload);
  // The target may have waited: what is left of the link's time counts from the kernel's new time.
  const SimTime link_done = passage.start + way + streaming, now = core::now();
  if (link_done > now) delay = std::max(delay, core::to_sc(link_done - now));
}

unsigned Interconnect::transport_dbg(int, tlm::tlm_generic_payload& payload) {
  const AddressRange* range = map_.find(payload.get_address());
  if (range == nullptr) return 0;
  const unsigned length = payload.get_data_length();
  payload.set_data_length(static_cast<unsigned>(std::min<std::uint64_t>(length, range->last() - payload.get_address() + 1)));
  tell_of_write(payload);
  unsigned moved = 0;
  {
    const LocalAddress local(payload, range->base);
    moved = (*targets_[range->target].socket)->transport_dbg(payload);
  }
  payload.set_data_length(length);
  announce(payload);
  return moved;
}

bool Interconnect::get_direct_mem_ptr(int initiator, tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) {
  const AddressRange* range = map_.find(payload.get_address());
  if (range == nullptr) return false;
  std::vector<core::DirectHop*>* hops = core::transfer_of(payload).hops;
  const std::size_t before = hops != nullptr ? hops->size() : 0;
  bool granted = false;
  {
    const LocalAddress local(payload, range->base);
    granted = (*targets_[range->target].socket)->get_direct_mem_ptr(payload, dmi);
  }
  // The target speaks of addresses from 0 and knows nothing of the window it was given.
  dmi.set_start_address(range->base + std::min<std::uint64_t>(dmi.get_start_address(), range->size - 1));
  dmi.set_end_address(range->base + std::min<std::uint64_t>(dmi.get_end_address(), range->size - 1));
  if (granted && hops != nullptr && hops->size() > before) hops->push_back(hop(static_cast<std::size_t>(initiator), range->target));
  return granted;
}

void Interconnect::invalidate_direct_mem_ptr(int target, sc_dt::uint64 start, sc_dt::uint64 end) {
  const Target& t = targets_[static_cast<std::size_t>(target)];
  if (start >= t.size) return;
  const std::uint64_t last = std::min<std::uint64_t>(end, t.size - 1);
  for (Initiator& i : initiators_) (*i.socket)->invalidate_direct_mem_ptr(t.base + start, t.base + last);
}

}  // namespace spinvp::interconnect
