#include "platform/explore/layer_demand.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>
#include <variant>

#include "models/npu/job.h"

namespace spinvp::platform {

namespace {

using workloads::Phase;
using workloads::TensorId;
using workloads::compiler::BufferKind;
using workloads::compiler::CompiledKernel;
using workloads::compiler::CompiledProgram;
using workloads::compiler::TensorPlace;

// What a place is for, seen over the whole program.
struct Use {
  bool state = false, stored = false;
  bool written_forward = false, written_backward = false, read_update = false;
  bool read_later = false;  // by the backward pass or an update
  [[nodiscard]] bool stash() const { return !stored && written_forward && read_later; }
  [[nodiscard]] bool gradient() const { return !stored && written_backward && read_update; }
};

std::set<TensorId> states_of(const workloads::TrainingGraph* training) {
  std::set<TensorId> all;
  if (training != nullptr)
    for (const workloads::StoredTensor& s : training->stored)
      if (s.tensor != s.of) all.insert(s.tensor);
  return all;
}

// Where a place's bytes are counted: what renews a stored tensor in its place is that tensor.
std::vector<std::uint32_t> homes_of(const CompiledProgram& program) {
  std::unordered_map<std::uint64_t, std::uint32_t> stored;
  std::vector<std::uint32_t> homes(program.places.size());
  for (std::uint32_t i = 0; i < homes.size(); ++i)
    if (program.places[i].kind == BufferKind::stored && program.places[i].bytes > 0) stored[program.places[i].address] = i;
  for (std::uint32_t i = 0; i < homes.size(); ++i) {
    const auto found = program.places[i].renews ? stored.find(program.places[i].address) : stored.end();
    homes[i] = found == stored.end() ? i : found->second;
  }
  return homes;
}

std::vector<Use> uses_of(const CompiledProgram& program, const std::vector<std::uint32_t>& homes, const workloads::TrainingGraph* training) {
  const std::set<TensorId> states = states_of(training);
  std::vector<Use> uses(program.places.size());
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const TensorPlace& place = program.places[i];
    uses[i].stored = place.kind == BufferKind::stored || place.kind == BufferKind::constant;
    uses[i].state = uses[i].stored && place.tensor && states.contains(*place.tensor);
  }
  for (const CompiledKernel& kernel : program.kernels)
    for (const auto& touch : kernel.touches) {
      Use& use = uses[homes[touch.place]];
      if (kernel.phase == Phase::forward && touch.written > 0) use.written_forward = true;
      if (kernel.phase == Phase::backward && touch.written > 0) use.written_backward = true;
      if (kernel.phase != Phase::forward && touch.read > 0) use.read_later = true;
      if (kernel.phase == Phase::update && touch.read > 0) use.read_update = true;
    }
  return uses;
}

// Of one place within one run of kernels.
struct RowTouch {
  std::uint64_t read = 0, written = 0;
  bool made_here = false;  // written before it is read
};

void add(WorkingSet& set, const RowTouch& touch, const TensorPlace& place, const Use& use, Phase phase) {
  const std::uint64_t bytes = std::min(place.bytes, std::max(touch.read, touch.written));
  if (use.stored)
    (use.state ? set.states : set.weights) += bytes;
  else if (use.gradient())
    set.gradients += bytes;
  else if (touch.made_here) {
    set.outputs += bytes;
    if (use.stash()) set.kept += bytes;
  } else
    (phase != Phase::forward && use.written_forward ? set.stash : set.inputs) += bytes;
}

ArrayDemand array_of(const CompiledKernel& kernel, const npu::NpuConfig& npu) {
  if (kernel.macs == 0) return {};
  spinvp_npu_descriptor bare = kernel.descriptor;
  bare.flags &= ~(SPINVP_NPU_EPILOGUE | SPINVP_NPU_PHANTOM);
  const auto job = npu::check(bare, npu.limits());
  const auto* matrix = job ? std::get_if<npu::MatrixJob>(&job->work) : nullptr;
  if (matrix == nullptr) return {};  // beyond the NPU's limits: it will refuse the job
  return array_demand(npu::dataflow_of(npu.dataflow), npu.array(), npu::fold_cost_of(npu.fold_cost), matrix->shape, matrix->products,
                      bare.format == SPINVP_NPU_BF16 ? 2 : 4);
}

NetworkDemand network_of(const CompiledProgram& program, const std::vector<std::uint32_t>& homes, const std::vector<Use>& uses) {
  NetworkDemand demand{.resident_bytes = program.dram_bytes, .temporary_bytes = program.temporary_bytes};
  for (std::size_t i = 0; i < program.places.size(); ++i) {
    if (homes[i] != i) continue;
    if (uses[i].stored) (uses[i].state ? demand.state_bytes : demand.weight_bytes) += program.places[i].bytes;
    if (uses[i].stash()) demand.stash_bytes += program.places[i].bytes;
  }
  return demand;
}

}  // namespace

DemandAnswer layer_demand(const CompiledProgram& program, const workloads::TrainingGraph* training, const npu::NpuConfig& npu) {
  const std::vector<std::uint32_t> homes = homes_of(program);
  const std::vector<Use> uses = uses_of(program, homes, training);
  DemandAnswer answer{.network = network_of(program, homes, uses)};
  std::map<std::pair<Phase, std::string>, std::size_t> rows;
  struct Run {
    std::size_t row = 0;
    std::map<std::uint32_t, RowTouch> touched = {};
  };
  std::vector<Run> runs;
  std::map<Phase, std::size_t> last;  // run of each phase
  for (const CompiledKernel& kernel : program.kernels) {
    const auto [entry, fresh] = rows.try_emplace({kernel.phase, kernel.layer}, answer.layers.size());
    if (fresh) answer.layers.push_back({.name = kernel.layer, .phase = kernel.phase});
    answer.layers[entry->second].array += array_of(kernel, npu);
    const auto [run, first_of_phase] = last.try_emplace(kernel.phase, runs.size());
    if (first_of_phase || runs[run->second].row != entry->second) {
      run->second = runs.size();
      runs.push_back({entry->second});
    }
    for (const auto& t : kernel.touches) {
      const auto [touch, first] = runs[run->second].touched.try_emplace(homes[t.place]);
      if (first) touch->second.made_here = t.read == 0;
      touch->second.read += t.read;
      touch->second.written += t.written;
    }
  }
  for (const Run& run : runs) {
    LayerDemand& layer = answer.layers[run.row];
    WorkingSet set;
    for (const auto& [place, touch] : run.touched) add(set, touch, program.places[place], uses[place], layer.phase);
    if (set.bytes() > layer.working.bytes()) layer.working = set;
  }
  return answer;
}

}  // namespace spinvp::platform
