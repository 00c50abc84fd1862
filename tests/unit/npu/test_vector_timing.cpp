#include <catch2/catch.hpp>

#include "map_jobs.h"
#include "phantom_twin.h"

using namespace spinvp;
using namespace spinvp::npu;
using namespace spinvp::npu::test;

namespace {

constexpr std::uint64_t cycle = 1000;  // ps at 1 GHz

std::uint64_t span(const core::KernelRecord& record) { return (record.end - record.start).ps(); }
std::uint64_t count_of(const Bench& bench, const std::string& name) {
  for (const auto& event : bench.simulation.energy.events())
    if (event.event == name) return event.count;
  return 0;
}

// rows x columns, dense, of fp32: one input, one output.
spinvp_npu_map dense(Bench& bench, std::uint32_t rows, std::uint32_t columns) {
  spinvp_npu_map map{};
  map.axes = 2;
  map.extent[0] = rows, map.extent[1] = columns;
  map.inputs = map.outputs = 1;
  map.input[0].address = bench.allocate(std::uint64_t{4} * rows * columns);
  map.output[0].address = bench.allocate(std::uint64_t{4} * rows * columns);
  map.input[0].stride[0] = map.output[0].stride[0] = columns;
  map.input[0].stride[1] = map.output[0].stride[1] = 1;
  return map;
}
void reduce_last(spinvp_npu_map& map) {
  map.reduced = 2;
  map.output[0].stride[0] = 1;
  map.output[0].stride[1] = 0;
}

}  // namespace

TEST_CASE("a map takes elements / lanes times the sum of its steps' costs, and spends an event a step") {
  NpuConfig config;  // 128 lanes; exponential, logarithm and division 8 cycles
  config.exp_cycles = 7, config.log_cycles = 9, config.divide_cycles = 11;
  Bench bench(config);
  bench.run([&] {
    bench.start();
    spinvp_npu_map map = dense(bench, 32, 128);  // one chunk of 4096 elements: 32 times all lanes
    const auto step = [&](std::uint8_t operation) { map.step[map.steps++] = {operation, 0, 0, 0}; };
    for (const auto operation : {SPINVP_NPU_MAP_MULTIPLY, SPINVP_NPU_MAP_FUSED, SPINVP_NPU_MAP_FLOOR}) step(operation);                // 1 each
    for (const auto operation : {SPINVP_NPU_MAP_EXPONENTIAL, SPINVP_NPU_MAP_ERROR_FUNCTION, SPINVP_NPU_MAP_TANGENT}) step(operation);  // 7 each
    step(SPINVP_NPU_MAP_LOGARITHM);                                                                                                    // 9
    for (const auto operation : {SPINVP_NPU_MAP_DIVIDE, SPINVP_NPU_MAP_SQUARE_ROOT}) step(operation);                                  // 11 each
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
    map.steps = 0;
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
  });
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 32 * (3 * 1 + 3 * 7 + 9 + 2 * 11));
  CHECK(bench.simulation.kernels.at(1).compute_cycles == 32);  // no step: a cycle to pass on
  CHECK(count_of(bench, "vector_fp32") == 4096 * 3 + 4096);
  CHECK(count_of(bench, "elementary_function") == 4096 * 4);
  CHECK(count_of(bench, "divide") == 4096 * 2);
}

TEST_CASE("an ordered sum takes a cycle an element of each output's chain; as many outputs as there are lanes run side by side") {
  Bench bench;
  bench.run([&] {
    bench.start();
    spinvp_npu_map one = dense(bench, 1, 4096), many = dense(bench, 64, 64);
    one.extent[0] = 1;
    reduce_last(one);
    reduce_last(many);
    many.steps = 1;
    many.step[0] = {SPINVP_NPU_MAP_MULTIPLY, 0, 0, 0};
    many.finish_steps = 1;
    many.step[1] = {SPINVP_NPU_MAP_DIVIDE, 0, 0, 16};
    REQUIRE(bench.execute(map_job(bench, one, true)) == SPINVP_NPU_DONE);
    REQUIRE(bench.execute(map_job(bench, many, true)) == SPINVP_NPU_DONE);
  });
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 4096);
  // 4096 / 128 for the step, 4096 / min(128, 64) for the sums, and 64 / 128, rounded up, divisions of 8 cycles.
  CHECK(bench.simulation.kernels.at(1).compute_cycles == 32 + 64 + 8);
}

TEST_CASE("average pooling takes a cycle a tap and a division an output on each lane; rows by index take a cycle an element") {
  Bench bench;
  bench.run([&] {
    bench.start();
    spinvp_npu_descriptor d = convolution(SPINVP_NPU_AVERAGEPOOL_FORWARD, 1, 128, 8, 8, 1, 2, 2, 2);
    d.a = bench.allocate(32768);
    d.c = bench.allocate(8192);
    REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
    spinvp_npu_descriptor g{};
    g.m = g.n = g.k = 64;
    g.a = bench.allocate(16384);
    g.c = bench.allocate(16384);
    g.aux = bench.allocate(256);  // all of them row 0
    for (const std::uint32_t operation : {SPINVP_NPU_GATHER, SPINVP_NPU_SCATTER_ADD}) {
      g.operation = operation;
      REQUIRE(bench.execute(g) == SPINVP_NPU_DONE);
    }
  });
  CHECK(bench.simulation.kernels.at(0).compute_cycles == 128 * 16 * 4 / 128 + 128 * 16 / 128 * 8);
  CHECK(bench.simulation.kernels.at(1).compute_cycles == 64 * 64 / 128);
  CHECK(bench.simulation.kernels.at(2).compute_cycles == 64 * 64 / 128);
}

TEST_CASE("a map that memory bounds lasts its program, its loads, one chunk of computation and one store; a repeated row is read once") {
  NpuConfig config;
  config.stream_buffer = core::Bytes{4096};
  Bench bench(config);
  bench.dram = {100'000, 0};
  bench.run([&] {
    bench.start();
    spinvp_npu_map map = dense(bench, 64, 128);  // eight chunks of 1024 elements
    map.inputs = 2, map.steps = 1;
    map.step[0] = {SPINVP_NPU_MAP_ADD, 0, 0, 1};
    map.input[1].address = bench.allocate(4 * 128);
    map.input[1].stride[1] = 1;
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
  });
  // Bursts of 100 ns: descriptor, program, 8 + 1 loads, the last store, the status; 8 cycles for 1024 elements.
  const auto& record = bench.simulation.kernels.at(0);
  CHECK(span(record) == 2 * 100'000 + 32 * cycle + 9 * 100'000 + 8 * cycle + 100'000 + 100'000);
  CHECK(record.tally.dram_read_bytes == 128 + sizeof(spinvp_npu_map) + 64 * 128 * 4 + 128 * 4);
  CHECK(record.tally.dram_write_bytes == 64 * 128 * 4 + 4);
}

TEST_CASE("a transposition travels in runs of 64 elements both ways") {
  Bench bench;
  std::vector<core::Transfer> shapes;
  bench.on_burst = [&](const tlm::tlm_generic_payload& payload) {
    if (payload.get_data_length() > sizeof(spinvp_npu_map)) shapes.push_back(core::transfer_of(payload));
  };
  bench.run([&] {
    bench.start();
    spinvp_npu_map map = dense(bench, 256, 256);
    std::swap(map.input[0].stride[0], map.input[0].stride[1]);
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
  });
  // 16 chunks of 64 x 64 elements, each four bursts in and four out of sixteen rows of 256 bytes.
  REQUIRE(shapes.size() == 16 * 8);
  for (const core::Transfer& t : shapes) CHECK((t.row_bytes == 256 && t.stride == 1024));
}

TEST_CASE("a vector that is repeated leaves the runs of the other streams whole") {
  Bench bench;
  std::uint64_t long_bursts = 0, strided = 0;
  bench.on_burst = [&](const tlm::tlm_generic_payload& payload) {
    long_bursts += payload.get_data_length() == 4096;
    strided += core::transfer_of(payload).row_bytes != 0;
  };
  bench.run([&] {
    bench.start();
    // 64 channels of 1024 elements, a scale a channel.
    spinvp_npu_map map = dense(bench, 64, 1024);
    map.inputs = 2, map.steps = 1;
    map.step[0] = {SPINVP_NPU_MAP_MULTIPLY, 0, 0, 1};
    map.input[1].address = bench.allocate(4 * 64);
    map.input[1].stride[0] = 1;
    REQUIRE(bench.execute(map_job(bench, map, false)) == SPINVP_NPU_DONE);
  });
  CHECK(long_bursts == 2 * 64);
  CHECK(strided == 0);
}

TEST_CASE("a long stream takes longer bursts and chunks: some hundreds of bursts, however long it is") {
  Bench bench;
  std::uint64_t bursts[3] = {};
  bench.run([&] {
    bench.start();
    unsigned job = 0;
    // Of 1, 4 and 16 MiB each way.
    for (const std::uint64_t mib : {1, 4, 16}) {
      bench.free_all();
      spinvp_npu_descriptor d{};
      d.operation = SPINVP_NPU_RELU_FORWARD;
      d.count = mib << 18;
      d.a = d.c = bench.allocate(mib << 20);
      const std::uint64_t before = bench.transactions;
      REQUIRE(phantom_differs(bench, d) == "");
      bursts[job++] = (bench.transactions - before) / 2;  // of the job; its phantom has as many
    }
  });
  // 256 reads and 256 writes, of 4, 16 and 64 KiB; a descriptor and a status.
  CHECK(bursts[0] == 256 * 2 + 2);
  CHECK(bursts[1] == 256 * 2 + 2);
  CHECK(bursts[2] == 256 * 2 + 2);
}

TEST_CASE("phantoms of the other vector operations take the time, the traffic and the energy of real ones") {
  NpuConfig config;
  config.stream_buffer = core::Bytes{1024};
  Bench bench(config);
  bench.dram = {50'000, 3'000};
  Random random(131);
  bench.run([&] {
    bench.start();
    for (const std::uint32_t operation : {SPINVP_NPU_BIAS_GRADIENT, SPINVP_NPU_RELU_FORWARD, SPINVP_NPU_RELU_BACKWARD, SPINVP_NPU_SGD_UPDATE, SPINVP_NPU_COPY,
                                          SPINVP_NPU_SOFTMAX_CROSS_ENTROPY, SPINVP_NPU_SOFTMAX_FORWARD, SPINVP_NPU_SOFTMAX_BACKWARD}) {
      spinvp_npu_descriptor d{};
      d.operation = operation;
      d.batch = 3, d.out_channels = 5, d.out_h = 7, d.out_w = 9;
      d.m = 50, d.n = 30, d.count = 1500;
      for (std::uint64_t* address : {&d.a, &d.b, &d.c, &d.aux, &d.bias}) *address = bench.allocate(6000);
      for (unsigned i = 0; i < 50; ++i) *bench.at(d.aux + i) = static_cast<std::uint8_t>(random.below(30));
      CAPTURE(operation);
      CHECK(phantom_differs(bench, d) == "");
    }
  });
}
