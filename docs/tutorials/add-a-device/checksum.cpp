// An Adler-32 unit: firmware writes bytes or words to DATA and reads the checksum; after LIMIT bytes it raises its interrupt.
#include "models/core/device.h"

namespace spinvp::tutorial {

using namespace core;
using namespace core::literals;

struct ChecksumConfig {
  Energy energy_per_byte = 0.2_pJ;
  static const Schema& schema() {
    static const Schema schema = Schema::of<ChecksumConfig>().field(
        "energy_per_byte", &ChecksumConfig::energy_per_byte,
        {.least = 0, .most = 1000, .unit = "pJ", .source = "assumed: two 16-bit additions", .text = "energy of adding one byte"});
    return schema;
  }
};

class Checksum : public RegisterDevice {
 public:
  Checksum(const sc_core::sc_module_name& name, Simulation& simulation, const ChecksumConfig& config)
      : RegisterDevice(name, simulation, "checksum", 0x1000),
        byte_added_(declare_event("byte", "checksum", config.energy_per_byte, "assumed: two 16-bit additions")) {
    data_.on_write([this](std::uint64_t, std::uint64_t word) { add(word); });
    pending_.on_write([this](std::uint64_t, std::uint64_t left) { done_.set(left != 0); });
    set_interrupt(done_);
  }

 private:
  Register data_{bank_, {.name = "DATA", .offset = 0x0, .access = Access::write_only, .text = "four bytes to add, lowest first"}};
  Register sum_{bank_, {.name = "SUM", .offset = 0x4, .access = Access::read_only, .reset = 1, .text = "Adler-32 of all bytes since reset"}};
  Register limit_{bank_, {.name = "LIMIT", .offset = 0x8, .text = "raise the interrupt after this many bytes; 0: never"}};
  Register pending_{bank_,
                    {.name = "PENDING", .offset = 0xc, .access = Access::write_one_to_clear, .text = "events", .fields = {{"DONE", 0, 1, "limit reached"}}}};
  InterruptLine done_;
  EventId byte_added_;
  std::uint64_t bytes_ = 0;

  void on_reset() override {
    RegisterDevice::on_reset();
    bytes_ = 0;
    done_.set(false);
  }
  void describe_state(StateArchive& archive) override {
    RegisterDevice::describe_state(archive);
    archive.item("bytes", bytes_);
  }
  void add(std::uint64_t word) {
    std::uint64_t a = sum_.get() & 0xffff, b = sum_.get() >> 16;
    for (int i = 0; i < 4; ++i, ++bytes_, word >>= 8) b = (b + (a = (a + (word & 0xff)) % 65521)) % 65521;
    sum_.set(b << 16 | a);
    simulation().energy.spend(byte_added_, 4, simulation().regions.current(), now());
    if (limit_.get() != 0 && bytes_ >= limit_.get()) pending_.set(1), done_.set(true);
  }
};

static const DeviceRegistration registration = register_device<Checksum, ChecksumConfig>("checksum", "Adler-32 unit of the tutorial");

}  // namespace spinvp::tutorial
