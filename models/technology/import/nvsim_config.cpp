#include "models/technology/import/nvsim_config.h"

#include <fmt/format.h>

#include "models/technology/import/key_lines.h"

namespace spinvp::technology {

using namespace core::literals;

namespace {

const std::vector<KeyRule>& config_rules() {
  static const std::vector<KeyRule> all = [] {
    std::vector<KeyRule> rules{
        word_key("DesignTarget", {"RAM", "cache", "CAM"}),
        word_key("OptimizationTarget",
                 {"ReadLatency", "WriteLatency", "ReadDynamicEnergy", "WriteDynamicEnergy", "ReadEDP", "WriteEDP", "LeakagePower", "Area", "Exploration"}),
        number_key("ProcessNode", "", 1, 1000),
        number_key("Capacity (B)", "B", 1, 1e15),
        number_key("Capacity (KB)", "KB", 1, 1e12),
        number_key("Capacity (MB)", "MB", 1, 1e9),
        number_key("WordWidth", "bit", 1, 1 << 20),
        number_key("Associativity", "", 1, 1 << 16),
        number_key("Temperature", "K", 1, 1000),
        word_key("DeviceRoadmap", {"HP", "LOP", "LSTP"}),
        word_key("InternalSensing", {"true", "false"}),
        text_key("MemoryCellInputFile"),
    };
    for (const char* name : {"OutputFilePrefix",
                             "MaxDriverCurrent",
                             "WriteScheme",
                             "CacheAccessMode",
                             "LocalWireType",
                             "LocalWireRepeaterType",
                             "LocalWireUseLowSwing",
                             "GlobalWireType",
                             "GlobalWireRepeaterType",
                             "GlobalWireUseLowSwing",
                             "Routing",
                             "MaxNmosSize",
                             "ForceBank",
                             "ForceMat",
                             "ForceMuxSenseAmp",
                             "ForceMuxOutputLev1",
                             "ForceMuxOutputLev2",
                             "UseCactiAssumption",
                             "EnablePruning",
                             "BufferDesignOptimization",
                             "FlashPageSize",
                             "FlashBlockSize",
                             "ApplyReadLatencyConstraint",
                             "ApplyWriteLatencyConstraint",
                             "ApplyReadDynamicEnergyConstraint",
                             "ApplyWriteDynamicEnergyConstraint",
                             "ApplyLeakageConstraint",
                             "ApplyAreaConstraint",
                             "ApplyReadEdpConstraint",
                             "ApplyWriteEdpConstraint",
                             "CellLevels"})
      rules.push_back(unused_key(name));
    return rules;
  }();
  return all;
}

// A count that the file may write as a real number.
std::uint64_t whole(const KeyLines& keys, std::string_view name, double factor, const ImportLog& log) {
  const double value = keys.number(name) * factor;
  const auto count = static_cast<std::uint64_t>(value);
  if (value < 1 || value != static_cast<double>(count))
    log.refuse(keys.line(name), fmt::format("{} is {:g}, allowed is a whole number above zero", name, keys.number(name)));
  return count;
}

}  // namespace

ImportedRequest import_nvsim_config(std::string_view text, const std::string& file) {
  ImportLog log(file);
  const KeyLines keys(text, config_rules(), log);
  if (keys.empty()) log.refuse(keys.last_line(), "no line `-Key (unit): value` that is known, as `-Capacity (MB): 64`");
  ImportedRequest request;
  request.place = log.place(1);

  struct Spelling {
    const char* key;
    double bytes;
  };
  unsigned capacity_line = 0;
  for (const Spelling& spelling : {Spelling{"Capacity (B)", 1}, Spelling{"Capacity (KB)", 1024}, Spelling{"Capacity (MB)", 1024 * 1024}})
    if (const KeyValue* value = keys.find(spelling.key)) {
      if (request.capacity_bytes) log.warn(value->line, "Capacity is given in several units, the last line counts");
      if (value->line < capacity_line) continue;
      request.capacity_bytes = whole(keys, spelling.key, spelling.bytes, log);
      capacity_line = value->line;
    }
  if (const KeyValue* value = keys.find("WordWidth")) {
    const std::uint64_t bits = whole(keys, "WordWidth", 1, log);
    if (bits % 8 != 0) log.refuse(value->line, fmt::format("WordWidth is {} bits, allowed are whole bytes", bits));
    request.word_bits = static_cast<unsigned>(bits);
  }
  if (const KeyValue* value = keys.find("ProcessNode"); value != nullptr && value->number > 0) request.node = value->number * 1_nm;
  if (const KeyValue* value = keys.find("Temperature"); value != nullptr && value->number > 0) request.temperature = value->number * 1_K;
  if (keys.find("Associativity") != nullptr) request.associativity = static_cast<unsigned>(whole(keys, "Associativity", 1, log));
  request.roadmap = keys.word("DeviceRoadmap");
  request.target = keys.word("OptimizationTarget");
  request.cell_file = keys.word("MemoryCellInputFile");
  request.external_sensing = keys.word("InternalSensing") == "false";
  const std::string_view target = keys.word("DesignTarget");
  if (target == "CAM") log.refuse(keys.line("DesignTarget"), "DesignTarget CAM has no model here, allowed are RAM and cache");
  request.cache = target == "cache";
  if (request.cache) log.warn(keys.line("DesignTarget"), "DesignTarget cache: the data array is designed here, without tags and comparators");
  request.warnings = log.warnings();
  return request;
}

}  // namespace spinvp::technology
