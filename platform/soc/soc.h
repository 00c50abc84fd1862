// The platform as SystemC modules: built from a checked configuration, wired, loaded, run.
//
// The builder knows no device type: it makes devices by type name and asks each for its windows, masters and interrupt. One Soc a process: SystemC elaborates once.
//
//   core::Simulation simulation(config.platform.seed);
//   Soc soc(simulation, config);               // throws core::InputError: overlaps, an irq without a controller, ...
//   soc.load(image, plan_boot(...));           // takes effect when the simulation starts
//   run(simulation, soc, ...);                 // execution.h
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tlm_utils/simple_initiator_socket.h>

#include "models/core/device.h"
#include "models/interconnect/interconnect.h"
#include "models/riscv/hart.h"
#include "platform/config/platform_config.h"
#include "platform/measure/measurement.h"
#include "platform/soc/boot_block.h"
#include "platform/soc/elf_image.h"

namespace spinvp::platform {

class Soc {
 public:
  Soc(core::Simulation& simulation, const PlatformConfig& config);
  ~Soc();
  Soc(const Soc&) = delete;
  Soc& operator=(const Soc&) = delete;

  struct Instance {
    const DeviceConfig* config;  // of the PlatformConfig, which outlives the Soc
    std::unique_ptr<core::Device> device;
  };
  [[nodiscard]] const std::vector<Instance>& devices() const { return devices_; }
  [[nodiscard]] const std::vector<std::unique_ptr<riscv::Hart>>& harts() const { return harts_; }
  // Where a window answers.
  [[nodiscard]] static std::uint64_t base_of(const Instance& instance, const core::Device::Window& window) {
    return window.at != 0 ? window.at : instance.config->placement.base;
  }
  // Windows without registers: storage.
  [[nodiscard]] std::vector<MemoryRange> memories() const;

  // What the harts find when they start: the image and whatever else belongs in memory. All harts start at the image's entry, and again after a reset by the
  // guest. Throws core::InputError if the image does not fit.
  void load(const ElfImage& image, std::vector<Placement> more);
  // Debug access through the bus; false if a byte is not answered. Once the simulation has started.
  bool write(std::uint64_t address, const std::string& bytes);
  // The bytes up to the first that is not answered.
  std::string read(std::uint64_t address, std::size_t size);

  // What the guest writes to the console past the UART (HTIF, semihosting).
  void guest_text(std::string_view text);
  // A little-endian number of at most 8 bytes; nothing if a byte is not answered.
  [[nodiscard]] std::optional<std::uint64_t> read_number(std::uint64_t address, unsigned size);

  [[nodiscard]] interconnect::Interconnect& interconnect() { return *interconnect_; }
  // What lies at an address, for messages: "dram", "uart+0x5"; empty: nothing.
  [[nodiscard]] std::string place_of(std::uint64_t address) const;

  // Books what the harts have done since their last synchronisation, and reads their counts.
  [[nodiscard]] std::vector<HartMeasure> settle_harts();

 private:
  class Loader;
  core::Simulation& simulation_;
  std::unique_ptr<interconnect::Interconnect> interconnect_;
  std::vector<std::unique_ptr<riscv::Hart>> harts_;
  std::vector<Instance> devices_;
  std::unique_ptr<Loader> loader_;

  void build_harts(const PlatformConfig& config);
  void build_device(const DeviceConfig& config);
  void wire_interrupts();
  void announce_platform();
  void point_harts_at(const ElfImage& image);
};

}  // namespace spinvp::platform
