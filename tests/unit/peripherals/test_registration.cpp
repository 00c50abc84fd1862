// Every peripheral can be created by its type name alone, and its registers are described well enough for the header, the SVD and the reference.
#include <set>

#include "tests/unit/peripherals/bench.h"

using namespace spinvp::test;

namespace {
const std::vector<std::string> types = {"clint", "dma", "markers", "ns16550a", "plic", "power_manager", "sifive_test"};
}

TEST_CASE("Every peripheral is created by its type name and describes its registers") {
  Simulation simulation;
  for (const std::string& type : types) {
    INFO(type);
    REQUIRE(device_types().count(type) == 1);
    const auto device = device_types().at(type).make((type + "_0").c_str(), simulation, {});
    CHECK(device->type() == type);
    REQUIRE(device->windows().size() == 1);
    REQUIRE(device->windows()[0].bank != nullptr);
    CHECK(device->windows()[0].size == device->windows()[0].bank->size());
    std::set<std::string> names;
    for (const Register* reg : device->windows()[0].bank->registers()) {
      INFO(reg->spec().name);
      CHECK(names.insert(reg->spec().name).second);
      CHECK_FALSE(reg->spec().text.empty());
      CHECK(reg->spec().offset % reg->spec().width == 0);
      for (const RegisterField& field : reg->spec().fields) {
        CHECK_FALSE(field.text.empty());
        CHECK(field.lsb + field.width <= 8 * reg->spec().width);
      }
    }
  }
}

TEST_CASE("A reset gives every peripheral the register values it was built with") {
  Simulation simulation;
  for (const std::string& type : types) {
    INFO(type);
    const auto device = device_types().at(type).make((type + "_0").c_str(), simulation, {});
    RegisterBank& bank = *device->windows()[0].bank;
    const auto picture = [&bank] {
      std::vector<std::vector<std::uint8_t>> values;
      for (const Register* reg : bank.registers())
        for (unsigned i = 0; i < std::min(reg->spec().count, 4u); ++i) {
          std::vector<std::uint8_t> bytes(reg->spec().width);
          bank.peek(reg->spec().offset + i * (reg->spec().stride == 0 ? reg->spec().width : reg->spec().stride), bytes);
          values.push_back(bytes);
        }
      return values;
    };
    const auto fresh = picture();
    // DMA's doorbell and the markers' bus need a bench of their own; every other register takes a pattern.
    for (const Register* reg : bank.registers()) {
      if (reg->spec().access != Access::read_write || reg->spec().name == "FINISH") continue;
      const std::vector<std::uint8_t> pattern(reg->spec().width, 0x5a);
      bank.write(reg->spec().offset, pattern);
    }
    device->reset();
    CHECK(picture() == fresh);
  }
}
