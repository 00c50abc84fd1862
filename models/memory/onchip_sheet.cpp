#include "models/memory/onchip_sheet.h"

#include <bit>

#include "models/core/error.h"
#include "models/core/exact_math.h"
#include "models/memory/onchip_memory.h"
#include "models/technology/array_model.h"
#include "models/technology/device_cell.h"
#include "models/technology/device_presets.h"
#include "models/technology/memory_cells.h"
#include "models/technology/retention.h"

namespace spinvp::memory {

std::vector<std::string> sheet_choices() {
  std::vector<std::string> names = {"model", "technology"};
  for (const auto& sheet : technology::memory_data_sheets()) names.push_back(sheet.name);
  return names;
}

std::vector<std::string> cell_choices() {
  std::vector<std::string> names = technology::memory_cell_names();
  names.insert(names.begin(), {"technology", "device"});
  return names;
}

std::vector<std::string> leakage_choices() {
  std::vector<std::string> names;
  for (const auto& preset : technology::sram_leakage_presets()) names.push_back(preset.name);
  return names;
}

namespace {

technology::DeviceCell device_of(const OnChipMemoryConfig& config) {
  technology::DeviceCell device{.junction = technology::device_preset(config.fault_device),
                                .write = {},
                                .temperature = config.device_temperature(),
                                .transistors = technology::transistors_named(config.transistors)};
  device.write = config.write_drive(device.junction);
  return device;
}

technology::MemoryCell cell_of(const OnChipMemoryConfig& config, technology::MemoryTechnology kind, const std::string& owner) {
  const technology::MemoryCell& layout = technology::default_memory_cell(kind);
  if (config.cell == "device") {
    if (config.fault_device == "none") throw core::InputError(fmt::format("{}.model.cell: device is allowed with a magnetic device in faults.device", owner));
    return technology::cell_of_device(device_of(config), layout, config.node);
  }
  return config.cell == "technology" ? layout : technology::memory_cell_named(config.cell);
}

// The array model tries organisations of powers of two: another capacity is the next smaller one, scaled.
technology::MemoryDataSheet modelled_sheet(const OnChipMemoryConfig& config, technology::MemoryTechnology kind, const std::string& owner) {
  const std::uint64_t bank_bytes = config.size.value / config.banks;
  try {
    technology::ArrayRequest request;
    request.cell = cell_of(config, kind, owner);
    if (request.cell.technology != kind)
      throw core::InputError(fmt::format("{} is a cell of {}, technology {} is allowed with a cell of its own kind", config.cell,
                                         name_of(request.cell.technology), config.technology));
    request.capacity_bytes = std::bit_floor(bank_bytes);
    request.node = config.node;
    request.temperature = config.temperature;
    request.transistors = technology::transistors_named(config.transistors);
    request.sram_leakage = config.sram_leakage;
    return technology::design_array(request).sheet.with_capacity(bank_bytes);
  } catch (const core::InputError& error) {
    throw core::InputError(fmt::format("{}.sheet: model: {}; allowed are also the sheets by name", owner, error.what()));
  }
}

}  // namespace

technology::MemoryDataSheet OnChipMemoryConfig::bank_sheet(const std::string& owner) const {
  const auto kind = technology::memory_technology(technology);
  if (!kind) throw core::InputError(fmt::format("{}.technology: '{}' is not allowed: one of sot, stt, sram", owner, technology));
  const technology::MemoryDataSheet* named =
      sheet == "technology" || sheet == "model" ? &technology::default_memory_data_sheet(*kind) : technology::find_memory_data_sheet(sheet);
  if (named == nullptr) throw core::InputError(fmt::format("{}.sheet: '{}' is not allowed: one of {}", owner, sheet, fmt::join(sheet_choices(), ", ")));
  if (named->technology != *kind)
    throw core::InputError(fmt::format("{}.sheet: {} is a sheet of {}, technology {} is allowed with a sheet of its own kind", owner, sheet,
                                       name_of(named->technology), technology));
  const std::uint64_t word = named->word_bytes();
  if (banks < 1 || banks > most_banks)
    throw core::InputError(fmt::format("{}.banks: {} is not allowed: a whole number from 1 to {}", owner, banks, most_banks));
  if (interleave.value < word || !std::has_single_bit(interleave.value))
    throw core::InputError(
        fmt::format("{}.interleave: {} is not allowed: a power of two of at least the word of {} bytes", owner, core::bytes_text(interleave.value), word));
  if (size.value == 0 || size.value % (banks * interleave.value) != 0)
    throw core::InputError(fmt::format("{}.size: {} is not allowed: a multiple of banks x interleave, {}", owner, core::bytes_text(size.value),
                                       core::bytes_text(banks * interleave.value)));
  technology::MemoryDataSheet result = sheet == "model" ? modelled_sheet(*this, *kind, owner) : named->with_capacity(size.value / banks);
  if (fault_device != "none" && result.non_volatile) {
    const technology::DeviceCell device = device_of(*this);
    result.thermal_stability = technology::thermal_stability(device.junction.layer, device.temperature);
    result.retention = technology::retention_time(*result.thermal_stability, device.junction.layer.attempt_time, device.bit_failure);
    result.retention_source = technology::retention_source(device);
  }
  if (fault_retention_loss.si() > 0 && result.non_volatile) {
    constexpr double bit_failure = 1e-9, attempt_time_s = 1e-9;
    const core::Frequency loss = error_rates(owner).retention_loss;
    result.retention = core::Time::from_si(bit_failure / loss.si());
    result.thermal_stability = -core::exact::log(loss.si() * attempt_time_s);
    result.retention_source =
        fmt::format("assumed: faults.retention_loss of the configuration, attempt time 1 ns, until a bit has failed with probability {:g}", bit_failure);
  }
  const auto set = [&](auto& row, auto value, const char* field) {
    if (value.si() == 0) return;
    row = value;
    result.source += fmt::format("; {} set by the config", field);
  };
  set(result.read_latency, read_latency, "read_latency");
  set(result.write_latency, write_latency, "write_latency");
  set(result.read_energy, read_energy, "read_energy");
  set(result.write_energy, write_energy, "write_energy");
  set(result.area, bank_area, "bank_area");
  if (read_cycle.si() > 0) result.read_bytes_per_second = static_cast<double>(word) / read_cycle.si(), result.source += "; read_cycle set by the config";
  if (write_cycle.si() > 0) result.write_bytes_per_second = static_cast<double>(word) / write_cycle.si(), result.source += "; write_cycle set by the config";
  if (bank_leakage.si() > 0) {
    const double factor = bank_leakage / result.leakage;  // what a drowsy bank saves is a part of what it leaks
    set(result.leakage, bank_leakage, "bank_leakage");
    result.retention_leakage = result.retention_leakage * factor;
  }
  return result;
}

}  // namespace spinvp::memory
