#include <catch2/catch.hpp>

#include <numeric>

#include "models/core/transport.h"
#include "models/memory/burst_plan.h"

using namespace spinvp;
using core::SimTime;
using memory::BurstPlan;

TEST_CASE("a plan gives each bank the units that a walk over all bytes finds in it") {
  std::uint64_t state = 4242;
  const auto random = [&state](std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (int trial = 0; trial < 400; ++trial) {
    const std::uint64_t unit = 8ull << random(4), block = unit << random(4);
    const unsigned banks = 1 + static_cast<unsigned>(random(12));
    const std::uint64_t length = 1 + random(trial % 4 == 0 ? 65536 : 2000), address = random(5000);
    core::Transfer transfer;
    transfer.row_bytes = random(3) == 0 ? 0 : 1 + random(300);
    transfer.stride = random(2) == 0 ? random(600) : unit * random(64);  // the same banks again after some rows, or not
    tlm::tlm_generic_payload payload;
    payload.set_address(address);
    payload.set_data_length(static_cast<unsigned>(length));
    payload.set_extension(&transfer);

    // Byte by byte: a new unit begins where the unit differs from the byte before, and again within a run only.
    std::vector<std::uint64_t> expected(banks);
    std::uint64_t previous = ~0ull, units = 0;
    for (std::uint64_t k = 0; k < length; ++k) {
      const bool strided = transfer.row_bytes != 0;
      const std::uint64_t at = strided ? address + k / transfer.row_bytes * transfer.stride + k % transfer.row_bytes : address + k;
      if (at / unit == previous) continue;
      previous = at / unit;
      ++expected[at / block % banks];
      ++units;
    }

    BurstPlan plan(unit, block, banks);
    CHECK(plan.plan(payload, SimTime::ps(10)) == units);
    std::vector<std::uint64_t> got(banks);
    for (const auto& round : plan.rounds())
      for (unsigned bank = 0; bank < banks; ++bank)
        if (round.banks[bank]) got[bank] += round.duration.ps() / 10;
    CHECK(got == expected);
    CHECK(plan.longest().ps() == 10 * *std::max_element(expected.begin(), expected.end()));
    payload.clear_extension(&transfer);
  }
}
