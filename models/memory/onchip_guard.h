// The cells' faults and the code against them, as an on-chip memory holds them: CellFaults with its prices, its counters and what firmware sees of it.
//
// Time. The sheet's read latency holds the check, its write latency the encoder (OnChipMemoryConfig::guarded_sheet). A burst with corrected words is later by one correction; one that
// writes words in part is later by a read and its check, and its words' cycles grow by a read cycle where they are written in part, evenly over the burst.
// A read that writes corrected words back (ecc_write_back) is not later by it, but its banks are busy for a write cycle a word more, spread in the same way.
// Energy. One check a word read and one encoding a word written (all code words of the macro's word), one correction a code word that is not clean, a write and an encoding a word written back.
//
// An uncorrectable word. bus-error: the access that met it is an error response (a hart's load access fault, an engine's error status), and nothing of a word written in part
// changes. interrupt: the access gets the bits as they are, the line rises. Both set the registers, where there are any.
#pragma once

#include <memory>

#include "models/core/component.h"
#include "models/core/interrupt.h"
#include "models/core/registers.h"
#include "models/memory/cell_faults.h"
#include "models/memory/ecc_cost.h"

namespace spinvp::memory {

// What firmware sees.
struct ErrorRegisters {
  static constexpr std::uint64_t size = 0x1000;
  core::RegisterBank bank{size};
  core::Register status{bank,
                        {.name = "STATUS",
                         .offset = 0x00,
                         .access = core::Access::write_one_to_clear,
                         .text = "what was met since it was cleared; UNCORRECTABLE is the interrupt's level",
                         .fields = {{"UNCORRECTABLE", 0, 1, "a word that could not be corrected"}, {"CORRECTED", 1, 1, "a word that was corrected"}}}};
  core::Register address{bank,
                         {.name = "ADDRESS",
                          .offset = 0x08,
                          .width = 8,
                          .access = core::Access::read_only,
                          .text = "offset in the memory of the first word that could not be corrected since UNCORRECTABLE was cleared"}};
  core::Register corrected{bank, {.name = "CORRECTED", .offset = 0x10, .width = 8, .access = core::Access::read_only, .text = "code words corrected so far"}};
  core::Register uncorrectable{bank,
                               {.name = "UNCORRECTABLE", .offset = 0x18, .width = 8, .access = core::Access::read_only, .text = "code words given up so far"}};
};

struct OnChipGuard {
  OnChipGuard(Storage& storage, const CellFaultsConfig& config, EccCost price, const std::string& owner)
      : faults(storage, config, owner), cost(std::move(price)) {}
  CellFaults faults;
  EccCost cost;
  core::SimTime correct;           // of one burst with corrected words
  std::uint64_t codes_a_word = 1;  // code words in a word of the macro
  bool coded = false, interrupts = false;
  core::EventId check_word, encode_word, correct_code;
  core::Counter *injected = nullptr, *corrected = nullptr, *uncorrectable = nullptr, *retention = nullptr, *write_errors = nullptr, *disturbs = nullptr,
                *stuck_writes = nullptr, *miscorrected = nullptr, *stuck_cells = nullptr, *scrubbed = nullptr, *written_back = nullptr;
  // Of the burst that is moved now: code words, words of the macro.
  struct Burst {
    std::uint64_t corrected = 0, merged = 0, written_back = 0;
  } burst;
  core::SimTime scrub_booked;                       // until when the scrubber's energy is
  std::uint64_t scrub_reads = 0, scrub_writes = 0;  // booked
  std::unique_ptr<ErrorRegisters> registers;
  core::InterruptLine line;
};

}  // namespace spinvp::memory
