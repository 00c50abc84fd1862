// Compressed weights from end to end: what compression says they become, what the NPU rebuilds from the bytes, and what that costs.
#include <catch2/catch.hpp>

#include <array>
#include <bit>
#include <map>

#include "../../npu/jobs.h"
#include "../../npu/phantom_twin.h"
#include "../training_support.h"
#include "models/npu/weight_rebuild.h"
#include "workloads/compiler/compile.h"
#include "workloads/compiler/images.h"
#include "workloads/compiler/weight_compression.h"

namespace spinvp::workloads::compiler::test {
namespace {

using npu::test::Bench;
using npu::test::Random;
using npu::test::Values;

double relative_error(const CompressedWeights& c) { return std::sqrt(c.difference / c.norm); }

WeightCompression random_form(Random& random) {
  WeightCompression form;
  form.slice = random.between(1, 6);
  form.rank = random.between(1, form.slice);
  form.group = random.between(1, 5);
  form.kept = random.between(1, form.group);
  form.coefficient_bits = random.between(2, 5);
  return form;
}

struct Shape2 {
  std::uint64_t rows, units;
};
Shape2 shape_of_b(const spinvp_npu_descriptor& d) {
  if (d.operation == SPINVP_NPU_CONV_FORWARD)
    return {d.out_channels, std::uint64_t{d.in_channels} / std::max<std::uint32_t>(1, d.groups) * d.kernel_h * d.kernel_w};
  return (d.flags & SPINVP_NPU_TRANSPOSE_B) != 0 ? Shape2{d.n, d.k} : Shape2{d.k, d.n};
}

// Puts compressed weights in the place of b and of the reference's values.
void compress_b(Bench& bench, npu::test::MatrixCase& job, const WeightCompression& compression) {
  const Shape2 shape = shape_of_b(job.d);
  const CompressedWeights c = compress(compression.of(shape.rows, shape.units), job.operands.b);
  job.d.b = bench.allocate(c.bytes.size());
  bench.fill(job.d.b, c.bytes.data(), c.bytes.size());
  job.operands.b = c.values;
  for (float& value : job.operands.b) value = npu::test::to_format(value, job.d.format);
  job.d.count = spinvp_npu_with_option(0, SPINVP_NPU_COMPRESSED, 1);
}

spinvp_npu_descriptor random_descriptor(Random& random) {
  spinvp_npu_descriptor d{};
  if (random.coin()) {
    d = npu::test::gemm(random.between(1, 40), random.between(1, 40), random.between(1, 90), random.below(4));
    if (random.below(3) == 0) {
      d.batch = random.between(1, 4);
      d.flags |= SPINVP_NPU_SHARED_B;
    }
  } else {
    d = npu::test::random_convolution(random, SPINVP_NPU_CONV_FORWARD);
  }
  d.format = random.coin() ? SPINVP_NPU_BF16 : SPINVP_NPU_FP32;
  return d;
}

npu::NpuConfig rebuilding(std::uint64_t lanes) {
  npu::NpuConfig config;
  config.rows = config.columns = 8;
  config.rebuild_lanes = lanes;
  return config;
}

}  // namespace

TEST_CASE("any part of compressed weights is rebuilt to the values that compression gave, in both formats") {
  Random random(301);
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t rows = random.between(1, 6), units = random.between(1, 70);
    const Values weights = random.values(rows * units);
    const spinvp_npu_weights form = random_form(random).of(rows, units);
    const CompressedWeights c = compress(form, weights);
    REQUIRE(c.bytes.size() == spinvp_npu_weights_bytes(&form));
    CHECK(c.bytes == compress(form, weights).bytes);
    const npu::Format format = random.coin() ? npu::Format::bf16 : npu::Format::fp32;
    const npu::WeightRebuild rebuild(form, 1000, format);
    const std::uint64_t row = random.below(static_cast<std::uint32_t>(rows)), unit = random.below(static_cast<std::uint32_t>(units));
    const npu::Range some_rows{row, random.between(static_cast<std::uint32_t>(row + 1), static_cast<std::uint32_t>(rows))};
    const npu::Range some_units{unit, random.between(static_cast<std::uint32_t>(unit + 1), static_cast<std::uint32_t>(units))};
    std::vector<std::uint8_t> bytes;
    for (const npu::Piece& piece : rebuild.pieces(some_rows, some_units))
      for (std::uint64_t r = 0; r < piece.rows; ++r) {
        const auto from = c.bytes.begin() + static_cast<std::ptrdiff_t>(piece.address - 1000 + r * piece.stride);
        bytes.insert(bytes.end(), from, from + static_cast<std::ptrdiff_t>(piece.row_bytes));
      }
    const auto rebuilt = rebuild.rebuilt(some_rows, some_units, bytes);
    std::size_t at = 0;
    for (std::uint64_t r = some_rows.first; r < some_rows.last; ++r)
      for (std::uint64_t u = some_units.first; u < some_units.last; ++u) {
        const float wanted = c.values[r * units + u];
        float got = 0;
        if (format == npu::Format::fp32) {
          std::memcpy(&got, rebuilt.data() + at, 4);
          CHECK(std::bit_cast<std::uint32_t>(got) == std::bit_cast<std::uint32_t>(wanted));
          at += 4;
        } else {
          std::uint16_t half = 0;
          std::memcpy(&half, rebuilt.data() + at, 2);
          CHECK(half == npu::test::reference_bf16(wanted));
          at += 2;
        }
      }
  }
}

TEST_CASE("weights that the form can hold come back as they are") {
  // Powers of two from 1 down to 2^-6 and zeros: coefficients of 4 bits for the unit vectors.
  Random random(302);
  Values powers(4 * 30);
  for (float& value : powers) value = random.below(8) == 0 ? 0.0f : std::ldexp(random.coin() ? 1.0f : -1.0f, -static_cast<int>(random.below(7)));
  for (std::size_t row = 0; row < 4; ++row)
    for (std::size_t j = 0; j < 3; ++j) powers[row * 30 + j] = 1;  // the largest of each vector's
  CHECK(compress(WeightCompression{3, 3, 4, 4, 4}.of(4, 30), powers).values == powers);
  // One vector, halved again and again, in every second piece.
  Values multiples(40, 0.0f);
  for (std::size_t piece = 0; piece < 10; piece += 2)
    for (std::size_t j = 0; j < 4; ++j)
      multiples[4 * piece + j] = std::ldexp(static_cast<float>(std::array{127, 64, -33, 5}[j]), -static_cast<int>(piece / 2) - 9);
  CHECK(compress(WeightCompression{4, 1, 1, 2, 4}.of(1, 40), multiples).values == multiples);
  CHECK(compress(WeightCompression{4, 2, 1, 2, 4}.of(2, 8), Values(16, 0.0f)).values == Values(16, 0.0f));
}

TEST_CASE("the error is what is dropped and what powers of two miss: at most a third where nothing is dropped, and less with more bits, ranks and pieces") {
  Random random(303);
  const Values weights = random.values(8 * 300);
  const auto error = [&](WeightCompression form) { return relative_error(compress(form.of(8, 300), weights)); };
  // A power of two is off by a third at most; bases of 8 bits add what they round.
  CHECK(error({1, 1, 1, 1, 5}) < 1.0 / 3 + 0.01);
  CHECK(error({3, 3, 4, 4, 5}) < 1.0 / 3 + 0.01);
  CHECK(error({3, 3, 4, 4, 4}) <= error({3, 3, 4, 4, 3}));
  CHECK(error({3, 3, 4, 4, 4}) < error({3, 2, 4, 4, 4}));
  CHECK(error({3, 2, 4, 4, 4}) < error({3, 1, 4, 4, 4}));
  CHECK(error({3, 3, 4, 4, 4}) < error({3, 3, 3, 4, 4}));
  CHECK(error({3, 3, 3, 4, 4}) < error({3, 3, 2, 4, 4}));
  // Half of the pieces dropped, the smaller ones: less than half of the squares.
  CHECK(error({3, 3, 2, 4, 4}) < std::sqrt(0.5 + 1.0 / 9));
}

TEST_CASE("jobs with compressed weights have the bits of the plain loops over what these are rebuilt to, whatever the tiles") {
  npu::NpuConfig config = rebuilding(16);
  config.tile_size = core::Bytes{512};
  config.operand_buffer = core::Bytes{4096};
  Bench bench(config);
  Random random(304);
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 250; ++i) {
      bench.free_all();
      npu::test::MatrixCase job = place(bench, random, random_descriptor(random), random.coin(), true);
      compress_b(bench, job, random_form(random));
      const auto& d = job.d;
      const std::uint64_t scratch[] = {9000, 65536, 8 << 20};
      bench.write(Bench::scratch_size, scratch[random.below(3)], 8);
      CAPTURE(i, d.operation, d.format, d.flags, d.m, d.n, d.k, d.batch, d.groups);
      REQUIRE(bench.execute(d) == SPINVP_NPU_DONE);
      REQUIRE(npu::test::first_difference(load_values(bench, d.c, job.c_count, d.format), reference_matrix(d, job.operands)) == -1);
    }
  });
}

TEST_CASE("a phantom of a job with compressed weights costs what the job costs") {
  Bench bench(rebuilding(8));
  bench.dram = {30'000, 400};
  bench.onchip = {7'000, 600};
  Random random(305);
  bench.run([&] {
    bench.start();
    for (unsigned i = 0; i < 40; ++i) {
      bench.free_all();
      npu::test::MatrixCase job = place(bench, random, random_descriptor(random), random.coin(), true);
      compress_b(bench, job, random_form(random));
      CAPTURE(i, job.d.operation);
      CHECK(npu::test::phantom_differs(bench, job.d) == "");
    }
  });
}

// b of 8 rows of 96 in slices of 3, 2 of 4 pieces kept, rank 2, 4 bits: a group rebuilds 12 elements from ceil((4 + 2 x 2 x 4) / 8) = 3 bytes, eight groups a row; a basis has 1 + 6 bytes. 8 x (7 + 24) = 248.
TEST_CASE("compressed weights are loaded in the longer of their stream and their rebuilding, and cost a shift and an addition a term") {
  Bench bench(rebuilding(2));
  Random random(306);
  bench.run([&] {
    bench.start();
    npu::test::MatrixCase job = place(bench, random, npu::test::gemm(8, 8, 96, SPINVP_NPU_TRANSPOSE_B), false, false);
    compress_b(bench, job, {3, 2, 2, 4, 4});
    REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
    bench.dram = {1'000'000, 0};  // a burst lasts longer than all rebuilding
    REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
  });
  const auto span = [&](std::size_t i) { return (bench.simulation.kernels.at(i).end - bench.simulation.kernels.at(i).start).ps(); };
  // Memories that take no time: 768 elements, two a cycle of 1 ns, then one fold of 8 + 8 + 96 - 2.
  CHECK(span(0) == (32 + 384 + 110) * 1000);
  // Bursts of 1 us: descriptor, header of b, bases and groups of b (one stretch), a, the result, the status.
  CHECK(span(1) == (32 + 110) * 1000 + 6 * 1'000'000);
  const auto& tally = bench.simulation.kernels.at(0).tally;
  CHECK(tally.dram_read_bytes == 128 + 32 + 248 + 8 * 96 * 4);
  CHECK(tally.onchip_write_bytes == 2 * 8 * 96 * 4 + 8 * 8 * 4);
  for (const auto& event : bench.simulation.energy.events()) {
    if (event.event != "rebuild_shift_add") continue;
    CHECK(event.count == 2 * 8 * 8 * 2 * 2 * 3);  // two jobs, rows, groups, kept, rank, slice
    CHECK(event.each.si() == Approx(4 * 0.03e-12));
  }
}

TEST_CASE("compressed weights are refused where there is no unit for them, of products that have none, and with a header that does not fit") {
  Bench bench(rebuilding(4));
  Random random(307);
  bench.run([&] {
    bench.start();
    npu::test::MatrixCase job = place(bench, random, npu::test::gemm(8, 8, 30, SPINVP_NPU_TRANSPOSE_B), false, false);
    compress_b(bench, job, {3, 2, 2, 4, 4});
    REQUIRE(bench.execute(job.d) == SPINVP_NPU_DONE);
    const auto header = [&](auto change) {
      spinvp_npu_weights w{};
      std::memcpy(&w, bench.at(job.d.b), sizeof w);
      const spinvp_npu_weights good = w;
      change(w);
      bench.fill(job.d.b, &w, sizeof w);
      const std::uint32_t status = bench.execute(job.d);
      bench.fill(job.d.b, &good, sizeof good);
      return status;
    };
    CHECK(header([](auto& w) { w.rows = 9; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.units = 31; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.rank = 4; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.rank = 0; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.slice = 17; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.kept = 5; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.group = 0; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.coefficient_bits = 6; }) == SPINVP_NPU_BAD_SHAPE);
    CHECK(header([](auto& w) { w.reserved = 1; }) == SPINVP_NPU_BAD_SHAPE);
    spinvp_npu_descriptor d = job.d;
    d.b = 0x1000;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_ADDRESS);
    d = job.d;
    d.batch = 2;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_OPERATION);
    d = job.d;
    d.count = spinvp_npu_with_option(0, SPINVP_NPU_COMPRESSED, 2);
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_OPERATION);
    CHECK_FALSE(npu::check(job.d, npu::Limits{}).has_value());
    d = npu::test::convolution(SPINVP_NPU_CONV_WEIGHT_GRADIENT, 1, 2, 8, 8, 2, 3, 3);
    d.count = job.d.count;
    CHECK(bench.execute(d) == SPINVP_NPU_BAD_OPERATION);
    CHECK(bench.execute(job.d) == SPINVP_NPU_DONE);
  });
}

TEST_CASE("an inference with compressed weights has the bits of the reference with the rebuilt ones, and reads the bytes that were predicted") {
  const Machine machine{.dram = {Bench::heap_base, 48 << 20}, .onchip = {Bench::onchip_base + (16 << 20), 64 << 10}, .reads_of = {}};
  Bench bench(rebuilding(32));
  bench.run([&] {
    bench.start();
    for (const char* text : {workloads::test::perceptron, workloads::test::convolutional}) {
      const Graph graph = workloads::test::network(text, 2);
      workloads::test::Draw draw(17);
      std::map<TensorId, std::vector<float>> values;
      Interpreter<float> reference(graph);
      for (std::size_t i = 0; i < graph.tensors().size(); ++i) {
        const TensorId id{static_cast<std::uint32_t>(i)};
        const Role role = graph.tensor(id).role;
        if (role != Role::parameter && role != Role::statistics && role != Role::input) continue;
        values[id] = draw.reals<float>(workloads::test::count_of(graph, id), role == Role::statistics ? 0.5 : -1, 1);
        reference.set(id, values[id]);
      }
      const CompiledProgram program = compile(graph, machine, {.weights = {3, 2, 3, 4, 4}});
      std::size_t compressed = 0;
      for (const TensorPlace& place : program.stored) {
        if (!place.weights) continue;
        ++compressed;
        reference.set(*place.tensor, compress(*place.weights, values[*place.tensor]).values);
      }
      REQUIRE(compressed >= 1);
      reference.run();
      RunPlan plan{.start = [&](TensorId id) { return std::optional(values.at(id)); }};
      for (const TensorPlace& input : program.inputs) {
        Feed feed{.tensor = *input.tensor, .count = 1};
        feed.bytes.resize(input.bytes);
        std::memcpy(feed.bytes.data(), values.at(*input.tensor).data(), input.bytes);
        plan.feeds.push_back(std::move(feed));
      }
      const MemoryImage image = lay_out(graph, program, machine, plan);
      CHECK(image.weights_error > 0);
      CHECK(image.weights_error < 0.8);
      for (const Image& part : image.images) bench.fill(part.address, part.bytes.data(), part.bytes.size());
      spinvp_program header;
      std::memcpy(&header, bench.at(image.program), sizeof header);
      for (std::uint64_t f = 0; f < header.feeds; ++f) {
        spinvp_program_feed feed;
        std::memcpy(&feed, bench.at(header.feed_table + f * sizeof feed), sizeof feed);
        std::memcpy(bench.at(feed.to), bench.at(feed.from), feed.bytes);
      }
      for (std::uint64_t k = 0; k < header.kernels; ++k) {
        spinvp_program_kernel kernel;
        std::memcpy(&kernel, bench.at(header.kernel_table + k * sizeof kernel), sizeof kernel);
        std::uint64_t read = 0;
        bench.on_burst = [&](const tlm::tlm_generic_payload& payload) {
          const bool tensor = payload.get_address() >= machine.dram.base && payload.get_address() < machine.dram.base + program.dram_bytes;
          if (tensor && payload.is_read()) read += payload.get_data_length();
        };
        INFO(program.kernels[k].name);
        REQUIRE(bench.execute(kernel.descriptor) == SPINVP_NPU_DONE);
        bench.on_burst = nullptr;
        CHECK(read == program.kernels[k].traffic.dram_read);
      }
      for (const TensorPlace& output : program.outputs) {
        const std::vector<float>& wanted = reference.real(*output.tensor);
        CHECK(npu::test::first_difference(npu::test::load_values(bench, output.address, wanted.size(), SPINVP_NPU_FP32), wanted) == -1);
      }
    }
  });
}

}  // namespace spinvp::workloads::compiler::test
