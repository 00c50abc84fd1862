// Small networks built node by node, compiled and run by the interpreter.
#pragma once

#include <map>
#include <random>

#include "interpreter.h"
#include "workloads/compiler/compile.h"
#include "workloads/graph/inference.h"
#include "workloads/graph/shape.h"
#include "workloads/import/graph_builder.h"

namespace spinvp::workloads::compiler::test {

using Numbers = std::vector<float>;

// Mixed signs and magnitudes, so that the order of a sum and every rounding show in the bits.
inline Numbers drawn(std::uint64_t count, std::uint32_t seed, float low = -2, float high = 2) {
  std::mt19937 engine(seed);
  Numbers values(count);
  for (float& v : values) v = low + (high - low) * (static_cast<float>(engine() >> 8) * 0x1p-24f);
  return values;
}
inline Numbers rounded(Numbers values, ElementType element) {
  if (element == ElementType::bfloat16)
    for (float& v : values) v = through_bf16(v);
  return values;
}

class Network {
 public:
  explicit Network(ElementType element = ElementType::float32) : builder(graph) {
    graph.source = "test";
    graph.name = "test";
    builder.element = element;
  }
  Graph graph;
  GraphBuilder builder;
  Machine machine{.dram = {0x8000'0000, 64 << 20}, .onchip = {0x20'0080'0000, 1 << 20}, .reads_of = {}, .core_reads_of = {}};
  CompileRequest request;
  std::map<TensorId, Numbers> values;  // of inputs and weights, already rounded to their type

  TensorId input(const std::string& name, Shape shape, Numbers numbers) { return input(name, {builder.element, std::move(shape)}, std::move(numbers)); }
  TensorId input(const std::string& name, TensorType type, Numbers numbers) {
    const ElementType element = type.element;
    const TensorId id = builder.input(name, std::move(type));
    values[id] = rounded(std::move(numbers), element);
    return id;
  }
  TensorId weight(const std::string& name, TensorType type, Numbers numbers) {
    const ElementType kept = builder.element, element = type.element;
    builder.element = element;
    const TensorId id = builder.parameter(name, type.shape);
    builder.element = kept;
    values[id] = rounded(std::move(numbers), element);
    return id;
  }
  // A node with several outputs; returns them.
  std::vector<TensorId> node(const std::string& type, const std::vector<std::optional<TensorId>>& inputs, std::size_t outputs = 1, Attributes attributes = {}) {
    Node n{.name = type, .type = type, .where = "test", .attributes = std::move(attributes), .inputs = inputs};
    std::vector<TensorId> ids;
    for (std::size_t i = 0; i < outputs; ++i) {
      ids.push_back(graph.add_tensor({.name = type + std::to_string(graph.tensors().size())}));
      n.outputs.emplace_back(ids.back());
    }
    graph.add_node(std::move(n));
    return ids;
  }
  TensorId one(const std::string& type, const std::vector<std::optional<TensorId>>& inputs, Attributes attributes = {}) {
    return node(type, inputs, 1, std::move(attributes))[0];
  }
  void complete() {
    if (completed_) return;
    complete_graph(graph);
    completed_ = true;
  }

  CompiledProgram compiled(const CompileOptions& options = {}) {
    complete();
    return compile(graph, machine, options, request);
  }
  // What the outputs (and the loss, and `kept`) hold after `steps` steps.
  struct Result {
    CompiledProgram program;
    std::map<TensorId, Numbers> of;
  };
  Result run(const CompileOptions& options = {}, std::uint64_t steps = 1) {
    Result result{compiled(options), {}};
    RunPlan plan{.steps = steps};
    for (const TensorPlace& place : result.program.inputs) {
      Feed feed{.tensor = *place.tensor};
      for (const float v : values.at(*place.tensor)) {
        const auto whole = static_cast<std::int32_t>(v);
        append_element(feed.bytes, graph.tensor(*place.tensor).type.element, place.format == Format::int32 ? std::bit_cast<float>(whole) : v);
      }
      plan.feeds.push_back(std::move(feed));
    }
    plan.start = [&](TensorId id) { return values.count(id) != 0 ? std::optional(values[id]) : std::nullopt; };
    const MemoryImage image = lay_out(graph, result.program, machine, plan);
    Interpreter interpreter(machine, image);
    for (std::uint64_t s = 0; s < steps; ++s) interpreter.step(s);
    for (const auto* list : {&result.program.outputs, &result.program.kept, &result.program.stored})
      for (const TensorPlace& place : *list)
        if (place.tensor) result.of[*place.tensor] = interpreter.values(place);
    if (result.program.loss) result.of[*result.program.loss->tensor] = interpreter.values(*result.program.loss);
    return result;
  }
  // With and without fusion and residency: what comes out must be the same bits.
  std::vector<CompileOptions> variants() const { return {{true, true, false}, {false, false, false}, {true, false, false}, {false, true, false}}; }

 private:
  bool completed_ = false;
};

// The place of the first element whose bits differ (any two NaNs are alike), or -1.
inline long first_difference(const Numbers& got, const Numbers& wanted) {
  if (got.size() != wanted.size()) return static_cast<long>(std::min(got.size(), wanted.size()));
  for (std::size_t i = 0; i < got.size(); ++i)
    if (std::bit_cast<std::uint32_t>(got[i]) != std::bit_cast<std::uint32_t>(wanted[i]) && !(got[i] != got[i] && wanted[i] != wanted[i]))
      return static_cast<long>(i);
  return -1;
}

inline Attributes with(std::vector<std::pair<std::string, Attribute>> list) {
  Attributes attributes;
  for (auto& [name, value] : list) attributes.set(name, std::move(value));
  return attributes;
}
using Wholes = std::vector<std::int64_t>;

}  // namespace spinvp::workloads::compiler::test
