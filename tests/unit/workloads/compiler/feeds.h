// Feeds a compiled training with the inputs and labels of a run on the host.
#pragma once

#include <algorithm>
#include <bit>

#include "workloads/compiler/images.h"
#include "workloads/reference/training_run.h"

namespace spinvp::workloads::compiler::test {

// Those that the plan does not feed yet.
inline void feed_inputs(RunPlan& plan, const CompiledProgram& program, const TrainingGraph& training, TrainingRun<float>& run) {
  for (const TensorPlace& place : program.inputs) {
    if (std::any_of(plan.feeds.begin(), plan.feeds.end(), [&](const Feed& feed) { return feed.tensor == *place.tensor; })) continue;
    Feed feed{.tensor = *place.tensor};
    if (place.format == Format::int32)
      for (const std::int64_t v : run.values().whole(*place.tensor))
        append_element(feed.bytes, ElementType::float32, std::bit_cast<float>(static_cast<std::int32_t>(v)));
    else
      for (const float v : run.values().real(*place.tensor)) append_element(feed.bytes, training.graph.tensor(*place.tensor).type.element, v);
    plan.feeds.push_back(std::move(feed));
  }
}

}  // namespace spinvp::workloads::compiler::test
