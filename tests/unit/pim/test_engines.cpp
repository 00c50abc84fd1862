// Two engines, one machine: random programs of commands leave the same bits in every word and take the same steps, whichever engine runs them; and a saved
// engine goes on as if nothing had happened.
#include <catch2/catch.hpp>

#include <cstring>

#include "models/pim/dot_product.h"
#include "models/pim/lane_operations.h"
#include "tests/unit/pim/engines.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp;
using namespace spinvp::pim;

namespace {

constexpr Geometry geometry{3, 64, 5, 2};
constexpr std::uint64_t memory_base = 0x4000;
constexpr std::uint32_t memory_words = 4096;

// Commands as a guest could have written them: all operations of lanes and both DOTs, any lanes, words that may be equal.
class Program {
 public:
  explicit Program(std::uint64_t seed) : draw_(seed) {}
  Command next() {
    constexpr spinvp_pim_operation operations[] = {SPINVP_PIM_MULTIPLY, SPINVP_PIM_ADD,        SPINVP_PIM_SUBTRACT, SPINVP_PIM_MULTIPLY_ACCUMULATE,
                                                   SPINVP_PIM_COPY,     SPINVP_PIM_BROADCAST,  SPINVP_PIM_ADD_FROM, SPINVP_PIM_MOVE_FROM,
                                                   SPINVP_PIM_DOT,      SPINVP_PIM_REDUCE,     SPINVP_PIM_COMPARE,  SPINVP_PIM_MAXIMUM,
                                                   SPINVP_PIM_RELU,     SPINVP_PIM_DOT_SCALAR, SPINVP_PIM_CONVERT};
    Command c;
    c.operation = operations[draw_.below(std::size(operations))];
    const auto total = static_cast<std::uint32_t>(geometry.total_lanes());
    c.first_lane = draw_.below(total);
    c.lane_count = 1 + draw_.below(total - static_cast<std::uint32_t>(c.first_lane));
    c.destination = draw_.below(geometry.words), c.source_a = draw_.below(geometry.words), c.source_b = draw_.below(geometry.words);
    c.scalar = draw_.number();
    constexpr FloatFormat formats[] = {fp32, fp16, bf16};
    c.from = formats[draw_.below(3)], c.to = formats[draw_.below(3)];
    if (c.operation == SPINVP_PIM_ADD_FROM || c.operation == SPINVP_PIM_MOVE_FROM) place_transfer(c);
    if (c.operation == SPINVP_PIM_REDUCE) {
      c.count = 1u << draw_.below(7);
      c.first_lane -= c.first_lane % c.count;
      c.lane_count = std::max<std::uint64_t>(c.lane_count - c.lane_count % c.count, c.count);
    }
    if (c.is_dot()) place_dot(c);
    return c;
  }
  reference::Draw& draw() { return draw_; }

 private:
  reference::Draw draw_;
  void place_transfer(Command& c) {
    const std::int64_t hops = static_cast<std::int64_t>(draw_.below(5)) - 2, shift = hops * geometry.lanes;
    c.distance = shift;
    const auto least = static_cast<std::uint64_t>(std::max<std::int64_t>(0, -shift)),
               beyond = geometry.total_lanes() - static_cast<std::uint64_t>(std::max<std::int64_t>(0, shift));
    c.first_lane = least + c.first_lane % (beyond - least);
    c.lane_count = std::min(c.lane_count, beyond - c.first_lane);
  }
  void place_dot(Command& c) {
    c.count = 1 + draw_.below(6);
    c.a.address = memory_base, c.b.address = memory_base + 4 * draw_.below(1024);
    c.a.dimensions = {
        {{1, 0}, {1, 0}, {1, 0}, {static_cast<std::uint32_t>(c.lane_count), 4}, {1, 0}, {1, 0}, {c.count, 4 * static_cast<std::int64_t>(draw_.below(300))}}};
    c.b.dimensions = c.a.dimensions;
    c.b.dimensions[3].stride = c.operation == SPINVP_PIM_DOT ? 8 : 0;
  }
};

class Machine {
 public:
  Machine(std::unique_ptr<ArithmeticEngine> engine, std::uint64_t seed) : engine_(std::move(engine)), memory_(memory_words) {
    reference::Draw draw(seed);
    for (std::uint32_t& x : memory_) x = draw.number();
    for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
      for (std::uint32_t w = 0; w < geometry.words; ++w)
        for (std::uint32_t& x : store_.plane(s, w)) x = draw.number();
  }
  Work run(const Command& c) {
    if (!c.is_dot()) return LaneOperations(store_, *engine_).run(c);
    DotProduct product(geometry, c, 4096);
    Work all;
    for (std::uint32_t first = 0; first < c.count; first += product.block_steps()) {
      for (OperandSource* source : {&product.a(), &product.b()})
        if (first % source->block_steps() == 0) fetch(*source, first);
      for (const Work& work : product.run_block(store_, *engine_, first)) all.then(work);
    }
    return all;
  }
  [[nodiscard]] std::vector<std::uint32_t> words() const {
    std::vector<std::uint32_t> all;
    for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
      for (std::uint32_t w = 0; w < geometry.words; ++w) all.insert(all.end(), store_.plane(s, w).begin(), store_.plane(s, w).end());
    return all;
  }
  void describe_state(core::StateArchive& archive) {
    store_.describe_state(archive);
    engine_->describe_state(archive);
  }

 private:
  SubarrayStore store_{geometry};
  std::unique_ptr<ArithmeticEngine> engine_;
  std::vector<std::uint32_t> memory_;

  void fetch(OperandSource& source, std::uint32_t step) {
    const auto image = source.incoming();
    for_each_piece(source.plan(), source.displacement(step), [&](const BoxPiece& piece) {
      for (std::uint64_t row = 0; row < piece.rows; ++row) {
        const std::uint64_t at = piece.address - memory_base + row * piece.stride;
        REQUIRE(at + piece.row_bytes <= 4 * memory_.size());
        std::memcpy(&image[piece.at + row * piece.row_bytes], reinterpret_cast<const char*>(memory_.data()) + at, piece.row_bytes);
      }
      return true;
    });
    source.take_over();
  }
};

enum class Kind { fast, step };
std::unique_ptr<ArithmeticEngine> engine(Kind kind, const std::string& family, const FloatArithmetic& arithmetic, VectorWidth width = widest_vectors()) {
  const auto programs = test::programs(family, arithmetic);
  if (kind == Kind::step) return std::make_unique<StepEngine>(programs, geometry, width);
  return std::make_unique<FastEngine>(programs, width);
}

void compare(const std::string& family, const FloatArithmetic& arithmetic, VectorWidth width, unsigned commands) {
  INFO(family << ' ' << name_of(width));
  Machine fast(engine(Kind::fast, family, arithmetic, width), 5), step(engine(Kind::step, family, arithmetic, width), 5);
  Program program(9);
  for (unsigned i = 0; i < commands; ++i) {
    const Command c = program.next();
    INFO("command " << i << ": " << operation_name(c.operation) << " lanes " << c.first_lane << " + " << c.lane_count << " words " << c.destination << ' '
                    << c.source_a << ' ' << c.source_b);
    const StepCounts fast_steps = fast.run(c).steps, step_steps = step.run(c).steps;
    REQUIRE(fast_steps == step_steps);
    REQUIRE(fast.words() == step.words());
  }
}

void compare_all_arithmetics(const std::string& family, unsigned commands) {
  for (const VectorWidth width : {VectorWidth::portable, widest_vectors()}) {
    for (const Rounding rounding : {Rounding::nearest_even, Rounding::truncate}) compare(family, {fp32, Semantics::ieee, rounding}, width, commands);
    compare(family, {fp32, Semantics::published, Rounding::truncate}, width, commands);
  }
}

// Saves in the middle, goes on, restores into a machine of another past, and goes on the same way.
void check_restores(Kind kind, const std::string& family) {
  Machine first(engine(kind, family, {}), 3), second(engine(kind, family, {}), 4);
  Program program(21), other(22);
  for (int i = 0; i < 60; ++i) {
    first.run(program.next());
    second.run(other.next());
  }
  core::StateArchive saved;
  first.describe_state(saved);
  core::StateArchive back(saved.bytes());
  second.describe_state(back);
  // Memory is not the machine's: commands on words alone.
  for (int i = 0; i < 120; ++i) {
    const Command c = program.next();
    if (c.is_dot()) continue;
    const Work a = first.run(c), b = second.run(c);
    REQUIRE(a.steps == b.steps);
    REQUIRE(a.events == b.events);
    REQUIRE(first.words() == second.words());
  }
}

}  // namespace

TEST_CASE("both engines of family sot leave the same bits and take the same steps") { compare_all_arithmetics("sot", 150); }
TEST_CASE("both engines of family nor leave the same bits and take the same steps") { compare_all_arithmetics("nor", 80); }
TEST_CASE("both engines of the other families leave the same bits and take the same steps") {
  for (const char* family : {"aritpim", "sram"})
    for (const Semantics semantics : {Semantics::ieee, Semantics::published}) compare(family, {fp32, semantics, Rounding::nearest_even}, widest_vectors(), 40);
}

TEST_CASE("a step engine saved in the middle of a program goes on with the same bits, steps and events") {
  check_restores(Kind::step, "sot");
  check_restores(Kind::step, "nor");
}
TEST_CASE("a fast engine saved in the middle of a program goes on with the same bits, steps and estimates") {
  check_restores(Kind::fast, "sot");
  check_restores(Kind::fast, "nor");
}

TEST_CASE("a shared multiplier takes the steps of its bits, and gives the values of one a lane") {
  SubarrayStore private_store(geometry), shared_store(geometry);
  const auto programs = test::programs("sot");
  const RunnableProgram& program = programs->program(FloatOperation::multiply_accumulate, true);
  for (const Kind kind : {Kind::fast, Kind::step}) {
    const auto one = engine(kind, "sot", {});
    std::uint64_t last = 0;
    // 1 has the hidden bit alone, then more and more bits of the mantissa.
    for (const std::uint32_t scalar : {0x3f800000u, 0x3fc00000u, 0x3fd55555u, 0x3fffffffu}) {
      for (SubarrayStore* store : {&private_store, &shared_store}) {
        store->fill({0, 0, 64}, 0, 0x40a00000u), store->fill({0, 0, 64}, 1, 0xbf9d70a4u);
        store->fill({0, 0, 64}, 2, scalar);
      }
      const StepCounts steps = one->execute(FloatOperation::multiply_accumulate, shared_store, {0, 0, 64}, {0, 1, 2}, scalar).steps;
      one->execute(FloatOperation::multiply_accumulate, private_store, {0, 0, 64}, {0, 1, 2});
      CHECK(steps == program.counts((scalar & 0x7fffffu) | 0x800000u));
      CHECK(steps.writes > last);
      last = steps.writes;
      CHECK(std::ranges::equal(shared_store.plane(0, 0), private_store.plane(0, 0)));
    }
  }
}
