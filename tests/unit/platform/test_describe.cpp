// The built platform describes itself: addresses and registers of every device.
#include <catch2/catch.hpp>

#include "models/core/error.h"
#include "platform/describe/register_map.h"

using namespace spinvp;

TEST_CASE("The C header has the memory map, offsets, fields and a guard") {
  const auto config = platform::load_config({});
  core::Simulation simulation;
  const platform::Soc soc(simulation, config);
  const auto map = platform::register_map(soc);
  const std::string header = platform::to_c_header(map);
  for (const char* line :
       {"#ifndef SPINVP_REGISTERS_H\n#define SPINVP_REGISTERS_H\n", "#define UART0_BASE 0x10000000u ", "#define UART0_IRQ 10u\n", "#define NPU_IRQ 32u\n",
        "#define DRAM_BASE 0x80000000u ", "#define ONCHIP_BASE 0x2000000000ull ", "#define ONCHIP_SIZE 0x4000000u\n", "#define CLINT_MTIME 0xbff8u ",
        "#define NS16550A_LCR 0x3u ", "#define NS16550A_LCR_DLAB_SHIFT 7u", "#define NS16550A_LCR_DLAB_MASK 0x80u\n"}) {
    INFO(line);
    CHECK(header.find(line) != std::string::npos);
  }
  const std::string svd = platform::to_svd(map, "1.0");
  CHECK(svd.find("<baseAddress>0x10000000</baseAddress>") != std::string::npos);
  const std::string page = platform::to_markdown(map);
  CHECK(page.find("| 0x10000000 | 256B | uart0 | ns16550a | 10 |") != std::string::npos);
}

TEST_CASE("Two instances of a type share one description, and SVD derives the second") {
  platform::ConfigRequest request;
  request.assignments = {"devices.uart1.type=ns16550a", "devices.uart1.base=0x11000000", "devices.uart1.irq=11"};
  const auto config = platform::load_config(request);
  core::Simulation simulation;
  const platform::Soc soc(simulation, config);
  const auto map = platform::register_map(soc);
  const std::string header = platform::to_c_header(map);
  CHECK(header.find("#define UART1_BASE 0x11000000u") != std::string::npos);
  CHECK(header.find("#define NS16550A_LCR 0x3u", header.find("#define NS16550A_LCR 0x3u") + 1) == std::string::npos);
  CHECK(platform::to_svd(map, "1.0").find("<peripheral derivedFrom=\"UART0\">") != std::string::npos);
}

TEST_CASE("Devices that overlap are refused with the place of the second one's base") {
  platform::ConfigRequest request;
  request.assignments = {"devices.dma.base=0x10000010"};
  const auto config = platform::load_config(request);
  core::Simulation simulation;
  try {
    const platform::Soc soc(simulation, config);
    FAIL("accepted");
  } catch (const core::InputError& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).starts_with("--set devices.dma.base=0x10000010: device 'dma': "));
  }
}

TEST_CASE("An interrupt number at a device without an interrupt is refused") {
  platform::ConfigRequest request;
  request.assignments = {"devices.dram.irq=50"};
  const auto config = platform::load_config(request);
  core::Simulation simulation;
  CHECK_THROWS_AS(platform::Soc(simulation, config), core::InputError);
}

TEST_CASE("An interrupt number without an interrupt controller is refused") {
  platform::ConfigRequest request;
  request.assignments = {"devices.plic.enabled=false"};
  const auto config = platform::load_config(request);
  core::Simulation simulation;
  CHECK_THROWS_AS(platform::Soc(simulation, config), core::InputError);
}
