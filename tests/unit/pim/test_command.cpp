// What a guest may ask, and what it is told when it asks for something else.
#include <catch2/catch.hpp>

#include "models/pim/command.h"

using namespace spinvp::pim;

namespace {

const Geometry geometry{4, 64, 8, 2};  // 256 lanes, words 0 .. 7

spinvp_pim_descriptor good(std::uint32_t operation) {
  spinvp_pim_descriptor d{};
  d.operation = operation;
  d.first_lane = 64, d.lane_count = 64;
  d.destination = 1, d.source_a = 2, d.source_b = 3;
  d.count = 4;
  d.distance = operation == SPINVP_PIM_CONVERT ? SPINVP_PIM_FP32 : 64;
  if (operation == SPINVP_PIM_CONVERT) d.count = SPINVP_PIM_BF16;
  d.address = 0x1000, d.address_b = 0x2000;
  for (int i = 0; i < 4; ++i) d.extent[i] = i == 3 ? 64 : 1, d.stride[i] = 4, d.stride_b[i] = operation == SPINVP_PIM_DOT_SCALAR ? 0 : 4;
  d.step_extent[0] = d.step_extent[1] = 1, d.step_extent[2] = 4;
  return d;
}

template <typename Change>
std::uint32_t status_of(std::uint32_t operation, Change&& change) {
  spinvp_pim_descriptor d = good(operation);
  change(d);
  const auto command = decode(d, geometry);
  if (command) return SPINVP_PIM_DONE;
  CHECK(!command.error().why.empty());
  return command.error().status;
}

using D = spinvp_pim_descriptor;

}  // namespace

TEST_CASE("every operation of the header is understood") {
  for (std::uint32_t operation = SPINVP_PIM_NOP; operation <= SPINVP_PIM_CONVERT; ++operation) {
    INFO(operation_name(operation));
    CHECK(status_of(operation, [](D&) {}) == SPINVP_PIM_DONE);
  }
  CHECK(std::string(operation_name(SPINVP_PIM_REDUCE)) == "reduce");
  CHECK(std::string(operation_name(SPINVP_PIM_CONVERT)) == "convert");
  CHECK(std::string(operation_name(77)) == "unknown");
}

TEST_CASE("unknown operations and flags are bad operations") {
  CHECK(status_of(18, [](D&) {}) == SPINVP_PIM_BAD_OPERATION);
  CHECK(status_of(0xffffffff, [](D&) {}) == SPINVP_PIM_BAD_OPERATION);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.flags = 1; }) == SPINVP_PIM_BAD_OPERATION);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.flags = SPINVP_PIM_INTERRUPT; }) == SPINVP_PIM_DONE);
}

TEST_CASE("lanes outside the arrays are a bad range") {
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.lane_count = 0; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.first_lane = 0, d.lane_count = 256; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.first_lane = 1, d.lane_count = 256; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.first_lane = 0xffffffff, d.lane_count = 2; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.first_lane = 2, d.lane_count = 0xffffffff; }) == SPINVP_PIM_BAD_RANGE);
}

TEST_CASE("words outside a lane are a bad range where the operation uses them, and not looked at otherwise") {
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.destination = 8; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.source_a = 8; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_ADD, [](D& d) { d.source_b = 8; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_BROADCAST, [](D& d) { d.source_a = d.source_b = 0xffff; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.source_a = d.source_b = 0xffff; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_STORE, [](D& d) { d.destination = d.source_b = 0xffff; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_STORE, [](D& d) { d.source_a = 8; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_COPY, [](D& d) { d.source_b = 8; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.source_b = 8; }) == SPINVP_PIM_BAD_RANGE);
  for (const std::uint32_t operation : {SPINVP_PIM_COMPARE, SPINVP_PIM_MAXIMUM, SPINVP_PIM_DOT_SCALAR})
    CHECK(status_of(operation, [](D& d) { d.source_b = 8; }) == SPINVP_PIM_BAD_RANGE);
  for (const std::uint32_t operation : {SPINVP_PIM_RELU, SPINVP_PIM_CONVERT}) {
    CHECK(status_of(operation, [](D& d) { d.source_b = 8; }) == SPINVP_PIM_DONE);
    CHECK(status_of(operation, [](D& d) { d.source_a = 8; }) == SPINVP_PIM_BAD_RANGE);
  }
}

TEST_CASE("extents must be the lanes") {
  for (const std::uint32_t operation : {SPINVP_PIM_LOAD, SPINVP_PIM_STORE, SPINVP_PIM_DOT, SPINVP_PIM_DOT_SCALAR}) {
    CHECK(status_of(operation, [](D& d) { d.extent[3] = 63; }) == SPINVP_PIM_BAD_RANGE);
    CHECK(status_of(operation, [](D& d) { d.extent[0] = 0; }) == SPINVP_PIM_BAD_RANGE);
    // 2^16 x 2^16 x 64 wraps around 32 bits to the right number of lanes.
    CHECK(status_of(operation, [](D& d) { d.extent[0] = d.extent[1] = 65536, d.extent[2] = 64; }) == SPINVP_PIM_BAD_RANGE);
  }
}

TEST_CASE("a store to one word from many lanes is a bad range") {
  CHECK(status_of(SPINVP_PIM_STORE, [](D& d) { d.stride[3] = 0; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_STORE, [](D& d) { d.stride[0] = 0; }) == SPINVP_PIM_DONE);  // extent 1
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.stride[3] = 0; }) == SPINVP_PIM_DONE);
}

TEST_CASE("misaligned addresses and strides are bad addresses") {
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.address = 0x1002; }) == SPINVP_PIM_BAD_ADDRESS);
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.stride[3] = 2; }) == SPINVP_PIM_BAD_ADDRESS);
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.address_b = 1, d.stride_b[3] = 2; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.address_b = 1; }) == SPINVP_PIM_BAD_ADDRESS);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.step_b[2] = 6; }) == SPINVP_PIM_BAD_ADDRESS);
}

TEST_CASE("strides that leave the address space are bad addresses") {
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.stride[3] = -4096; }) == SPINVP_PIM_BAD_ADDRESS);
  CHECK(status_of(SPINVP_PIM_LOAD, [](D& d) { d.address = 0xfffffffffffffff0; }) == SPINVP_PIM_BAD_ADDRESS);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.step[2] = -2147483648; }) == SPINVP_PIM_BAD_ADDRESS);
}

TEST_CASE("the steps of a DOT are counted by their extents, 65536 at most") {
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.count = 5; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.step_extent[0] = 0; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.count = d.step_extent[2] = 65536; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.count = d.step_extent[2] = 65537; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_DOT, [](D& d) { d.count = d.step_extent[2] = 0xffffffff; }) == SPINVP_PIM_BAD_RANGE);
}

TEST_CASE("a distance is whole subarrays and stays inside the arrays") {
  for (const std::uint32_t operation : {SPINVP_PIM_ADD_FROM, SPINVP_PIM_MOVE_FROM}) {
    CHECK(status_of(operation, [](D& d) { d.distance = 63; }) == SPINVP_PIM_BAD_RANGE);
    CHECK(status_of(operation, [](D& d) { d.distance = -64; }) == SPINVP_PIM_DONE);
    CHECK(status_of(operation, [](D& d) { d.distance = -128; }) == SPINVP_PIM_BAD_RANGE);
    CHECK(status_of(operation, [](D& d) { d.distance = 128; }) == SPINVP_PIM_DONE);
    CHECK(status_of(operation, [](D& d) { d.distance = 192; }) == SPINVP_PIM_BAD_RANGE);
    CHECK(status_of(operation, [](D& d) { d.distance = -2147483648; }) == SPINVP_PIM_BAD_RANGE);
  }
}

TEST_CASE("groups of a REDUCE are powers of two inside a subarray") {
  CHECK(status_of(SPINVP_PIM_REDUCE, [](D& d) { d.count = 0; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_REDUCE, [](D& d) { d.count = 3, d.lane_count = 63; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_REDUCE, [](D& d) { d.count = 128, d.lane_count = 128; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_REDUCE, [](D& d) { d.lane_count = 62; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_REDUCE, [](D& d) { d.first_lane = 66; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_REDUCE, [](D& d) { d.count = 64; }) == SPINVP_PIM_DONE);
}

TEST_CASE("a DOT_SCALAR is decoded as a DOT; whether its second factor is shared is found when its lanes are laid out") {
  CHECK(status_of(SPINVP_PIM_DOT_SCALAR, [](D& d) { d.step_b[2] = 4; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_DOT_SCALAR, [](D& d) { d.stride_b[3] = 4; }) == SPINVP_PIM_DONE);
  CHECK(status_of(SPINVP_PIM_DOT_SCALAR, [](D& d) { d.count = 5; }) == SPINVP_PIM_BAD_RANGE);
}

TEST_CASE("a CONVERT names two of the formats") {
  constexpr FloatFormat formats[] = {fp32, fp16, bf16};
  for (int from = 0; from < 3; ++from)
    for (std::uint32_t to = 0; to < 3; ++to) {
      D d = good(SPINVP_PIM_CONVERT);
      d.distance = from, d.count = to;
      const auto command = decode(d, geometry);
      REQUIRE(command);
      CHECK(command->from == formats[from]);
      CHECK(command->to == formats[to]);
    }
  CHECK(status_of(SPINVP_PIM_CONVERT, [](D& d) { d.distance = 3; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_CONVERT, [](D& d) { d.distance = -1; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_CONVERT, [](D& d) { d.count = 3; }) == SPINVP_PIM_BAD_RANGE);
  CHECK(status_of(SPINVP_PIM_CONVERT, [](D& d) { d.count = 0xffffffff; }) == SPINVP_PIM_BAD_RANGE);
}

TEST_CASE("the multiply-accumulates of a DOT_SCALAR are counted as those of a DOT") {
  for (const std::uint32_t operation : {SPINVP_PIM_DOT, SPINVP_PIM_DOT_SCALAR}) CHECK(decode(good(operation), geometry)->lane_macs() == 4 * 64);
}
