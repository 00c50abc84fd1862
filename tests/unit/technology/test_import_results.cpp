// Results of other array tools: what they become, and which traps of theirs are caught where.
#include <catch2/catch.hpp>

#include "import_samples.h"
#include "models/core/error.h"
#include "models/technology/import/import_file.h"

using namespace spinvp;
using namespace spinvp::technology;
using namespace spinvp::technology::test;
using namespace spinvp::core::literals;

namespace {

std::string refusal(const std::string& text) {
  try {
    import_designs(text, "r");
  } catch (const core::InputError& error) {
    CHECK(error.status() == core::ExitStatus::bad_input);
    return error.what();
  }
  return "accepted";
}

std::string all(const ImportedDesigns& imported) {
  std::string text;
  for (const ImportWarning& warning : imported.warnings) text += warning.where + ": " + warning.text + "\n";
  return text;
}

}  // namespace

TEST_CASE("NVSim's text becomes a sheet, whatever unit a figure floats to") {
  const ImportedDesigns imported = import_designs(sram_result, "folder/run.txt");
  CHECK(imported.format == "NVSim result");
  CHECK(imported.warnings.empty());
  REQUIRE(imported.designs.size() == 1);
  const ImportedDesign& design = imported.designs[0];
  CHECK(design.cell_type == "SRAM");
  CHECK(design.technology == MemoryTechnology::sram);
  CHECK(design.place == "folder/run.txt:19");
  const MemoryDataSheet& sheet = design.sheet;
  CHECK(sheet.capacity_bytes == 4u << 20);
  CHECK(sheet.word_bits == 512);
  CHECK(sheet.area.in(1_mm2) == Approx(2.5));
  CHECK(sheet.read_latency.in(1_ns) == Approx(2.125));
  CHECK(sheet.write_latency.in(1_ns) == Approx(0.75));
  CHECK(sheet.read_bytes_per_second == Approx(32e9));
  CHECK(sheet.write_bytes_per_second == Approx(0.64e9));
  CHECK(sheet.read_energy.in(1_pJ) == Approx(1250));
  CHECK(sheet.write_energy.in(1_pJ) == Approx(250));
  // Watts stay watts: no truncation here.
  CHECK(sheet.leakage.in(1_W) == Approx(1.808));
  CHECK_FALSE(sheet.non_volatile);
  CHECK_FALSE(sheet.retention);
  CHECK(sheet.retention_leakage == sheet.leakage);
  for (const std::string& source : {sheet.source, sheet.retention_leakage_source, sheet.retention_source})
    CHECK((source.starts_with("derived:") || source.starts_with("assumed:")));

  const auto with_area = [](const char* text) { return import_designs(replaced(sram_result, "= 2.500mm^2", text), "r").designs[0].sheet.area.in(1_mm2); };
  CHECK(with_area("= 2500000.000um^2") == Approx(2.5));
  CHECK(with_area("= 2.5e12nm^2") == Approx(2.5));
  const auto with_leakage = [](const char* text) { return import_designs(replaced(sram_result, "1.808W", text), "r").designs[0].sheet.leakage.in(1_mW); };
  CHECK(with_leakage("925.000mW") == Approx(925));
  CHECK(with_leakage("12.500uW") == Approx(0.0125));
}

TEST_CASE("Of a cache the data array is taken, not the summary with its tags, and it is said") {
  const ImportedDesigns imported = import_designs(cache_result, "c.txt");
  REQUIRE(imported.designs.size() == 1);
  const ImportedDesign& design = imported.designs[0];
  CHECK(design.technology == MemoryTechnology::stt);
  CHECK(design.sheet.read_latency.in(1_ns) == Approx(2.25));
  CHECK(design.sheet.write_latency.in(1_ns) == Approx(10.5));
  CHECK(design.sheet.area.in(1_mm2) == Approx(0.29));
  CHECK(design.sheet.leakage.in(1_mW) == Approx(125));
  CHECK(design.sheet.non_volatile);
  CHECK_FALSE(design.sheet.retention);
  CHECK(all(imported) == "c.txt:28: a cache: its summary (hit, miss and write with tags) is not used, the data array is\n");
  // In mode Fast a word is a set of 16 lines of 512 bits.
  const ImportedDesigns fast = import_designs(replaced(cache_result, "Sequential", "Fast"), "c.txt");
  CHECK(fast.designs[0].sheet.word_bits == 16 * 512);
  CHECK(all(fast).find("a word of this array is 16 x 512 bits") != std::string::npos);
  CHECK(import_designs(cache_result, "c", {.magnetic = MemoryTechnology::sot}).designs[0].technology == MemoryTechnology::sot);
}

TEST_CASE("SET and RESET of resistive cells stand for a write: the slower and the dearer") {
  std::string text = replaced(sram_result, "Memory Cell: SRAM", "Memory Cell: RRAM (Memristor)");
  text = replaced(text, " - Write Latency = 750.000ps", " - RESET Latency = 90.000ns\n - SET Latency   = 1.250us");
  text = replaced(text, " - Write Dynamic Energy = 250.000pJ", " - RESET Dynamic Energy = 2.000nJ\n - SET Dynamic Energy = 900.000pJ");
  const ImportedDesigns imported = import_designs(text, "r");
  CHECK(imported.designs[0].sheet.write_latency.in(1_us) == Approx(1.25));
  CHECK(imported.designs[0].sheet.write_energy.in(1_nJ) == Approx(2));
  CHECK_FALSE(imported.designs[0].technology);
  CHECK(all(imported).find("SET Latency and RESET Latency in place of Write Latency") != std::string::npos);
  CHECK(all(imported).find("memristor has no model here") != std::string::npos);
}

TEST_CASE("A capacity that was cut off to whole units follows from the organisation") {
  // 4 x 4 mats of 2 x 2 subarrays of 1280 x 512 are 5 MiB; 4 x 5 x ... with 1280 rows: 4 x 4 x 4 x 1280 x 512 / 8 = 5242880.
  const ImportedDesigns imported = import_designs(replaced(replaced(sram_result, "1024 Rows", "1280 Rows"), "Capacity   : 4MB", "Capacity   : 5MB"), "r");
  CHECK(imported.warnings.empty());
  // 1152 rows: 4.5 MiB, printed as 4 MB.
  const ImportedDesigns cut = import_designs(replaced(sram_result, "1024 Rows", "1152 Rows"), "r");
  CHECK(cut.designs[0].sheet.capacity_bytes == 4718592);
  CHECK(all(cut) == "r:11: Capacity is printed as 4MiB, its organisation holds 4608KiB: this counts\n");
}

TEST_CASE("Without a line of capacity the organisation says it, if it can") {
  const std::string silent = replaced(sram_result, "Capacity   : 4MB\n", "");
  CHECK(import_designs(silent, "r").designs[0].sheet.capacity_bytes == 4u << 20);
  CHECK(refusal(replaced(silent, "Mat Organization: 2 x 2", "Mat Organization: 1e17 x 2")).find("the text says no Capacity") != std::string::npos);
  CHECK(refusal(replaced(silent, "Mat Organization: 2 x 2", "")).find("the text says no Capacity") != std::string::npos);
}

TEST_CASE("A design that NVSim did not find is left out and counted") {
  const std::string head = sram_result.substr(0, sram_result.find("\n====", sram_result.find("Searching")));
  const ImportedDesigns imported = import_designs(head + "No valid solutions.\n\nFinished!\n", "r");
  CHECK(imported.designs.empty());
  CHECK(imported.failed == 1);
  CHECK(all(imported).find("the tool found no design") != std::string::npos);
}

TEST_CASE("A text that ends early, or says the impossible, is refused with its line") {
  CHECK(refusal(sram_result.substr(0, sram_result.find(" - Leakage"))).find("has no line `Leakage Power = ...`: the text is not whole") != std::string::npos);
  CHECK(refusal(sram_result.substr(0, sram_result.find("   RESULT"))).find("has no block RESULT: the text is not whole") != std::string::npos);
  CHECK(refusal(sram_result.substr(0, 200)).find("the text ends before a block RESULT") != std::string::npos);
  CHECK(refusal(replaced(sram_result, "1.808W", "1.808")) == "r:46: Leakage Power is '1.808', allowed is a number above zero in pW, nW, uW, mW, W");
  CHECK(refusal(replaced(sram_result, "1.808W", "1.808kW")).starts_with("r:46: Leakage Power is '1.808kW'"));
  CHECK(refusal(replaced(sram_result, "1.808W", "-1.000W")).starts_with("r:46: Leakage Power is '-1.000W'"));
  CHECK(refusal(replaced(sram_result, "1.808W", "nanW")).starts_with("r:46: "));
  CHECK(refusal(replaced(sram_result, "Capacity   : 4MB", "Capacity   : 4TB")).starts_with("r:11: Capacity is '4TB'"));
  CHECK(refusal("Speech is silver.\n").find("allowed are NVSim's result text") != std::string::npos);
  CHECK(refusal("") == "r:1: no format that is known; allowed are NVSim's result text, NVMExplorer's and CACTI's CSV");
  CHECK(refusal(mram_cell.substr(mram_cell.find('\n') + 1)).find("this is a cell, not a result") != std::string::npos);
}

TEST_CASE("A row of NVMExplorer becomes a sheet; its bandwidth follows from accesses and utilisation") {
  const ImportedDesigns imported = import_designs(explorer_header + explorer_stt, "t.csv");
  CHECK(imported.format == "NVMExplorer CSV");
  CHECK(all(imported).empty());
  REQUIRE(imported.designs.size() == 1);
  const ImportedDesign& design = imported.designs[0];
  CHECK(design.technology == MemoryTechnology::stt);
  CHECK(design.node->in(1_nm) == Approx(22));
  const MemoryDataSheet& sheet = design.sheet;
  CHECK(sheet.name == "made 2MiB 22nm ReadEDP");
  CHECK(sheet.capacity_bytes == 2u << 20);
  CHECK(sheet.word_bits == 64);
  CHECK(sheet.area.in(1_mm2) == Approx(0.25));
  CHECK(sheet.read_latency.in(1_ns) == Approx(0.75));
  CHECK(sheet.write_latency.in(1_ns) == Approx(5.5));
  CHECK(sheet.read_energy.in(1_pJ) == Approx(4));
  CHECK(sheet.write_energy.in(1_pJ) == Approx(50));
  CHECK(sheet.leakage.in(1_mW) == Approx(22.125));
  CHECK(sheet.read_bytes_per_second == Approx(20e9));
  CHECK(sheet.write_bytes_per_second == Approx(2e9));
}

TEST_CASE("Benchmarks of one design are one design; without traffic a bank is busy for its latency") {
  std::string idle = replaced(replaced(explorer_stt, "first,1000000000.0,200000000.0,4.0,10.0", "second,0,0,0.0,0.0"), "40.0,80.0,0.25", "0.0,0.0,0.25");
  CHECK(import_designs(explorer_header + idle + explorer_stt, "t").designs.size() == 1);
  CHECK(import_designs(explorer_header + idle + explorer_stt, "t").designs[0].sheet.read_bytes_per_second == Approx(20e9));
  // 8 bytes in 0.75 ns and in 5.5 ns.
  const MemoryDataSheet alone = import_designs(explorer_header + idle, "t").designs[0].sheet;
  CHECK(alone.read_bytes_per_second == Approx(8 / 0.75e-9));
  CHECK(alone.write_bytes_per_second == Approx(8 / 5.5e-9));
  // Joined tables repeat the header.
  CHECK(import_designs(explorer_header + idle + explorer_header + explorer_stt, "t").designs.size() == 1);
  CHECK(import_designs(explorer_header + explorer_stt + replaced(explorer_stt, " 64, 2,", " 64, 4,"), "t").designs.size() == 2);
}

TEST_CASE("Failed designs, nan energies and negative read voltages of a table are reported, not imported") {
  const std::string failed = " FeFET, 10, -0.030000, nan, f.cell, LSTP, 350, 22, Area, 64, 2,first,1000.0,0,-1.0,-0.0,-2.0,-1.0,-0.0,-1,-1,-1,-1,-1,-1,-1,1\n";
  const ImportedDesigns imported = import_designs(explorer_header + failed + failed + failed + explorer_stt, "t");
  CHECK(imported.designs.size() == 1);
  CHECK(imported.failed == 3);
  CHECK(all(imported) ==
        "t:2: SetEnergy (pJ) is 'nan': the cell's own write energy is not known; a data sheet does not need it (and on 2 more lines)\n"
        "t:2: ReadVoltage (V) is negative, as FeFET cells have it; a data sheet does not need it (and on 2 more lines)\n"
        "t:2: a failed design (its figures are -1): left out (and on 2 more lines)\n");
  // One figure alone.
  const ImportedDesigns partly = import_designs(explorer_header + replaced(explorer_stt, ",5.5,", ",-1,") + explorer_stt, "t");
  CHECK(partly.failed == 1);
  CHECK(all(partly) == "t:2: 'Write Latency (ns)' is -1 or nan: the design is left out\n");
}

TEST_CASE("Leakage that lost its unit is told from one that did not, and repaired where asked for") {
  // An SRAM of 64 MB with low-power transistors leaks about 31 mW a MB: `1.808W` reads as 1.80 mW there.
  const std::string sram = replaced(replaced(explorer_stt, " MRAM,", " SRAM,"), " 64, 2,", " 64, 64,");
  const std::string truncated = replaced(sram, "22.125", "1.8");
  const ImportedDesigns kept = import_designs(explorer_header + truncated, "t");
  CHECK(kept.designs[0].sheet.leakage.in(1_mW) == Approx(1.8));
  CHECK(all(kept) == "t:2: Leakage Power 1.8 mW is 1000 times too low for 64 MB: the tool loses the unit of 1 W and more; kept as it stands\n");
  const ImportedDesigns repaired = import_designs(explorer_header + truncated, "t", {.repair_leakage = true});
  CHECK(repaired.designs[0].sheet.leakage.in(1_mW) == Approx(1800));
  CHECK(repaired.designs[0].sheet.source.find("leakage multiplied by 1000") != std::string::npos);
  CHECK(all(repaired).find("taken as 1.8 W") != std::string::npos);
  // Three decimals were never cut; a plausible value is left alone; 1984 mW of 64 MB would be the sweep's own figure.
  CHECK(all(import_designs(explorer_header + replaced(sram, "22.125", "1.808"), "t")).empty());
  CHECK(all(import_designs(explorer_header + replaced(sram, "22.125", "198.4"), "t")).empty());
  CHECK(all(import_designs(explorer_header + replaced(explorer_stt, "22.125", "8.2"), "t")).empty());
}

TEST_CASE("A table from before the fix of units shows itself by totals of a thousand times") {
  const ImportedDesigns old = import_designs(explorer_header + replaced(explorer_stt, "4.0,10.0,36", "4000.0,10000.0,36"), "t");
  CHECK(old.designs[0].sheet.read_energy.in(1_pJ) == Approx(4));
  CHECK(all(old).find("t:2: Total Dynamic Read Power (mW) is 1000 times accesses x energy") != std::string::npos);
  CHECK(all(old).find("t:2: Total Dynamic Write Power (mW) is 1000 times accesses x energy") != std::string::npos);
  CHECK(all(import_designs(explorer_header + replaced(explorer_stt, "4.0,10.0,36", "4.0,17.0,36"), "t")).find("Write Power (mW) is not accesses x energy") !=
        std::string::npos);
}

TEST_CASE("What a table cannot say is refused with its line") {
  const auto with = [](const char* from, const char* to) { return refusal(explorer_header + replaced(explorer_stt, from, to)); };
  CHECK(with("0.25,", "-0.25,") == "r:2: 'Area (mm^2)' is -0.25, allowed is 1e-12 to 1e+15, or -1 for a failed design");
  CHECK(with("0.25,", "0,").find("'Area (mm^2)' is 0") != std::string::npos);
  CHECK(with("0.25,", "inf,").find("'Area (mm^2)' is inf") != std::string::npos);
  CHECK(with("0.25,", "small,") == "r:2: 'Area (mm^2)' is 'small', allowed is a number");
  CHECK(with(" 64, 2,", " 60, 2,") == "r:2: 'WordWidth (bit)' is 60, allowed are whole bytes");
  CHECK(with(" 64, 2,", " 64, 0,").find("'Capacity (MB)' is '0', allowed is above zero") != std::string::npos);
  CHECK(with(",first", "") == "r:2: 26 columns, allowed are the 27 of the header in line 1");
  CHECK(refusal(explorer_header) == "r:1: a header without rows");
  CHECK(refusal(replaced(explorer_header, "Leakage Power (mW)", "Leakage") + explorer_stt) == "r:1: the header has no column 'Leakage Power (mW)'");
}

TEST_CASE("A row of CACTI becomes one bank, with nanojoules and a cycle for the write") {
  const ImportedDesigns imported = import_designs(cacti_table, "x.out");
  CHECK(imported.format == "CACTI CSV");
  REQUIRE(imported.designs.size() == 1);
  const MemoryDataSheet& sheet = imported.designs[0].sheet;
  CHECK(imported.designs[0].technology == MemoryTechnology::sram);
  CHECK(imported.designs[0].node->in(1_nm) == Approx(32));
  CHECK(sheet.capacity_bytes == 65536);
  CHECK(sheet.word_bits == 64);
  CHECK(sheet.read_latency.in(1_ns) == Approx(0.75));
  CHECK(sheet.write_latency.in(1_ns) == Approx(0.5));
  CHECK(sheet.read_bytes_per_second == Approx(16e9));
  CHECK(sheet.read_energy.in(1_pJ) == Approx(12.5));
  CHECK(sheet.write_energy.in(1_pJ) == Approx(15));
  CHECK(sheet.leakage.in(1_mW) == Approx(12.5));
  CHECK(sheet.area.in(1_mm2) == Approx(0.125));
  CHECK(all(imported) == "x.out:1: the table does not name its cells: taken as SRAM; it has no write latency: taken as the random cycle time\n");
  // Four banks: a quarter of capacity and area each, the leakage of one as its column says.
  const ImportedDesigns banks = import_designs(replaced(replaced(cacti_table, "65536, 1, 1", "65536, 4, 8"), "0.125, 2", "0.5, 2"), "x");
  CHECK(banks.designs[0].sheet.capacity_bytes == 16384);
  CHECK(banks.designs[0].sheet.area.in(1_mm2) == Approx(0.125));
  CHECK(banks.designs[0].sheet.leakage.in(1_mW) == Approx(12.5));
  CHECK(all(banks).find("x:2: several banks") != std::string::npos);
  CHECK(all(banks).find("x:2: a cache: time, energy and area include its tags") != std::string::npos);
}

TEST_CASE("CACTI's failures and impossible rows are told apart") {
  const ImportedDesigns failed =
      import_designs(replaced(cacti_table, " 0.75,", " 1e39,") + "32, 65536, 1, 1, 64, 0.75, 0.5, N/A, nan, 0.015, 12.5, 0.125, 2, \n", "x");
  CHECK(failed.designs.empty());
  CHECK(failed.failed == 2);
  CHECK(all(failed).find("x:2: a failed design (nan, inf, -1 or a figure above 1e15): left out (and on 1 more line)") != std::string::npos);
  CHECK(refusal(replaced(cacti_table, " 0.75,", " -0.75,")) == "r:2: 'Access time (ns)' is -0.75, allowed is 1e-12 to 1e+15");
  CHECK(refusal(replaced(cacti_table, " 0.75,", " N/A,")) == "r:2: 'Access time (ns)' is 'N/A', allowed is a number");
  CHECK(refusal(replaced(cacti_table, "65536, 1,", "65536, 3,")) == "r:2: 'Capacity (bytes)' is 65536, allowed is a multiple of the 3 banks");
  CHECK(refusal(replaced(cacti_table, " 64,", " 63,")) == "r:2: 'Output width (bits)' is 63, allowed are whole bytes");
  CHECK(refusal(replaced(cacti_table, "32,", "0,")).find("'Tech node (nm)' is 0, allowed is 1 to 1000") != std::string::npos);
}
