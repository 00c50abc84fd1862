#include <catch2/catch.hpp>

#include <cstring>
#include <random>

#include "models/abi/npu.h"
#include "models/npu/map_program.h"
#include "models/npu/stream_box.h"

using namespace spinvp::npu;

namespace {

constexpr std::uint64_t most_steps = std::uint64_t{1} << 40;

tl::expected<MapProgram, Refusal> decode(const spinvp_npu_map& map, MapUse use = MapUse::map) {
  std::array<std::uint8_t, sizeof map> bytes{};
  std::memcpy(bytes.data(), &map, sizeof map);
  return decode_map(bytes, use, most_steps);
}
std::uint32_t status_of(const spinvp_npu_map& map, MapUse use = MapUse::map) {
  const auto result = decode(map, use);
  if (!result) CHECK(result.error().message.starts_with("map program: "));
  return result ? static_cast<std::uint32_t>(SPINVP_NPU_DONE) : result.error().status;
}

// 4 x 8, one input and one output, one step.
spinvp_npu_map small() {
  spinvp_npu_map map{};
  map.axes = 2;
  map.extent[0] = 4, map.extent[1] = 8;
  map.inputs = map.outputs = map.steps = 1;
  map.step[0] = {SPINVP_NPU_MAP_ADD, 0, 0, 16};
  map.input[0].address = map.output[0].address = 0x1000;
  map.input[0].stride[0] = map.output[0].stride[0] = 8;
  map.input[0].stride[1] = map.output[0].stride[1] = 1;
  return map;
}
template <typename Change>
std::uint32_t with(Change change, MapUse use = MapUse::map) {
  spinvp_npu_map map = small();
  change(map);
  return status_of(map, use);
}

}  // namespace

TEST_CASE("a map program's counts, extents and reserved words are held to the ABI's limits") {
  CHECK(with([](auto&) {}) == SPINVP_NPU_DONE);
  CHECK(with([](auto& m) { m.axes = 0; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.axes = 7; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.inputs = 0; }) == SPINVP_NPU_DONE);  // a fill
  CHECK(with([](auto& m) { m.inputs = SPINVP_NPU_MAP_INPUTS + 1; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.outputs = 0; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.outputs = 5; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.steps = 49; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.steps = 0xffffffff; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.finish_steps = 1; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.reserved = 1; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.input[0].reserved = 1; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.extent[1] = 0; }) == SPINVP_NPU_BAD_SHAPE);
  // 2^39 points, and three of work each: a step, an output and the passing on.
  CHECK(with([](auto& m) { m.extent[0] = 1u << 20, m.extent[1] = 1u << 19, m.inputs = 0; }) == SPINVP_NPU_BAD_SHAPE);
}

TEST_CASE("steps name operations and registers that exist, the right operand only where it is read") {
  CHECK(with([](auto& m) { m.step[0].operation = SPINVP_NPU_MAP_OPERATIONS; }) == SPINVP_NPU_BAD_OPERATION);
  CHECK(with([](auto& m) { m.step[0].to = 16; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.step[0].left = 32; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.step[0].right = 32; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.step[0].operation = SPINVP_NPU_MAP_FLOOR, m.step[0].right = 255; }) == SPINVP_NPU_DONE);
  CHECK(with([](auto& m) { m.result[0] = 16; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.input[0].format = 3; }) == SPINVP_NPU_BAD_OPERATION);
}

TEST_CASE("reductions reduce, maps do not, and outputs have a stride along an axis if it is not reduced") {
  const auto reduce_last = [](auto& m) { m.reduced = 2, m.output[0].stride[0] = 1, m.output[0].stride[1] = 0; };
  CHECK(with(reduce_last, MapUse::reduction) == SPINVP_NPU_DONE);
  CHECK(with(reduce_last) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto&) {}, MapUse::reduction) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([&](auto& m) { reduce_last(m), m.combine = 2; }, MapUse::reduction) == SPINVP_NPU_BAD_OPERATION);
  CHECK(with([&](auto& m) { reduce_last(m), m.reduced = 4; }, MapUse::reduction) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([&](auto& m) { reduce_last(m), m.output[0].stride[1] = 1; }, MapUse::reduction) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([&](auto& m) { reduce_last(m), m.steps = 40, m.finish_steps = 9; }, MapUse::reduction) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.output[0].stride[0] = 0; }) == SPINVP_NPU_BAD_SHAPE);
}

TEST_CASE("streams stay inside the address space and 4 GiB, forwards and backwards, and are aligned to their elements") {
  CHECK(with([](auto& m) { m.input[0].address = 0x1002; }) == SPINVP_NPU_BAD_ADDRESS);
  CHECK(with([](auto& m) { m.input[0].address = 0x1002, m.input[0].format = SPINVP_NPU_BF16; }) == SPINVP_NPU_DONE);
  // 31 elements lie above the first: the last 128 bytes there are hold them, the last 124 do not.
  CHECK(with([](auto& m) { m.input[0].address = ~std::uint64_t{127}; }) == SPINVP_NPU_DONE);
  CHECK(with([](auto& m) { m.input[0].address = ~std::uint64_t{127} + 4; }) == SPINVP_NPU_BAD_ADDRESS);
  const auto backwards = [](auto& m) { m.input[0].stride[0] = -8, m.input[0].stride[1] = -1; };
  CHECK(with([&](auto& m) { backwards(m), m.input[0].address = 128; }) == SPINVP_NPU_DONE);
  CHECK(with([&](auto& m) { backwards(m), m.input[0].address = 120; }) == SPINVP_NPU_BAD_ADDRESS);
  CHECK(with([](auto& m) { m.input[0].stride[0] = INT64_MIN; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.input[0].stride[0] = INT64_MAX; }) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([](auto& m) { m.input[0].stride[0] = std::int64_t{1} << 29; }) == SPINVP_NPU_BAD_SHAPE);  // three of them are 6 GiB
  CHECK(with([](auto& m) { m.extent[0] = 1, m.input[0].stride[0] = INT64_MIN; }) == SPINVP_NPU_DONE);  // never taken
}

TEST_CASE("an epilogue has no outputs, and its result is a register") {
  const auto epilogue = [](auto& m) { m.outputs = 0; };
  CHECK(with(epilogue, MapUse::epilogue) == SPINVP_NPU_DONE);
  CHECK(with([](auto&) {}, MapUse::epilogue) == SPINVP_NPU_BAD_SHAPE);
  CHECK(with([&](auto& m) { epilogue(m), m.result[0] = 16; }, MapUse::epilogue) == SPINVP_NPU_BAD_SHAPE);
}

TEST_CASE("no pattern of bits in a map program does more than be refused") {
  std::mt19937 random(91);
  unsigned good = 0;
  for (int i = 0; i < 100000; ++i) {
    spinvp_npu_map map = small();
    std::array<std::uint8_t, sizeof map> bytes{};
    std::memcpy(bytes.data(), &map, sizeof map);
    // Some bytes are overwritten, or all of them.
    for (unsigned n = random() % 50 == 0 ? sizeof(spinvp_npu_map) : 1 + random() % 6; n > 0; --n)
      bytes[random() % (random() % 2 == 0 ? 72 : sizeof(spinvp_npu_map))] = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : random() % 4);
    const auto result = decode_map(bytes, static_cast<MapUse>(random() % 3), most_steps);
    good += result.has_value();
    if (!result) {
      REQUIRE(result.error().status >= SPINVP_NPU_BAD_OPERATION);
      REQUIRE_FALSE(result.error().message.empty());
    }
  }
  CHECK(good > 1000);
}

TEST_CASE("axes along which all streams run on become one") {
  spinvp_npu_map map = small();
  MapProgram p = coalesced(*decode(map));
  CHECK(p.axes == 1);
  CHECK(p.extent[0] == 32);
  CHECK(p.inputs[0].stride[0] == 1);
  map.input[0].stride[0] = 9;  // a gap
  p = coalesced(*decode(map));
  CHECK(p.axes == 2);
  map = small();
  map.axes = 3;  // a reduced one in between joins nothing
  map.extent[2] = 2;
  map.reduced = 2;
  map.input[0].stride[0] = 16, map.input[0].stride[1] = 2, map.input[0].stride[2] = 1;
  map.output[0].stride[0] = 2, map.output[0].stride[1] = 0, map.output[0].stride[2] = 1;
  p = coalesced(*decode(map, MapUse::reduction));
  CHECK(p.axes == 3);
}

TEST_CASE("a box is packed in the order of addresses: runs where it is contiguous, rows at one distance, repeated elements once") {
  using Pieces = std::vector<Piece>;
  const auto packed = [](Strides stride, Extents size, Format format = Format::fp32) { return pack({0x1000, format, stride}, {{}, size}); };
  CHECK(packed({8, 1}, {4, 8, 1, 1, 1, 1}).pieces == Pieces{{0x1000, 128, 1, 0}});
  CHECK(packed({10, 1}, {4, 8, 1, 1, 1, 1}).pieces == Pieces{{0x1000, 32, 4, 40}});
  CHECK(packed({10, 0}, {4, 8, 1, 1, 1, 1}).pieces == Pieces{{0x1000, 4, 4, 40}});
  CHECK(packed({0, 0}, {4, 8, 1, 1, 1, 1}).pieces == Pieces{{0x1000, 4, 1, 0}});
  CHECK(packed({100, 10, 1}, {3, 2, 8, 1, 1, 1}, Format::bf16).pieces == Pieces{{0x1000, 16, 2, 20}, {0x10c8, 16, 2, 20}, {0x1190, 16, 2, 20}});
  // A transposed box, and one that is walked backwards from its last element.
  const PackedBox across = packed({1, 8}, {8, 4, 1, 1, 1, 1});
  CHECK(across.pieces == Pieces{{0x1000, 128, 1, 0}});
  CHECK(across.stride == Strides{1, 8});
  const PackedBox back = packed({-1}, {8, 1, 1, 1, 1, 1});
  CHECK(back.pieces == Pieces{{0x1000 - 28, 32, 1, 0}});
  CHECK(back.first == 7);
  CHECK(back.stride == Strides{-1});
}
