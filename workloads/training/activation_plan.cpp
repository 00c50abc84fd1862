#include "workloads/training/activation_plan.h"

#include <algorithm>
#include <map>

#include "workloads/graph/operator_rules.h"
#include "workloads/graph/shape.h"

namespace spinvp::workloads {
namespace {

constexpr std::size_t most_segments = 64;

std::uint64_t bytes_of_tensor(const Graph& graph, TensorId id) {
  const TensorType& type = graph.tensor(id).type;
  return bytes_of(elements(type.shape), type.element);
}

class Cuts {
 public:
  Cuts(const ForwardPass& pass, const std::set<TensorId>& needed) : pass_(pass), graph_(pass.training.graph), needed_bytes_(pass.nodes.size() + 1, 0) {
    live_.assign(pass.nodes.size() + 1, 0);
    for (std::size_t at = 0; at < pass.nodes.size(); ++at) {
      const Node& node = graph_.node(pass.nodes[at]);
      for (const auto& input : node.inputs)
        if (input && made_.contains(storage_of(graph_, *input))) made_.at(storage_of(graph_, *input)).last_use = at;
      for (const auto& output : node.outputs)
        if (output && storage_of(graph_, *output) == *output) made_[*output] = {at, at, bytes_of_tensor(graph_, *output)};
    }
    // The loss reads the result.
    made_.at(storage_of(graph_, pass.training.result)).last_use = pass.nodes.size();
    // Cut `at` lies before node `at`.
    for (const auto& [id, life] : made_)
      for (std::size_t at = life.made + 1; at <= life.last_use && at < live_.size(); ++at) live_[at] += life.bytes;
    std::set<TensorId> storages;
    for (const TensorId id : needed) storages.insert(storage_of(graph_, id));
    for (const TensorId id : storages)
      if (made_.contains(id)) needed_.insert(id);
    for (const TensorId id : needed_) needed_bytes_[made_.at(id).made] += made_.at(id).bytes;
  }

  // About equal bytes in each of `count` segments; each cut moves by up to half of one to where little is live.
  [[nodiscard]] std::vector<std::size_t> placed(std::size_t count) const {
    std::vector<std::uint64_t> before = {0};
    for (const std::uint64_t bytes : needed_bytes_) before.push_back(before.back() + bytes);
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < count; ++i) {
      // Node whose share of the bytes before it is (2 i -+ 1) / (2 count).
      const auto reach = [&](std::size_t halves) {
        const std::uint64_t share = before.back() / (2 * count) * halves;
        return static_cast<std::size_t>(std::lower_bound(before.begin(), before.end(), share) - before.begin());
      };
      const std::size_t first = std::max<std::size_t>(reach(2 * i - 1), cuts.empty() ? 1 : cuts.back() + 1);
      const std::size_t last = std::min(reach(2 * i + 1), pass_.nodes.size() - 1);
      if (first > last) continue;
      const auto least = std::min_element(live_.begin() + static_cast<std::ptrdiff_t>(first), live_.begin() + static_cast<std::ptrdiff_t>(last) + 1);
      cuts.push_back(static_cast<std::size_t>(least - live_.begin()));
    }
    return cuts;
  }

  [[nodiscard]] ActivationPlan plan(const std::vector<std::size_t>& cuts) const {
    ActivationPlan plan = stash_plan(pass_);
    plan.segments = cuts.size() + 1;
    const std::size_t last = cuts.empty() ? 0 : cuts.back();
    std::uint64_t kept = 0;
    std::map<std::size_t, std::uint64_t> segments;  // bytes that each brings back
    std::set<TensorId> kept_storages;
    for (const auto& [id, life] : made_) {
      const auto next = std::upper_bound(cuts.begin(), cuts.end(), life.made);
      const bool crosses = next != cuts.end() && *next <= life.last_use;
      if (crosses || life.made >= last) {
        kept_storages.insert(id);
        if (crosses || needed_.contains(id)) kept += life.bytes;
      } else if (needed_.contains(id)) {
        segments[static_cast<std::size_t>(next - cuts.begin())] += life.bytes;
      }
    }
    for (const NodeId id : pass_.nodes)
      for (const auto& output : graph_.node(id).outputs)
        if (output) plan.kept[index(*output)] = kept_storages.contains(storage_of(graph_, *output));
    std::uint64_t most = 0;
    for (const auto& [segment, bytes] : segments) most = std::max(most, bytes);
    plan.peak_bytes = kept + most;
    return plan;
  }

 private:
  struct Life {
    std::size_t made, last_use;
    std::uint64_t bytes;
  };
  const ForwardPass& pass_;
  const Graph& graph_;
  std::map<TensorId, Life> made_;
  std::set<TensorId> needed_;
  std::vector<std::uint64_t> live_, needed_bytes_;  // at each cut; by node that makes it
};

}  // namespace

TensorId storage_of(const Graph& graph, TensorId tensor) {
  while (graph.tensor(tensor).producer) {
    const Node& node = graph.node(*graph.tensor(tensor).producer);
    if (node.rules->moves != Moves::nothing || node.inputs.empty() || node.outputs[0] != tensor) break;
    tensor = *node.inputs[0];
  }
  return tensor;
}

std::uint64_t storage_bytes(const Graph& graph, const std::set<TensorId>& tensors) {
  std::set<TensorId> storages;
  for (const TensorId id : tensors) storages.insert(storage_of(graph, id));
  std::uint64_t bytes = 0;
  for (const TensorId id : storages)
    if (graph.tensor(id).producer) bytes += bytes_of_tensor(graph, id);
  return bytes;
}

ActivationPlan stash_plan(const ForwardPass& pass) { return {std::vector<bool>(pass.training.graph.tensors().size(), true), 1, 0}; }

ActivationPlan recompute_plan(const ForwardPass& pass, const std::set<TensorId>& needed, std::uint64_t budget) {
  const Cuts cuts(pass, needed);
  ActivationPlan best = cuts.plan({});
  for (std::size_t count = 2; count <= std::min(most_segments, pass.nodes.size()); ++count) {
    ActivationPlan plan = cuts.plan(cuts.placed(count));
    const bool fits = plan.peak_bytes <= budget;
    if (plan.segments > 1 && (fits || best.segments == 1 || plan.peak_bytes < best.peak_bytes)) best = std::move(plan);
    if (fits && best.segments > 1) break;
  }
  return best;
}

}  // namespace spinvp::workloads
