#include <algorithm>
#include <bit>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/fields.h"
#include "models/technology/device_presets.h"
#include "models/technology/import/import_file.h"
#include "models/technology/import/nvsim_config.h"
#include "models/technology/tuning_limits.h"
#include "platform/commands/lists.h"
#include "platform/commands/verbs.h"
#include "platform/explore/memory_answer.h"
#include "platform/explore/memory_import.h"
#include "platform/explore/memory_tuning.h"
#include "platform/explore/memory_validation.h"
#include "platform/report/files.h"

namespace spinvp::platform {

using namespace core::literals;
using technology::MemoryTechnology;

namespace {

// As given; empty: not given.
struct Options {
  std::string tech, capacity, node, word_bits, temperature, transistors, target, cell, device, sram_leakage, pulse, supply, compare, request, import;
  std::string goal, accounting, retention, failure, ecc, bandwidth, coldest, hottest, sigmas, longest_pulse, current_limit, reads;
  bool fixed_sense_delay = false, array_tool_conventions = false, tune = false, csv = false, validate = false, repair_leakage = false;
  std::vector<std::string> given;  // names of all that are
  [[nodiscard]] bool has(const char* name) const { return std::find(given.begin(), given.end(), name) != given.end(); }
};

[[noreturn]] void refuse(const std::string& what) { throw core::InputError("spinvp memory: " + what, core::ExitStatus::usage); }

MemoryTechnology technology_named(const char* option, const std::string& name) {
  const auto technology = technology::memory_technology(name);
  if (!technology) refuse(fmt::format("{} '{}': no such technology, allowed are sram, stt, sot", option, name));
  return *technology;
}

// What can be asked, and what each option is for: one that would be ignored is refused.
enum Question : unsigned { sheet = 1, imported = 2, tuned = 4, validated = 8 };
struct Purpose {
  const char* option;
  unsigned questions;
};
constexpr Purpose purposes[] = {{"--tech", sheet | imported | tuned},
                                {"--capacity", sheet | tuned},
                                {"--node", sheet | tuned},
                                {"--word-bits", sheet | tuned},
                                {"--temperature", sheet | tuned},
                                {"--transistors", sheet | tuned},
                                {"--target", sheet | tuned},
                                {"--cell", sheet | tuned},
                                {"--device", sheet | tuned},
                                {"--pulse", sheet},
                                {"--supply", sheet | tuned},
                                {"--failure", sheet | tuned},
                                {"--sram-leakage", sheet},
                                {"--fixed-sense-delay", sheet | tuned},
                                {"--array-tool-conventions", sheet | tuned},
                                {"--request", sheet | tuned},
                                {"--compare", sheet},
                                {"--csv", sheet | imported},
                                {"--import", imported},
                                {"--repair-leakage", imported},
                                {"--validate", validated},
                                {"--tune", tuned},
                                {"--goal", tuned},
                                {"--accounting", tuned},
                                {"--retention", tuned},
                                {"--ecc", tuned},
                                {"--bandwidth", tuned},
                                {"--coldest", tuned},
                                {"--hottest", tuned},
                                {"--sigmas", tuned},
                                {"--longest-pulse", tuned},
                                {"--current-limit", tuned},
                                {"--reads", tuned}};

std::string words_of(unsigned questions) {
  std::vector<std::string> words;
  for (const auto& [question, name] :
       {std::pair{sheet, "a data sheet (--tech or --compare)"}, {imported, "--import"}, {tuned, "--tune"}, {validated, "--validate"}})
    if ((questions & question) != 0) words.emplace_back(name);
  return fmt::format("{}", fmt::join(words, " or "));
}

void refuse_what_is_ignored(const Options& o, Question question) {
  for (const Purpose& purpose : purposes)
    if (o.has(purpose.option) && (purpose.questions & question) == 0)
      refuse(fmt::format("{} does not go with {}, allowed is it with {}", purpose.option, words_of(question), words_of(purpose.questions)));
}

// A quantity of an option within a range, given in SI units and, for the message, in words.
double quantity(const char* option, const std::string& text, const char* dimension, const char* bare_unit, double least, double most) {
  const auto value = core::parse_quantity(text, dimension, bare_unit);
  if (!value || !(*value >= least && *value <= most))
    refuse(fmt::format("{} {}: allowed is a {} from {} to {}", option, text, dimension, core::quantity_text(least, dimension),
                       core::quantity_text(most, dimension)));
  return *value;
}

double number(const char* option, const std::string& text, double least, double most) {
  const auto value = technology::number_of(text);
  if (!value || !(*value >= least && *value <= most)) refuse(fmt::format("{} {}: allowed is a number from {:g} to {:g}", option, text, least, most));
  return *value;
}

constexpr std::uint64_t most_capacity = 1ull << 40;

std::uint64_t capacity_of(const std::string& text) {
  const auto bytes = core::parse_bytes(text);
  if (!bytes || *bytes == 0 || *bytes > most_capacity) refuse(fmt::format("--capacity {}: allowed is a size as 64MiB, or A..B for powers of two", text));
  return *bytes;
}

// One size, or all powers of two from A to B.
std::vector<std::uint64_t> capacities_of(const std::string& text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) return {capacity_of(text)};
  const std::uint64_t first = capacity_of(text.substr(0, dots)), last = capacity_of(text.substr(dots + 2));
  if ((first & (first - 1)) != 0 || (last & (last - 1)) != 0 || last < first)
    refuse(fmt::format("--capacity {}: allowed are two powers of two, the smaller one first", text));
  std::vector<std::uint64_t> all;
  for (std::uint64_t bytes = first; bytes <= last; bytes *= 2) all.push_back(bytes);
  return all;
}

void warn(const std::vector<technology::ImportWarning>& warnings, const Globals& globals) {
  if (globals.quiet || globals.json) return;
  for (const technology::ImportWarning& w : warnings) std::fprintf(stderr, "%s: warning: %s\n", w.where.c_str(), w.text.c_str());
}

int print(const nlohmann::ordered_json& document) {
  std::printf("%s\n", document.dump(2).c_str());
  return 0;
}

int print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  return 0;
}

// What an NVSim configuration asks for, before the options that are given.
void apply(const technology::ImportedRequest& request, MemoryQuestion& question, std::string& capacity) {
  technology::ArrayRequest& array = question.array;
  if (request.capacity_bytes) capacity = fmt::format("{}", *request.capacity_bytes);
  if (request.word_bits) array.word_bits = *request.word_bits;
  if (request.node) array.node = *request.node;
  if (request.temperature) array.temperature = *request.temperature;
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
  };
  if (!request.roadmap.empty()) array.transistors = technology::transistors_named(lower(request.roadmap));
  struct Target {
    const char* name;
    technology::ArrayTarget target;
  };
  using technology::ArrayTarget;
  static constexpr Target targets[] = {{"ReadLatency", ArrayTarget::read_latency},
                                       {"WriteLatency", ArrayTarget::write_latency},
                                       {"ReadDynamicEnergy", ArrayTarget::read_energy},
                                       {"WriteDynamicEnergy", ArrayTarget::write_energy},
                                       {"ReadEDP", ArrayTarget::read_edp},
                                       {"WriteEDP", ArrayTarget::write_edp},
                                       {"LeakagePower", ArrayTarget::leakage},
                                       {"Area", ArrayTarget::area}};
  for (const Target& target : targets)
    if (request.target == target.name) array.target = target.target;
  if (request.target == "Exploration")
    throw core::InputError(request.place +
                           ": OptimizationTarget Exploration is no target here, allowed are ReadLatency, WriteLatency, ReadDynamicEnergy, WriteDynamicEnergy, "
                           "ReadEDP, WriteEDP, LeakagePower, Area");
}

// A name that a model does not know is wrong usage where it came as an option.
template <typename Work>
auto from_option(const Work& work) {
  try {
    return work();
  } catch (const core::InputError& error) {
    refuse(error.what());
  }
}

// The cell that a configuration names: as it is written, or beside the configuration. Empty where it is in neither place.
std::string cell_beside(const std::string& request, const std::string& cell) {
  for (const std::filesystem::path& path : {std::filesystem::path(cell), std::filesystem::path(request).parent_path() / cell}) {
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) return path.string();
  }
  return {};
}

struct Asked {
  MemoryQuestion question;  // all but technology and capacity
  std::string capacity;
  std::vector<technology::ImportWarning> warnings;
};

Asked asked(const Options& o) {
  Asked a;
  a.capacity = "64MiB";
  if (!o.request.empty()) {
    const technology::ImportedRequest request = technology::import_nvsim_config(read_file(o.request), o.request);
    apply(request, a.question, a.capacity);
    a.warnings = request.warnings;
    if (!request.cell_file.empty() && o.cell.empty() && o.compare.empty()) {
      a.question.cell = cell_beside(o.request, request.cell_file);
      if (a.question.cell.empty())
        a.warnings.push_back(
            {request.place, fmt::format("MemoryCellInputFile {} is not there: the cell of --tech is taken", technology::quoted(request.cell_file))});
    }
  }
  technology::ArrayRequest& array = a.question.array;
  if (!o.capacity.empty()) a.capacity = o.capacity;
  if (!o.node.empty()) array.node = core::Length::from_si(quantity("--node", o.node, "length", "nm", 1e-9, 1e-6));
  if (!o.word_bits.empty()) {
    array.word_bits = static_cast<unsigned>(number("--word-bits", o.word_bits, 8, 4096));
    if (!std::has_single_bit(array.word_bits)) refuse(fmt::format("--word-bits {}: allowed is a power of two from 8 to 4096", o.word_bits));
  }
  if (!o.temperature.empty()) array.temperature = core::Temperature::from_si(quantity("--temperature", o.temperature, "temperature", "K", 300, 400));
  if (!o.transistors.empty()) array.transistors = from_option([&] { return technology::transistors_named(o.transistors); });
  if (!o.target.empty()) array.target = from_option([&] { return technology::array_target_named(o.target); });
  if (!o.sram_leakage.empty()) {
    array.sram_leakage = o.sram_leakage;
    std::vector<std::string> names;
    for (const technology::SramLeakagePreset& preset : technology::sram_leakage_presets()) names.push_back(preset.name);
    if (std::find(names.begin(), names.end(), o.sram_leakage) == names.end())
      refuse(fmt::format("--sram-leakage {}: no such preset, allowed are {}", o.sram_leakage, fmt::join(names, ", ")));
  }
  array.fixed_sense_delay = o.fixed_sense_delay;
  array.array_tool_conventions = o.array_tool_conventions;
  if (!o.cell.empty()) a.question.cell = o.cell;
  a.question.device = o.device;
  if (!o.device.empty()) (void)from_option([&] { return technology::device_preset(o.device); });
  if (!o.failure.empty() && !o.tune) a.question.bit_failure = number("--failure", o.failure, 1e-30, 0.5);
  if (!o.pulse.empty()) a.question.write_pulse = core::Time::from_si(quantity("--pulse", o.pulse, "time", "ns", 1e-12, 1e-3));
  if (!o.supply.empty()) a.question.supply = core::Voltage::from_si(quantity("--supply", o.supply, "voltage", "V", 0.1, 10));
  return a;
}

// What the models refuse of options alone is wrong usage; of a file it is bad input.
template <typename Work>
auto as_usage(const Options& o, const Work& work) {
  try {
    return work();
  } catch (const core::InputError& error) {
    const bool of_a_file = !o.request.empty() || (!o.cell.empty() && !is_cell_name(o.cell));
    if (of_a_file || error.status() != core::ExitStatus::bad_input) throw;
    refuse(error.what());
  }
}

int macros(const Options& o, const Globals& globals) {
  Asked a = asked(o);
  const auto technologies = o.compare.empty() ? std::vector<std::string>{o.tech} : texts_between_commas(o.compare);
  if (technologies.size() > 1 && (!o.cell.empty() || !o.device.empty())) refuse("--cell and --device belong to one technology");
  if (o.device.empty())
    for (const char* option : {"--pulse", "--supply", "--failure"})
      if (o.has(option)) refuse(fmt::format("{} is of a device's write, allowed is it with --device or, but for --pulse, --tune", option));
  if (o.has("--sram-leakage") && std::find(technologies.begin(), technologies.end(), "sram") == technologies.end())
    refuse(fmt::format("--sram-leakage is of SRAM cells, allowed is it with --{} sram", o.compare.empty() ? "tech" : "compare"));
  std::vector<MemoryAnswer> answers;
  for (const std::uint64_t capacity : capacities_of(a.capacity))
    for (const std::string& name : technologies) {
      a.question.technology = technology_named(o.compare.empty() ? "--tech" : "--compare", name);
      a.question.array.capacity_bytes = capacity;
      answers.push_back(as_usage(o, [&] { return answer_memory(a.question); }));
    }
  std::vector<technology::ImportWarning> warnings = a.warnings;
  warnings.insert(warnings.end(), answers.front().warnings.begin(), answers.front().warnings.end());
  warn(warnings, globals);
  answers.front().warnings = warnings;
  const bool several = !o.compare.empty() || answers.size() > 1;
  if (o.csv) return print(to_csv(answers));
  if (!globals.json) return print(several ? to_table(answers) : to_text(answers.front()));
  if (!several) return print(to_json(answers.front()));
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const MemoryAnswer& answer : answers) rows.push_back(to_json(answer));
  return print(nlohmann::ordered_json{{"compare", rows}});
}

int import(const Options& o, const Globals& globals) {
  technology::ImportOptions options;
  if (!o.tech.empty() && technology_named("--tech", o.tech) == MemoryTechnology::sot) options.magnetic = MemoryTechnology::sot;
  options.repair_leakage = o.repair_leakage;
  const technology::ImportedDesigns imported = technology::import_designs(read_file(o.import), o.import, options);
  warn(imported.warnings, globals);
  if (globals.json) return print(to_json(imported));
  return print(o.csv ? to_csv(imported) : to_table(imported));
}

technology::TuningRequest tuning_of(const Options& o, const Asked& a) {
  technology::TuningRequest r;
  r.device = technology::device_preset(o.device.empty() ? default_device(a.question.technology) : o.device);
  if (!o.goal.empty()) {
    const auto goal = technology::tuning_goal(o.goal);
    if (!goal) refuse(fmt::format("--goal {}: allowed are energy, latency, energy-delay", o.goal));
    r.goal = *goal;
  }
  r.accounting = o.accounting == "ohmic" ? technology::EnergyAccounting::ohmic : technology::EnergyAccounting::supply;
  if (!o.retention.empty()) r.retention = core::Time::from_si(quantity("--retention", o.retention, "time", "s", 1e-9, 1e12));
  if (!o.failure.empty()) r.budget.failure = number("--failure", o.failure, 1e-30, 0.5);
  if (!o.ecc.empty()) {
    const auto& codes = word_codes();
    const auto code = std::find_if(codes.begin(), codes.end(), [&](const WordCode& known) { return known.name == o.ecc; });
    if (code == codes.end()) refuse(fmt::format("--ecc {}: allowed are none, secded, dec, tec", o.ecc));
    r.budget.word_bits = code->word_bits;
    r.budget.corrected_bits = code->corrected_bits;
  }
  if (!o.coldest.empty()) r.coldest = core::Temperature::from_si(quantity("--coldest", o.coldest, "temperature", "K", 1, 1000));
  if (!o.hottest.empty()) r.hottest = core::Temperature::from_si(quantity("--hottest", o.hottest, "temperature", "K", 1, 1000));
  if (!o.sigmas.empty()) r.sigmas = number("--sigmas", o.sigmas, 0, 20);
  if (!o.longest_pulse.empty()) r.longest_pulse = core::Time::from_si(quantity("--longest-pulse", o.longest_pulse, "time", "ns", 1e-12, 1e-3));
  if (!o.current_limit.empty()) r.current_limit = core::Current::from_si(quantity("--current-limit", o.current_limit, "current", "uA", 1e-9, 1));
  if (!o.reads.empty()) r.reads_per_residency = number("--reads", o.reads, 0, 1e18);
  r.supply = a.question.supply;
  return r;
}

// A bank's share of the bandwidth, less what its circuits take beside the pulse: those of the array that the same options give around the default cell.
void limit_by_bandwidth(const Options& o, const Asked& a, technology::TuningRequest& r) {
  if (o.bandwidth.empty()) return;
  std::string_view rest;
  const auto bare = technology::leading_number(o.bandwidth, rest);
  const auto rate = rest.empty() && bare ? std::optional(*bare * 1e9) : technology::measure_of(o.bandwidth, technology::Dimension::bandwidth);
  if (!rate || !(*rate > 0 && *rate < 1e18)) refuse(fmt::format("--bandwidth {}: allowed is a rate as 16GB/s", o.bandwidth));
  MemoryQuestion around = a.question;
  around.device.clear();
  const MemoryAnswer array = as_usage(o, [&] { return answer_memory(around); });
  r.bank_bytes_per_second = *rate;
  r.word_bytes = static_cast<double>(array.sheet().word_bytes());
  const core::Time pulse = std::max(array.cell.set.pulse, array.cell.reset.pulse), overhead = array.sheet().write_cycle() - pulse;
  r.write_overhead = overhead.si() > 0 ? overhead : core::Time();
}

int tune(const Options& o, const Globals& globals) {
  Asked a = asked(o);
  a.question.technology = technology_named("--tech", o.tech);
  if (a.question.technology == MemoryTechnology::sram) refuse("--tune is about a magnetic cell, allowed is --tech stt or sot");
  const auto capacities = capacities_of(a.capacity);
  if (capacities.size() > 1) refuse("--tune takes one --capacity");
  a.question.array.capacity_bytes = capacities.front();
  technology::TuningRequest request = tuning_of(o, a);
  if ((request.device.write == technology::WriteMechanism::spin_orbit) != (a.question.technology == MemoryTechnology::sot))
    refuse(fmt::format("device {} is not written as {} is", request.device.name, o.tech));
  limit_by_bandwidth(o, a, request);
  const technology::TuningResult result = as_usage(o, [&] { return technology::tune(request); });
  warn(a.warnings, globals);
  // The macro with the chosen device in it.
  std::optional<MemoryAnswer> macro;
  if (result.chosen) {
    technology::MagneticJunction junction =
        technology::tuned_device(request, result.chosen->diameter, result.chosen->free_layer_thickness, result.chosen->track_thickness);
    junction.name = request.device.name + " (tuned)";
    a.question.device = junction.name;
    a.question.bit_failure = result.bit_budget;
    macro = as_usage(o, [&] { return answer_memory(a.question, junction, {result.chosen->current, result.chosen->pulse}); });
  }
  if (globals.json) return print(nlohmann::ordered_json{{"tune", to_json(request, result)}, {"macro", macro ? to_json(*macro) : nlohmann::ordered_json()}});
  print(technology::tuning_table(request, result));
  if (macro) print("\nthe macro with it\n" + to_table({*macro}));
  print("\nthe device that was tuned, as it came, and what was asked\n" + constants_text(result.constants));
  return 0;
}

int ask(const Options& o, const Globals& globals) {
  const unsigned kinds = (o.validate ? 1u : 0u) + (o.has("--import") ? 1u : 0u) + (o.tune ? 1u : 0u);
  if (kinds > 1) refuse("allowed is one of --tune, --import and --validate");
  if (o.csv && globals.json) refuse("allowed is one of --csv and --json");
  refuse_what_is_ignored(o, o.validate ? validated : o.has("--import") ? imported : o.tune ? tuned : sheet);
  if (o.validate) return globals.json ? print(validation_json()) : print(validation_text());
  if (!o.import.empty()) return import(o, globals);
  if (o.tech.empty() && o.compare.empty()) refuse("say --tech sram, stt or sot, or --compare LIST");
  if (!o.tech.empty() && !o.compare.empty()) refuse("allowed is --tech or --compare");
  return o.tune ? tune(o, globals) : macros(o, globals);
}

}  // namespace

void add_memory(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb = program.add_subcommand(
      "memory", "data sheet of an on-chip memory macro: SRAM, STT-MRAM or SOT-MRAM, from the cell up; its device tuned; other tools' results");
  auto options = std::make_shared<Options>();
  Options& o = *options;
  verb->add_option("--tech", o.tech, "sram, stt or sot");
  verb->add_option("--capacity", o.capacity, "of one bank, a power of two; 64MiB if not given; A..B: all powers of two between");
  verb->add_option("--node", o.node, "feature size, 22nm if not given; a bare number is nm");
  verb->add_option("--word-bits", o.word_bits, "what one access moves; 512 if not given");
  verb->add_option("--temperature", o.temperature, "of the array; 350K if not given");
  verb->add_option("--transistors", o.transistors, "hp, lop or lstp; lop if not given");
  verb->add_option(
      "--target", o.target,
      "what the best organisation is best in: area, read_latency, write_latency, read_energy, write_energy, leakage, read_edp (default), write_edp");
  verb->add_option("--cell", o.cell, "a cell by name (`spinvp list cells`) or a .cell file");
  verb->add_option("--device", o.device, "a magnetic device (`spinvp list magnets`): the cell's junction and write follow from it");
  verb->add_option("--pulse", o.pulse, "of --device: the write pulse; 1ns (SOT) or 10ns (STT) if not given; a bare number is ns");
  verb->add_option("--supply", o.supply, "of the write path of --device and --tune; 1.1V if not given");
  verb->add_option("--failure", o.failure,
                   "probability that retention and write error are stated for; 1e-9 if not given. With --tune: of a bit, or of a word with --ecc");
  verb->add_option("--sram-leakage", o.sram_leakage, "what a resting SRAM cell leaks, by preset; node if not given");
  verb->add_flag("--fixed-sense-delay", o.fixed_sense_delay, "current sensing takes the fixed time that array tools give it");
  verb->add_flag("--array-tool-conventions", o.array_tool_conventions, "counts as array tools count, for comparisons with them");
  verb->add_option("--request", o.request, "an NVSim .cfg file: capacity, word, node, temperature, transistors and target, before the other options");
  verb->add_option("--compare", o.compare, "technologies beside each other, as sram,stt,sot");
  verb->add_flag("--csv", o.csv, "comma-separated values on stdout");
  verb->add_option("--import", o.import, "shows a result of another tool: NVSim's text, NVMExplorer's or CACTI's CSV");
  verb->add_flag("--repair-leakage", o.repair_leakage, "with --import: leakages that lost their unit are multiplied by 1000");
  verb->add_flag("--validate", o.validate, "how well the array model agrees with other tools and with silicon");
  verb->add_flag("--tune", o.tune, "free layer, track and pulse of least write energy or time for a retention, an error budget and a temperature range");
  verb->add_option("--goal", o.goal, "tune for energy (default), latency or energy-delay");
  verb->add_option("--accounting", o.accounting, "a write's energy: supply (V I t, default) or ohmic")->check(CLI::IsMember({"supply", "ohmic"}));
  verb->add_option("--retention", o.retention, "how long a bit must hold; 10s if not given");
  verb->add_option("--ecc", o.ecc, "code of a word: none (default), secded, dec, tec");
  verb->add_option("--bandwidth", o.bandwidth, "writes of one bank, as 16GB/s: limits the pulse");
  verb->add_option("--coldest", o.coldest, "273.15K if not given");
  verb->add_option("--hottest", o.hottest, "358.15K if not given");
  verb->add_option("--sigmas", o.sigmas, "how far from the mean the worst cell is; 3 if not given");
  verb->add_option("--longest-pulse", o.longest_pulse, "10ns if not given");
  verb->add_option("--current-limit", o.current_limit, "of the access transistor; 300uA if not given");
  verb->add_option("--reads", o.reads, "reads of a bit between two writes; 1000 if not given");
  verb->callback([&globals, &action, options, verb] {
    for (const CLI::Option* option : verb->get_options()) {
      if (option->count() == 0) continue;
      options->given.push_back(option->get_name());
      if (option->get_expected_max() > 0 && option->as<std::string>().empty()) refuse(options->given.back() + ": allowed is no empty text");
    }
    action = [&globals, options] { return ask(*options, globals); };
  });
}

}  // namespace spinvp::platform
