// Row writes that look first: a read more for each write, and only cells that flip are driven.
#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/pim/pim_config.h"
#include "models/pim/read_before_write.h"
#include "models/pim/step_engine.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;

TEST_CASE("a write that looks first costs a read, and drives what changes; values stay") {
  constexpr Geometry geometry{1, 64, 4, 2};
  const auto programs = std::make_shared<ProgramSet>(logic_family("sot"), FloatArithmetic{}, 160);
  SubarrayStore plain_store(geometry), looking_store(geometry);
  reference::Draw draw(5);
  for (std::uint32_t word = 0; word < 3; ++word)
    for (std::uint32_t lane = 0; lane < 64; ++lane) plain_store.plane(0, word)[lane] = looking_store.plane(0, word)[lane] = draw.number();
  StepEngine plain(programs, geometry);
  ReadBeforeWrite looking(std::make_unique<StepEngine>(programs, geometry));
  const Work a = plain.execute(FloatOperation::multiply_accumulate, plain_store, {0, 0, 64}, {0, 1, 2}, std::nullopt);
  const Work b = looking.execute(FloatOperation::multiply_accumulate, looking_store, {0, 0, 64}, {0, 1, 2}, std::nullopt);
  for (std::uint32_t lane = 0; lane < 64; ++lane) CHECK(plain_store.plane(0, 0)[lane] == looking_store.plane(0, 0)[lane]);
  CHECK(b.steps.reads == a.steps.reads + a.steps.writes);
  CHECK(b.steps.writes == a.steps.writes);
  CHECK(b.steps == looking.steps(FloatOperation::multiply_accumulate, std::nullopt));
  CHECK(b.events[CellEvent::write_cell] == a.events[CellEvent::write_flip]);
  CHECK(b.events[CellEvent::write_flip] == a.events[CellEvent::write_flip]);
  CHECK(b.events[CellEvent::write_cell] < a.events[CellEvent::write_cell]);
  CHECK(b.events[CellEvent::read_cell] == a.events[CellEvent::read_cell] + a.steps.writes / 2 * 64);
}

TEST_CASE("published counts do not know what flips, so writes cannot look first") {
  PimConfig config;
  config.read_before_write = true;
  CHECK_NOTHROW(config.geometry());
  config.counts = "published";
  CHECK_THROWS_AS(config.geometry(), spinvp::core::InputError);
}
