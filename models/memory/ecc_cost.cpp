#include "models/memory/ecc_cost.h"

#include <charconv>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/technology/logic.h"

namespace spinvp::memory {

using namespace core::literals;

namespace {

constexpr auto gate_source =
    "assumed: recalled, NanGate 45 nm open cell library (NAND2 0.798, AND2 1.064, XOR2 1.596 um2); delay: recalled, FO4 = 0.36 ps/nm (Ho, Mai, Horowitz, Proc. "
    "IEEE 2001)";
constexpr core::Area nand_area = 0.798_um2, and_area = 1.064_um2, exclusive_or_area = 1.596_um2;
constexpr core::Time fo4_a_nanometre = 0.36_ps;

struct Gate {
  core::Energy and_or, exclusive_or;
  core::Area and_or_area, exclusive_or_area;
  core::Time level, exclusive_or_level;
};

Gate gate_of(const technology::LogicEnergies& table) {
  double node = 0;
  std::from_chars(table.node.data(), table.node.data() + table.node.size(), node);
  const double shrink = (node / 45) * (node / 45);
  const core::Energy full_adder = table.int8_add / 8;
  const core::Area full_adder_area = 2 * exclusive_or_area + 3 * nand_area;
  return {full_adder * (and_area / full_adder_area),
          full_adder * (exclusive_or_area / full_adder_area),
          and_area * shrink,
          exclusive_or_area * shrink,
          fo4_a_nanometre * node,
          2 * fo4_a_nanometre * node};
}

}  // namespace

EccCost cost_of(const EccCodec& codec, const std::string& node) {
  const technology::LogicEnergies* table = technology::find_logic_table(node);
  if (table == nullptr) throw core::InputError(fmt::format("ecc_logic: '{}' is not allowed: one of 45nm, 7nm", node));
  const Gate gate = gate_of(*table);
  const CodecGates gates = codec.gates();
  const auto energy = [&](const CodecGates::Stage& s) {
    return gate.exclusive_or * static_cast<double>(s.exclusive_or) + gate.and_or * static_cast<double>(s.and_or);
  };
  const auto time = [&](const CodecGates::Stage& s) { return gate.exclusive_or_level * s.exclusive_or_levels + gate.level * s.and_or_levels; };
  EccCost cost;
  cost.encode = time(gates.encode);
  cost.check = time(gates.check);
  cost.correct = time(gates.correct);
  cost.encode_energy = energy(gates.encode);
  cost.check_energy = energy(gates.check);
  cost.correct_energy = energy(gates.correct);
  const auto area = [&](const CodecGates::Stage& s) {
    return gate.exclusive_or_area * static_cast<double>(s.exclusive_or) + gate.and_or_area * static_cast<double>(s.and_or);
  };
  cost.area = area(gates.encode) + area(gates.check);
  cost.corrector_area = area(gates.correct);
  cost.more_bits = static_cast<double>(codec.check_bits()) / codec.data_bits();
  cost.source = fmt::format("derived: gates of the code ({}, {}) without sharing, at {}; energy of a gate: {}; {}", codec.bits(), codec.data_bits(), node,
                            table->arithmetic_source, gate_source);
  return cost;
}

std::vector<core::Constant> EccCost::constants(const EccCodec& codec) const {
  const auto row = [&](const char* figure, double value, const char* unit) {
    return core::Constant{fmt::format("ecc.{}.{}", codec.name(), figure), value, unit, source};
  };
  return {row("encode", encode.in(1_ns), "ns"),
          row("check", check.in(1_ns), "ns"),
          row("correct", correct.in(1_ns), "ns"),
          row("encode_energy", encode_energy.in(1_pJ), "pJ"),
          row("check_energy", check_energy.in(1_pJ), "pJ"),
          row("correct_energy", correct_energy.in(1_pJ), "pJ"),
          row("area", area.in(1_um2), "um2"),
          row("corrector_area", corrector_area.in(1_um2), "um2"),
          {fmt::format("ecc.{}.more_bits", codec.name()), more_bits, "",
           fmt::format("derived: {} check bits on {} data bits", codec.check_bits(), codec.data_bits())}};
}

}  // namespace spinvp::memory
