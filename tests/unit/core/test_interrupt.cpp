#include <catch2/catch.hpp>

#include <vector>

#include "models/core/interrupt.h"

using namespace spinvp::core;

namespace {
struct Sink : InterruptSink {
  std::vector<std::pair<unsigned, bool>> levels;
  std::vector<std::pair<unsigned, SimTime>> announced;
  void set_level(unsigned index, bool level) override { levels.emplace_back(index, level); }
  void announce_rise(unsigned index, SimTime when) override { announced.emplace_back(index, when); }
};
using Levels = std::vector<std::pair<unsigned, bool>>;
}  // namespace

TEST_CASE("A line tells its sink of changes alone, under the sink's own number") {
  Sink sink;
  InterruptLine line;
  line.bind(sink, 7);
  line.set(true);
  line.set(true);
  line.set(false);
  CHECK(sink.levels == Levels{{7, false}, {7, true}, {7, false}});
  line.announce_rise(SimTime::ns(3));
  CHECK(sink.announced == std::vector<std::pair<unsigned, SimTime>>{{7, SimTime::ns(3)}});
}

TEST_CASE("A line that is high when it is bound is heard at once, one without a sink keeps its level") {
  InterruptLine line;
  line.set(true);
  line.announce_rise(SimTime::ns(1));
  CHECK(line.level());
  Sink sink;
  line.bind(sink, 2);
  CHECK(sink.levels == Levels{{2, true}});
}
