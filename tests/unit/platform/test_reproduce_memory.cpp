// The memory systems' closed forms against numbers worked out by hand beside them.
#include <cmath>

#include <catch2/catch.hpp>

#include "models/technology/array_model.h"
#include "models/technology/memory_cells.h"
#include "platform/explore/memory_price.h"
#include "platform/explore/memory_schedules.h"
#include "platform/explore/product_reads.h"
#include "platform/explore/reproduce_memory_systems.h"
#include "workloads/compiler/compile.h"
#include "workloads/import/import.h"

namespace spinvp::platform {

using namespace core::literals;

namespace {

constexpr std::uint64_t kib = 1024, mib = 1 << 20;
constexpr DramLanes hbm2_lanes{16, 256};

workloads::compiler::CompiledKernel product(std::uint32_t m, std::uint32_t n, std::uint32_t k) {
  workloads::compiler::CompiledKernel kernel;
  kernel.name = "product";
  kernel.descriptor.operation = SPINVP_NPU_GEMM;
  kernel.descriptor.format = SPINVP_NPU_BF16;
  kernel.descriptor.m = m, kernel.descriptor.n = n, kernel.descriptor.k = k;
  kernel.descriptor.a = 0x9000'0000, kernel.descriptor.b = 0xa000'0000, kernel.descriptor.c = 0xb000'0000;
  return kernel;
}

// A memory of round numbers: a word a nanosecond and bank, 1 GB/s of DRAM.
MemorySystem round_memory() {
  MemorySystem memory;
  memory.bank.word_bits = 512;
  memory.bank.read_bytes_per_second = memory.bank.write_bytes_per_second = 64e9;
  memory.bank.read_latency = 10_ns, memory.bank.write_latency = 20_ns;
  memory.bank.read_energy = 64_pJ, memory.bank.write_energy = 128_pJ;
  memory.bank.leakage = 1_mW;
  memory.bank.area = 1_mm2;
  memory.banks = 4;
  memory.dram = {
      .read_latency_s = 50e-9, .write_latency_s = 40e-9, .closed_row_s = 14e-9, .bytes_per_second = 1e9, .joules_per_byte = 30e-12, .static_watts = 0.5};
  return memory;
}

NpuPrice round_npu() {
  NpuPrice price = NpuPrice::of({}, {});
  price.link_bytes_per_second = 1e12;
  price.bus_latency_s = 8e-9;
  return price;
}

}  // namespace

TEST_CASE("a product of one fold moves each operand once through scratch and operand buffer, and its result out") {
  // 128 x 128 x 128 in bf16: 32 KiB an operand and for the result.
  const KernelWork work = work_of(product(128, 128, 128), npu::NpuConfig(), hbm2_lanes);
  CHECK(work.product);
  CHECK(!work.wide);
  CHECK(work.macs == 128.0 * 128 * 128);
  CHECK(work.cycles == 128 + 128 + 128 - 2);  // R + C + K - 2
  CHECK(work.operand_elements == 2.0 * 128 * 128);
  CHECK(work.load.of(Way::dram_read) == 64 * kib);
  CHECK(work.load.of(Way::onchip_write) == 64 * kib);
  CHECK(work.fetch.of(Way::onchip_read) == 64 * kib);
  CHECK(work.buffer_writes == 1024);  // words of 64 bytes
  CHECK(work.buffer_reads == 1024);
  CHECK(work.drain.of(Way::onchip_write) == 32 * kib);
  CHECK(work.store.of(Way::onchip_read) == 32 * kib);
  CHECK(work.store.of(Way::dram_write) == 32 * kib);
  CHECK(work.moves().total() == (64 * 3 + 32 * 3) * kib);
}

TEST_CASE("what lies on chip is used in place: no scratch, no DRAM") {
  workloads::compiler::CompiledKernel kernel = product(128, 128, 128);
  const npu::NpuConfig npu;
  kernel.descriptor.a = npu.onchip_base + 16 * mib, kernel.descriptor.b = npu.onchip_base + 17 * mib, kernel.descriptor.c = npu.onchip_base + 18 * mib;
  const KernelWork work = work_of(kernel, npu, hbm2_lanes);
  CHECK(work.load.total() + work.store.total() == 0);
  CHECK(work.moves().of(Way::dram_read) + work.moves().of(Way::dram_write) == 0);
  CHECK(work.fetch.of(Way::onchip_read) == 64 * kib);
  CHECK(work.drain.of(Way::onchip_write) == 32 * kib);
}

TEST_CASE("a network's kernels compute and move what the compiler says") {
  for (const char* name : {"lenet5", "resnet18", "mobilenet-v2"}) {
    INFO(name);
    const npu::NpuConfig npu;
    workloads::compiler::Machine machine;
    machine.dram.bytes = std::uint64_t{1} << 40;
    machine.onchip = {npu.scratch_base + npu.scratch_size.value, npu.onchip_size.value - npu.scratch_size.value};
    machine.reads_of = product_reads(npu);
    const auto program = workloads::compiler::compile(workloads::import_network(name, {.batch = 2}), machine, {.phantom = true});
    for (const auto& kernel : program.kernels) {
      INFO(kernel.layer << ' ' << kernel.name);
      const KernelWork work = work_of(kernel, npu, hbm2_lanes);
      CHECK(work.macs == static_cast<double>(kernel.macs));
      // What an epilogue reads it reads for each tile; the compiler counts it once.
      if (work.product && kernel.program)
        CHECK(work.moves().of(Way::dram_read) >= static_cast<double>(kernel.traffic.dram_read));
      else
        CHECK(work.moves().of(Way::dram_read) == static_cast<double>(kernel.traffic.dram_read));
      CHECK(work.moves().of(Way::dram_write) == static_cast<double>(kernel.traffic.dram_written));
    }
  }
}

TEST_CASE("rows at a distance crowd into few lanes of the DRAM") {
  const auto of = [](std::uint64_t row_bytes, std::uint64_t rows, std::uint64_t stride) { return hbm2_lanes.crowding({0, row_bytes, rows, stride}); };
  CHECK(of(128, 64, 4096) == 16);    // all in one lane of sixteen
  CHECK(of(128, 64, 2048) == 8);     // in two
  CHECK(of(512, 64, 4096) == 8);     // two blocks of 256 bytes a row
  CHECK(of(128, 64, 256) == 1);      // each row in the next lane
  CHECK(of(128, 64, 128 * 3) == 1);  // 384 = 1.5 blocks: they drift over all lanes
  CHECK(of(128, 4, 256) == 4);       // four rows meet no more than four lanes
  CHECK(of(4096, 64, 8192) == 1);    // a row meets all
  CHECK(of(1 << 20, 1, 0) == 1);     // a stream
}

TEST_CASE("time of a vector kernel: queue, then the slowest stage with what comes before and after it") {
  // Four chunks of 1000 bytes in and 500 out, one burst each, 300 cycles a chunk at 1 GHz.
  KernelWork work;
  work.load.add(Way::dram_read, 4000, 1000);
  work.store.add(Way::onchip_write, 2000, 500);
  work.first_load.add(Way::dram_read, 1000, 1000);
  work.last_store.add(Way::onchip_write, 500, 500);
  work.cycles = 1200, work.last_cycles = 300;
  const MemorySystem memory = round_memory();
  const NpuPrice npu = round_npu();
  // Descriptor read 8 + 50 + 14 ns, dispatch 32 cycles, status written 8 + 40 + 14 ns.
  const double queue = 72e-9 + 32e-9 + 62e-9;
  // Load: four times 8 + 50 ns and 1000 ns at 1 GB/s. It is the slowest; then the last chunk's 300 cycles, and its store: 8 + 20 ns + 500 bytes at four banks x 64 GB/s.
  const double load = 4 * (58e-9 + 1000e-9), store = 28e-9 + 500 / 256e9;
  CHECK(kernel_seconds(work, memory, npu) == Approx(queue + load + 300e-9 + store).epsilon(1e-12));
  // Memory alone: 4000 bytes of DRAM, beside 2000 bytes / 64 words of 1 ns in four banks.
  CHECK(kernel_memory_seconds(work, memory) == Approx(4e-6).epsilon(1e-12));
  // With ten times the computation it decides: the first chunk in, all cycles, the last chunk out.
  work.cycles = 12000;
  CHECK(kernel_seconds(work, memory, npu) == Approx(queue + 1058e-9 + 12e-6 + store).epsilon(1e-12));
}

TEST_CASE("energy is counts times prices and static power times time, and twice the DRAM's price adds its bytes once more") {
  KernelWork work;
  work.product = true, work.wide = false;
  work.load.add(Way::dram_read, 64000, 4096);
  work.load.add(Way::onchip_write, 64000, 4096);
  work.macs = 1e6, work.operand_elements = 2e4, work.buffer_reads = 100, work.buffer_writes = 50;
  work.cycles = 1e5;
  MemorySystem memory = round_memory();
  const NpuPrice npu = round_npu();
  const MemoryFigures once = price({work}, {3}, memory, npu);
  CHECK(once.onchip_j == Approx(3 * 1000 * 128e-12));
  CHECK(once.onchip_static_j == Approx(4e-3 * once.chip_s));
  CHECK(once.dram_j == Approx(3 * 64000 * 30e-12));
  CHECK(once.dram_static_j == Approx(0.5 * once.chip_s));
  CHECK(once.array_j == Approx(3 * (1e6 * 2.0e-12 + 2e4 * 2.5e-12)));  // 45 nm: 1.1 pJ and 0.9 pJ; 16 of 64 bits for 10 pJ
  CHECK(once.buffer_j == Approx(3 * (100 * npu.buffer_read + 50 * npu.buffer_write)));
  CHECK(once.links_j == Approx(3 * 128000 * 8e-12));  // 0.1 pJ/bit/mm over 10 mm
  memory.dram.joules_per_byte *= 2;
  const MemoryFigures twice = price({work}, {3}, memory, npu);
  CHECK(twice.chip_s == once.chip_s);
  CHECK(twice.memory_j() - once.memory_j() == Approx(once.dram_j).epsilon(1e-12));
  CHECK(twice.chip_j() - once.chip_j() == Approx(once.dram_j).epsilon(1e-12));
}

TEST_CASE("a DRAM's price at so many pJ/bit is what a stream at full rate takes in all, standby and refresh included") {
  const technology::DramDataSheet& hbm2 = *technology::find_dram_data_sheet("hbm2");
  for (const double asked : {3.9, 7.0, 20.0}) {
    const DramPrice price = DramPrice::of(hbm2, asked);
    const double seconds_a_byte = 1 / price.bytes_per_second;
    CHECK((price.joules_per_byte + price.static_watts * seconds_a_byte) / 8 == Approx(asked * 1e-12).epsilon(1e-9));
  }
  CHECK(DramPrice::of(hbm2, 0, 25.6).bytes_per_second == Approx(25.6e9 * (1 - 260.0 / 3900)));
}

TEST_CASE("fair sides differ in nothing but their cells, and areas are the array model's") {
  MemorySystems systems;
  const auto sheet = [](technology::MemoryTechnology kind, std::uint64_t bytes) { return technology::modelled_memory_data_sheet(kind, bytes); };
  using Kind = technology::MemoryTechnology;
  const Sides fair = systems.sides(0, true, {});
  CHECK(fair.sram.onchip_bytes == training_bytes);
  CHECK(fair.sot.onchip_bytes == training_bytes);
  CHECK((fair.sram.reuse && fair.sot.reuse));
  CHECK(fair.sram.memory.banks == fair.sot.memory.banks);
  CHECK(fair.sram.memory.dram.joules_per_byte == fair.sot.memory.dram.joules_per_byte);
  const double sram = sheet(Kind::sram, 4 * mib).area.in(1_mm2), sot = sheet(Kind::sot, 4 * mib).area.in(1_mm2);
  CHECK(fair.sram.memory.area_mm2() == Approx(64 * sram));
  CHECK(fair.sot.memory.area_mm2() / fair.sram.memory.area_mm2() == Approx(sot / sram));
  CHECK(systems.bank_mm2("sot-2t", 4 * mib) == Approx(sot));

  const Sides equal = systems.sides(with(Assumption::equal_area), true, {});
  CHECK(equal.sot.onchip_bytes > training_bytes);
  // As many sixteenths as fit: no more than the SRAM's area, and one more would be.
  CHECK(equal.sot.memory.area_mm2() <= equal.sram.memory.area_mm2());
  CHECK(equal.sot.memory.area_mm2() + training_bytes / 16 / mib * (sot / 4) > equal.sram.memory.area_mm2());
}

TEST_CASE("each assumption changes what it says, and only that") {
  MemorySystems systems;
  const Sides fair = systems.sides(0, false, {});
  const Sides naive = systems.sides(with(Assumption::naive_sram), false, {});
  CHECK(!naive.sram.reuse);
  CHECK(naive.sot.reuse);
  CHECK(naive.sram.memory.leakage_watts() == fair.sram.memory.leakage_watts());
  const Sides mixed = systems.sides(with(Assumption::mixed_flavours), false, {});
  CHECK(mixed.sram.memory.leakage_watts() > 10 * fair.sram.memory.leakage_watts());
  CHECK(mixed.sot.memory.leakage_watts() == fair.sot.memory.leakage_watts());
  const Sides small = systems.sides(with(Assumption::small_sram), false, {});
  CHECK(small.sram.onchip_bytes == small_bytes);
  CHECK(small.sot.onchip_bytes == fair.sot.onchip_bytes);
  const Sides large = systems.sides(with(Assumption::large_memory), false, {});
  CHECK(large.sram.onchip_bytes == 4 * inference_bytes);
  CHECK(large.sot.onchip_bytes == 4 * inference_bytes);
  const Sides dear = systems.sides(with(Assumption::dear_dram), false, {});
  for (const Side* side : {&dear.sram, &dear.sot}) CHECK(side->memory.dram.joules_per_byte > fair.sram.memory.dram.joules_per_byte);
  CHECK(dear.sram.memory.dram.static_watts == fair.sram.memory.dram.static_watts);
  const Sides slow = systems.sides(with(Assumption::slow_dram), false, {});
  CHECK(slow.sot.memory.dram.bytes_per_second == Approx(0.1 * fair.sot.memory.dram.bytes_per_second));
  // Moving a constant of one cell leaves the other alone.
  MemoryConstants slow_write;
  slow_write.sot_write_pulse_ns = 5;
  const Sides pulse = systems.sides(0, false, slow_write);
  CHECK(pulse.sot.memory.bank.write_latency > fair.sot.memory.bank.write_latency);
  CHECK(pulse.sram.memory.bank.write_latency == fair.sram.memory.bank.write_latency);
}

TEST_CASE("a naive schedule moves more through the DRAM than the compiler's, and more memory on chip never more") {
  Schedules schedules({}, hbm2_lanes);
  const std::uint64_t tiles = npu::NpuConfig().scratch_size.value;
  const ScheduleQuestion naive{"resnet18", true, 4, tiles, false}, small{"resnet18", true, 4, 16 * mib, true}, large{"resnet18", true, 4, 256 * mib, true};
  schedules.prepare({naive, small, large});
  const MemorySystem memory = round_memory();
  const NpuPrice npu = round_npu();
  const auto figures = [&](const ScheduleQuestion& q) { return price(schedules.of(q).kernels, schedules.of(q).times, memory, npu); };
  const MemoryFigures of_naive = figures(naive), of_small = figures(small), of_large = figures(large);
  CHECK(of_naive.dram_bytes() > of_small.dram_bytes());
  CHECK(of_small.dram_bytes() > of_large.dram_bytes());
  // The same products in all of them.
  CHECK(of_naive.macs == of_large.macs);
  CHECK(of_small.macs == of_large.macs);
}

}  // namespace spinvp::platform
