#include "models/interconnect/interconnect_phases.h"

#include <algorithm>

namespace spinvp::interconnect {

using core::SimTime;

struct Interconnect::Phases::Route : tlm::tlm_extension<Route> {
  std::size_t initiator = 0, target = 0;
  std::uint64_t address = 0;  // as the initiator knows it
  SimTime asked, link_done;   // when it came, and when its links are through with it
  SimTime latency, streaming, busy;
  [[nodiscard]] tlm_extension_base* clone() const override { return new Route(*this); }
  void copy_from(const tlm_extension_base& other) override { *this = static_cast<const Route&>(other); }
  static Route& of(tlm::tlm_generic_payload& payload) {
    Route* route = payload.get_extension<Route>();
    if (route == nullptr) payload.set_extension(route = new Route);
    return *route;
  }
};

Interconnect::Phases::Phases(Interconnect& bus) : bus_(bus), crossbar_(bus.transport_.buffer) {
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&due_);
  options.dont_initialize();
  sc_core::sc_spawn([this] { work(); }, sc_core::sc_gen_unique_name("phases"), &options);
}

void Interconnect::Phases::add_initiator(Link& link) {
  crossbar_.add_initiator(link);
  responses_.emplace_back();
}

void Interconnect::Phases::add_target(Link& link) {
  crossbar_.add_target(link);
  doors_.emplace_back();
}

void Interconnect::Phases::add(SimTime at, What what, std::size_t port, tlm::tlm_generic_payload* payload) {
  agenda_.push({at, items_++, what, port, payload});
  if (working_) return;
  const SimTime now = core::now();
  due_.notify(at > now ? core::to_sc(at - now) : sc_core::SC_ZERO_TIME);
}

tlm::tlm_sync_enum Interconnect::Phases::forward(std::size_t initiator, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, SimTime delay) {
  if (phase == tlm::BEGIN_REQ) {
    bus_.tell_of_write(payload);
    payload.acquire();
    add(core::now() + delay, What::request, initiator, &payload);
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP) add(core::now() + delay, What::end_response, initiator, &payload);
  return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum Interconnect::Phases::backward(std::size_t target, tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, SimTime delay) {
  const SimTime at = core::now() + delay;
  if (doors_[target].open == &payload) add(at, What::door_free, target, &payload);
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  answered(payload, at);
  return tlm::TLM_COMPLETED;
}

void Interconnect::Phases::work() {
  const SimTime now = core::now();
  const auto due = [&] { return !agenda_.empty() && agenda_.top().at <= now; };
  if (crossbar_.next() <= now) undecided_ = true;
  working_ = true;
  while (due()) {
    const Item item = agenda_.top();
    agenda_.pop();
    perform(item);
    undecided_ = true;
    quiet_ = 0;
  }
  if (undecided_ && quiet_ == quiet_cycles) {
    undecided_ = false;
    decide(now);
  }
  working_ = false;
  if (undecided_ || due()) {
    ++quiet_;
    return due_.notify(sc_core::SC_ZERO_TIME);
  }
  quiet_ = 0;
  const SimTime next = std::min(crossbar_.next(), agenda_.empty() ? SimTime::never() : agenda_.top().at);
  if (next != SimTime::never()) due_.notify(core::to_sc(next - now));
}

void Interconnect::Phases::perform(const Item& item) {
  switch (item.what) {
    case What::request: return ask(item.port, *item.payload);
    case What::end_request: {
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      (*bus_.initiators_[item.port].socket)->nb_transport_bw(*item.payload, phase, delay);
      return;
    }
    case What::at_door: doors_[item.port].waiting.push_back(item.payload); return knock(item.port);
    case What::door_free: return free_door(item.port, item.payload);
    case What::response: responses_[item.port].waiting.push_back(item.payload); return respond(item.port);
    case What::end_response:
      if (!responses_[item.port].open) return;
      responses_[item.port].open = false;
      item.payload->release();
      return respond(item.port);
  }
}

void Interconnect::Phases::ask(std::size_t initiator, tlm::tlm_generic_payload& payload) {
  const SimTime now = core::now();
  Route& route = Route::of(payload);
  route.initiator = initiator;
  route.address = payload.get_address();
  route.asked = route.link_done = now;
  const AddressRange* range = bus_.decode(initiator, payload);
  if (range == nullptr) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    add(now, What::end_request, initiator, &payload);
    add(now, What::response, initiator, &payload);
    return;
  }
  const Initiator& i = bus_.initiators_[initiator];
  const Target& t = bus_.targets_[range->target];
  const std::uint64_t bytes = payload.get_data_length();
  const SimTime own = bus_.occupancy(i.shape, bytes);
  route.target = range->target;
  route.busy = bus_.occupancy(t.shape, bytes);
  route.latency = bus_.latency(i, t);
  route.streaming = std::max(own, route.busy);
  crossbar_.request({initiator, range->target, own, route.busy, &payload});
}

void Interconnect::Phases::decide(SimTime now) {
  crossbar_.decide(
      now,
      [&](const Crossbar::Request& request) {
        add(now + request.own, What::end_request, request.initiator, static_cast<tlm::tlm_generic_payload*>(request.item));
      },
      [&](const Crossbar::Request& request) {
        auto& payload = *static_cast<tlm::tlm_generic_payload*>(request.item);
        Route& route = Route::of(payload);
        route.link_done = now + route.latency + route.streaming;
        bus_.account(bus_.targets_[route.target], payload, route.asked, now, route.busy);
        add(now + route.latency, What::at_door, route.target, &payload);
      });
}

// Offers the target the next request at its door, unless it is still to end the last one.
void Interconnect::Phases::knock(std::size_t target) {
  Door& door = doors_[target];
  while (door.open == nullptr && !door.waiting.empty()) {
    tlm::tlm_generic_payload& payload = *door.waiting.front();
    door.waiting.pop_front();
    door.open = &payload;
    payload.set_address(payload.get_address() - bus_.targets_[target].base);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum result = (*bus_.targets_[target].socket)->nb_transport_fw(payload, phase, delay);
    if (payload.is_write() && !bus_.simulation().stores.idle()) {  // our memories move the bytes when they are asked
      payload.set_address(payload.get_address() + bus_.targets_[target].base);
      bus_.announce(payload);
      payload.set_address(payload.get_address() - bus_.targets_[target].base);
    }
    if (result == tlm::TLM_ACCEPTED) break;
    const SimTime at = core::now() + core::from_sc(delay);
    if (result == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) {
      answered(payload, at);
      if (result == tlm::TLM_UPDATED) {
        phase = tlm::END_RESP;
        (*bus_.targets_[target].socket)->nb_transport_fw(payload, phase, delay);
      }
    }
    if (delay != sc_core::SC_ZERO_TIME) {
      add(at, What::door_free, target, &payload);
      break;
    }
    door.open = nullptr;
  }
  crossbar_.block(target, door.open != nullptr);
}

void Interconnect::Phases::free_door(std::size_t target, const tlm::tlm_generic_payload* payload) {
  if (doors_[target].open != payload) return;
  doors_[target].open = nullptr;
  knock(target);
}

bool Interconnect::Phases::idle() const {
  const auto quiet = [](const Responses& r) { return r.waiting.empty() && !r.open; };
  const auto shut = [](const Door& d) { return d.waiting.empty() && d.open == nullptr; };
  return agenda_.empty() && crossbar_.idle() && std::all_of(responses_.begin(), responses_.end(), quiet) && std::all_of(doors_.begin(), doors_.end(), shut);
}

void Interconnect::Phases::answered(tlm::tlm_generic_payload& payload, SimTime at) {
  const Route& route = Route::of(payload);
  add(std::max(at, route.link_done), What::response, route.initiator, &payload);
}

void Interconnect::Phases::respond(std::size_t initiator) {
  Responses& responses = responses_[initiator];
  while (!responses.open && !responses.waiting.empty()) {
    tlm::tlm_generic_payload& payload = *responses.waiting.front();
    responses.waiting.pop_front();
    payload.set_address(Route::of(payload).address);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    responses.open = true;
    const tlm::tlm_sync_enum result = (*bus_.initiators_[initiator].socket)->nb_transport_bw(payload, phase, delay);
    if (result == tlm::TLM_ACCEPTED) return;
    if (delay != sc_core::SC_ZERO_TIME) return add(core::now() + core::from_sc(delay), What::end_response, initiator, &payload);
    responses.open = false;
    payload.release();
  }
}

}  // namespace spinvp::interconnect
