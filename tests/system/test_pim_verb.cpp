// `spinvp pim`: what is asked, what is answered, what is refused.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;
using Json = nlohmann::json;

namespace {

Outcome pim(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "pim");
  return spinvp::test::spinvp(arguments);
}

std::string text(const std::vector<std::string>& arguments) {
  const Outcome outcome = pim(arguments);
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  return outcome.out;
}

Json document(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  return Json::parse(text(arguments));
}

}  // namespace

TEST_CASE("Published counts of the NOR family are FloatPIM's closed forms") {
  struct Row {
    const char *operation, *format;
    int nor_steps, searches;
  };
  // Fact: T_mul = 12 Ne + 6.5 Nm^2 - 7.5 Nm - 2; T_add = 3 + 16 Ne + 19 Nm + Nm^2 NOR steps and 2 Nm + 1 searches.
  for (const Row& row : {Row{"mul", "fp32", 3360, 0}, Row{"add", "fp32", 1097, 47}, Row{"mul", "bf16", 360, 0}, Row{"add", "bf16", 313, 15}}) {
    const Json j = document({"--op", row.operation, "--format", row.format, "--family", "nor", "--counts", "published"});
    CHECK(j["nor_steps"] == row.nor_steps);
    CHECK(j["searches"] == row.searches);
    CHECK(j["steps"] == row.nor_steps + row.searches);
    CHECK(j["cells"].is_null());
    CHECK(j["events"]["nor_flip"].is_null());
  }
  // A half is a half: 2*23^2 + 6.5*23 + 6*8 + 3.
  CHECK(document({"--op", "mul", "--counts", "published"})["reads"] == 1258.5);
}

TEST_CASE("An executed operation has every key of the contract, and sources for its constants") {
  for (const char* family : {"sot", "nor", "aritpim", "sram"}) {
    const Json j = document({"--op", "mac", "--format", "bf16", "--family", family});
    INFO(j.dump(1));
    for (const char* key : {"reads", "writes", "searches", "nor_steps", "init_steps", "steps", "latency_ns", "energy_pj", "cells"}) CHECK(j[key].is_number());
    CHECK(j["op"] == "mac");
    CHECK(j["format"] == "bf16");
    CHECK(j["family"] == family);
    CHECK(j["counts"] == "microprogram");
    CHECK(j["semantics"] == "ieee");
    CHECK(j["rounding"] == "nearest-even");
    for (const char* key : {"regime", "boundary"}) CHECK_FALSE(j[key].get<std::string>().empty());
    CHECK(j["steps"] == j["reads"].get<int>() + j["writes"].get<int>() + j["searches"].get<int>() + j["nor_steps"].get<int>());
    CHECK(j["latency_ns"] > 0);
    CHECK(j["energy_pj"] > 0);
    // Three operands of 16 bits.
    CHECK(j["operand_cells"] == 48);
    CHECK(j["cells"] == 48 + j["work_cells"].get<int>());
    CHECK_FALSE(j["constants"].empty());
    for (const Json& constant : j["constants"]) CHECK_FALSE(constant["source"].get<std::string>().empty());
  }
}

TEST_CASE("Semantics, alignment and the shared multiplier change the program") {
  const auto steps = [](std::vector<std::string> arguments) { return document(std::move(arguments))["steps"].get<double>(); };
  CHECK(steps({"--op", "add", "--semantics", "published", "--alignment", "shifter"}) < steps({"--op", "add", "--alignment", "shifter"}));
  CHECK(steps({"--op", "add", "--alignment", "search"}) > steps({"--op", "add", "--alignment", "shifter"}));
  CHECK(steps({"--op", "mul", "--scalar", "3F800000"}) < steps({"--op", "mul", "--scalar"}));
  CHECK(document({"--op", "mul", "--scalar", "3f800000"})["scalar"] == "3F800000");
}

TEST_CASE("The full array of partial products stands beside the published half") {
  const Json j = document({"--op", "mul", "--family", "nor", "--counts", "published", "--full-array"});
  // 13 Nm^2 in place of 6.5 Nm^2.
  CHECK(j["full_array"]["nor_steps"] == 3360 + 13 * 23 * 23 / 2.0);
  CHECK(j["full_array"]["latency_ns"] > j["latency_ns"]);
  CHECK(text({"--op", "mul", "--family", "nor", "--full-array"}).find("full array") != std::string::npos);
}

TEST_CASE("People see executed and published counts beside each other") {
  const std::string page = text({"--op", "add"});
  for (const char* word : {"add fp32 on sot", "executed", "published", "latency", "energy of a lane", "cells of a lane", "not published", "regime"}) {
    INFO(word);
    CHECK(page.find(word) != std::string::npos);
  }
}

TEST_CASE("Operands of a file come back as results, step by step, in every family") {
  const Scratch scratch;
  const std::string file = scratch.file("v.txt", "3F800000 40000000\n00000000 80000000  # signed zeros\n\n7F800000 FF800000\n00000001 00000001\n");
  for (const char* family : {"sot", "nor", "aritpim", "sram"}) {
    CHECK(text({"--op", "add", "--format", "fp32", "--family", family, "--evaluate", file}) == "40400000\n00000000\n7FC00000\n00000002\n");
    CHECK(text({"--op", "add", "--family", family, "--evaluate", file, "--counts", "published"}) == "40400000\n00000000\n7FC00000\n00000002\n");
  }
  CHECK(document({"--op", "add", "--evaluate", file})["results"].size() == 4);
}

TEST_CASE("Evaluation knows accumulators, conversions, odd widths, truncation and integers") {
  const Scratch scratch;
  // 2 + 3 * 4 = 14, and 3 * 4.
  CHECK(text({"--op", "mac", "--evaluate", scratch.file("mac", "40400000 40800000 40000000\n40400000 40800000\n")}) == "41600000\n41400000\n");
  // 1 + 2^-8 lies half way between two bf16 numbers: to even, down; so does 1 + 3 * 2^-8: to even, up.
  const std::string halves = scratch.file("convert", "3F808000\n3F818000\n");
  CHECK(text({"--op", "convert", "--to", "bf16", "--evaluate", halves}) == "3F80\n3F82\n");
  CHECK(text({"--op", "convert", "--to", "bf16", "--rounding", "truncate", "--evaluate", halves}) == "3F80\n3F81\n");
  // e5m6 has 12 bits: 1 + 1 = 2.
  CHECK(text({"--op", "add", "--format", "e5m6", "--evaluate", scratch.file("odd", "3C0 3C0\n")}) == "400\n");
  CHECK(text({"--op", "add", "--format", "e11m52", "--evaluate", scratch.file("wide", "3FF0000000000000 4000000000000000\n")}) == "4008000000000000\n");
  CHECK(text({"--op", "relu", "--evaluate", scratch.file("relu", "BF800000\n3F800000\n")}) == "00000000\n3F800000\n");
  CHECK(text({"--op", "int-mul", "--format", "i8", "--evaluate", scratch.file("int", "FF FF\n")}) == "FE01\n");
}

TEST_CASE("A listing says its windows and has one line a step") {
  const std::string listing = text({"--op", "int-add", "--format", "i2", "--listing"});
  CHECK(listing.starts_with("# sot i2 int-add\n# windows: a 2 rows, b 2 rows, d 2 rows, work "));
  const Json j = document({"--op", "int-add", "--format", "i2"});
  CHECK(std::count(listing.begin(), listing.end(), '\n') == 3 + j["steps"].get<int>());
}

TEST_CASE("A comparison sweeps operations and formats unless they are named") {
  const Json all = document({"--compare", "sot,nor", "--counts", "published"});
  CHECK(all["compare"].size() == 3 * 3 * 2);
  const Json some = document({"--compare", "sot,sram", "--op", "mul", "--formats", "bf16,e4m3"});
  // sram has no published count, sot has both.
  CHECK(some["compare"].size() == 2 * 3);
  const std::string table = text({"--compare", "sot,nor,aritpim,sram", "--op", "add", "--format", "bf16"});
  for (const char* word : {"latency", "energy", "cells", "area", "aritpim", "executed", "published"}) CHECK(table.find(word) != std::string::npos);
}

TEST_CASE("What pim does not know is wrong usage, in one line that says what is allowed") {
  const Scratch scratch;
  const std::string file = scratch.file("v.txt", "3F800000 40000000\n");
  struct Row {
    std::vector<std::string> arguments;
    std::string says;
  };
  for (const Row& row : std::vector<Row>{{{"--op", "divide"}, "allowed are add, sub, mul, mac"},
                                         {{"--family", "dram"}, "allowed are aritpim, nor, sot, sram"},
                                         {{"--compare", "sot,dram"}, "allowed are aritpim, nor, sot, sram"},
                                         {{"--op", "add", "--format", "e1m99"}, "2 to 11 exponent and 1 to 52 mantissa bits"},
                                         {{"--op", "add", "--format", "e12m52"}, "2 to 11 exponent"},
                                         {{"--op", "int-add", "--format", "fp32"}, "i1 to i64"},
                                         {{"--op", "int-add", "--format", "i65"}, "i1 to i64"},
                                         {{"--regime", "free"}, "allowed are "},
                                         {{"--counts", "guessed"}, "published"},
                                         {{"--family", "sram", "--counts", "published"}, "published are aritpim"},
                                         {{"--op", "relu", "--counts", "published"}, "published are aritpim"},
                                         {{"--semantics", "published", "--rounding", "nearest-even"}, "truncate"},
                                         {{"--op", "convert"}, "--to"},
                                         {{"--op", "add", "--to", "bf16"}, "--to"},
                                         {{"--op", "add", "--scalar"}, "--scalar"},
                                         {{"--op", "mul", "--scalar", "3F8000000"}, "32 bits"},
                                         {{"--op", "add", "--full-array"}, "--full-array"},
                                         {{"--formats", "fp32"}, "--compare"},
                                         {{"--op", "mul", "--scalar", "3F800000", "--evaluate", file}, "--evaluate"},
                                         {{"--compare", "sot", "--listing"}, "--listing"}}) {
    const Outcome outcome = pim(row.arguments);
    INFO(outcome.err);
    CHECK(outcome.status == 64);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(row.says) != std::string::npos);
    CHECK(outcome.out.empty());
  }
}

TEST_CASE("A wrong line of operands gives 65 with its place, an absent file 74") {
  const Scratch scratch;
  const std::string file = scratch.file("v.txt", "3F800000 40000000\n3F800000 4000000G\n");
  const Outcome wrong = pim({"--op", "add", "--evaluate", file});
  CHECK(wrong.status == 65);
  CHECK(wrong.err.starts_with(file + ":2:10: "));
  CHECK(wrong.out.empty());
  CHECK(pim({"--op", "add", "--evaluate", scratch.path("absent")}).status == 74);
  CHECK(pim({"--op", "add", "--evaluate", scratch.path("")}).status == 74);
}
