#include "models/npu/vector_execution.h"

#include "models/abi/npu.h"

namespace spinvp::npu {

VectorExecution::VectorExecution(JobContext& context, std::unique_ptr<StreamKernel> kernel, Format format, const EnergyEvents& events)
    : context_(context),
      kernel_(std::move(kernel)),
      format_(format),
      events_(events),
      chunks_(kernel_->mine()),
      loaded_(chunks_.first),
      computed_(chunks_.first),
      stored_(chunks_.first) {}

void VectorExecution::run(Stage stage) {
  switch (stage) {
    case Stage::load: load(); break;
    case Stage::compute: compute(); break;
    case Stage::drain: break;
    case Stage::store: store(); break;
  }
}

void VectorExecution::load() {
  for (; loaded_ < chunks_.last; ++loaded_, context_.progress()) {
    if (!context_.wait_until([this] { return loaded_ < computed_ + 2; })) return;
    const std::uint64_t needed = kernel_->stored_before(loaded_);
    if (!context_.wait_until([&] { return stored_ >= needed; })) return;
    const Chunk chunk = kernel_->chunk(loaded_);
    auto& inputs = buffers_[loaded_ % 2].inputs;
    inputs.resize(chunk.inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!context_.phantom()) inputs[i].resize(chunk.inputs[i].bytes());
      if (!context_.read_all(Stage::load, chunk.inputs[i].pieces, inputs[i], kernel_->burst())) return;
    }
    if (context_.phantom()) continue;
    if (const auto problem = kernel_->loaded(loaded_, inputs)) return context_.fail(SPINVP_NPU_BAD_SHAPE, *problem);
  }
}

void VectorExecution::compute() {
  for (; computed_ < chunks_.last; ++computed_, context_.progress()) {
    if (!context_.wait_until([this] { return loaded_ > computed_ && computed_ < stored_ + 2; }) || !context_.proceed()) return;
    const core::SimTime start = core::now();
    const Chunk chunk = kernel_->chunk(computed_);
    Buffers& buffers = buffers_[computed_ % 2];
    buffers.outputs.resize(chunk.outputs.size());
    if (!context_.phantom()) {
      for (std::size_t i = 0; i < chunk.outputs.size(); ++i) buffers.outputs[i].resize(chunk.outputs[i].bytes());
      if (const auto problem = kernel_->compute(computed_, buffers.inputs, buffers.outputs)) return context_.fail(SPINVP_NPU_BAD_SHAPE, *problem);
    }
    if (!context_.wait_cycles(chunk.cycles, start)) return;
    context_.totals.compute_cycles += chunk.cycles;
    context_.totals.vector_operations += chunk.operations;
    ++context_.totals.steps;
    context_.spend(format_ == Format::fp32 ? events_.vector_fp32 : events_.vector_bf16, chunk.operations, start);
    context_.spend(events_.exponential, chunk.exponentials + chunk.logarithms, start);
    context_.spend(events_.divide, chunk.divisions, start);
  }
}

void VectorExecution::store() {
  for (; stored_ < chunks_.last; ++stored_, context_.progress()) {
    if (!context_.wait_until([this] { return computed_ > stored_; })) return;
    const Chunk chunk = kernel_->chunk(stored_);
    const auto& outputs = buffers_[stored_ % 2].outputs;
    for (std::size_t i = 0; i < chunk.outputs.size(); ++i)
      if (!context_.write_all(Stage::store, chunk.outputs[i].pieces, outputs[i], kernel_->burst())) return;
  }
}

}  // namespace spinvp::npu
