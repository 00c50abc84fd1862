#include <catch2/catch.hpp>

#include <cstring>

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "models/core/transport.h"

using namespace spinvp::core;

namespace {

struct Burst {
  bool read;
  std::uint64_t address, length, row_bytes, stride;
  friend bool operator==(const Burst&, const Burst&) = default;
};

// Notes each burst and takes 10 ns for it.
struct Target : sc_core::sc_module {
  tlm_utils::simple_target_socket<Target> socket{"socket"};
  std::vector<Burst> bursts;
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(1 << 20);
  std::uint64_t refuse = ~std::uint64_t{0}, phantoms = 0;
  RegionId region = 0;
  explicit Target(const sc_core::sc_module_name& name) : sc_module(name) { socket.register_b_transport(this, &Target::b_transport); }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
    const Transfer& t = transfer_of(payload);
    region = t.region;
    CHECK(std::string(t.initiator) == "engine");
    bursts.push_back({payload.is_read(), payload.get_address(), payload.get_data_length(), t.row_bytes, t.stride});
    delay += to_sc(SimTime::ns(10));
    if (payload.get_address() == refuse) {
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return;
    }
    if (t.phantom) {
      CHECK(payload.get_data_ptr() == nullptr);
      ++phantoms;
      payload.set_response_status(tlm::TLM_OK_RESPONSE);
      return;
    }
    for_each_run(payload, [&](std::uint64_t at, std::uint8_t* data, std::uint64_t n) {
      if (payload.is_read())
        std::memcpy(data, &bytes[at], n);
      else
        std::memcpy(&bytes[at], data, n);
    });
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
};

struct Engine : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Engine> socket{"socket"};
  BusMaster master{socket, "engine"};
  Target target{"target"};
  explicit Engine(const sc_core::sc_module_name& name) : sc_module(name) { socket.bind(target.socket); }
  void run(std::function<void()> body) {
    sc_core::sc_spawn(body);
    sc_core::sc_start();
  }
};

}  // namespace

TEST_CASE("A long transfer travels in bursts of 4 KiB, each waited out") {
  Engine e("engine");
  std::vector<std::uint8_t> data(9000);
  e.run([&] {
    CHECK(e.master.read(100, data, 7, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(now() == SimTime::ns(30));
  });
  CHECK(e.target.bursts == std::vector<Burst>{{true, 100, 4096, 0, 0}, {true, 4196, 4096, 0, 0}, {true, 8292, 808, 0, 0}});
  CHECK(e.target.region == 7);
  CHECK(e.master.waited() == SimTime::ns(30));
}

TEST_CASE("A stream travels in 256 bursts, but none shorter than 4 KiB or longer than 512 KiB") {
  constexpr std::uint64_t kib = 1024, mib = 1024 * kib;
  CHECK(burst_bytes(1) == 4 * kib);
  CHECK(burst_bytes(1 * mib) == 4 * kib);
  CHECK(burst_bytes(2 * mib - 1) == 4 * kib);  // whole ordinary bursts: 7.99 KiB is one
  CHECK(burst_bytes(2 * mib) == 8 * kib);
  CHECK(burst_bytes(12 * mib) == 48 * kib);
  CHECK(burst_bytes(128 * mib) == 512 * kib);
  CHECK(burst_bytes(~std::uint64_t{0}) == 512 * kib);
  Engine e("engine");
  std::vector<std::uint8_t> data(2 * mib / 4);
  e.run([&] { CHECK(e.master.read(0, data, 0, nullptr, {0, 0}, burst_bytes(2 * mib)) == tlm::TLM_OK_RESPONSE); });
  CHECK(e.target.bursts.size() == 64);
  CHECK(e.target.bursts.back() == Burst{true, 63 * 8 * kib, 8 * kib, 0, 0});
}

TEST_CASE("A posted write moves its bytes at once and says when it is over, while the engine goes on") {
  Engine e("engine");
  std::vector<std::uint8_t> data(100, 5), back(100);
  e.run([&] {
    PostedWrite posted;
    CHECK(e.master.write(0, data, 7, nullptr, {0, 0}, longest_burst, &posted) == tlm::TLM_OK_RESPONSE);
    CHECK(now() == SimTime::ns(0));
    CHECK(posted.over == SimTime::ns(10));
    CHECK(e.master.read(0, back, 7, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(now() == SimTime::ns(10));
    CHECK(back == data);
    CHECK(e.master.write_phantom(0, 100, 7, nullptr, {0, 0}, longest_burst, &posted) == tlm::TLM_OK_RESPONSE);
    CHECK(posted.over == SimTime::ns(20));
  });
}

TEST_CASE("A phantom travels in the same bursts at the same times, without a data pointer") {
  Engine e("engine");
  std::vector<std::uint8_t> data(9000);
  std::vector<Burst> real;
  e.run([&] {
    CHECK(e.master.read(100, data, 7, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(e.master.write(0, data, 7, nullptr, {900, 1000}) == tlm::TLM_OK_RESPONSE);
    const SimTime taken = now();
    real.swap(e.target.bursts);
    CHECK(e.target.phantoms == 0);
    CHECK(e.master.read_phantom(100, 9000, 7, nullptr) == tlm::TLM_OK_RESPONSE);
    CHECK(e.master.write_phantom(0, 9000, 7, nullptr, {900, 1000}) == tlm::TLM_OK_RESPONSE);
    CHECK(now() == taken * 2);
  });
  CHECK(e.target.bursts == real);
  CHECK(e.target.phantoms == real.size());
}

TEST_CASE("Strided rows share a burst as far as whole rows fit") {
  Engine e("engine");
  std::vector<std::uint8_t> data(5 * 1000);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i % 251);
  e.run([&] { CHECK(e.master.write(0, data, 0, nullptr, {1000, 5000}) == tlm::TLM_OK_RESPONSE); });
  CHECK(e.target.bursts == std::vector<Burst>{{false, 0, 4000, 1000, 5000}, {false, 20000, 1000, 1000, 5000}});
  for (std::size_t row = 0; row < 5; ++row) CHECK(std::memcmp(&e.target.bytes[5000 * row], &data[1000 * row], 1000) == 0);
}

TEST_CASE("A row longer than a burst is split, and dense rows are one run") {
  Engine e("engine");
  std::vector<std::uint8_t> data(2 * 5000);
  e.run([&] {
    CHECK(e.master.read(0, data, 0, nullptr, {5000, 6000}) == tlm::TLM_OK_RESPONSE);
    CHECK(e.master.read(0, std::span(data).first(4000), 0, nullptr, {1000, 1000}) == tlm::TLM_OK_RESPONSE);
  });
  CHECK(e.target.bursts ==
        std::vector<Burst>{{true, 0, 4096, 0, 0}, {true, 4096, 904, 0, 0}, {true, 6000, 4096, 0, 0}, {true, 10096, 904, 0, 0}, {true, 0, 4000, 0, 0}});
}

TEST_CASE("The first burst that fails ends the transfer and is named") {
  Engine e("engine");
  std::vector<std::uint8_t> data(3 * 4096);
  e.target.refuse = 4096;
  e.run([&] {
    CHECK(e.master.read(0, data, 0, nullptr) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(e.master.failed_address() == 4096);
  });
  CHECK(e.target.bursts.size() == 2);
}

TEST_CASE("The span of a payload reaches from its first to its last byte") {
  tlm::tlm_generic_payload payload;
  payload.set_data_length(300);
  CHECK(span_of(payload) == 300);
  Transfer transfer;
  transfer.row_bytes = 100;
  transfer.stride = 1000;
  payload.set_extension(&transfer);
  CHECK(span_of(payload) == 2100);
  payload.set_data_length(250);  // the last row is short
  CHECK(span_of(payload) == 2050);
  payload.clear_extension(&transfer);
}
