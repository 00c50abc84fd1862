// What the fast engine estimates from samples against what the step engine counts: every cell event's total, and energies, over operands as networks have them.
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdio>
#include <functional>

#include "models/pim/device_timing.h"
#include "tests/unit/pim/engines.h"
#include "tests/unit/pim/operand_draws.h"

using namespace spinvp;
using namespace spinvp::pim;

namespace {

constexpr std::uint32_t lanes = 1024;

// Both engines on stores with the same words, and what each counted.
class Both {
 public:
  explicit Both(const std::string& family, const FloatArithmetic& arithmetic = {})
      : fast_(std::make_unique<FastEngine>(test::programs(family, arithmetic))),
        step_(std::make_unique<StepEngine>(test::programs(family, arithmetic), geometry)) {}

  void fill(std::uint32_t word, const std::function<float()>& draw, LaneRange range = {0, 0, lanes}) {
    for (std::uint32_t& x : fast_store_.lanes(range, word)) x = test::bits_of(draw());
    std::ranges::copy(fast_store_.lanes(range, word), step_store_.lanes(range, word).begin());
  }
  void execute(ArithmeticOperation operation, LaneRange range = {0, 0, lanes}, WordOperands words = {0, 1, 2}, bool scalar = false) {
    const auto shared = scalar ? std::optional(fast_store_.lanes(range, words.source_b)[0]) : std::nullopt;
    count(fast_->execute(operation, fast_store_, range, words, shared), step_->execute(operation, step_store_, range, words, shared));
  }
  void convert(FloatFormat from, FloatFormat to, WordOperands words = {0, 1, 1}, LaneRange range = {0, 0, lanes}) {
    count(fast_->convert(from, to, fast_store_, range, words), step_->convert(from, to, step_store_, range, words));
  }

  // Largest relative deviation of any event.
  [[nodiscard]] double worst_event() const {
    double worst = 0;
    for (std::size_t i = 0; i < cell_event_kinds; ++i) worst = std::max(worst, std::abs(deviation(i)));
    return worst;
  }
  [[nodiscard]] double deviation(std::size_t event) const {
    const auto counted = static_cast<double>(step.counts[event]), estimated = static_cast<double>(fast.counts[event]);
    return counted == 0 ? estimated : estimated / counted - 1;
  }
  [[nodiscard]] double energy_deviation(const DeviceTiming& device) const {
    const auto joules = [&](const CellEvents& events) {
      double sum = 0;
      for (std::size_t i = 0; i < cell_event_kinds; ++i) sum += static_cast<double>(events.counts[i]) * device.energy[i].si();
      return sum;
    };
    return joules(fast) / joules(step) - 1;
  }
  [[nodiscard]] std::string text() const {
    std::string line;
    char buffer[64];
    for (std::size_t i = 0; i < cell_event_kinds; ++i)
      if (step.counts[i] != 0 || fast.counts[i] != 0) {
        std::snprintf(buffer, sizeof buffer, " %s %+.2f%%", name_of(static_cast<CellEvent>(i)), 100 * deviation(i));
        line += buffer;
      }
    return line;
  }

  CellEvents fast, step;

 private:
  Geometry geometry{1, lanes, 4, 2};
  SubarrayStore fast_store_{geometry}, step_store_{geometry};
  std::unique_ptr<ArithmeticEngine> fast_, step_;

  void count(const Work& estimated, const Work& counted) {
    CHECK(estimated.steps == counted.steps);
    fast += estimated.events, step += counted.events;
  }
};

// A device whose switching alone costs: the narrowest boundary, where an error of the estimate is not diluted.
DeviceTiming flips_only() {
  DeviceTiming device;
  device.name = "flips", device.boundary = "device";
  for (const CellEvent event : {CellEvent::write_flip, CellEvent::nor_flip, CellEvent::init_flip})
    device.energy[static_cast<unsigned>(event)] = core::Energy::from_si(1e-15);
  return device;
}

// Inner products: accumulators from zero over so many steps, with new operands at each.
void dots(Both& both, const test::OperandKind& kind, unsigned products, unsigned steps, bool scalar = false, std::uint32_t count = lanes) {
  test::OperandDraw draw(11);
  for (unsigned p = 0; p < products; ++p) {
    const LaneRange range{0, p * 37 % (lanes - count + 1), count};
    both.fill(
        0, [] { return 0.0f; }, range);
    for (unsigned j = 0; j < steps; ++j) {
      both.fill(
          1, [&] { return kind.a(draw); }, range);
      // Weights are shared by the lanes of a channel.
      float weight = kind.b(draw);
      unsigned used = 0;
      both.fill(
          2,
          [&] {
            if (!scalar && ++used % kind.lanes_a_weight == 0) weight = kind.b(draw);
            return weight;
          },
          range);
      both.execute(ArithmeticOperation::multiply_accumulate, range, {0, 1, 2}, scalar);
    }
  }
}

void every_operation(Both& both, const test::OperandKind& kind, unsigned rounds) {
  test::OperandDraw draw(12);
  for (unsigned r = 0; r < rounds; ++r) {
    both.fill(1, [&] { return kind.a(draw); });
    both.fill(2, [&] { return kind.b(draw); });
    for (const auto operation : {ArithmeticOperation::multiply, ArithmeticOperation::add, ArithmeticOperation::subtract, ArithmeticOperation::compare,
                                 ArithmeticOperation::maximum, ArithmeticOperation::relu})
      both.execute(operation);
    both.convert(fp32, bf16);
    both.convert(fp32, fp16, {3, 1, 1});
    both.convert(fp16, fp32, {0, 3, 3});
  }
}

}  // namespace

TEST_CASE("report of estimated cell events", "[.report]") {
  for (const char* family : {"sot", "nor", "aritpim", "sram"})
    for (const Semantics semantics : {Semantics::ieee, Semantics::published}) {
      const FloatArithmetic arithmetic{fp32, semantics, Rounding::nearest_even};
      const auto report = [&](const char* what, const test::OperandKind& kind, const Both& both) {
        std::printf("%-8s %-9s %-28s %-16s%s | prenat %+.2f%% flips %+.2f%%\n", family, semantics == Semantics::ieee ? "ieee" : "published", what, kind.name,
                    both.text().c_str(), 100 * both.energy_deviation(DeviceTiming::preset("prenat-2016", "sot", 1024, lanes)),
                    100 * both.energy_deviation(flips_only()));
      };
      for (const test::OperandKind& kind : test::operand_kinds()) {
        for (const auto& [products, steps] : {std::pair{2u, 25u}, std::pair{8u, 8u}, std::pair{1u, 64u}}) {
          Both both(family, arithmetic);
          dots(both, kind, products, steps);
          report(("dot " + std::to_string(products) + " x " + std::to_string(steps)).c_str(), kind, both);
        }
        Both scalar(family, arithmetic);
        dots(scalar, kind, 2, 25, true);
        report("dot_scalar 2 x 25", kind, scalar);
        Both operations(family, arithmetic);
        every_operation(operations, kind, 30);
        report("every operation x 30", kind, operations);
        Both one(family, arithmetic);
        dots(one, kind, 400, 25, false, 1);
        report("one lane 400 x 25", kind, one);
        Both ten(family, arithmetic);
        dots(ten, kind, 100, 25, false, 10);
        report("ten lanes 100 x 25", kind, ten);
      }
      Both phases(family, arithmetic);
      for (const test::OperandKind& kind : test::operand_kinds()) dots(phases, kind, 2, 25);
      report("all kinds, 2 x 25 each", test::operand_kinds()[0], phases);
    }
}

namespace {

// Every event, and energies where a read costs most and where flips alone cost, within 5 % of the counted ones.
void check_within_5_percent(const Both& both, const char* what, const test::OperandKind& kind) {
  INFO(what << ", " << kind.name << ":" << both.text());
  CHECK(both.worst_event() < 0.05);
  CHECK(std::abs(both.energy_deviation(DeviceTiming::preset("prenat-2016", "sot", 1024, lanes))) < 0.05);
  CHECK(std::abs(both.energy_deviation(flips_only())) < 0.05);
}

void check_dots(const std::string& family, Semantics semantics) {
  for (const test::OperandKind& kind : test::operand_kinds())
    for (const bool scalar : {false, true}) {
      Both both(family, {fp32, semantics, Rounding::nearest_even});
      dots(both, kind, 2, 25, scalar);  // 51 200 multiply-accumulates
      check_within_5_percent(both, scalar ? "shared multiplier" : "inner products", kind);
    }
}

}  // namespace

TEST_CASE("sampled events of sot inner products are within 5 % of the counted ones") { check_dots("sot", Semantics::ieee); }
TEST_CASE("sampled events of published sot inner products are within 5 % of the counted ones") { check_dots("sot", Semantics::published); }
TEST_CASE("sampled events of nor inner products are within 5 % of the counted ones") { check_dots("nor", Semantics::ieee); }
TEST_CASE("sampled events of published nor inner products are within 5 % of the counted ones") { check_dots("nor", Semantics::published); }

TEST_CASE("sampled events of every operation are within 5 % of the counted ones") {
  for (const char* family : {"sot", "nor"})
    for (const test::OperandKind& kind : test::operand_kinds()) {
      Both both(family);
      every_operation(both, kind, 10);  // 92 160 lane operations
      check_within_5_percent(both, family, kind);
    }
}

TEST_CASE("sampled events follow the operands when they change, in either order") {
  const auto& kinds = test::operand_kinds();
  for (const auto& [first, second] : {std::pair{0, 4}, std::pair{4, 0}, std::pair{1, 3}}) {
    Both both("sot");
    dots(both, kinds[static_cast<std::size_t>(first)], 2, 25);
    dots(both, kinds[static_cast<std::size_t>(second)], 2, 25);
    check_within_5_percent(both, "after another kind", kinds[static_cast<std::size_t>(second)]);
  }
}

TEST_CASE("sampled events of commands on one lane or ten are within 5 % of the counted ones") {
  for (const auto& [count, products] : {std::pair{1u, 400u}, std::pair{10u, 100u}})  // 10 000 and 25 000 multiply-accumulates
    for (const test::OperandKind& kind : test::operand_kinds()) {
      Both both("sot");
      dots(both, kind, products, 25, false, count);
      check_within_5_percent(both, count == 1 ? "one lane" : "ten lanes", kind);
    }
}
