#include "platform/explore/reproduce_memory_systems.h"

#include <bit>
#include <stdexcept>

#include <fmt/format.h>

#include "models/memory/dram.h"
#include "models/technology/logic.h"
#include "models/technology/memory_cells.h"

namespace spinvp::platform {

namespace t = technology;
using namespace core::literals;

namespace {

constexpr const char* dram_preset = "hbm2";
constexpr const char* slow_preset = "ddr4";
constexpr const char* fast_preset = "hbm3";
constexpr const char* sot_cell = "sot-2t";
constexpr unsigned word_bits = 512;

const t::DramDataSheet& dram_sheet(const char* name) {
  const t::DramDataSheet* sheet = t::find_dram_data_sheet(name);
  if (sheet == nullptr) throw std::logic_error(fmt::format("no DRAM sheet '{}'", name));
  return *sheet;
}
double peak_gbps(const char* name) { return dram_sheet(name).peak_bytes_per_second() * 1e-9; }
double streaming_pj(const char* name) {
  const t::DramDataSheet& sheet = dram_sheet(name);
  return (sheet.streaming_energy_per_bit(false).total() + sheet.streaming_energy_per_bit(true).total()).in(1_pJ) / 2;
}

// What an SRAM bank of 1 MiB leaks by preset, as the range of a constant that is a name.
double leakage_mw(const char* preset) {
  t::ArrayRequest request;
  request.cell = t::default_memory_cell(t::MemoryTechnology::sram);
  request.capacity_bytes = 1 << 20;
  request.sram_leakage = preset;
  return t::design_array(request).sheet.leakage.in(1_mW);
}
double mac_pj(const char* node) { return t::multiply_accumulate(*t::find_logic_table(node), t::NumberFormat::bf16).each.in(1_pJ); }

t::MemoryCell sot_cell_of(const MemoryConstants& constants) {
  t::MemoryCell cell = t::memory_cell_named(sot_cell);
  if (constants.sot_cell_f2 > 0) cell.area_f2 = constants.sot_cell_f2;
  for (t::CellWrite* write : {&cell.set, &cell.reset}) {
    if (constants.sot_write_pulse_ns > 0) write->pulse = core::Time::from_si(constants.sot_write_pulse_ns * 1e-9);
    if (constants.sot_write_pj > 0) write->energy = core::Energy::from_si(constants.sot_write_pj * 1e-12);
  }
  return cell;
}

}  // namespace

const char* name_of(Assumption assumption) {
  static constexpr const char* names[] = {"equal area", "naive SRAM", "small SRAM", "mixed flavours", "20 pJ/bit DRAM", "DDR4 bandwidth", "4x capacity"};
  static_assert(std::size(names) == assumption_count && dear_pj_per_bit == 20 && large_factor == 4);
  return names[static_cast<unsigned>(assumption)];
}

std::string text_of(Assumption assumption) {
  switch (assumption) {
    case Assumption::equal_area: return "equal area: the SOT memory holds what fits into the area of the SRAM";
    case Assumption::naive_sram:
      return "naive SRAM baseline: the SRAM system runs the network operation by operation, unfused, and keeps nothing on chip between layers; the SOT system "
             "has the "
             "compiler's best schedule";
    case Assumption::small_sram:
      return fmt::format(
          "small SRAM: {} MiB, of which 8 MiB are the NPU's tiles, as a conventional accelerator has, against {} MiB (training) or {} MiB (inference) of SOT",
          small_bytes >> 20, training_bytes >> 20, inference_bytes >> 20);
    case Assumption::mixed_flavours: return "mixed flavours: SRAM of high-performance transistors against SOT cells in low-operating-power periphery";
    case Assumption::dear_dram:
      return fmt::format("DRAM at {:.0f} pJ/bit, about what was measured for the whole path to an HBM in a GPU (19.4 pJ/bit, second hand)", dear_pj_per_bit);
    case Assumption::slow_dram: return fmt::format("DRAM bandwidth of one DDR4-3200 channel, {:.1f} GB/s", peak_gbps(slow_preset));
    case Assumption::large_memory:
      return fmt::format("4x capacity: {:.0f} MiB on chip in training and {:.0f} MiB in inference, on both sides (a small SRAM stays small)",
                         large_factor * (training_bytes >> 20), large_factor * (inference_bytes >> 20));
  }
  return {};
}

std::vector<UncertainMemory> uncertain_memory() {
  const t::MemoryCell& cell = t::memory_cell_named(sot_cell);
  const auto number = [](double MemoryConstants::*member, double low, double high) {
    return [=](MemoryConstants& constants, bool to_high) { constants.*member = to_high ? high : low; };
  };
  const auto name = [](std::string MemoryConstants::*member, const char* low, const char* high) {
    return [=](MemoryConstants& constants, bool to_high) { constants.*member = to_high ? high : low; };
  };
  const double own_pj = streaming_pj(dram_preset), pulse = cell.set.pulse.in(1_ns), write = cell.set.energy.in(1_pJ);
  const MemoryConstants nominal;
  return {
      {"dram_pj_per_bit", own_pj, own_pj, dear_pj_per_bit, "pJ/bit",
       "published: HBM2 3.9 pJ/bit (the sheet's stream); high assumed: 20, about what was measured for the whole path to an HBM in a GPU (second hand)",
       number(&MemoryConstants::dram_pj_per_bit, own_pj, dear_pj_per_bit)},
      {"dram_gbps", peak_gbps(dram_preset), peak_gbps(slow_preset), peak_gbps(fast_preset), "GB/s",
       "published: peak of one HBM2 stack; low one DDR4-3200 channel, high one HBM3 stack",
       number(&MemoryConstants::dram_gbps, peak_gbps(slow_preset), peak_gbps(fast_preset))},
      {"sram_leakage", leakage_mw("node"), leakage_mw("scope"), leakage_mw("hp"), "mW/MiB",
       "derived: array model, off currents of low-operating-power transistors at 22 nm and 350 K; low published: 27.5 pW a bit (SCOPE), high derived: "
       "high-performance transistors",
       name(&MemoryConstants::sram_leakage, "scope", "hp")},
      {"batch", nominal.batch, 4, 64, "",
       "assumed: ours, a quarter and four times as much; sequences stay at 16 or fewer, beyond which gpt2-small's logits exceed a job of the NPU",
       number(&MemoryConstants::batch, 4, 64)},
      {"capacity", nominal.capacity, 0.25, 4, "",
       fmt::format("assumed: ours, {} MiB in training and {} MiB in inference, a quarter and four times as much", training_bytes >> 20, inference_bytes >> 20),
       number(&MemoryConstants::capacity, 0.25, 4)},
      {"banks", nominal.banks, 16, 256, "", "assumed: the platform's default, a quarter and four times as many", number(&MemoryConstants::banks, 16, 256)},
      {"temperature", nominal.temperature_k, 300, 400, "K", "assumed: as in the array tools' examples; the range of the array model",
       number(&MemoryConstants::temperature_k, 300, 400)},
      {"sot_cell", cell.area_f2, 54, 100, "F2", "derived: cell sot-2t; low assumed: one transistor (sot-1t), high published: SCOPE's SOT cell of 100 F2",
       number(&MemoryConstants::sot_cell_f2, 54, 100)},
      {"sot_write_pulse", pulse, 0.4, 5, "ns", "derived: cell sot-2t; low published: Wang et al. 2018, 0.4 ns; high assumed: a conservative 5 ns",
       number(&MemoryConstants::sot_write_pulse_ns, 0.4, 5)},
      {"sot_write_energy", write, 0.05, 0.25, "pJ/bit",
       "derived: cell sot-2t; low published: Wang et al. 2018, 49 to 58 fJ; high assumed: as NVSim's aggressive STT cell, 0.25 pJ",
       number(&MemoryConstants::sot_write_pj, 0.05, 0.25)},
      {"mac_energy", mac_pj("45nm"), mac_pj("7nm"), mac_pj("45nm"), "pJ",
       "published: Horowitz, ISSCC 2014, 45 nm, bf16 multiply and fp32 add, with all other arithmetic of that table; low assumed: recalled 7 nm table",
       name(&MemoryConstants::logic_node, "7nm", "45nm")},
  };
}

bool fixes(Assumptions set, const std::string& constant) {
  return (has(set, Assumption::dear_dram) && constant == "dram_pj_per_bit") || (has(set, Assumption::slow_dram) && constant == "dram_gbps") ||
         (has(set, Assumption::large_memory) && constant == "capacity");
}

const t::MemoryDataSheet& MemorySystems::design(const t::ArrayRequest& request) {
  const std::string key =
      fmt::format("{} {} {} {} {} {} {} {}", request.cell.name, request.cell.area_f2, request.cell.set.pulse.si(), request.cell.set.energy.si(),
                  request.capacity_bytes, request.temperature.si(), static_cast<int>(request.transistors), request.sram_leakage);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  const t::MemoryDataSheet sheet = t::design_array(request).sheet;
  const std::lock_guard lock(mutex_);
  return known_.emplace(key, sheet).first->second;
}

t::MemoryDataSheet MemorySystems::bank(t::MemoryTechnology kind, std::uint64_t bytes, t::Transistors transistors, const MemoryConstants& constants) {
  t::ArrayRequest request;
  request.cell = kind == t::MemoryTechnology::sot ? sot_cell_of(constants) : t::default_memory_cell(kind);
  request.capacity_bytes = std::bit_floor(bytes);
  request.word_bits = word_bits;
  request.temperature = core::Temperature::from_si(constants.temperature_k);
  request.transistors = transistors;
  if (kind == t::MemoryTechnology::sram) request.sram_leakage = constants.sram_leakage;
  t::MemoryDataSheet sheet = design(request).with_capacity(bytes);
  if (kind == t::MemoryTechnology::sram) sheet.leakage = sheet.leakage * constants.sram_leakage_factor;
  return sheet;
}

double MemorySystems::bank_mm2(const std::string& cell, std::uint64_t bytes, double cell_f2) {
  t::ArrayRequest request;
  request.cell = t::memory_cell_named(cell);
  if (cell_f2 > 0) request.cell.area_f2 = cell_f2;
  request.capacity_bytes = bytes;
  request.word_bits = word_bits;
  return design(request).area.in(1_mm2);
}

Sides MemorySystems::sides(Assumptions set, bool training, const MemoryConstants& constants) {
  const auto banks = static_cast<std::uint64_t>(constants.banks);
  const std::uint64_t own = training ? training_bytes : inference_bytes;
  const auto full = static_cast<std::uint64_t>((has(set, Assumption::large_memory) ? large_factor : constants.capacity) * static_cast<double>(own));
  const DramPrice dram = DramPrice::of(dram_sheet(dram_preset), has(set, Assumption::dear_dram) ? dear_pj_per_bit : constants.dram_pj_per_bit,
                                       has(set, Assumption::slow_dram) ? peak_gbps(slow_preset) : constants.dram_gbps);
  Sides sides;
  sides.sram.onchip_bytes = has(set, Assumption::small_sram) ? small_bytes : full;
  sides.sram.reuse = !has(set, Assumption::naive_sram);
  const t::Transistors flavour = has(set, Assumption::mixed_flavours) ? t::Transistors::hp : t::Transistors::lop;
  sides.sram.memory = {bank(t::MemoryTechnology::sram, sides.sram.onchip_bytes / banks, flavour, constants), banks, dram};
  sides.sot.onchip_bytes = full;
  if (has(set, Assumption::equal_area)) {
    // As many sixteenths of the SRAM's capacity as fit: its area over that of a bank of SOT of the same size, which larger ones keep a byte.
    const t::MemoryDataSheet same = bank(t::MemoryTechnology::sot, sides.sram.onchip_bytes / banks, t::Transistors::lop, constants);
    const double sixteenths = 16 * (sides.sram.memory.bank.area / same.area);
    sides.sot.onchip_bytes = sides.sram.onchip_bytes / 16 * static_cast<std::uint64_t>(sixteenths);
  }
  sides.sot.memory = {bank(t::MemoryTechnology::sot, sides.sot.onchip_bytes / banks, t::Transistors::lop, constants), banks, dram};
  return sides;
}

DramLanes machine_lanes() { return {dram_sheet(dram_preset).lanes(), memory::DramConfig().interleave.value}; }

std::vector<std::string> run_settings(const Side& side, Assumptions set, bool sot, bool training) {
  std::vector<std::string> list = {fmt::format("interconnect.width_bytes={}", link_width_bytes),
                                   fmt::format("devices.onchip.technology={}", sot ? "sot" : "sram"),
                                   fmt::format("devices.onchip.size={}MiB", side.onchip_bytes >> 20),
                                   fmt::format("devices.npu.onchip_size={}MiB", side.onchip_bytes >> 20), "network.precision=bf16"};
  if (training) list.emplace_back("network.activations=stash");
  if (!side.reuse) list.insert(list.end(), {"network.fusion=false", "network.residency=false"});
  if (!sot && has(set, Assumption::mixed_flavours)) list.emplace_back("devices.onchip.model.transistors=hp");
  if (has(set, Assumption::dear_dram)) list.push_back(fmt::format("devices.dram.energy_per_bit={:.3f}pJ", side.memory.dram.joules_per_byte / 8 * 1e12));
  if (has(set, Assumption::slow_dram)) list.push_back(fmt::format("devices.dram.peak_gbps={}", peak_gbps(slow_preset)));
  return list;
}

}  // namespace spinvp::platform
