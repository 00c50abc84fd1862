#include "models/technology/memory_sheet.h"

#include <fmt/format.h>

namespace spinvp::technology {

using namespace core::literals;

namespace {

constexpr std::uint64_t mib = 1ull << 20;

const char* const sweep_source =
    "derived: NVSim rev 131 sweep, 22 nm LOP transistors, 350 K, 512-bit word, RAM, read-EDP target, repeated global wires; cells: SRAM 146 F2, "
    "STT 34.5 F2 40.8 uA 5 ns, SOT 81.5 F2 100 uA 1 ns 0.1 pJ; cycle = word bytes / bank bandwidth";

struct SweepRow {  // mm2, ns, ns, pJ, pJ, mW, GB/s, GB/s as the tool printed them
  MemoryTechnology technology;
  std::uint64_t mebibytes;
  double area, read_latency, write_latency, read_energy, write_energy, leakage, read_gbps, write_gbps;
};

constexpr SweepRow sweep[] = {
    {MemoryTechnology::sram, 1, 0.950, 0.88, 0.74, 69, 67, 31, 194, 124}, {MemoryTechnology::stt, 1, 0.246, 2.12, 5.65, 136, 160, 4.1, 23, 12},
    {MemoryTechnology::sot, 1, 0.562, 2.08, 1.55, 169, 112, 7.4, 30, 49}, {MemoryTechnology::sram, 64, 46.7, 3.62, 2.18, 748, 715, 1808, 120, 104},
    {MemoryTechnology::stt, 64, 11.6, 3.71, 6.55, 437, 452, 134, 23, 11}, {MemoryTechnology::sot, 64, 28.3, 4.40, 2.88, 654, 595, 309, 29, 39},
};

MemoryDataSheet sheet_of(const SweepRow& row) {
  MemoryDataSheet s;
  s.name = fmt::format("{}_{}mib_22nm", name_of(row.technology), row.mebibytes);
  s.technology = row.technology;
  s.capacity_bytes = row.mebibytes * mib;
  s.word_bits = 512;
  s.area = row.area * 1_mm2;
  s.read_latency = row.read_latency * 1_ns;
  s.write_latency = row.write_latency * 1_ns;
  s.read_bytes_per_second = row.read_gbps * 1e9;
  s.write_bytes_per_second = row.write_gbps * 1e9;
  s.read_energy = row.read_energy * 1_pJ;
  s.write_energy = row.write_energy * 1_pJ;
  s.leakage = row.leakage * 1_mW;
  s.source = sweep_source;
  if (row.technology == MemoryTechnology::sram) {
    s.retention_leakage = s.leakage * 0.3;
    s.retention_leakage_source = "assumed: 0.3 of the leakage at the lowest voltage that keeps a 6T cell";
    s.retention_source = "derived: a 6T cell loses its state without supply";
  } else {
    s.non_volatile = true;
    s.retention_leakage = 0_W;
    s.retention_leakage_source = "derived: the state is magnetic and the periphery is cut off";
    s.thermal_stability = 60;
    s.retention = core::Time::from_si(10 * 31557600.0);
    s.retention_source = "assumed: thermal stability 60, the rule for ten years of a single device with an attempt time of 1 ns";
  }
  return s;
}

}  // namespace

std::optional<MemoryTechnology> memory_technology(const std::string& text) {
  for (const MemoryTechnology t : {MemoryTechnology::sram, MemoryTechnology::stt, MemoryTechnology::sot})
    if (text == name_of(t)) return t;
  return std::nullopt;
}

const char* name_of(MemoryTechnology technology) {
  switch (technology) {
    case MemoryTechnology::sram: return "sram";
    case MemoryTechnology::stt: return "stt";
    case MemoryTechnology::sot: return "sot";
  }
  return "";
}

MemoryDataSheet MemoryDataSheet::with_capacity(std::uint64_t bytes) const {
  if (bytes == capacity_bytes) return *this;
  MemoryDataSheet other = *this;
  const double factor = static_cast<double>(bytes) / static_cast<double>(capacity_bytes);
  other.capacity_bytes = bytes;
  other.area = area * factor;
  other.leakage = leakage * factor;
  other.retention_leakage = retention_leakage * factor;
  other.source += fmt::format("; area and leakage scaled by capacity from {} to {} bytes", capacity_bytes, bytes);
  return other;
}

std::vector<core::Constant> MemoryDataSheet::constants() const {
  std::vector<core::Constant> rows = {
      {"area", area.in(1_mm2), "mm2", source},
      {"read_latency", read_latency.in(1_ns), "ns", source},
      {"write_latency", write_latency.in(1_ns), "ns", source},
      {"read_cycle", read_cycle().in(1_ns), "ns", source},
      {"write_cycle", write_cycle().in(1_ns), "ns", source},
      {"read_energy", read_energy.in(1_pJ), "pJ/word", source},
      {"write_energy", write_energy.in(1_pJ), "pJ/word", source},
      {"leakage", leakage.in(1_mW), "mW", source},
      {"retention_leakage", retention_leakage.in(1_mW), "mW", retention_leakage_source},
  };
  if (thermal_stability) rows.push_back({"thermal_stability", *thermal_stability, "", retention_source});
  if (retention) rows.push_back({"retention", retention->si(), "s", retention_source});
  return rows;
}

const std::vector<MemoryDataSheet>& memory_data_sheets() {
  static const std::vector<MemoryDataSheet> sheets = [] {
    std::vector<MemoryDataSheet> all;
    for (const SweepRow& row : sweep) all.push_back(sheet_of(row));
    return all;
  }();
  return sheets;
}

const MemoryDataSheet* find_memory_data_sheet(const std::string& name) {
  for (const MemoryDataSheet& sheet : memory_data_sheets())
    if (sheet.name == name) return &sheet;
  return nullptr;
}

const MemoryDataSheet& default_memory_data_sheet(MemoryTechnology technology) {
  return *find_memory_data_sheet(fmt::format("{}_1mib_22nm", name_of(technology)));
}

}  // namespace spinvp::technology
