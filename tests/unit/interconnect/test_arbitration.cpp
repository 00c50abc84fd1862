// Both modes of the bus against arbiters that step cycle by cycle, written from the rules alone (interconnect.h, crossbar.h), on small random traffic.
#include <algorithm>
#include <random>

#include "tests/unit/interconnect/bus_driver.h"
#include "tests/unit/interconnect/phase_bench.h"

using namespace spinvp;
using namespace spinvp::test;
using interconnect::Interconnect;

namespace {

constexpr std::uint64_t targets = 3, window = 0x100000, base = 0x100000, latency = 8, width = 128;

struct Asked {
  std::uint64_t at, target, bytes;  // cycles of 1 ns
  [[nodiscard]] std::uint64_t beats() const { return (bytes + width - 1) / width; }
};
using Script = std::vector<Asked>;

std::uint64_t draw(std::mt19937_64& random, std::uint64_t least, std::uint64_t most) { return least + random() % (most - least + 1); }

// Now and then a pause, otherwise one after the other.
Script draw_script(std::mt19937_64& random, std::uint64_t count) {
  Script script;
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    at += random() % 4 == 0 ? draw(random, 0, 120) : draw(random, 0, 3);
    script.push_back({at, draw(random, 0, targets - 1), random() % 3 == 0 ? draw(random, 1, 300) : 512 * draw(random, 1, 8)});
  }
  return script;
}

std::uint64_t service_of(std::uint64_t bytes) { return 3 + bytes % 61; }

// Loosely timed. A link is a row of cycles, each free or taken; a burst takes the earliest cycles in a row that hold it.
class Row {
 public:
  std::uint64_t take(std::uint64_t from, std::uint64_t cycles) {
    for (std::uint64_t start = from;; ++start) {
      if (taken_.size() < start + cycles) taken_.resize(2 * (start + cycles));
      if (std::none_of(taken_.begin() + static_cast<long>(start), taken_.begin() + static_cast<long>(start + cycles), [](bool t) { return t; })) {
        std::fill_n(taken_.begin() + static_cast<long>(start), cycles, true);
        return start;
      }
    }
  }

 private:
  std::vector<bool> taken_;
};

// Approximately timed, one cycle after the other.
struct Stepped {
  struct Transaction {
    std::uint64_t initiator, place, target, bytes, beats, ready = 0, done = 0, door = 0;
  };
  struct Initiator {
    Script script;
    std::uint64_t sent = 0, in_flight = 0, waiting = 0, link_free = 0, request_ends = 0;
    Transaction* asks = nullptr;
    bool in_request = false;
    std::vector<std::uint64_t> ends;  // by place: when its response comes
  };
  struct Target {
    std::deque<Transaction*> waiting, way, accepted;
    Transaction* held = nullptr;
    std::uint64_t link_free = 0, free = 0;
  };
  std::uint64_t outstanding, buffer, capacity;
  std::vector<Initiator> initiators;
  std::vector<Target> all_targets = std::vector<Target>(targets);
  std::deque<Transaction> transactions;
  std::vector<Transaction*> answered;

  Stepped(std::uint64_t under_way, std::uint64_t room, std::uint64_t accepted) : outstanding(under_way), buffer(room), capacity(accepted) {}
  void accept(Target& t, Transaction* x, std::uint64_t c) {
    t.free = std::max(t.free, c) + service_of(x->bytes);
    x->done = t.free;
    t.accepted.push_back(x);
  }
  // What can happen in cycle c without a link being given; whether anything did.
  bool move(std::uint64_t c) {
    bool moved = false;
    for (std::uint64_t n = 0; n < initiators.size(); ++n) {
      Initiator& i = initiators[n];
      if (i.in_request && i.asks == nullptr && i.request_ends == c) i.in_request = false, moved = true;
      if (!i.in_request && i.sent < i.script.size() && i.script[i.sent].at <= c && i.in_flight < outstanding) {
        const Asked& a = i.script[i.sent];
        i.asks = &transactions.emplace_back(Transaction{n, i.sent, a.target, a.bytes, a.beats()});
        ++i.sent, ++i.in_flight, i.in_request = true, moved = true;
      }
    }
    for (Target& t : all_targets) {
      if (!t.accepted.empty() && t.accepted.front()->done == c) {
        answered.push_back(t.accepted.front());
        t.accepted.pop_front();
        moved = true;
      }
      if (t.held != nullptr && t.accepted.size() < capacity) accept(t, t.held, c), t.held = nullptr, moved = true;
      if (t.held == nullptr && !t.way.empty() && t.way.front()->door <= c) {
        Transaction* x = t.way.front();
        t.way.pop_front();
        if (t.accepted.size() < capacity)
          accept(t, x, c);
        else
          t.held = x;
        moved = true;
      }
    }
    for (auto& x : answered) {
      if (x == nullptr || std::max(x->done, x->ready) != c) continue;
      Initiator& i = initiators[x->initiator];
      --i.in_flight;
      i.ends[x->place] = c;
      x = nullptr;
      moved = true;
    }
    return moved;
  }
  bool give(std::uint64_t c) {
    bool any = false;
    for (bool again = true; again;) {
      again = false;
      for (Initiator& i : initiators) {
        if (i.asks == nullptr || i.waiting >= buffer || i.link_free > c) continue;
        i.link_free = i.request_ends = c + i.asks->beats;
        ++i.waiting;
        all_targets[i.asks->target].waiting.push_back(i.asks);
        i.asks = nullptr;
        any = true;
      }
      for (Target& t : all_targets) {
        if (t.held != nullptr || t.waiting.empty() || t.link_free > c) continue;
        Transaction* x = t.waiting.front();
        t.waiting.pop_front();
        t.link_free = c + x->beats;
        --initiators[x->initiator].waiting;
        x->door = c + latency;
        x->ready = c + latency + x->beats;
        t.way.push_back(x);
        again = any = true;
      }
    }
    return any;
  }
  void run() {
    for (Initiator& i : initiators) i.ends.assign(i.script.size(), 0);
    const auto over = [](const Initiator& i) { return i.sent == i.script.size() && i.in_flight == 0; };
    for (std::uint64_t c = 0; !std::all_of(initiators.begin(), initiators.end(), over); ++c) do
        while (move(c)) {}
      while (give(c));
  }
};

// Sends its script in phases, with a limit of transactions under way; notes when responses come.
struct Scripted : sc_core::sc_module, tlm::tlm_mm_interface {
  tlm_utils::simple_initiator_socket<Scripted> socket{"socket"};
  Script script;
  std::uint64_t outstanding = 1;
  std::vector<SimTime> ends;

  explicit Scripted(const sc_core::sc_module_name& name) : sc_module(name) {
    socket.register_nb_transport_bw(this, &Scripted::backward);
    sc_core::sc_spawn([this] { send(); }, "send");
  }

 private:
  struct Payload : tlm::tlm_generic_payload {
    explicit Payload(tlm::tlm_mm_interface* manager) : tlm_generic_payload(manager) {}
    core::Transfer* transfer = new core::Transfer;
    std::uint64_t place = 0;
  };
  std::deque<Payload> payloads_;
  bool in_request_ = false;
  std::uint64_t in_flight_ = 0;
  sc_core::sc_event changed_;

  void free(tlm::tlm_generic_payload*) override {}
  void send() {
    ends.assign(script.size(), SimTime());
    for (std::uint64_t i = 0; i < script.size(); ++i) {
      const SimTime at = SimTime::ns(script[i].at);
      if (at > core::now()) sc_core::wait(core::to_sc(at - core::now()));
      while (in_request_ || in_flight_ >= outstanding) sc_core::wait(changed_);
      Payload& p = payloads_.emplace_back(this);
      p.place = i;
      p.transfer->phantom = true;
      p.set_extension(p.transfer);
      p.set_command(i % 2 == 0 ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
      p.set_address(base + script[i].target * window);
      p.set_data_length(static_cast<unsigned>(script[i].bytes));
      p.acquire();
      in_request_ = true;
      ++in_flight_;
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      CHECK(socket->nb_transport_fw(p, phase, delay) == tlm::TLM_ACCEPTED);
    }
  }
  tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    changed_.notify(sc_core::SC_ZERO_TIME);
    if (phase == tlm::END_REQ) {
      in_request_ = false;
      return tlm::TLM_ACCEPTED;
    }
    --in_flight_;
    ends[static_cast<Payload&>(payload).place] = core::now();
    return tlm::TLM_COMPLETED;
  }
};

struct Case {
  std::uint64_t outstanding, buffer, capacity, initiators;
};

void check_against_steps(const Case& c) {
  core::Simulation simulation;
  Interconnect bus{"bus", simulation, {}, at(4096, c.outstanding, c.buffer)};
  std::mt19937_64 random(c.outstanding);
  Stepped reference(c.outstanding, c.buffer, c.capacity);
  std::deque<Scripted> initiators;
  std::deque<QueueTarget> memories;
  for (std::uint64_t i = 0; i < c.initiators; ++i) {
    Scripted& s = initiators.emplace_back(sc_core::sc_gen_unique_name("initiator"));
    s.script = draw_script(random, 3200 / c.initiators);
    s.outstanding = c.outstanding;
    bus.bind_initiator(s.socket);
    reference.initiators.emplace_back().script = s.script;
  }
  for (std::uint64_t t = 0; t < targets; ++t) {
    QueueTarget& m = memories.emplace_back(sc_core::sc_gen_unique_name("memory"));
    m.capacity = c.capacity;
    m.takes = [](const tlm::tlm_generic_payload& p) { return SimTime::ns(service_of(p.get_data_length())); };
    bus.add_target(m.socket, base + t * window, window, "memory" + std::to_string(t));
  }
  sc_core::sc_start();
  reference.run();
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < c.initiators; ++i)
    for (std::uint64_t k = 0; k < initiators[i].script.size(); ++k) {
      INFO("transaction " << k << " of initiator " << i);
      REQUIRE(initiators[i].ends[k] == SimTime::ns(reference.initiators[i].ends[k]));
      last = std::max(last, reference.initiators[i].ends[k]);
    }
  CHECK(last > 3200);
}

}  // namespace

// Some 3,200 transactions each; SystemC elaborates once a process, so each set-up is a case of its own.
TEST_CASE("approximately timed, transactions end in the cycles of an arbiter stepped cycle by cycle: one under way, no room anywhere") {
  check_against_steps({1, 1, 1, 2});
}
TEST_CASE("approximately timed, transactions end in the cycles of an arbiter stepped cycle by cycle: two under way, no room anywhere") {
  check_against_steps({2, 1, 1, 3});
}
TEST_CASE("approximately timed, transactions end in the cycles of an arbiter stepped cycle by cycle: four under way, room for two") {
  check_against_steps({4, 2, 2, 4});
}
TEST_CASE("approximately timed, transactions end in the cycles of an arbiter stepped cycle by cycle: eight under way, room for eight") {
  check_against_steps({8, 8, 8, 4});
}

TEST_CASE("loosely timed, 4,000 random bursts take the cycles that a row of free and taken cycles gives them") {
  core::Simulation simulation;
  Interconnect bus{"bus", simulation, {}};
  constexpr std::uint64_t count = 4;
  std::deque<BusDriver> initiators;
  std::deque<QueueTarget> memories;
  std::vector<Row> own(count), shared(targets);
  std::vector<std::uint64_t> busy_until(targets, 0);
  for (std::uint64_t i = 0; i < count; ++i) {
    BusDriver& d = initiators.emplace_back(sc_core::sc_gen_unique_name("initiator"));
    d.transfer.phantom = true;
    bus.bind_initiator(d.socket);
  }
  for (std::uint64_t t = 0; t < targets; ++t) {
    QueueTarget& m = memories.emplace_back(sc_core::sc_gen_unique_name("memory"));
    m.takes = [](const tlm::tlm_generic_payload& p) { return SimTime::ns(service_of(p.get_data_length())); };
    bus.add_target(m.socket, base + t * window, window, "memory" + std::to_string(t));
  }
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::mt19937_64 random(7);
  for (std::uint64_t k = 0, now = 0; k < 4000; ++k) {
    const std::uint64_t step = draw(random, 0, 60), i = draw(random, 0, count - 1), t = draw(random, 0, targets - 1);
    if (step > 0) sc_core::sc_start(sc_core::sc_time(static_cast<double>(step), sc_core::SC_NS));
    now += step;
    // Up to 200 cycles ahead of the kernel, as initiators with a local time are.
    const std::uint64_t at = now + draw(random, 0, 200), bytes = draw(random, 1, 4096), beats = (bytes + width - 1) / width;
    const std::uint64_t start = shared[t].take(own[i].take(at, beats), beats);
    busy_until[t] = std::max(busy_until[t], start + latency) + service_of(bytes);
    INFO("burst " << k);
    REQUIRE(initiators[i].read(base + t * window, bytes, SimTime::ns(at - now)).ready == SimTime::ns(std::max(busy_until[t], start + latency + beats)));
  }
}
