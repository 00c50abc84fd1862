#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "models/core/state.h"

using namespace spinvp::core;

namespace {
struct Model {
  std::uint32_t count = 0;
  std::vector<std::uint16_t> queue;
  std::string name;
  std::uint8_t memory[4] = {};
  void describe_state(StateArchive& archive) {
    archive.item("count", count);
    archive.item("queue", queue);
    archive.item("name", name);
    archive.raw("memory", memory, sizeof memory);
  }
};

Model example() {
  Model m;
  m.count = 7;
  m.queue = {1, 2, 65535};
  m.name = "conv1";
  m.memory[2] = 0xa5;
  return m;
}

std::vector<std::uint8_t> saved() {
  Model m = example();
  StateArchive out;
  m.describe_state(out);
  return out.bytes();
}
}  // namespace

TEST_CASE("What a model saves it gets back") {
  Model m;
  m.queue = {9, 9, 9, 9, 9};
  StateArchive in(saved());
  CHECK(in.reading());
  m.describe_state(in);
  CHECK(m.count == 7);
  CHECK(m.queue == std::vector<std::uint16_t>{1, 2, 65535});
  CHECK(m.name == "conv1");
  CHECK(m.memory[2] == 0xa5);
  // Saved again it is the same bytes.
  StateArchive out;
  m.describe_state(out);
  CHECK(out.bytes() == saved());
}

TEST_CASE("An archive of another shape is refused with the item's name") {
  struct Other {
    std::uint64_t count = 0;  // wider than what was saved
  } other;
  StateArchive in(saved());
  CHECK_THROWS_WITH(in.item("count", other.count), Catch::Contains("'count'") && Catch::Contains("4 bytes"));
  StateArchive again(saved());
  std::uint32_t value = 0;
  CHECK_THROWS_WITH(again.item("counter", value), Catch::Contains("'counter'") && Catch::Contains("'count'"));
}

TEST_CASE("A snapshot cut at any byte is refused, never read past its end") {
  const auto whole = saved();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Model m;
    StateArchive in(std::vector<std::uint8_t>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
    CHECK_THROWS_AS(m.describe_state(in), InputError);
  }
}

TEST_CASE("Absurd lengths in a snapshot are refused before memory is asked for") {
  const auto whole = saved();
  for (std::size_t at = 0; at + 8 <= whole.size(); ++at) {
    auto bytes = whole;
    for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = 0xf0;
    Model m;
    StateArchive in(bytes);
    try {
      m.describe_state(in);  // where the bytes were plain data this is fine
    } catch (const InputError&) {}
    CHECK(m.queue.size() <= whole.size());
  }
}

TEST_CASE("A list is as long as it was saved, a shape is what it is") {
  struct Entry {
    std::string name;
    std::uint64_t value = 0;
  };
  const auto describe = [](StateArchive& archive, std::vector<Entry>& entries) {
    archive.list("entries", entries, [&](Entry& entry) {
      archive.item("name", entry.name);
      archive.item("value", entry.value);
    });
    archive.shape("banks", 8);
  };
  std::vector<Entry> entries = {{"a", 1}, {"b", 2}}, back(5);
  StateArchive out;
  describe(out, entries);
  StateArchive in(out.bytes());
  describe(in, back);
  CHECK(in.exhausted());
  REQUIRE(back.size() == 2);
  CHECK(back[1].name == "b");
  CHECK(back[1].value == 2);
  StateArchive other(out.bytes());
  other.list("entries", back, [&](Entry& entry) {
    other.item("name", entry.name);
    other.item("value", entry.value);
  });
  CHECK_FALSE(other.exhausted());
  CHECK_THROWS_WITH(other.shape("banks", 4), Catch::Contains("'banks': 8 in the snapshot, 4 here"));
  // A count that the archive cannot hold asks for no memory.
  StateArchive huge;
  std::uint64_t count = ~std::uint64_t{0};
  huge.item("entries", count);
  StateArchive reading(huge.bytes());
  CHECK_THROWS_AS(reading.list("entries", back, [](Entry&) {}), InputError);
}
