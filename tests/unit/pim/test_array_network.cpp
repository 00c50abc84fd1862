// The network between tiles against ways and loads counted by hand.
#include <catch2/catch.hpp>

#include "models/pim/array_network.h"

using namespace spinvp::pim;

TEST_CASE("tiles lie on the smallest square grid, row by row") {
  const ArrayNetwork network({.subarrays = 64, .subarrays_per_tile = 8});  // 8 tiles on 3 x 3
  CHECK(network.hops(0, 7) == 0);                                          // one tile
  CHECK(network.hops(0, 8) == 1);                                          // (0,0) to (1,0)
  CHECK(network.hops(0, 63) == 3);                                         // (0,0) to (1,2)
  CHECK(network.hops(63, 0) == 3);
  CHECK(network.hops(16, 24) == 3);  // (2,0) to (0,1)
}

TEST_CASE("a transfer within tiles takes no time of the network") {
  ArrayNetwork network({.subarrays = 64, .subarrays_per_tile = 16});
  network.begin();
  for (std::uint32_t s = 0; s < 15; ++s) network.send(s + 1, s, 32768);
  CHECK(network.cycles() == 0);
  CHECK(network.bits() == 15 * 32768);
  CHECK(network.bit_hops() == 0);
}

TEST_CASE("a transfer between tiles lasts as long as its busiest link, and the way of the farthest word") {
  ArrayNetwork network({.subarrays = 64, .subarrays_per_tile = 16, .link_bits = 1024, .hop_cycles = 2});  // 2 x 2 tiles
  network.begin();
  // Tiles 0 to 3: over the link 0-1 in x, then 1-3 in y. Tile 1 to 3 shares the second link.
  network.send(0, 48, 32768);
  network.send(16, 49, 32768);
  CHECK(network.cycles() == 2 * 32768 / 1024 + 2 * 2);
  CHECK(network.bit_hops() == 2 * 32768 + 32768);
  // The other direction has links of its own.
  network.send(49, 16, 32768);
  CHECK(network.cycles() == 2 * 32768 / 1024 + 2 * 2);
  network.begin();
  CHECK(network.cycles() == 0);
}
