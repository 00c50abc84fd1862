#include <catch2/catch.hpp>

#include "models/technology/logic.h"

using namespace spinvp::technology;
using namespace spinvp::core::literals;

TEST_CASE("a fused multiply and add costs both operations of its node") {
  const LogicEnergies& old_node = *find_logic_table("45nm");
  const LogicEnergies& new_node = *find_logic_table("7nm");
  CHECK(multiply_accumulate(old_node, NumberFormat::fp32).each.in(1_pJ) == Approx(3.7 + 0.9));
  CHECK(multiply_accumulate(new_node, NumberFormat::fp32).each.in(1_pJ) == Approx(1.31 + 0.38));
  CHECK(multiply_accumulate(new_node, NumberFormat::bf16).each.in(1_pJ) == Approx(0.21 + 0.38));
  CHECK(find_logic_table("3nm") == nullptr);
}

TEST_CASE("an element of a vector operation pays for three registers of its width") {
  const LogicEnergies& table = *find_logic_table("45nm");
  const PricedEnergy sum = vector_operation(table, NumberFormat::fp32, add(table, NumberFormat::fp32));
  CHECK(sum.each.in(1_pJ) == Approx(0.9 + 3 * 2.0 * 32 / 64));
}

TEST_CASE("a simple instruction at 45 nm costs the recalled 70 pJ and one more 32-bit add") {
  const LogicEnergies& table = *find_logic_table("45nm");
  CHECK(instruction(table, InstructionClass::simple).each.in(1_pJ) == Approx(70 + 0.1));
  CHECK(instruction(table, InstructionClass::memory).each.in(1_pJ) == Approx(70 + 0.1 + 10));
}

TEST_CASE("each figure of logic names its node and where it comes from, and 7 nm is never dearer than 45 nm") {
  const auto& tables = logic_tables();
  REQUIRE(tables.size() == 2);
  for (const LogicEnergies& table : tables) {
    for (const auto& row : table.constants()) CHECK(row.source.size() > 20);
    for (const InstructionClass kind : {InstructionClass::simple, InstructionClass::memory, InstructionClass::multiply_divide, InstructionClass::floating}) {
      const PricedEnergy each = instruction(table, kind);
      CHECK(each.source.starts_with("derived: "));
      CHECK(each.source.find(table.node) != std::string::npos);
      CHECK(each.each.si() > 0);
    }
  }
  const auto before = tables[0].constants(), after = tables[1].constants();
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(after[i].value < before[i].value);
  CHECK(divide(tables[1], NumberFormat::fp32).each > multiply(tables[1], NumberFormat::fp32).each);
  CHECK(compare(tables[1], NumberFormat::fp32).each == add(tables[1], NumberFormat::fp32).each);
  CHECK(scratch_access(tables[0], 32).each.in(1_pJ) == Approx(5));
}
