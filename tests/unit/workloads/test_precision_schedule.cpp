#include <catch2/catch.hpp>

#include <bit>

#include "training_support.h"
#include "workloads/training/precision_schedule.h"

namespace spinvp::workloads::test {
namespace {

// "from:forward/backward" of each row.
std::string rows_text(const std::string& text, std::uint64_t steps) {
  std::string rows;
  for (const auto& row : PrecisionSchedule::parse(text, 24).value().rows(steps))
    rows += (rows.empty() ? "" : " ") + std::to_string(row.from_step) + ':' + std::to_string(row.forward) + '/' + std::to_string(row.backward);
  return rows;
}

}  // namespace

TEST_CASE("an entry of a precision schedule holds from its part of the steps on, rounded up, and a later one that begins at the same step goes before") {
  CHECK(rows_text("0%:6/8 50%:8/8 80%:16/16", 100) == "0:6/8 50:8/8 80:16/16");
  CHECK(rows_text("  0%:6/8   50%:8/8 80%:16/16 ", 10) == "0:6/8 5:8/8 8:16/16");
  CHECK(rows_text("0%:6/8 50%:8/8 80%:16/16", 3) == "0:6/8 2:8/8 3:16/16");  // 1.5 and 2.4: the last one is never reached
  CHECK(rows_text("0%:6/8 1%:8/8 2%:16/16", 1) == "0:6/8 1:16/16");
  CHECK(rows_text("0%:2/24", 5) == "0:2/24");
  CHECK(rows_text("0%:6/8 50%:8/8", 0) == "0:8/8");
  CHECK(rows_text("", 5).empty());
  const auto rows = PrecisionSchedule::parse("0%:6/8 50%:8/9", 24).value().rows(10);
  CHECK(precision_at(rows, 4).backward == 8);
  CHECK(precision_at(rows, 5).backward == 9);
  CHECK(precision_at(rows, 9).forward == 8);
}

TEST_CASE("a precision schedule that is none is refused with what is wrong and what is allowed") {
  for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{{"8/8", "'8/8': not an entry"},
                                                                                    {"0%:8", "not an entry"},
                                                                                    {"0%:8/8,50%:9/9", "not an entry"},
                                                                                    {"0%:-8/8", "not an entry"},
                                                                                    {"10%:8/8", "must begin at 0%"},
                                                                                    {"0%:8/8 0%:9/9", "behind the entry before"},
                                                                                    {"0%:8/8 50%:8/8 40%:9/9", "behind the entry before"},
                                                                                    {"0%:8/8 100%:9/9", "behind the end"},
                                                                                    {"0%:1/8", "1 bits"},
                                                                                    {"0%:8/25", "25 bits"},
                                                                                    {"0%:99999999999999999999/8", "not an entry"}}) {
    const auto schedule = PrecisionSchedule::parse(text, 24);
    INFO(text);
    REQUIRE_FALSE(schedule.has_value());
    CHECK(schedule.error().find(words) != std::string::npos);
    CHECK(schedule.error().find("2 to 24") != std::string::npos);
  }
  CHECK_FALSE(PrecisionSchedule::parse("0%:9/8", 8).has_value());
}

TEST_CASE("a schedule changes what a training computes, and whether activations are recomputed changes nothing") {
  const auto rows = PrecisionSchedule::parse("0%:4/6 50%:8/12", 24).value().rows(4);
  const auto losses = [&](Activations activations, const std::vector<spinvp_program_precision>& precision) {
    const TrainingGraph training = make_training_graph(network(convolutional, 2), {.rate = 0.05, .activations = activations});
    TrainingRun<float> run(training, 5);
    run.set_precision(precision);
    set_inputs(run, training, Draw(9), 4);
    std::vector<std::uint32_t> bits;
    for (int step = 0; step < 4; ++step) bits.push_back(std::bit_cast<std::uint32_t>(run.step()));
    return bits;
  };
  const auto narrow = losses(Activations::stash, rows);
  CHECK(narrow == losses(Activations::recompute, rows));
  CHECK(narrow != losses(Activations::stash, {}));
  CHECK(losses(Activations::stash, {{0, 24, 24}}) == losses(Activations::stash, {}));
}

}  // namespace spinvp::workloads::test
