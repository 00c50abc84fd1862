#include <catch2/catch.hpp>

#include "jobs.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

spinvp_npu_descriptor good_job(Bench& bench) {
  spinvp_npu_descriptor d{};
  d.operation = SPINVP_NPU_COPY;
  d.count = 16;
  d.a = bench.allocate(64);
  d.c = bench.allocate(64);
  return d;
}

NpuConfig one_at_a_time() {
  NpuConfig config;
  config.rows = config.columns = 8;
  return config;
}

}  // namespace

TEST_CASE("descriptors are executed in order and round the ring's end") {
  Bench bench;
  bench.run([&] {
    bench.start(4);
    std::uint32_t value = 1;
    for (int round = 0; round < 7; ++round) {
      // Two at once, each copying what the one before wrote.
      spinvp_npu_descriptor first = good_job(bench), second = good_job(bench);
      second.a = first.c;
      bench.fill(first.a, &value, 4);
      bench.post(first);
      const std::uint64_t slot = bench.post(second);
      bench.wait_idle();
      CHECK(Bench::descriptor(bench, slot).status == SPINVP_NPU_DONE);
      CHECK(std::memcmp(bench.at(second.c), &value, 4) == 0);
      CHECK(bench.read(Bench::head) == (slot + 1) % 4);
      ++value;
    }
    CHECK(bench.read(Bench::completed) == 14);
  });
}

TEST_CASE("interrupts rise for marked descriptors, errors and the empty ring, as enabled, and fall when cleared") {
  Bench bench;
  bench.run([&] {
    bench.start();
    bench.write(Bench::interrupt_enable, 3);
    spinvp_npu_descriptor d = good_job(bench);
    bench.execute(d);
    CHECK(bench.levels.size() == 1);                  // binding reported the low level; nothing since
    CHECK(bench.read(Bench::interrupt_status) == 4);  // idle, which is not enabled
    d.flags = SPINVP_NPU_INTERRUPT;
    bench.execute(d);
    CHECK(bench.levels.back().first);
    CHECK(bench.read(Bench::interrupt_status) == 5);
    bench.write(Bench::interrupt_status, 1);
    CHECK_FALSE(bench.levels.back().first);
    d.operation = 99;
    d.flags = 0;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_OPERATION);
    CHECK(bench.levels.back().first);
    CHECK(bench.read(Bench::status) == 2);
    bench.write(Bench::interrupt_status, 7);
    CHECK(bench.read(Bench::status) == 0);
    bench.write(Bench::interrupt_enable, 4);
    d = good_job(bench);
    bench.execute(d);
    CHECK(bench.levels.back().first);
    bench.write(Bench::interrupt_enable, 0);
    CHECK_FALSE(bench.levels.back().first);
  });
}

TEST_CASE("a bad descriptor gets its status, the error registers and the interrupt, and the next one runs") {
  Bench bench;
  bench.run([&] {
    bench.start();
    const auto check_error = [&](spinvp_npu_descriptor d, std::uint32_t status) {
      const std::uint64_t slot = bench.post(d), next = bench.post(good_job(bench));
      bench.wait_idle();
      CHECK(Bench::descriptor(bench, slot).status == status);
      CHECK(Bench::descriptor(bench, next).status == SPINVP_NPU_DONE);
      CHECK(bench.read(Bench::error_index) == slot);
      CHECK(bench.read(Bench::error_status) == status);
      CHECK((bench.read(Bench::interrupt_status) & 2) != 0);
      bench.write(Bench::interrupt_status, 7);
    };
    spinvp_npu_descriptor d = good_job(bench);
    d.operation = 1000;
    check_error(d, SPINVP_NPU_BAD_OPERATION);
    d = good_job(bench);
    d.count = 0;
    check_error(d, SPINVP_NPU_BAD_SHAPE);
    d = good_job(bench);
    d.a += 1;
    check_error(d, SPINVP_NPU_BAD_ADDRESS);
    d = good_job(bench);
    d.a = 0x4000'0000;  // nobody there
    check_error(d, SPINVP_NPU_BAD_ADDRESS);
    d = good_job(bench);
    d.c = 0x4000'0000;
    check_error(d, SPINVP_NPU_BAD_ADDRESS);
    Random random(71);
    d = place(bench, random, gemm(20, 20, 20), false, false).d;
    for (std::uint64_t* operand : {&d.a, &d.b, &d.c}) {
      const std::uint64_t kept = *operand;
      *operand = 0x4000'0000;
      check_error(d, SPINVP_NPU_BAD_ADDRESS);
      *operand = Bench::dram_base + (64 << 20) - 64;  // runs off the end half-way
      check_error(d, SPINVP_NPU_BAD_ADDRESS);
      *operand = kept;
    }
    d.bias = 0x4000'0000;
    check_error(d, SPINVP_NPU_BAD_ADDRESS);
    d.bias = 0;
    bench.write(Bench::scratch_size, 100, 8);
    check_error(d, SPINVP_NPU_NO_SPACE);
    bench.write(Bench::scratch_size, 8 << 20, 8);
    bench.write(Bench::scratch_base, 0x4000'0000, 8);
    check_error(d, SPINVP_NPU_BAD_ADDRESS);
    bench.write(Bench::scratch_base, Bench::onchip_base, 8);
    d.a = Bench::onchip_base + 64;  // in the scratch that B and C need
    check_error(d, SPINVP_NPU_BAD_ADDRESS);
  });
}

TEST_CASE("a ring where nothing answers, a doorbell outside it, and sizes that are none do no harm") {
  Bench bench;
  bench.run([&] {
    bench.write(Bench::tail, 1);  // no ring yet
    CHECK(bench.read(Bench::tail) == 0);
    CHECK(bench.read(Bench::error_status) == Npu::bad_queue);
    bench.start();
    bench.write(Bench::tail, 8);
    CHECK(bench.read(Bench::tail) == 0);
    CHECK(bench.read(Bench::error_index) == 8);
    bench.write(Bench::queue_size, 1);
    CHECK(bench.read(Bench::queue_size) == 8);
    bench.write(Bench::queue_size, 65537);
    CHECK(bench.read(Bench::queue_size) == 8);
    for (const std::uint64_t base : {std::uint64_t{0x4000'0000}, ~std::uint64_t{0}, ~std::uint64_t{0} - 200}) {
      bench.write(Bench::queue_base, base, 8);
      bench.write(Bench::queue_size, 65536);
      bench.write(Bench::tail, 65535);
      bench.wait_idle();
      CHECK(bench.read(Bench::head) == 65535);
      CHECK(bench.read(Bench::error_status) == SPINVP_NPU_BAD_ADDRESS);
    }
    bench.start();
    CHECK(bench.execute(good_job(bench)) == SPINVP_NPU_DONE);
  });
}

TEST_CASE("registers that would pull the ring away under a running job keep their values") {
  Bench bench;
  bench.dram = {1'000'000, 0};
  bench.run([&] {
    bench.start();
    bench.post(good_job(bench));
    sc_core::wait(100, sc_core::SC_NS);
    bench.write(Bench::queue_base, 0x1234'0000, 8);
    bench.write(Bench::queue_size, 16);
    CHECK(bench.read(Bench::queue_base, 8) == Bench::ring_base);
    CHECK(bench.read(Bench::queue_size) == 8);
    bench.wait_idle();
    CHECK(Bench::descriptor(bench, 0).status == SPINVP_NPU_DONE);
  });
}

TEST_CASE("nothing starts while the queue is disabled, and a running job is finished") {
  Bench bench;
  bench.dram = {1'000'000, 0};
  bench.run([&] {
    bench.start();
    bench.post(good_job(bench));
    bench.post(good_job(bench));
    sc_core::wait(100, sc_core::SC_NS);
    bench.write(Bench::control, 0);
    sc_core::wait(1, sc_core::SC_MS);
    CHECK(Bench::descriptor(bench, 0).status == SPINVP_NPU_DONE);
    CHECK(Bench::descriptor(bench, 1).status == SPINVP_NPU_PENDING);
    bench.write(Bench::control, 1);
    bench.wait_idle();
    CHECK(Bench::descriptor(bench, 1).status == SPINVP_NPU_DONE);
  });
}

TEST_CASE("a reset drops the running job wherever it is, and the next job is whole") {
  Bench bench(one_at_a_time());
  bench.dram = {20'000, 100};
  bench.onchip = {5'000, 50};
  Random random(72);
  bench.run([&] {
    for (std::uint64_t at = 0; at < 12'000; at += 377) {
      bench.free_all();
      bench.start();
      const MatrixCase dropped = place(bench, random, gemm(60, 30, 40), true, false);
      bench.post(dropped.d);
      sc_core::wait(static_cast<double>(at), sc_core::SC_NS);
      const bool was_done = Bench::descriptor(bench, 0).status != SPINVP_NPU_PENDING;
      bench.write(Bench::control, 2 | 1);
      CHECK(bench.read(Bench::head) == 0);
      CHECK(bench.read(Bench::tail) == 0);
      const MatrixCase next = place(bench, random, gemm(20, 30, 40), true, false);
      CAPTURE(at, was_done);
      REQUIRE(bench.execute(next.d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, next.d.c, next.c_count, 0), reference_matrix(next.d, next.operands)) == -1);
      REQUIRE(bench.read(Bench::completed) == 1);
    }
  });
}

TEST_CASE("without its clock the job stands still and goes on later with the same values") {
  Bench bench(one_at_a_time());
  bench.dram = {20'000, 100};
  bench.onchip = {5'000, 50};
  Random random(73);
  bench.run([&] {
    bench.start();
    const MatrixCase job = place(bench, random, gemm(60, 30, 40), true, false);
    bench.execute(job.d);
    const std::uint64_t undisturbed = (bench.simulation.kernels.at(0).end - bench.simulation.kernels.at(0).start).ps();
    bench.post(job.d);
    sc_core::wait(2, sc_core::SC_US);
    bench.npu.set_power_state(core::PowerState::clock_gated);
    sc_core::wait(1, sc_core::SC_MS);
    CHECK(bench.simulation.kernels.size() == 1);
    bench.npu.set_power_state(core::PowerState::on);
    bench.wait_idle();
    const auto& record = bench.simulation.kernels.at(1);
    CHECK((record.end - record.start).ps() > undisturbed + 990'000'000);
    CHECK(first_difference(load_values(bench, job.d.c, job.c_count, 0), reference_matrix(job.d, job.operands)) == -1);
  });
}

TEST_CASE("a loss of power in the middle of a job loses the queue, and after a new start all is well") {
  Bench bench(one_at_a_time());
  bench.dram = {20'000, 100};
  bench.onchip = {5'000, 50};
  Random random(74);
  bench.run([&] {
    for (std::uint64_t at = 10; at < 9'000; at += 811) {
      bench.free_all();
      bench.start();
      const MatrixCase job = place(bench, random, gemm(60, 30, 40), false, false);
      bench.post(job.d);
      sc_core::wait(static_cast<double>(at), sc_core::SC_NS);
      bench.npu.set_power_state(core::PowerState::off);
      std::uint32_t word = 0;
      CHECK(bench.access(false, Bench::status, &word, 4) != tlm::TLM_OK_RESPONSE);
      sc_core::wait(at % 3 == 0 ? 5.0 : 5000.0, sc_core::SC_NS);
      bench.npu.set_power_state(core::PowerState::on);
      CHECK(bench.read(Bench::queue_size) == 0);
      bench.start();
      REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
      REQUIRE(first_difference(load_values(bench, job.d.c, job.c_count, 0), reference_matrix(job.d, job.operands)) == -1);
    }
  });
}

TEST_CASE("a job belongs to the region in which its doorbell rang") {
  Bench bench;
  bench.dram = {1'000'000, 0};
  bench.run([&] {
    bench.start();
    auto& regions = bench.simulation.regions;
    regions.open("first", core::now());
    bench.post(good_job(bench));
    regions.close(core::now());
    regions.open("second", core::now());
    bench.post(good_job(bench));
    regions.close(core::now());
    bench.wait_idle();
    CHECK(regions.path(bench.simulation.kernels.at(0).region) == "first");
    CHECK(regions.path(bench.simulation.kernels.at(1).region) == "second");
  });
}

TEST_CASE("random bits as descriptors neither crash nor hang") {
  Bench bench(one_at_a_time());
  Random random(75);
  bench.run([&] {
    bench.start(64);
    for (int round = 0; round < 30; ++round) {
      for (std::uint64_t slot = 0; slot < 64; ++slot) {
        spinvp_npu_descriptor d{};
        std::uint32_t words[32];
        for (std::uint32_t& w : words) w = random.below(3) == 0 ? random.below(0xffffffff) : random.between(0, 6);
        std::memcpy(&d, words, sizeof d);
        d.operation %= 14;
        d.format &= 1;
        d.flags &= random.coin() ? 0u : 63u;
        // Some point into memory, so that jobs get under way.
        for (std::uint64_t* address : {&d.a, &d.b, &d.c, &d.bias, &d.aux})
          if (random.coin()) *address = (random.coin() ? Bench::heap_base : Bench::onchip_base) + 4 * random.below(1 << 20);
        if (d.m > 1 << 16 || d.n > 1 << 16 || d.k > 1 << 16) d.k = 0;
        d.count = d.count >> 32 != 0 ? d.count >> 40 : d.count & 0xfffff;
        Bench::descriptor(bench, slot) = d;
      }
      const std::uint64_t tail = bench.read(Bench::tail);
      bench.write(Bench::tail, (tail + 63) % 64);
      bench.wait_idle();
      CHECK(bench.read(Bench::head) == (tail + 63) % 64);
    }
    CHECK(bench.read(Bench::completed) == 30 * 63);
  });
}

TEST_CASE("registers describe themselves: identity, array and reset values of the scratch region") {
  NpuConfig config;
  config.rows = 16;
  config.columns = 32;
  Bench bench(config);
  bench.run([&] {
    CHECK(bench.read(Bench::id_at) == 0x55504e53);
    CHECK(bench.read(0x068) == (32u << 16 | 16u));
    CHECK(bench.read(Bench::scratch_base, 8) == 0x20'0000'0000);
    CHECK(bench.read(Bench::scratch_size, 8) == 8 << 20);
    std::uint32_t word = 1;
    CHECK(bench.access(true, Bench::head, &word, 4) == tlm::TLM_COMMAND_ERROR_RESPONSE);
    CHECK(bench.access(false, 0xff0, &word, 4) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    bench.write(Bench::scratch_size, 5, 8);
    bench.npu.reset();
    CHECK(bench.read(Bench::scratch_size, 8) == 8 << 20);
  });
}
