// The lane-major window: layout address by address, cost, partial and strided accesses.
#include "tests/unit/pim/controller_bench.h"

using namespace bench;

TEST_CASE("every word of the window is the word of its subarray, lane and index") {
  Bench b;
  b.run([&] {
    // Contract: subarray s, lane c, word w at s * (lanes * rows / 8) + c * (rows / 8) + 4 w; here 64 lanes of 256 rows.
    CHECK(b.pim.windows()[1].size == 4 * 64 * 32);
    CHECK(b.pim.windows()[1].at == 0x30'0000'0000);
    for (std::uint32_t s = 0; s < 4; ++s)
      for (std::uint32_t c = 0; c < 64; ++c)
        for (std::uint32_t w = 0; w < 8; ++w) {
          std::uint32_t value = 0xab000000 | s << 16 | c << 8 | w;
          const std::uint64_t offset = s * 64 * 32 + c * 32 + 4 * w;
          CHECK(b.window(tlm::TLM_WRITE_COMMAND, offset, &value, 4) == tlm::TLM_OK_RESPONSE);
        }
    for (std::uint32_t s = 0; s < 4; ++s)
      for (std::uint32_t c = 0; c < 64; ++c)
        for (std::uint32_t w = 0; w < 8; ++w) {
          const std::uint32_t value = 0xab000000 | s << 16 | c << 8 | w;
          CHECK(b.pim.store().plane(s, w)[c] == value);
          std::uint32_t back = 0;
          CHECK(b.window(tlm::TLM_READ_COMMAND, s * 64 * 32 + c * 32 + 4 * w, &back, 4) == tlm::TLM_OK_RESPONSE);
          CHECK(back == value);
        }
  });
}

TEST_CASE("with the default geometry a subarray takes 2^17 bytes and a lane 128") {
  Bench b(pim::PimConfig{});
  b.run([&] {
    std::uint32_t value = 0x12345678;
    CHECK(b.window(tlm::TLM_WRITE_COMMAND, 63u * (1u << 17) + 1000u * 128 + 4 * 31, &value, 4) == tlm::TLM_OK_RESPONSE);
    CHECK(b.pim.store().plane(63, 31)[1000] == 0x12345678);
  });
}

TEST_CASE("bytes, halves and accesses across words and lanes fall where memory would put them") {
  Bench b;
  b.run([&] {
    std::vector<std::uint8_t> mirror(4 * 64 * 32, 0);
    std::uint64_t state = 9;
    const auto draw = [&](std::uint64_t bound) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return (state >> 33) % bound;
    };
    for (int i = 0; i < 500; ++i) {
      const std::uint64_t length = 1 + draw(300), offset = draw(mirror.size() - length);
      std::vector<std::uint8_t> data(length);
      for (auto& byte : data) byte = static_cast<std::uint8_t>(draw(256));
      std::copy(data.begin(), data.end(), mirror.begin() + static_cast<std::ptrdiff_t>(offset));
      CHECK(b.window(tlm::TLM_WRITE_COMMAND, offset, data.data(), static_cast<unsigned>(length)) == tlm::TLM_OK_RESPONSE);
    }
    std::vector<std::uint8_t> back(mirror.size());
    CHECK(b.window(tlm::TLM_READ_COMMAND, 0, back.data(), static_cast<unsigned>(back.size())) == tlm::TLM_OK_RESPONSE);
    CHECK(back == mirror);
    std::fill(back.begin(), back.end(), std::uint8_t{0});
    CHECK(b.window_debug(tlm::TLM_READ_COMMAND, 0, back.data(), static_cast<unsigned>(back.size())) == back.size());
    CHECK(back == mirror);
  });
}

TEST_CASE("an access outside the arrays is refused") {
  Bench b;
  b.run([&] {
    std::uint32_t value = 0;
    CHECK(b.window(tlm::TLM_READ_COMMAND, 4 * 64 * 32 - 2, &value, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(b.window(tlm::TLM_READ_COMMAND, 4 * 64 * 32, &value, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(b.window(tlm::TLM_READ_COMMAND, 0xffffffffffffffff, &value, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    CHECK(b.window_debug(tlm::TLM_READ_COMMAND, 4 * 64 * 32 - 2, &value, 4) == 2);
    CHECK(b.window_debug(tlm::TLM_READ_COMMAND, 4 * 64 * 32, &value, 4) == 0);
  });
}

TEST_CASE("an access costs the rows that it touches: 8 a byte, shared by all lanes of a subarray") {
  Bench b;
  b.run([&] {
    std::vector<std::uint32_t> words(2048, 5);
    SimTime delay;
    b.window(tlm::TLM_WRITE_COMMAND, 0, words.data(), 4, &delay);
    CHECK(delay == SimTime::ps(32 * 266));
    sc_core::wait(1, sc_core::SC_US);
    b.window(tlm::TLM_READ_COMMAND, 0, words.data(), 4, &delay);
    CHECK(delay == SimTime::ps(32 * 221));
    sc_core::wait(1, sc_core::SC_US);
    b.window(tlm::TLM_WRITE_COMMAND, 5, words.data(), 1, &delay);
    CHECK(delay == SimTime::ps(8 * 266));
    sc_core::wait(1, sc_core::SC_US);
    // A whole subarray: its 256 rows.
    b.window(tlm::TLM_WRITE_COMMAND, 0, words.data(), 2048, &delay);
    CHECK(delay == SimTime::ps(256 * 266));
    sc_core::wait(1, sc_core::SC_US);
    // Word 3 of all 64 lanes of two subarrays: 32 rows each.
    b.window(tlm::TLM_WRITE_COMMAND, 12, words.data(), 512, &delay, 4, 32);
    CHECK(delay == SimTime::ps(2 * 32 * 266));
    for (std::uint64_t i = 0; i < 128; ++i) CHECK(b.lane(i, 3) == 5);
    CHECK(b.lane(128, 3) == 0);
  });
}

TEST_CASE("two accesses at once wait for each other") {
  Bench b;
  b.run([&] {
    std::uint32_t value = 1;
    SimTime first, second;
    b.window(tlm::TLM_WRITE_COMMAND, 0, &value, 4, &first);
    b.window(tlm::TLM_WRITE_COMMAND, 4, &value, 4, &second);
    CHECK(first == SimTime::ps(32 * 266));
    CHECK(second == SimTime::ps(2 * 32 * 266));
  });
}

TEST_CASE("the window is served while a command runs") {
  Bench b;
  b.run([&] {
    b.start_queue();
    b.submit(lanes(SPINVP_PIM_MULTIPLY, 0, 256));
    sc_core::wait(100, sc_core::SC_NS);
    CHECK((b.peek(STATUS) & 1) == 1);
    std::uint32_t value = 77;
    SimTime delay;
    CHECK(b.window(tlm::TLM_WRITE_COMMAND, 28, &value, 4, &delay) == tlm::TLM_OK_RESPONSE);
    CHECK(delay == SimTime::ps(32 * 266));
    CHECK(b.lane(0, 7) == 77);
  });
}

TEST_CASE("window accesses are counted in bytes and cells") {
  Bench b;
  b.run([&] {
    std::vector<std::uint8_t> data(100);
    b.window(tlm::TLM_WRITE_COMMAND, 0, data.data(), 100);
    b.window(tlm::TLM_READ_COMMAND, 0, data.data(), 50);
    std::uint64_t written = 0, read = 0;
    for (const auto& event : b.simulation.energy.events()) {
      if (event.event == "write_cell") written = event.count;
      if (event.event == "read_cell") read = event.count;
    }
    CHECK(written == 8 * 100);
    CHECK(read == 8 * 50);
    for (const auto& counter : b.pim.counters()) {
      if (counter.name == "window_write_bytes") CHECK(counter.value == 100);
      if (counter.name == "window_read_bytes") CHECK(counter.value == 50);
    }
  });
}

TEST_CASE("an access without values is refused: the arrays' cells and energy follow from values") {
  Bench b;
  b.run([&] {
    for (const tlm::tlm_command command : {tlm::TLM_READ_COMMAND, tlm::TLM_WRITE_COMMAND})
      CHECK(b.window(command, 0, nullptr, 4) == tlm::TLM_GENERIC_ERROR_RESPONSE);
    CHECK(b.pim.store().plane(0, 0)[0] == 0);
  });
}
