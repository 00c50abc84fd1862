// Demand of layers by hand: what enters and leaves the array cycle by cycle, working sets and bytes of small networks, banks, and where more memory stops helping.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "models/technology/array_model.h"
#include "platform/explore/layers_answer.h"
#include "platform/explore/traffic_answer.h"
#include "workloads/import/import.h"
#include "workloads/networks/shipped.h"

namespace spinvp::platform {

namespace {

using npu::Dataflow;
using workloads::Phase;

constexpr std::uint64_t mebibyte = 1 << 20;

struct Edges {
  std::map<std::uint64_t, std::uint64_t> in, out;  // elements by cycle
  [[nodiscard]] static std::uint64_t sum(const std::map<std::uint64_t, std::uint64_t>& edge) {
    std::uint64_t all = 0;
    for (const auto& [cycle, elements] : edge) all += elements;
    return all;
  }
  [[nodiscard]] static std::uint64_t most(const std::map<std::uint64_t, std::uint64_t>& edge) {
    std::uint64_t peak = 0;
    for (const auto& [cycle, elements] : edge) peak = std::max(peak, elements);
    return peak;
  }
};

// Every element of every fold, in the cycle in which it passes an edge of the array. Rows lie on what is not streamed.
Edges stepped(Dataflow dataflow, npu::ArrayShape array, npu::ProductShape p) {
  Edges edges;
  const bool os = dataflow == Dataflow::output_stationary, ws = dataflow == Dataflow::weight_stationary;
  const std::uint64_t on_rows = os ? p.m : p.k, on_columns = dataflow == Dataflow::input_stationary ? p.m : p.n, stream = os ? p.k : ws ? p.m : p.n;
  std::uint64_t start = 0;
  for (std::uint64_t r0 = 0; r0 < on_rows; r0 += array.rows)
    for (std::uint64_t c0 = 0; c0 < on_columns; c0 += array.columns) {
      const std::uint64_t rows = std::min(array.rows, on_rows - r0), columns = std::min(array.columns, on_columns - c0);
      const bool last = os || r0 + array.rows >= on_rows;
      if (os) {
        for (std::uint64_t t = 0; t < stream; ++t) {
          for (std::uint64_t r = 0; r < rows; ++r) ++edges.in[start + r + t];
          for (std::uint64_t c = 0; c < columns; ++c) ++edges.in[start + c + t];
        }
        // A column's results pass down, through all rows below, once its last one is there.
        for (std::uint64_t c = 0; c < columns; ++c)
          for (std::uint64_t r = 0; r < rows; ++r) ++edges.out[start + stream + rows - 1 + c + array.rows - 1 - r];
        start += array.rows + array.columns + stream - 2;
        continue;
      }
      for (std::uint64_t r = 0; r < rows; ++r) edges.in[start + r] += columns;
      for (std::uint64_t t = 0; t < stream; ++t) {
        for (std::uint64_t r = 0; r < rows; ++r) ++edges.in[start + array.rows + r + t];
        for (std::uint64_t c = 0; c < columns && last; ++c) ++edges.out[start + array.rows + rows - 1 + c + t];
      }
      start += 2 * array.rows + array.columns + stream - 2;
    }
  return edges;
}

const LayerTraffic& layer(const TrafficAnswer& answer, const std::string& name, Phase phase = Phase::forward) {
  for (const LayerTraffic& l : answer.layers)
    if (l.name == name && l.phase == phase) return l;
  throw std::runtime_error("no layer " + name);
}

workloads::Graph mlp() {
  return workloads::import_yaml("input: {x: [4, 64]}\nlayers:\n- {linear: first, features: 32}\n- {Relu: turn}\n- {linear: second, features: 8}\n", "mlp.yaml");
}

TrafficQuestion on_array(std::uint64_t size, const char* dataflow) {
  TrafficQuestion question;
  question.npu.rows = question.npu.columns = size;
  question.npu.dataflow = dataflow;
  question.capacities = {0};
  return question;
}

}  // namespace

TEST_CASE("the array's demand is that of stepping every element over its edges") {
  std::uint64_t cases = 0;
  for (const Dataflow dataflow : {Dataflow::output_stationary, Dataflow::weight_stationary, Dataflow::input_stationary})
    for (const npu::ArrayShape array : {npu::ArrayShape{4, 4}, {8, 3}, {2, 6}})
      for (const npu::ProductShape p : {npu::ProductShape{1, 1, 1}, {4, 4, 4}, {1, 9, 5}, {13, 2, 3}, {7, 11, 17}, {3, 10, 1}, {20, 6, 2}}) {
        const Edges edges = stepped(dataflow, array, p);
        const ArrayDemand demand = array_demand(dataflow, array, npu::FoldCost::exact, p, 1, 2);
        INFO("dataflow " << static_cast<int>(dataflow) << ", array " << array.rows << " x " << array.columns << ", " << p.m << " x " << p.n << " x " << p.k);
        CHECK(demand.read_bytes == 2 * Edges::sum(edges.in));
        CHECK(demand.peak_read == 2 * Edges::most(edges.in));
        CHECK(demand.written_bytes == 2 * Edges::sum(edges.out));
        CHECK(demand.peak_written == 2 * Edges::most(edges.out));
        CHECK(demand.cycles == npu::fold_law(dataflow, array, p).cycles());
        ++cases;
      }
  CHECK(cases == 63);
}

TEST_CASE("a product that fills the array asks for what the design equations say") {
  // 128 x 128 at 1 GHz with 2-byte elements: rows + columns streams are 512 GB/s, rows alone 256 GB/s; 128 results a cycle are 256 GB/s.
  const npu::ArrayShape array{128, 128};
  const npu::ProductShape p{1024, 1024, 1024};
  const ArrayDemand os = array_demand(Dataflow::output_stationary, array, npu::FoldCost::exact, p, 1, 2);
  CHECK(os.peak_read == 512);
  CHECK(os.peak_written == 256);
  // A fold of 128 + 128 + 1024 - 2 = 1278 cycles reads 2 x 128 x 1024 elements and gives 128 x 128.
  CHECK(os.mean_read() == Approx(2 * 2 * 128 * 1024 / 1278.0));
  CHECK(os.mean_written() == Approx(2 * 128 * 128 / 1278.0));
  CHECK(os.sum_bytes == 0);
  const ArrayDemand ws = array_demand(Dataflow::weight_stationary, array, npu::FoldCost::exact, p, 1, 2);
  CHECK(ws.peak_read == 256);
  CHECK(ws.peak_written == 256);
  // Activations for each of 8 column folds, weights once; 8 folds along K leave their sums for the next one 7 times.
  CHECK(ws.read_bytes == 2 * (8 * 1024 * 1024 + 1024 * 1024));
  CHECK(ws.sum_bytes == 4ull * 1024 * 1024 * 7);
  // The next fold's weights come in beside this one's activations: rows + columns.
  CHECK(array_demand(Dataflow::weight_stationary, array, npu::FoldCost::pipelined, p, 1, 2).peak_read == 512);
  // Five products alike: five times the bytes and cycles, the same peaks.
  const ArrayDemand five = array_demand(Dataflow::weight_stationary, array, npu::FoldCost::exact, p, 5, 2);
  CHECK(five.read_bytes == 5 * ws.read_bytes);
  CHECK(five.cycles == 5 * ws.cycles);
  CHECK(five.peak_read == ws.peak_read);
}

TEST_CASE("a small perceptron: working sets, bandwidth and traffic by hand") {
  // 4 x 64 times 64 x 32, ReLU in the epilogue, times 32 x 8; fp32.
  const TrafficAnswer os = answer_traffic(mlp(), on_array(16, "os"));
  const LayerTraffic& first = layer(os, "first");
  CHECK(first.working.inputs == 4 * 4 * 64);
  CHECK(first.working.weights == 4 * (64 * 32 + 32));
  CHECK(first.working.outputs == 4 * 4 * 32);
  CHECK(first.working.bytes() == first.compulsory_bytes);
  CHECK(first.working.kept == 0);
  // One fold of rows, two of columns, 16 + 16 + 64 - 2 cycles each; A enters twice, B once; 4 rows and 16 columns of the array are busy.
  CHECK(first.array.cycles == 2 * 94);
  CHECK(first.array.read_bytes == 4 * (4 * 64 * 2 + 64 * 32));
  CHECK(first.array.peak_read == 4 * (4 + 16));
  CHECK(first.array.written_bytes == 4 * 4 * 32);
  CHECK(first.array.peak_written == 4 * 4);
  // Weight stationary: 64 / 16 x 32 / 16 folds of 2 x 16 + 16 + 4 - 2 cycles; 16 weights a cycle, or a stream of at most 4 rows; 3 of 4 folds along K leave sums.
  const TrafficAnswer ws = answer_traffic(mlp(), on_array(16, "ws"));
  CHECK(layer(ws, "first").array.cycles == 8 * 50);
  CHECK(layer(ws, "first").array.read_bytes == 4 * (4 * 64 * 2 + 64 * 32));
  CHECK(layer(ws, "first").array.peak_read == 4 * 16);
  CHECK(layer(ws, "first").array.sum_bytes == 4 * 4 * 32 * 3);
  // Input stationary: 4 folds along K, one of 4 inputs, 2 x 16 + 16 + 32 - 2 cycles; 16 rows of weights stream.
  const TrafficAnswer is = answer_traffic(mlp(), on_array(16, "is"));
  CHECK(layer(is, "first").array.cycles == 4 * 78);
  CHECK(layer(is, "first").array.read_bytes == 4 * (4 * 64 + 64 * 32));
  CHECK(layer(is, "first").array.peak_read == 4 * 16);
  // The second product: 4 x 8 x 32. The array of the network: sums and the larger peaks.
  CHECK(os.array.cycles == 2 * 94 + 62);
  CHECK(os.array.peak_read == 4 * 20);
  // Without memory on chip the hidden vector goes out and comes back; with it: inputs, weights, outputs once.
  const std::uint64_t once = 4 * (4 * 64 + 64 * 32 + 32 + 32 * 8 + 8 + 4 * 8);
  CHECK(os.compulsory_bytes == once);
  CHECK(os.total_bytes[0] == once + 2 * 4 * 4 * 32);
  CHECK(os.knee->floor_bytes == once);
  // 1024 bytes of 10.6 KB are 10 % of the floor: the hidden vector's 512 bytes on chip are what it takes.
  CHECK(os.knee->useful_bytes == 512);
  CHECK(os.knee->knee_bytes == 512);
  // The DRAM bandwidth that keeps the array busy.
  CHECK(os.dram_gbps(0) == Approx(static_cast<double>(os.total_bytes[0]) / (2 * 94 + 62)));
  CHECK(os.network_demand.weight_bytes == 4 * (64 * 32 + 32 + 32 * 8 + 8));
}

TEST_CASE("a convolution: its product, its working set and its bandwidth by hand") {
  const workloads::Graph graph = workloads::import_yaml("input: {x: [2, 3, 8, 8]}\nlayers:\n- {conv: c, filters: 16, kernel: 3, pad: 1}\n", "c.yaml");
  // 2 x 64 positions, 16 filters, 27 taps on 8 x 8: 16 x 2 folds of 8 + 8 + 27 - 2 cycles; inputs enter once for each fold of filters, weights for each of positions.
  const TrafficAnswer answer = answer_traffic(graph, on_array(8, "os"));
  const LayerTraffic& c = layer(answer, "c");
  CHECK(c.working.inputs == 4 * 2 * 3 * 64);
  CHECK(c.working.weights == 4 * (16 * 27 + 16));
  CHECK(c.working.outputs == 4 * 2 * 16 * 64);
  CHECK(c.array.cycles == 32 * 41);
  CHECK(c.array.read_bytes == 4 * (128 * 27 * 2 + 16 * 27 * 16));
  CHECK(c.array.peak_read == 4 * 16);
  CHECK(c.array.peak_written == 4 * 8);
  CHECK(answer.compulsory_bytes == 4 * (2 * 3 * 64 + 16 * 27 + 16 + 2 * 16 * 64));
  CHECK(answer.knee->knee_bytes == 0);  // nothing to keep
}

TEST_CASE("a training step of the perceptron: what is kept, gradients and the optimiser's states") {
  for (const auto& [optimiser, states] : {std::pair{workloads::Optimiser::sgd, 0}, {workloads::Optimiser::momentum, 1}, {workloads::Optimiser::adam, 2}}) {
    const workloads::TrainingGraph training = workloads::make_training_graph(mlp(), {.optimiser = optimiser});
    const TrafficAnswer answer = answer_traffic(training, on_array(16, "os"));
    INFO(states << " states a weight");
    const std::uint64_t weights = 4 * (64 * 32 + 32 + 32 * 8 + 8);
    CHECK(answer.network_demand.weight_bytes == weights);
    CHECK(answer.network_demand.state_bytes == static_cast<std::uint64_t>(states) * weights);
    const WorkingSet forward = layer(answer, "first").working;
    CHECK(forward.kept == 4 * 4 * 32);  // the hidden vector: of the second product's weights, and which of its elements ReLU passed
    const WorkingSet backward = layer(answer, "second", Phase::backward).working;
    CHECK(backward.stash == 4 * (4 * 32 + 4 * 8));  // the loss gives the gradient of its logits as it goes
    CHECK(backward.weights == 4 * 32 * 8);
    CHECK(backward.gradients == 4 * (32 * 8 + 8));
    const WorkingSet update = layer(answer, "second", Phase::update).working;
    CHECK(update.weights == 4 * (32 * 8 + 8));
    CHECK(update.gradients == 4 * (32 * 8 + 8));
    CHECK(update.states == 4 * static_cast<std::uint64_t>(states) * (32 * 8 + 8));
    // The floor: input, labels, weights and states in and out, and the scalars of the step (rate, for Adam epsilon) and the loss at most.
    const std::uint64_t floor = 4 * (4 * 64 + 4) + 2 * weights * (1 + static_cast<std::uint64_t>(states));
    CHECK(answer.compulsory_bytes >= floor);
    CHECK(answer.compulsory_bytes <= floor + 64);
    // Products: forward twice, both weight gradients, one data gradient.
    std::uint64_t cycles = 0;
    for (const npu::ProductShape p : {npu::ProductShape{4, 32, 64}, {4, 8, 32}, {32, 8, 4}, {4, 32, 8}, {64, 32, 4}})
      cycles += npu::fold_law(Dataflow::output_stationary, {16, 16}, p).cycles();
    CHECK(answer.array.cycles == cycles);
  }
}

TEST_CASE("the array's cycles of the compiled jobs are those of the network's products") {
  for (const workloads::ShippedNetwork& network : workloads::shipped_networks()) {
    INFO(network.name);
    const workloads::Graph graph = workloads::import_network(network.name, {.batch = 2});
    TrafficQuestion question;
    question.capacities = {0};
    question.knee = false;
    CHECK(answer_traffic(graph, question).array.cycles == answer_layers(graph, {}).total_cycles);
  }
}

TEST_CASE("banks: whichever of reads, writes and capacity asks for most") {
  technology::MemoryDataSheet sheet;
  sheet.capacity_bytes = mebibyte;
  sheet.read_bytes_per_second = 100e9;
  sheet.write_bytes_per_second = 40e9;
  const BankDemand demand = bank_demand(sheet, 250e9, 90e9);
  CHECK(demand.read_banks == 3);
  CHECK(demand.write_banks == 3);
  CHECK(demand.one_port == 5);  // 2.5 + 2.25
  CHECK(demand.banks(0) == 3);
  CHECK(demand.banks(3 * mebibyte) == 3);
  CHECK(demand.banks(3 * mebibyte + 1) == 4);
  CHECK(bank_demand(sheet, 200e9, 121e9).bandwidth_banks() == 4);
}

TEST_CASE("the banks of an answer are the array's peak over the bandwidth of the array model's bank") {
  TrafficQuestion question = on_array(128, "os");
  question.bank_bytes = 4 * mebibyte;
  question.capacities = {16 * mebibyte};
  question.knee = false;
  const TrafficAnswer answer = answer_traffic(workloads::import_network("alexnet", {.batch = 128}), question);
  REQUIRE(answer.banks.size() == 3);
  for (const BankDemand& demand : answer.banks) {
    const auto sheet = technology::modelled_memory_data_sheet(demand.sheet.technology, 4 * mebibyte);
    // 256 elements of 4 bytes in, 128 out, 1e9 times a second.
    CHECK(demand.read_banks == static_cast<std::uint64_t>(std::ceil(1024e9 / sheet.read_bytes_per_second)));
    CHECK(demand.write_banks == static_cast<std::uint64_t>(std::ceil(512e9 / sheet.write_bytes_per_second)));
    CHECK(demand.banks(24 * mebibyte) == std::max<std::uint64_t>(6, demand.bandwidth_banks()));
  }
}

TEST_CASE("traffic never falls below what is compulsory, no doubling of the memory on chip adds any, and from the knee on it stays near its floor") {
  for (const workloads::ShippedNetwork& network : workloads::shipped_networks())
    for (const bool training : {false, true}) {
      INFO(network.name << (training ? ", training" : ", inference"));
      const workloads::Graph graph = workloads::import_network(network.name, {.batch = 2});
      TrafficQuestion question;
      question.capacities = {0};
      const auto ask = [&] { return training ? answer_traffic(workloads::make_training_graph(graph), question) : answer_traffic(graph, question); };
      const TrafficAnswer answer = ask();
      const Knee& knee = *answer.knee;
      CHECK(knee.floor_bytes >= answer.compulsory_bytes);
      const double bound = 1.05 * static_cast<double>(knee.floor_bytes);
      for (std::size_t i = 0; i < knee.doublings.size(); ++i) {
        const CapacityPoint& point = knee.doublings[i];
        INFO("at " << point.capacity);
        CHECK(point.dram_bytes >= knee.floor_bytes);
        if (i > 0) CHECK(point.dram_bytes <= knee.doublings[i - 1].dram_bytes);
        if (point.capacity >= knee.knee_bytes) CHECK(static_cast<double>(point.dram_bytes) <= bound);
      }
      question.knee = false;
      question.capacities = {knee.knee_bytes, knee.knee_bytes - knee.knee_bytes / 32};
      const TrafficAnswer around = ask();
      CHECK(static_cast<double>(around.total_bytes[0]) <= bound);
      if (knee.knee_bytes > 0) CHECK(static_cast<double>(around.total_bytes[1]) > bound);
    }
}

}  // namespace spinvp::platform
