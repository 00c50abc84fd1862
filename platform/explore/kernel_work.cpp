#include "platform/explore/kernel_work.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/npu/epilogue.h"
#include "models/npu/matrix_execution.h"
#include "models/npu/operand_buffer.h"
#include "platform/explore/block_slots.h"

namespace spinvp::platform {

namespace {

using workloads::compiler::CompiledKernel;

// Where a map program would lie: the compiler gives it its place when it lays out the image, and nothing here reads it from there.
constexpr std::uint64_t any_program_address = 0x9000'0000;
constexpr std::uint64_t most_chunks_looked_at = 8;

std::shared_ptr<const npu::MapProgram> program_of(const CompiledKernel& kernel, npu::MapUse use, const npu::NpuConfig& npu) {
  std::array<std::uint8_t, sizeof(spinvp_npu_map)> bytes{};
  std::memcpy(bytes.data(), &*kernel.program, sizeof(spinvp_npu_map));
  auto program = npu::decode_map(bytes, use, npu.job_limit);
  if (!program) throw core::InputError(fmt::format("kernel '{}': {}", kernel.name, program.error().message));
  return std::make_shared<const npu::MapProgram>(std::move(*program));
}

bool on_chip(std::uint64_t address, const npu::NpuConfig& npu) { return address >= npu.onchip_base && address - npu.onchip_base < npu.onchip_size.value; }
Way reading(bool chip) { return chip ? Way::onchip_read : Way::dram_read; }
Way writing(bool chip) { return chip ? Way::onchip_write : Way::dram_write; }

// --- products ---

class ProductWalk {
 public:
  ProductWalk(const npu::MatrixJob& job, const npu::Plan& plan, const npu::PlanLimits& limits, const npu::NpuConfig& npu, const DramLanes& dram)
      : job_(job), plan_(plan), limits_(limits), npu_(npu), dram_(dram), a_slots_(plan.a.count), b_slots_(plan.b.count) {
    buffer_.begin(limits.buffer_bytes);
    if (job.epilogue != nullptr) epilogue_.emplace(*job.epilogue, npu.vector_unit());
  }

  KernelWork walk() {
    work_.product = true;
    work_.wide = job_.format == npu::Format::fp32;
    if (job_.bias != 0) {
      work_.first_load.add(reading(on_chip(job_.bias, npu_)), job_.bias_elements() * npu::bytes_of(job_.format), core::ordinary_burst);
      work_.load += work_.first_load;
    }
    for (std::uint64_t index = 0; index < plan_.steps(); ++index) run_step(index);
    return work_;
  }

 private:
  const npu::MatrixJob& job_;
  const npu::Plan& plan_;
  const npu::PlanLimits& limits_;
  const npu::NpuConfig& npu_;
  const DramLanes& dram_;
  BlockSlots a_slots_, b_slots_;
  npu::OperandBuffer buffer_;
  std::optional<npu::Epilogue> epilogue_;
  KernelWork work_;
  struct BlockSize {
    std::uint64_t bytes = 0;
    double crowding = 1;  // of its load
  };
  std::unordered_map<std::uint64_t, BlockSize> a_blocks_, b_blocks_;

  struct Fetch {
    npu::Side side;
    const npu::Operand& operand;
    const npu::Slots& slots;
    std::uint64_t block;
    BlockSize size;
    std::uint64_t passes;
    bool held;
  };

  // Of pieces in the DRAM, weighed by their bytes.
  [[nodiscard]] double crowding(const std::vector<npu::Piece>& pieces) const {
    double bytes = 0, busy = 0;
    for (const npu::Piece& piece : pieces) {
      const auto own = static_cast<double>(piece.bytes());
      bytes += own, busy += own * dram_.crowding(piece);
    }
    return bytes > 0 ? busy / bytes : 1;
  }

  BlockSize size_of(std::unordered_map<std::uint64_t, BlockSize>& known, std::uint64_t block, const npu::Operand& operand, bool loaded, npu::Range products,
                    npu::Range outer, npu::Range k) {
    const auto [found, fresh] = known.try_emplace(block);
    if (fresh) {
      const npu::Region region = operand.region(products, outer, k);
      found->second.bytes = region.bytes(operand.tensor());
      if (loaded) found->second.crowding = crowding(npu::Placement::whole(operand.tensor()).pieces(region));
    }
    return found->second;
  }

  void load(const Fetch& f, BlockSlots& slots, bool first) {
    if (f.slots.count == 0 || !slots.loads(f.block)) return;
    const std::uint64_t burst = npu::burst_of(f.operand.tensor().bytes());
    Moves moves;
    moves.add(Way::dram_read, f.size.bytes, burst, f.size.crowding);
    moves.add(Way::onchip_write, f.size.bytes, burst);
    work_.load += moves;
    if (first) work_.first_load += moves;
  }

  void fetch(const Fetch& f, std::uint64_t step) {
    Moves moves;
    const std::uint64_t burst = npu::burst_of(plan_.steps() * f.size.bytes * (f.held ? 1 : f.passes));
    if (!f.held) {
      for (std::uint64_t pass = 0; pass < f.passes; ++pass) moves.add(Way::onchip_read, f.size.bytes, burst);
    } else if (buffer_.find(f.side, f.block, step) == nullptr) {
      if (buffer_.take(f.side, f.block, f.size.bytes, step, step == 0 ? 0 : step - 1) == nullptr) buffer_.take(f.side, f.block, f.size.bytes, step, step);
      moves.add(Way::onchip_read, f.size.bytes, burst);
      work_.buffer_writes += static_cast<double>(core::divide_up(f.size.bytes, npu::buffer_word));
    }
    work_.fetch += moves;
    if (step == 0) work_.first_fetch += moves;
    if (f.held) work_.buffer_reads += static_cast<double>(core::divide_up(f.size.bytes, npu::buffer_word) * f.passes);
  }

  void run_step(std::uint64_t index) {
    const npu::Step step = plan_.step(index);
    const npu::StepWork work = npu::work_of(plan_, limits_, step);
    const std::uint64_t a_block = plan_.a_block(step), b_block = plan_.b_block(step);
    const Fetch a{npu::Side::a,  job_.a,      plan_.a, a_block, size_of(a_blocks_, a_block, job_.a, plan_.a.count > 0, plan_.a_products(step), step.m, step.k),
                  work.a_passes, plan_.hold_a};
    const Fetch b{npu::Side::b,  job_.b,      plan_.b, b_block, size_of(b_blocks_, b_block, job_.b, plan_.b.count > 0, plan_.b_products(step), step.n, step.k),
                  work.b_passes, plan_.hold_b};
    load(b, b_slots_, index == 0);
    load(a, a_slots_, index == 0);
    fetch(b, index);
    fetch(a, index);
    work_.cycles += static_cast<double>(work.cycles);
    work_.macs += static_cast<double>(work.macs);
    work_.operand_elements += static_cast<double>(work.a_elements + work.b_elements);
    work_.sums_exchanged += static_cast<double>(work.sums_exchanged);
    const bool last = index + 1 == plan_.steps();
    if (step.first_chunk && job_.accumulate) start_from_output(step);
    if (step.last_chunk) drain(step, last);
  }

  [[nodiscard]] std::uint64_t output_burst() const { return npu::burst_of(job_.c.tensor().bytes()); }
  [[nodiscard]] bool output_in_place() const { return plan_.c.count == 0; }
  [[nodiscard]] std::uint64_t output_bytes(const npu::Step& step) const {
    return step.products.size() * step.m.size() * step.n.size() * npu::bytes_of(job_.format);
  }

  [[nodiscard]] std::vector<npu::Piece> output_pieces(const npu::Step& step) const {
    return npu::Placement::whole(job_.c.tensor()).pieces(job_.c_region(step.products, step.m, step.n));
  }

  void start_from_output(const npu::Step& step) {
    if (!output_in_place()) {
      work_.load.add(Way::dram_read, output_bytes(step), output_burst(), crowding(output_pieces(step)));
      work_.load.add(Way::onchip_write, output_bytes(step), output_burst());
    }
    work_.fetch.add(Way::onchip_read, output_bytes(step), output_burst());
  }

  void drain(const npu::Step& step, bool last) {
    const std::uint64_t bytes = output_bytes(step), elements = bytes / npu::bytes_of(job_.format);
    work_.vector_operations += static_cast<double>((job_.bias == 0 ? 0 : elements) + (job_.relu ? elements : 0));
    if (epilogue_) pass_vector_unit(step, elements);
    work_.drain.add(Way::onchip_write, bytes, output_burst());
    if (last) work_.last_drain.add(Way::onchip_write, std::min(bytes, output_burst()), output_burst());
    if (output_in_place()) return;
    Moves out;
    out.add(Way::onchip_read, bytes, output_burst());
    out.add(Way::dram_write, bytes, output_burst(), crowding(output_pieces(step)));
    work_.store += out;
    if (last) work_.last_store += out;
  }

  void pass_vector_unit(const npu::Step& step, std::uint64_t elements) {
    const npu::Region region = job_.c_region(step.products, step.m, step.n);
    for (std::size_t i = 0; i < epilogue_->inputs(); ++i) {
      const std::vector<npu::Piece> pieces = epilogue_->pieces(i, region);
      std::uint64_t bytes = 0;
      for (const npu::Piece& piece : pieces) bytes += piece.bytes();
      const bool chip = on_chip(job_.epilogue->inputs[i].address, npu_);
      work_.drain.add(reading(chip), bytes, npu::burst_of(epilogue_->most_bytes(i)), chip ? 1 : crowding(pieces));
    }
    const npu::Chunk cost = epilogue_->cost(elements);
    work_.drain_cycles += static_cast<double>(cost.cycles);
    work_.vector_operations += static_cast<double>(cost.operations);
    work_.elementary += static_cast<double>(cost.exponentials + cost.logarithms);
    work_.divisions += static_cast<double>(cost.divisions);
  }
};

KernelWork product_work(npu::MatrixJob job, const CompiledKernel& kernel, const npu::NpuConfig& npu, const DramLanes& dram) {
  if (kernel.program) job.epilogue = program_of(kernel, npu::MapUse::epilogue, npu);
  npu::PlanLimits limits = npu.plan_limits();
  limits.a_in_place = on_chip(job.a.tensor().address, npu);
  limits.b_in_place = on_chip(job.b.tensor().address, npu);
  limits.c_in_place = on_chip(job.c.tensor().address, npu);
  const auto plan = npu::plan(job, limits);
  if (!plan) throw core::InputError(fmt::format("kernel '{}': no tile fits into {} bytes of scratch", kernel.name, limits.scratch_bytes));
  return ProductWalk(job, *plan, limits, npu, dram).walk();
}

// --- vector kernels ---

struct ChunkSum {
  Moves in, out;
  double cycles = 0, operations = 0, elementary = 0, divisions = 0;
  void add(const npu::Chunk& chunk, double times, std::uint64_t burst, const npu::NpuConfig& npu, const DramLanes& dram) {
    const auto move = [&](Moves& moves, const npu::Stream& stream, bool read) {
      if (stream.pieces.empty()) return;
      const bool chip = on_chip(stream.pieces.front().address, npu);
      const auto way = static_cast<unsigned>(read ? reading(chip) : writing(chip));
      moves.bytes[way] += times * static_cast<double>(stream.bytes());
      moves.bursts[way] += times * static_cast<double>(npu::cut(stream.pieces, burst).size());
      for (const npu::Piece& piece : stream.pieces) moves.busy[way] += times * static_cast<double>(piece.bytes()) * (chip ? 1 : dram.crowding(piece));
    };
    for (const npu::Stream& stream : chunk.inputs) move(in, stream, true);
    for (const npu::Stream& stream : chunk.outputs) move(out, stream, false);
    cycles += times * static_cast<double>(chunk.cycles);
    operations += times * static_cast<double>(chunk.operations);
    elementary += times * static_cast<double>(chunk.exponentials + chunk.logarithms);
    divisions += times * static_cast<double>(chunk.divisions);
  }
};

// Bytes as the compiler counts them; bursts in proportion.
void settle(Moves& moves, Way way, std::uint64_t bytes, std::uint64_t burst) {
  const auto i = static_cast<unsigned>(way);
  const auto exact = static_cast<double>(bytes);
  const bool seen = moves.bytes[i] > 0;
  moves.bursts[i] = seen ? moves.bursts[i] * exact / moves.bytes[i] : static_cast<double>(core::divide_up(bytes, burst));
  moves.busy[i] = seen ? moves.busy[i] * exact / moves.bytes[i] : exact;
  moves.bytes[i] = exact;
}

KernelWork vector_work(npu::VectorJob job, const CompiledKernel& kernel, const npu::NpuConfig& npu, const DramLanes& dram) {
  if (kernel.program) {
    job.program = program_of(kernel, job.operation == SPINVP_NPU_MAP ? npu::MapUse::map : npu::MapUse::reduction, npu);
    job.format = npu::Format::fp32;
  }
  const auto stream = npu::make_stream_kernel(job, npu.vector_unit());
  const std::uint64_t chunks = stream->chunks(), burst = stream->burst();
  KernelWork work;
  work.wide = job.format == npu::Format::fp32;
  ChunkSum all, first, last;
  first.add(stream->chunk(0), 1, burst, npu, dram);
  last.add(stream->chunk(chunks - 1), 1, burst, npu, dram);
  if (chunks <= most_chunks_looked_at) {
    for (std::uint64_t i = 0; i < chunks; ++i) all.add(stream->chunk(i), 1, burst, npu, dram);
  } else {
    const std::uint64_t between = most_chunks_looked_at - 2;
    all.add(stream->chunk(0), 1, burst, npu, dram);
    all.add(stream->chunk(chunks - 1), 1, burst, npu, dram);
    for (std::uint64_t i = 0; i < between; ++i)
      all.add(stream->chunk(1 + i * (chunks - 2) / between), static_cast<double>(chunks - 2) / static_cast<double>(between), burst, npu, dram);
  }
  work.load = all.in;
  work.store = all.out;
  settle(work.load, Way::dram_read, kernel.traffic.dram_read, burst);
  settle(work.load, Way::onchip_read, kernel.traffic.onchip_read, burst);
  settle(work.store, Way::dram_write, kernel.traffic.dram_written, burst);
  settle(work.store, Way::onchip_write, kernel.traffic.onchip_written, burst);
  work.first_load = first.in;
  work.last_store = last.out;
  work.cycles = all.cycles;
  work.last_cycles = last.cycles;
  work.vector_operations = all.operations;
  work.elementary = all.elementary;
  work.divisions = all.divisions;
  return work;
}

}  // namespace

double DramLanes::crowding(const npu::Piece& piece) const {
  if (piece.rows <= 1 || piece.row_bytes >= lanes * interleave) return 1;
  const std::uint64_t turn = lanes * interleave, apart = std::max(interleave, std::gcd(piece.stride, turn)),
                      a_row = core::divide_up(piece.row_bytes, interleave);
  const std::uint64_t met = std::min(lanes, std::min(piece.rows, turn / apart) * a_row);
  return static_cast<double>(lanes) / static_cast<double>(met);
}

void Moves::add(Way way, std::uint64_t moved, std::uint64_t longest_burst, double crowding) {
  if (moved == 0) return;
  busy[static_cast<unsigned>(way)] += static_cast<double>(moved) * crowding;
  bytes[static_cast<unsigned>(way)] += static_cast<double>(moved);
  bursts[static_cast<unsigned>(way)] += static_cast<double>(core::divide_up(moved, longest_burst));
}

Moves& Moves::operator+=(const Moves& other) {
  for (std::size_t i = 0; i < ways; ++i) bytes[i] += other.bytes[i], bursts[i] += other.bursts[i], busy[i] += other.busy[i];
  return *this;
}

Moves KernelWork::moves() const {
  Moves all = load;
  all += fetch;
  all += drain;
  all += store;
  return all;
}

KernelWork work_of(const CompiledKernel& kernel, const npu::NpuConfig& npu, const DramLanes& dram) {
  spinvp_npu_descriptor descriptor = kernel.descriptor;
  if (kernel.program) descriptor.aux = any_program_address;
  const auto job = npu::check(descriptor, npu.limits());
  if (!job) throw core::InputError(fmt::format("kernel '{}': {}", kernel.name, job.error().message));
  KernelWork work;
  if (const auto* matrix = std::get_if<npu::MatrixJob>(&job->work))
    work = product_work(*matrix, kernel, npu, dram);
  else if (const auto* vector = std::get_if<npu::VectorJob>(&job->work))
    work = vector_work(*vector, kernel, npu, dram);
  work.has_program = kernel.program.has_value();
  return work;
}

}  // namespace spinvp::platform
