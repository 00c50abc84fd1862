#include "platform/explore/memory_schedules.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "platform/explore/in_parallel.h"
#include "platform/explore/product_reads.h"
#include "workloads/compiler/compile.h"
#include "workloads/graph/precision.h"
#include "workloads/import/import.h"

namespace spinvp::platform {

namespace {

namespace compiler = workloads::compiler;

// A prediction is asked for whatever a machine's DRAM holds.
constexpr std::uint64_t any_dram = std::uint64_t{1} << 50;

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// Descriptors and programs but for where in a memory their operands lie: 1 on chip, 0 in DRAM or not at all.
std::string shape_of(const compiler::CompiledKernel& kernel, const npu::NpuConfig& npu) {
  const auto place = [&](std::uint64_t address) -> std::uint64_t { return address >= npu.onchip_base ? 2 : address > 0 ? 1 : 0; };
  spinvp_npu_descriptor d = kernel.descriptor;
  for (std::uint64_t* address : {&d.a, &d.b, &d.c, &d.bias, &d.aux}) *address = place(*address);
  std::string key = bytes_of(d) + bytes_of(kernel.traffic.dram_read) + bytes_of(kernel.traffic.dram_written) + bytes_of(kernel.traffic.onchip_read) +
                    bytes_of(kernel.traffic.onchip_written);
  if (kernel.program) {
    spinvp_npu_map map = *kernel.program;
    for (auto& stream : map.input) stream.address = place(stream.address);
    for (auto& stream : map.output) stream.address = place(stream.address);
    key += bytes_of(map);
  }
  return key;
}

// A network and mode, ready to be compiled.
struct Prepared {
  workloads::Graph inference;
  workloads::TrainingGraph training;
};

Prepared prepared(const ScheduleQuestion& question) {
  Prepared p;
  p.inference = workloads::import_network(question.network, {.batch = question.batch});
  if (question.training)
    p.training = workloads::make_training_graph(p.inference, {.mixed_precision = true, .loss_scale = NetworkFields().loss_scale});
  else
    workloads::narrow(p.inference);
  return p;
}

Schedule answer(const ScheduleQuestion& question, const Prepared& network, const npu::NpuConfig& npu, const DramLanes& dram, const compiler::ReadsOf& reads) {
  compiler::Machine machine;
  machine.dram.bytes = any_dram;
  machine.onchip = {npu.scratch_base + npu.scratch_size.value, npu.onchip_size.value - npu.scratch_size.value};
  machine.reads_of = reads;
  const compiler::CompileOptions options{.fusion = question.reuse, .residency = question.reuse, .phantom = true};
  const compiler::CompiledProgram program =
      question.training ? compiler::compile(network.training, machine, options) : compiler::compile(network.inference, machine, options);
  Schedule schedule;
  std::unordered_map<std::string, std::size_t> rows;
  for (const compiler::CompiledKernel& kernel : program.kernels) {
    const auto [row, fresh] = rows.try_emplace(shape_of(kernel, npu), schedule.kernels.size());
    if (fresh) {
      schedule.kernels.push_back(work_of(kernel, npu, dram));
      schedule.times.push_back(0);
    }
    schedule.times[row->second] += 1;
  }
  return schedule;
}

}  // namespace

npu::NpuConfig Schedules::npu_with(std::uint64_t onchip_bytes) const {
  npu::NpuConfig npu = npu_;
  npu.onchip_size = core::Bytes{onchip_bytes};
  return npu;
}

void Schedules::prepare(const std::vector<ScheduleQuestion>& questions, const std::function<void(std::size_t, std::size_t)>& progress) {
  std::vector<ScheduleQuestion> open;
  for (const ScheduleQuestion& question : questions)
    if (known_.find(question) == known_.end()) open.push_back(question);
  std::sort(open.begin(), open.end());
  open.erase(std::unique(open.begin(), open.end()), open.end());
  // Those of one network, mode and batch follow each other, and share its graph.
  std::vector<std::size_t> groups;
  const auto same_graph = [](const ScheduleQuestion& x, const ScheduleQuestion& y) {
    return x.network == y.network && x.training == y.training && x.batch == y.batch;
  };
  for (std::size_t i = 0; i < open.size(); ++i)
    if (i == 0 || !same_graph(open[i - 1], open[i])) groups.push_back(i);
  groups.push_back(open.size());

  std::vector<Schedule> answers(open.size());
  const compiler::ReadsOf reads = product_reads(npu_);
  std::mutex mutex;
  std::size_t done = 0;
  in_parallel(groups.size() - 1, [&](std::size_t group) {
    const Prepared network = prepared(open[groups[group]]);
    for (std::size_t i = groups[group]; i < groups[group + 1]; ++i) {
      answers[i] = answer(open[i], network, npu_with(open[i].onchip_bytes), dram_, reads);
      const std::lock_guard lock(mutex);
      ++done;
      if (progress) progress(done, open.size());
    }
  });
  for (std::size_t i = 0; i < open.size(); ++i) known_.emplace(open[i], std::move(answers[i]));
}

}  // namespace spinvp::platform
