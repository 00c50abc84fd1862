#include <algorithm>
#include <cstdio>
#include <sstream>

#include <fmt/format.h>

#include "models/core/error.h"
#include "platform/commands/verbs.h"
#include "platform/explore/pim_answer.h"
#include "platform/explore/pim_values.h"

namespace spinvp::platform {

namespace {

struct Options {
  std::string operation, format, to, family = "sot", semantics = "ieee", rounding, counts, regime, alignment = "automatic", scalar, evaluate, compare, formats;
  bool shares_scalar = false, full_array = false, listing = false;
};

[[noreturn]] void refuse(const std::string& what) { throw core::InputError("spinvp pim: " + what, core::ExitStatus::usage); }

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream text(list);
  for (std::string name; std::getline(text, name, ',');) names.push_back(name);
  return names;
}

const pim::LogicFamily& family_named(const std::string& name) {
  const auto names = pim::logic_family_names();
  if (std::find(names.begin(), names.end(), name) == names.end())
    refuse(fmt::format("there is no logic family '{}', allowed are {}", name, fmt::join(names, ", ")));
  return pim::logic_family(name);
}

pim::FloatFormat float_named(const std::string& option, const std::string& name) {
  const auto format = pim::float_format(name);
  if (!format)
    refuse(fmt::format("{} {}: no such float, allowed are fp32, fp16, bf16 and eEmM with {} to {} exponent and {} to {} mantissa bits", option, name,
                       pim::FloatFormat::least_exponent_bits, pim::FloatFormat::most_exponent_bits, pim::FloatFormat::least_mantissa_bits,
                       pim::FloatFormat::most_mantissa_bits));
  return *format;
}

std::string regime_of(const Options& options) {
  const auto names = technology::pim_regime_names();
  if (options.regime.empty()) return default_regime;
  if (std::find(names.begin(), names.end(), options.regime) == names.end())
    refuse(fmt::format("there is no regime '{}', allowed are {}", options.regime, fmt::join(names, ", ")));
  return options.regime;
}

pim::FloatArithmetic arithmetic_of(const Options& options, pim::FloatFormat format) {
  const bool published = options.semantics == "published";
  if (published && options.rounding == "nearest-even") refuse("--semantics published always truncates; allowed is --rounding truncate");
  return {.format = format,
          .semantics = published ? pim::Semantics::published : pim::Semantics::ieee,
          .rounding = published || options.rounding == "truncate" ? pim::Rounding::truncate : pim::Rounding::nearest_even};
}

// One operation as the options say it. `format`: empty for the default of its kind.
PimOperation operation_of(const Options& options, const std::string& name, std::string format) {
  const auto kind = operation_named(name);
  if (!kind) refuse(fmt::format("there is no operation '{}', allowed are {}", name, fmt::join(operation_names(), ", ")));
  PimOperation operation{.kind = *kind};
  operation.alignment = options.alignment == "search"    ? pim::Alignment::search
                        : options.alignment == "shifter" ? pim::Alignment::shifter
                                                         : pim::Alignment::automatic;
  operation.scalar = options.shares_scalar;
  if (operation.scalar && !operation.multiplies()) refuse(fmt::format("--scalar shares the multiplier of mul, mac and int-mul; {} has none", name));
  if (options.full_array && !operation.multiplies()) refuse(fmt::format("--full-array is about the partial products of mul and mac; {} has none", name));
  if (operation.is_conversion() == options.to.empty()) refuse("--op convert and --to FORMAT belong together");
  if (operation.is_integer()) {
    if (format.empty()) format = "i32";
    const auto bits = integer_format(format);
    if (!bits) refuse(fmt::format("--format {}: {} works on i{} to i{}", format, name, least_integer_bits, most_integer_bits));
    operation.integer_bits = *bits;
    return operation;
  }
  const pim::FloatFormat own = float_named("--format", format.empty() ? "fp32" : format);
  if (operation.is_conversion()) operation.kind = FloatConversion{own};
  operation.arithmetic = arithmetic_of(options, operation.is_conversion() ? float_named("--to", options.to) : own);
  return operation;
}

// The shared multiplier: the number given, or the one that skips no step.
std::optional<std::uint64_t> scalar_of(const Options& options, const PimOperation& operation) {
  if (!operation.scalar) return std::nullopt;
  if (options.scalar.empty()) return longest_scalar(operation);
  const unsigned bits = operand_bits(operation).b;
  const auto value = hex_value(options.scalar, bits);
  if (!value) refuse(fmt::format("--scalar {}: allowed is a hex number of {} bits without prefix", options.scalar, bits));
  return value;
}

// Nothing where that kind of count does not exist.
std::optional<PimAnswer> answer(const Options& options, const pim::LogicFamily& family, const PimOperation& operation, CountsKind kind) {
  const std::string regime = regime_of(options);
  PimAnswer answer{.family = family.name, .operation = operation, .scalar = scalar_of(options, operation)};
  const auto cost = [&](CountsKind counts) { return cost_of(family, operation, regime, counts, answer.scalar); };
  const auto asked = cost(kind);
  if (!asked) return std::nullopt;
  answer.cost = *asked;
  answer.other = cost(kind == CountsKind::published ? CountsKind::microprogram : CountsKind::published);
  if (options.full_array)
    if (const auto counts = published_counts(family, operation, true)) answer.full_array = price(*counts, technology::pim_technology(family.cell, regime));
  return answer;
}

int print(const nlohmann::ordered_json& document) {
  std::printf("%s\n", document.dump(2).c_str());
  return 0;
}

int one_operation(const Options& options, const Globals& globals) {
  const PimOperation operation = operation_of(options, options.operation.empty() ? "mac" : options.operation, options.format);
  const pim::LogicFamily& family = family_named(options.family);
  if (!options.evaluate.empty()) {
    const unsigned bits = operand_bits(operation).d;
    nlohmann::ordered_json results = nlohmann::ordered_json::array();
    for (const LaneResult& result : evaluate(family, operation, read_operands(options.evaluate, operation))) {
      if (globals.json)
        results.push_back(hex(result, bits));
      else
        std::printf("%s\n", hex(result, bits).c_str());
    }
    return globals.json ? print({{"op", operation_name(operation)}, {"format", format_name(operation)}, {"family", family.name}, {"results", results}}) : 0;
  }
  if (options.listing) {
    const pim::MicroProgram program = program_of(family, operation);
    const std::string text = listing_header(program) + program.listing();
    if (globals.json) return print({{"op", operation_name(operation)}, {"format", format_name(operation)}, {"family", family.name}, {"listing", text}});
    std::fputs(text.c_str(), stdout);
    return 0;
  }
  const auto said = answer(options, family, operation, options.counts == "published" ? CountsKind::published : CountsKind::microprogram);
  if (!said)
    refuse(fmt::format("{} publishes no count for {} in {}; published are {}", family.name, operation_name(operation), format_name(operation),
                       published_counts_text()));
  if (globals.json) return print(to_json(*said));
  std::fputs(to_text(*said).c_str(), stdout);
  if (const std::string parts = section_table({*said}); !parts.empty()) std::fputs(("\n" + parts).c_str(), stdout);
  return 0;
}

// Families beside each other, over operations and formats.
int comparison(const Options& options, const Globals& globals) {
  const auto operations = options.operation.empty() ? std::vector<std::string>{"add", "mul", "mac"} : split(options.operation);
  auto formats = split(options.formats.empty() ? options.format : options.formats);
  if (formats.empty() && !operation_of(options, operations.front(), "").is_integer()) formats = {"fp32", "fp16", "bf16"};
  if (formats.empty()) formats = {"i32"};
  std::vector<CountsKind> kinds{CountsKind::published, CountsKind::microprogram};
  if (!options.counts.empty()) kinds = {options.counts == "published" ? CountsKind::published : CountsKind::microprogram};
  std::vector<PimAnswer> answers;
  for (const std::string& name : operations)
    for (const std::string& format : formats) {
      const PimOperation operation = operation_of(options, name, format);
      for (const std::string& family : split(options.compare))
        for (const CountsKind kind : kinds)
          if (auto said = answer(options, family_named(family), operation, kind)) answers.push_back(std::move(*said));
    }
  if (answers.empty()) refuse(fmt::format("nothing of that has a published count; published are {}", published_counts_text()));
  if (!globals.json) {
    std::fputs(to_table(answers).c_str(), stdout);
    if (const std::string parts = section_table(answers); !parts.empty()) std::fputs(("\n" + parts).c_str(), stdout);
    return 0;
  }
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const PimAnswer& row : answers) rows.push_back(to_json(row));
  return print({{"compare", rows}});
}

int ask(const Options& options, const Globals& globals) {
  if (!options.scalar.empty() && !options.evaluate.empty()) refuse("--scalar takes no number with --evaluate: each line brings its own");
  if (!options.formats.empty() && options.compare.empty()) refuse("--formats belongs to --compare; one operation takes --format");
  if (!options.compare.empty() && (!options.evaluate.empty() || options.listing)) refuse("--compare goes with neither --evaluate nor --listing");
  if (!options.evaluate.empty() && options.listing) refuse("allowed is --evaluate or --listing");
  return options.compare.empty() ? one_operation(options, globals) : comparison(options, globals);
}

}  // namespace

void add_pim(CLI::App& program, const Globals& globals, Action& action) {
  auto* verb = program.add_subcommand("pim", "one operation in memory: steps, latency, energy and cells of a lane, its values, its micro-program");
  auto options = std::make_shared<Options>();
  Options& o = *options;
  verb->add_option("--op", o.operation, fmt::format("{}; mac if not given. mac rounds twice (multiply, then add)", fmt::join(operation_names(), ", ")));
  verb->add_option("--format", o.format, "fp32, fp16, bf16 or eEmM; integers: i1 to i64; fp32 or i32 if not given");
  verb->add_option("--to", o.to, "convert: the format of the result");
  verb->add_option("--family", o.family, fmt::format("{}; sot if not given", fmt::join(pim::logic_family_names(), ", ")));
  verb->add_option("--semantics", o.semantics, "ieee (default) or published: what the published counts can be executed as")
      ->check(CLI::IsMember({"ieee", "published"}));
  verb->add_option("--rounding", o.rounding, "nearest-even or truncate")->check(CLI::IsMember({"nearest-even", "truncate"}));
  verb->add_option("--counts", o.counts, "microprogram (default): the steps executed; published: the closed forms. Values are the same with both")
      ->check(CLI::IsMember({"published", "microprogram"}));
  verb->add_option("--regime", o.regime,
                   fmt::format("whose row times and energies: {}; {} if not given", fmt::join(technology::pim_regime_names(), ", "), default_regime));
  verb->add_option("--alignment", o.alignment, "how an addition aligns: search, shifter or automatic")
      ->check(CLI::IsMember({"search", "shifter", "automatic"}));
  auto* scalar =
      verb->add_option("--scalar", o.scalar, "all lanes share the multiplier b, whose zero bits are skipped: this hex number, or one without zero bits")
          ->expected(0, 1);
  verb->add_flag("--full-array", o.full_array, "the closed forms with all partial products beside the published half");
  verb->add_option("--evaluate", o.evaluate, "a file of lines `hexA hexB [hexD]`: prints a result a line, computed step by step");
  verb->add_flag("--listing", o.listing, "prints the micro-program");
  verb->add_option("--compare", o.compare, "families, as sot,nor: a table over operations and formats, all of them if --op and --format are not given");
  verb->add_option("--formats", o.formats, "the formats of --compare, as fp32,bf16");
  verb->callback([&globals, &action, options, scalar] {
    options->shares_scalar = scalar->count() > 0;
    action = [&globals, options] { return ask(*options, globals); };
  });
}

}  // namespace spinvp::platform
