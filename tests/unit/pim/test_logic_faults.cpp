// Faults of the logic: that both engines meet the same ones, what they cost, and that a restored engine goes on as the saved one.
#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <vector>

#include "models/abi/counter_hash.h"
#include "models/core/error.h"
#include "models/core/random_bits.h"
#include "models/pim/fast_engine.h"
#include "models/pim/logic_faults.h"
#include "models/pim/pim_config.h"
#include "models/pim/published_counts.h"
#include "models/pim/step_engine.h"
#include "tests/support/float_operands.h"

using namespace spinvp;
using namespace spinvp::pim;

namespace {

constexpr std::uint64_t all_guards = ~std::uint64_t{0};
const Geometry geometry{2, 64, 6, 2};

// A sum of independent yes or no draws with this mean lies farther off than five of its deviations once in 1.7 million; the seeds are fixed.
double five_deviations(double mean) { return 5 * std::sqrt(mean); }

std::shared_ptr<ProgramSet> programs_of(const std::string& family) { return std::make_shared<ProgramSet>(logic_family(family), FloatArithmetic{}, 1024); }

struct Unit {
  std::shared_ptr<ProgramSet> programs;
  SubarrayStore store{geometry};
  std::unique_ptr<FaultyEngine> engine;

  enum class Kind { fast, step, published };
  Unit(const std::string& family, Kind kind, const FaultRates& rates) : programs(programs_of(family)) {
    std::unique_ptr<ArithmeticEngine> inner;
    if (kind == Kind::step)
      inner = std::make_unique<StepEngine>(programs, geometry);
    else
      inner = std::make_unique<FastEngine>(programs);
    if (kind == Kind::published) inner = std::make_unique<PublishedCounts>(std::move(inner), logic_family(family));
    engine = std::make_unique<FaultyEngine>(std::move(inner), programs, rates, geometry);
    fill(3);
  }
  void fill(std::uint64_t seed) {
    test::FloatDraw draw(fp32, seed);
    for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
      for (std::uint32_t w = 0; w < geometry.words; ++w)
        for (std::uint32_t& x : store.plane(s, w)) x = static_cast<std::uint32_t>(draw.one());
  }
  [[nodiscard]] std::vector<std::uint32_t> words() {
    std::vector<std::uint32_t> all;
    for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
      for (std::uint32_t w = 0; w < geometry.all_words(); ++w)
        for (const std::uint32_t x : store.plane(s, w)) all.push_back(x);
    return all;
  }
  [[nodiscard]] std::vector<std::uint64_t> counters() const {
    const auto& c = engine->counters();
    return {c.write_failures, c.read_disturbs, c.stuck_cells, c.lanes_computed_again, c.wrong_results};
  }
  Work mac(const LaneRange& range = {0, 0, 64}, std::optional<std::uint32_t> scalar = std::nullopt) {
    return engine->execute(FloatOperation::multiply_accumulate, store, range, {0, 1, 2}, scalar);
  }
};

// A drawn operation on drawn lanes and words, source and destination the same at times.
Work drawn_operation(Unit& unit, test::FloatDraw& draw) {
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(draw.next() % n); };
  const std::uint32_t first = below(64);
  const LaneRange range{below(2), first, 1 + below(64 - first)};
  const WordOperands words{below(6), below(6), below(6)};
  const std::uint32_t choice = below(9);
  if (choice == 8) return unit.engine->convert(fp32, bf16, unit.store, range, words);
  if (choice == 7) {
    const auto scalar = static_cast<std::uint32_t>(draw.one());
    for (std::uint32_t& x : unit.store.lanes(range, words.source_b)) x = scalar;
    return unit.engine->execute(FloatOperation::multiply_accumulate, unit.store, range, words, scalar);
  }
  return unit.engine->execute(static_cast<FloatOperation>(choice), unit.store, range, words, std::nullopt);
}

}  // namespace

TEST_CASE("firmware and models draw from the same counter-based bits") {
  for (std::uint64_t i = 0; i < 100; ++i) CHECK(core::random_bits(77, i) == spinvp_counter_hash(77, i));
}

TEST_CASE("both engines meet the same faults: bits, steps and counters are equal") {
  for (const LogicFamily& family : logic_families())
    for (const bool check : {false, true}) {
      const FaultRates rates{check ? 0.01 : 3e-5, 3e-5, 1e-4, check, 4};
      Unit fast(family.name, Unit::Kind::fast, rates), step(family.name, Unit::Kind::step, rates);
      test::FloatDraw a(fp32, 21), b(fp32, 21);
      for (int i = 0; i < 60; ++i) {
        const Work x = drawn_operation(fast, a), y = drawn_operation(step, b);
        REQUIRE(x.steps == y.steps);
        REQUIRE(fast.words() == step.words());
        REQUIRE(fast.counters() == step.counters());
      }
      INFO(family.name);
      CHECK(fast.engine->counters().wrong_results > 0);
    }
}

TEST_CASE("the cells that can fail are those whose guards are open, each once, in the order of the steps") {
  const auto programs = programs_of("sot");
  const RunnableProgram& program = programs->program(FloatOperation::multiply, true);
  const FaultSites sites(program.program());
  for (const std::uint64_t guards : {std::uint64_t{0}, std::uint64_t{0x800000}, std::uint64_t{0xa5a5a5}, all_guards}) {
    const auto cells = sites.count(guards);
    // No step of this program sets two rows at once, none is counted in halves.
    const StepCounts counts = program.counts(guards);
    CHECK(cells.driven == counts.writes / 2);
    std::pair<std::uint32_t, std::uint32_t> last;
    std::size_t wrong = 0;
    for (std::uint64_t i = 0; i < cells.driven; ++i) {
      const FaultSites::Site& site = sites.driven(i, guards);
      const Step& step = program.program().steps[site.step];
      if (step.guard != Step::no_guard && ((guards >> step.guard) & 1u) == 0) ++wrong;
      if (site.cell >= driven_rows(program.program(), step).size()) ++wrong;
      const std::pair at{site.step, site.cell};
      if (i > 0 && at <= last) ++wrong;
      last = at;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("rates of 0 change neither bits nor work") {
  Unit faulty("sot", Unit::Kind::step, {});
  StepEngine plain(faulty.programs, geometry);
  SubarrayStore store(geometry);
  for (std::uint32_t s = 0; s < geometry.subarrays; ++s)
    for (std::uint32_t w = 0; w < geometry.words; ++w) std::ranges::copy(faulty.store.plane(s, w), store.plane(s, w).begin());
  const Work with = faulty.mac(), without = plain.execute(FloatOperation::multiply_accumulate, store, {0, 0, 64}, {0, 1, 2}, std::nullopt);
  CHECK(with.steps == without.steps);
  CHECK(with.events == without.events);
  CHECK(std::ranges::equal(faulty.store.plane(0, 0), store.plane(0, 0)));
  CHECK(faulty.counters() == std::vector<std::uint64_t>(5, 0));
}

TEST_CASE("as many driven and sensed cells fail as there are, times the rate") {
  // The cells are those that the step engine counts, masked writes in matching lanes alone. A fault changes what its lane drives afterwards, a little.
  for (const LogicFamily& family : logic_families())
    for (const bool check : {false, true}) {
      const double rate = 2e-5;
      Unit unit(family.name, Unit::Kind::step, {check ? std::sqrt(rate) : rate, rate, 0, check, 6});
      double driven = 0, sensed = 0;
      test::FloatDraw draw(fp32, 13);
      for (int i = 0; i < 150; ++i) {
        unit.fill(100 + static_cast<std::uint64_t>(i));
        Work work = i % 3 == 0 ? unit.mac({1, 7, 50}) : unit.mac();
        driven += static_cast<double>(work.events[CellEvent::write_cell] + work.events[CellEvent::nor_cell] + work.events[CellEvent::init_cell]);
        // With the check, its reads are in these.
        sensed += static_cast<double>(work.events[CellEvent::read_cell] + work.events[CellEvent::search_cell]);
      }
      INFO(family.name << (check ? " with check" : ""));
      CHECK(std::abs(static_cast<double>(unit.engine->counters().write_failures) - rate * driven) <= five_deviations(rate * driven) + 0.01 * rate * driven);
      CHECK(std::abs(static_cast<double>(unit.engine->counters().read_disturbs) - rate * sensed) <= five_deviations(rate * sensed) + 1);
    }
}

TEST_CASE("check and repeat reads every driven row and takes each write step twice") {
  for (const LogicFamily& family : logic_families())
    for (const bool scalar : {false, true}) {
      FaultRates rates;
      Unit plain(family.name, Unit::Kind::step, rates);
      rates.check_and_repeat = true;
      Unit checked(family.name, Unit::Kind::step, rates);
      const std::optional<std::uint32_t> b = scalar ? std::optional(0x3fa80000u) : std::nullopt;
      if (scalar)
        for (Unit* unit : {&plain, &checked}) std::ranges::fill(unit->store.lanes({0, 0, 64}, 2), *b);
      const Work without = plain.mac({0, 0, 64}, b), with = checked.mac({0, 0, 64}, b);
      // Rows from the program's own count of writes by row.
      const std::uint64_t guards = scalar ? scalar_guards(fp32, *b) : all_guards;
      ProgramRequest request;
      request.scalar = scalar;
      const MicroProgram symbolic = float_program(family, request);
      std::uint64_t rows = 0;
      for (const std::uint32_t n : symbolic.writes_by_row(guards)) rows += n;
      const StepCounts s = without.steps;
      CHECK(with.steps == StepCounts{s.reads + 2 * rows, 2 * s.writes, s.searches, 2 * s.nors, 2 * s.inits});
      CellEvents events = without.events;
      events[CellEvent::read_cell] += rows * 64;
      events[CellEvent::row_step] += rows;
      CHECK(with.events == events);
    }
}

TEST_CASE("published counts pay a read and a second write for each write step") {
  Unit plain("sot", Unit::Kind::published, {}), checked("sot", Unit::Kind::published, {.check_and_repeat = true});
  const Work without = plain.mac(), with = checked.mac();
  const StepCounts s = without.steps;
  CHECK(with.steps == StepCounts{s.reads + s.writes, 2 * s.writes, s.searches, 0, 0});
  CHECK(with.events[CellEvent::read_cell] == without.events[CellEvent::read_cell] + without.events[CellEvent::write_cell]);
  CHECK(with.events[CellEvent::row_step] == without.events[CellEvent::row_step] + (s.writes + 1) / 2);
}

TEST_CASE("every result with another bit than without faults is recorded") {
  Unit faulty("sot", Unit::Kind::fast, {1e-4, 0, 0, false, 2}), clean("sot", Unit::Kind::fast, {});
  faulty.mac(), clean.mac();
  std::uint64_t wrong = 0;
  for (std::uint32_t i = 0; i < 64; ++i) wrong += faulty.store.plane(0, 0)[i] != clean.store.plane(0, 0)[i] ? 1 : 0;
  CHECK(wrong > 0);
  CHECK(faulty.engine->counters().wrong_results == wrong);
  CHECK(faulty.engine->counters().lanes_computed_again >= wrong);
}

TEST_CASE("a disturbed operand stays flipped") {
  // At rate 1 a cell flips whenever it is sensed: in the end where that was an odd number of times, whatever it held.
  for (const LogicFamily& family : logic_families()) {
    Unit unit(family.name, Unit::Kind::fast, {0, 1, 0, false, 1});
    const MicroProgram& program = unit.programs->program(FloatOperation::multiply).program();
    std::uint64_t odd = 0;
    for (const Step& step : program.steps)
      for (const Row row : sensed_rows(program, step))
        if (row < 64) odd ^= std::uint64_t{1} << row;  // windows a and b lie in rows 0 .. 63
    const auto before = unit.words();
    unit.engine->execute(FloatOperation::multiply, unit.store, {0, 0, 64}, {0, 1, 2}, std::nullopt);
    std::size_t differing = 0;
    for (std::size_t lane = 0; lane < 64; ++lane) {
      if ((unit.store.plane(0, 1)[lane] ^ before[64 + lane]) != static_cast<std::uint32_t>(odd)) ++differing;
      if ((unit.store.plane(0, 2)[lane] ^ before[128 + lane]) != static_cast<std::uint32_t>(odd >> 32)) ++differing;
    }
    INFO(family.name);
    CHECK(differing == 0);
  }
}

TEST_CASE("stuck cells are a share of all, and only their lanes are computed again") {
  Unit unit("sot", Unit::Kind::fast, {0, 0, 1e-4, false, 8});
  const double cells = 2.0 * 64 * unit.programs->rows();
  CHECK(std::abs(static_cast<double>(unit.engine->counters().stuck_cells) - 1e-4 * cells) <= five_deviations(1e-4 * cells));
  unit.mac({0, 0, 64});
  const std::uint64_t once = unit.engine->counters().lanes_computed_again;
  CHECK(once <= unit.engine->counters().stuck_cells);
  unit.mac({0, 0, 64});
  CHECK(unit.engine->counters().lanes_computed_again == 2 * once);
}

TEST_CASE("a restored engine meets the faults that the saved one would have") {
  const FaultRates rates{1e-4, 1e-4, 1e-5, false, 12};
  Unit saved("sot", Unit::Kind::step, rates);
  test::FloatDraw first(fp32, 31);
  for (int i = 0; i < 10; ++i) drawn_operation(saved, first);
  core::StateArchive out;
  saved.store.describe_state(out);
  saved.engine->describe_state(out);
  Unit restored("sot", Unit::Kind::step, rates);
  core::StateArchive in(out.bytes());
  restored.store.describe_state(in);
  restored.engine->describe_state(in);
  CHECK(restored.counters() == saved.counters());
  test::FloatDraw a(fp32, 32), b(fp32, 32);
  for (int i = 0; i < 10; ++i) {
    const Work x = drawn_operation(saved, a), y = drawn_operation(restored, b);
    CHECK(x.events == y.events);
  }
  CHECK(restored.words() == saved.words());
  CHECK(restored.counters() == saved.counters());
}

TEST_CASE("the write failure rate can follow from the device") {
  PimConfig config;
  config.device = "prenat-2016";
  Wear wear(config.geometry(), static_cast<unsigned>(config.rows_of_work()), 0);
  CHECK(config.write_failure_rate() == 0);
  config.write_failure_from_device = true;
  config.device = "prenat-2016";
  config.write_overdrive = 10;
  // Overdrive 10 with the 266 ps of prenat-2016; 1 - exp(-(pi^2 / 4) 60 x 9 / (10 exp(9 x 1.04605485e10 x 266e-12) - 1))
  CHECK(config.write_failure_rate() == Approx(1.7733353442312744e-09));
  config.write_overdrive = 8;
  CHECK(config.write_failure_rate() == Approx(4.502049204106841e-07));
  CHECK(make_engine(config, 1, wear).faults != nullptr);
  config.write_failure = 1e-6;
  CHECK_THROWS_AS(make_engine(config, 1, wear), core::InputError);
}
