#include "platform/explore/layers_answer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "models/core/error.h"
#include "platform/report/words.h"

namespace spinvp::platform {

namespace {

using Json = nlohmann::ordered_json;
using workloads::MatrixProduct;
using workloads::NodeWork;

double utilisation_of(std::uint64_t macs, std::uint64_t cycles, const LayersQuestion& q) {
  return cycles == 0 ? 0 : static_cast<double>(macs) / (static_cast<double>(cycles) * static_cast<double>(q.array.rows * q.array.columns * q.cores));
}

const char* name_of(npu::Dataflow dataflow) {
  switch (dataflow) {
    case npu::Dataflow::weight_stationary: return "ws";
    case npu::Dataflow::input_stationary: return "is";
    default: return "os";
  }
}

std::string array_text(npu::ArrayShape array) { return fmt::format("{}x{}", array.rows, array.columns); }

// As the NPU sees it when the layer's descriptor comes. Bytes only decide between partitions with equal cycles: those of the operands as matrices.
npu::Divisible divisible(const workloads::Graph& graph, const workloads::Node& node, const MatrixProduct& p) {
  npu::Divisible d;
  d.shape = {p.m, p.n, p.k};
  d.products = p.count;
  d.grouped = node.type == "Conv";
  if (d.grouped) d.images = static_cast<std::uint64_t>(graph.tensor(*node.outputs[0]).type.shape[0]);
  d.a_bytes = p.count * p.m * p.k;
  d.b_bytes = p.count * p.k * p.n;
  return d;
}

// "3136 x 64 x 576", or "12 x (512 x 512 x 64)" for several alike.
std::string products_text(const std::vector<MatrixProduct>& products) {
  std::string text;
  for (const MatrixProduct& p : products) {
    const std::string one = fmt::format("{} x {} x {}", p.m, p.n, p.k);
    text += (text.empty() ? "" : ", ") + (p.count == 1 ? one : fmt::format("{} x ({})", p.count, one));
  }
  return text;
}

Json bytes_json(const NodeWork& work) { return {{"input_bytes", work.input_bytes}, {"weight_bytes", work.weight_bytes}, {"output_bytes", work.output_bytes}}; }

std::string passes_text(const LayersAnswer& answer, bool all) {
  if (answer.passes.empty()) return {};
  struct Sum {
    std::uint64_t count = 0, elements = 0, read = 0, written = 0;
  };
  std::map<std::string, Sum> kinds;
  std::vector<std::vector<std::string>> rows = {{all ? "pass" : "passes", "operator", "elements", "bytes read", "bytes written"}};
  const auto row = [&](const std::string& name, const std::string& type, const Sum& s) {
    rows.push_back({name, type, fmt::format("{}", s.elements), fmt::format("{}", s.read), fmt::format("{}", s.written)});
  };
  for (const PassCost& pass : answer.passes) {
    const Sum one{1, pass.work.elements, pass.work.input_bytes + pass.work.weight_bytes, pass.work.output_bytes};
    const std::string type = pass.type + (pass.known ? "" : " (unknown)");
    if (all) row(pass.name, type, one);
    Sum& sum = kinds[type];
    sum = {sum.count + 1, sum.elements + one.elements, sum.read + one.read, sum.written + one.written};
  }
  if (!all)
    for (const auto& [type, sum] : kinds) row(fmt::format("{}", sum.count), type, sum);
  return "\nNot on the array: passes of the vector unit\n" + columns_text(rows, 2);
}

}  // namespace

LayersAnswer answer_layers(const workloads::Graph& graph, const LayersQuestion& question) {
  LayersAnswer answer{.network = graph.name.empty() ? graph.source : graph.name, .question = question, .parameters = graph.parameters()};
  const npu::CoreSetup setup{question.cores, question.partition, question.array, question.dataflow, question.fold_cost, 0};
  for (const workloads::NodeId id : graph.order()) {
    const workloads::Node& node = graph.node(id);
    NodeWork work = work_of(graph, node);
    if (work.products.empty()) {
      if (work.output_bytes > 0) answer.passes.push_back({node.name, node.type, node.rules != &workloads::unknown_operator(), std::move(work)});
      continue;
    }
    LayerCost layer{.name = node.name, .type = node.type, .work = std::move(work)};
    for (const MatrixProduct& p : layer.work.products) {
      const auto parts = npu::divide(divisible(graph, node, p), setup);
      if (!parts) throw core::InputError(fmt::format("{}: layer {}: {}", graph.source, node.name, parts.error()));
      for (const npu::Part& part : *parts)
        layer.folds += part.products.size() * npu::fold_law(question.dataflow, question.array, {part.m.size(), part.n.size(), p.k}, question.fold_cost).folds();
      layer.compute_cycles += npu::cycles_of(*parts, p.k, setup);
      layer.parts = std::max<std::uint64_t>(layer.parts, parts->size());
    }
    layer.utilisation = utilisation_of(layer.work.macs, layer.compute_cycles, question);
    if (__builtin_add_overflow(answer.total_cycles, layer.compute_cycles, &answer.total_cycles) ||
        __builtin_add_overflow(answer.total_macs, layer.work.macs, &answer.total_macs))
      throw core::InputError(graph.source + ": all layers together take more cycles than 64 bits count");
    answer.layers.push_back(std::move(layer));
  }
  answer.utilisation = utilisation_of(answer.total_macs, answer.total_cycles, question);
  return answer;
}

nlohmann::ordered_json to_json(const LayersAnswer& answer) {
  Json layers = Json::array(), passes = Json::array();
  for (const LayerCost& layer : answer.layers) {
    Json products = Json::array();
    for (const MatrixProduct& p : layer.work.products) products.push_back({{"count", p.count}, {"m", p.m}, {"n", p.n}, {"k", p.k}});
    Json j = {{"name", layer.name},
              {"operator", layer.type},
              {"products", std::move(products)},
              {"macs", layer.work.macs},
              {"folds", layer.folds},
              {"compute_cycles", layer.compute_cycles},
              {"utilisation", layer.utilisation}};
    j.update(bytes_json(layer.work));
    layers.push_back(std::move(j));
  }
  for (const PassCost& pass : answer.passes) {
    Json j = {{"name", pass.name}, {"operator", pass.type}, {"known", pass.known}, {"elements", pass.work.elements}};
    j.update(bytes_json(pass.work));
    passes.push_back(std::move(j));
  }
  return {{"network", answer.network},
          {"array", array_text(answer.question.array)},
          {"dataflow", name_of(answer.question.dataflow)},
          {"fold_cost", answer.question.fold_cost == npu::FoldCost::exact ? "exact" : "pipelined"},
          {"cores", answer.question.cores},
          {"partition", npu::name_of(answer.question.partition)},
          {"batch", answer.question.batch ? Json(*answer.question.batch) : Json()},
          {"layers", std::move(layers)},
          {"passes", std::move(passes)},
          {"total_macs", answer.total_macs},
          {"total_cycles", answer.total_cycles},
          {"utilisation", answer.utilisation},
          {"parameters", answer.parameters}};
}

std::string to_text(const LayersAnswer& answer, bool all_passes) {
  const bool several = answer.question.cores > 1;
  std::string text = fmt::format("{}: {} parameters; {}array {}, dataflow {}{}{}, memory never late\n\n", answer.network, answer.parameters,
                                 several ? fmt::format("{} cores, partition {}, each ", answer.question.cores, npu::name_of(answer.question.partition)) : "",
                                 array_text(answer.question.array), name_of(answer.question.dataflow),
                                 answer.question.fold_cost == npu::FoldCost::exact ? "" : ", pipelined folds",
                                 answer.question.batch ? fmt::format(", batch {}", *answer.question.batch) : "");
  std::vector<std::vector<std::string>> rows = {{"layer", "operator", "m x n x k", "MACs", "cycles", "used %", "input bytes", "weight bytes", "output bytes"}};
  if (several) rows[0].insert(rows[0].begin() + 3, "cores");
  std::uint64_t input = 0, weight = 0, output = 0;
  for (const LayerCost& layer : answer.layers) {
    const NodeWork& w = layer.work;
    rows.push_back({layer.name, layer.type, products_text(w.products), fmt::format("{}", w.macs), fmt::format("{}", layer.compute_cycles),
                    fmt::format("{:.1f}", 100 * layer.utilisation), fmt::format("{}", w.input_bytes), fmt::format("{}", w.weight_bytes),
                    fmt::format("{}", w.output_bytes)});
    if (several) rows.back().insert(rows.back().begin() + 3, fmt::format("{}", layer.parts));
    input += w.input_bytes;
    weight += w.weight_bytes;
    output += w.output_bytes;
  }
  rows.push_back({"all", "", "", fmt::format("{}", answer.total_macs), fmt::format("{}", answer.total_cycles), fmt::format("{:.1f}", 100 * answer.utilisation),
                  fmt::format("{}", input), fmt::format("{}", weight), fmt::format("{}", output)});
  if (several) rows.back().insert(rows.back().begin() + 3, "");
  return text + columns_text(rows, 3) + passes_text(answer, all_passes);
}

}  // namespace spinvp::platform
