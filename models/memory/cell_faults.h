// The faults of a memory's cells, and the code that stands against them: pure C++, no bus, no simulated process.
//
// Nothing is drawn a bit. Each process keeps the distance, or the moment, of its next fault (core/fault_clock.h):
//
//   write error    a cell that should flip does not: over all cells driven by writes, at the larger of the two directions' rates; a candidate whose cell should not flip, or whose
//                  direction errs less often by a second draw, is no fault (thinning)
//   retention      a resting cell flips: one arrival clock for all cells, rate x cells, at the moment drawn in a cell drawn uniformly (superposition of Poisson processes). A cell hit
//                  twice is right again: wrong after t with (1 - e^(-2 rate t)) / 2, which is 1 - e^(-rate t) to first order
//   read disturb   a sensed cell flips behind the reader: over all cells sensed by reads; a read senses whole words of the macro
//   stuck cell     a fixed map (stuck_cells.h), which every write meets
//
// With a code, the store holds what was last written and the map (pending_errors.h) the bits that differ: only words in the map are decoded. Without one, the store holds what the cells
// hold. A write drives all cells of the code words that it touches (read, decoded, merged and encoded again where it covers them in part), or without a code those of its bytes.
//
// A read that corrects a word writes it back (`write_back`), so that its errors end with the first reader; a stuck cell stays wrong. What the decoder takes for another word is written
// back as that word, by a read as by scrubbing. Scrubbing walks the words once an interval, at an even pace, decodes and writes back what it corrected. It is done when somebody looks: positions are a function of time.
//
// Direct accesses (a hart through a host pointer) are counted in sum. A fault that falls due among them strikes the next access that is seen: see rights().
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "models/core/fault_clock.h"
#include "models/memory/ecc.h"
#include "models/memory/pending_errors.h"
#include "models/memory/storage.h"
#include "models/memory/stuck_cells.h"
#include "models/technology/cell_errors.h"

namespace spinvp::memory {

struct CellFaultsConfig {
  technology::CellErrorRates rates;
  std::string ecc = "none";
  unsigned macro_word_bytes = 64;  // what one access of the macro senses: a multiple of the code's data bytes
  core::SimTime scrub_interval;    // zero: none; needs a code
  bool write_back = true;          // a read that corrects a word writes it back, as scrubbing does
  bool uncorrectable_is_error =
      true;  // a partial write of a word that cannot be decoded leaves it alone, peek() stops there; else the bits are taken as they are
  std::uint64_t seed = 1;
};

class CellFaults {
 public:
  // Throws core::InputError (beginning with `owner`) for rates outside 0 .. 1, a code that does not fit the word, scrubbing without a code.
  CellFaults(Storage& storage, const CellFaultsConfig& config, const std::string& owner);

  struct Outcome {
    std::uint64_t corrected = 0;                 // code words decoded with errors and put right, or taken for others
    std::optional<std::uint64_t> uncorrectable;  // address of the first word that could not be
    std::uint64_t merged = 0;                    // code words that a write covers in part
    std::uint64_t written_back = 0;              // words of the macro that a read wrote back
  };
  // Bytes as a reader gets them: corrected where the code can; those of an uncorrectable word as the cells hold them.
  Outcome read(std::uint64_t address, std::uint8_t* data, std::uint64_t length);
  Outcome write(std::uint64_t address, const std::uint8_t* data, std::uint64_t length);
  // The code words that such a write covers in part.
  [[nodiscard]] std::uint64_t merged(std::uint64_t address, std::uint64_t length) const;
  // For loaders and debuggers: no process runs, nothing is counted. Returns the bytes before the first uncorrectable word; length if there is none.
  std::uint64_t peek(std::uint64_t address, std::uint8_t* data, std::uint64_t length) const;
  // The store got other bytes there (a loader, loss of power): words that are covered whole lose their errors, stuck cells stay stuck.
  void replaced(std::uint64_t address, std::uint64_t length);

  // Lets retention failures and scrubbing up to `now` happen. `powered`: the scrubber has walked since the last call.
  void advance(core::SimTime now, bool powered);
  // Words of the macro scrubbed so far, and written back by it.
  [[nodiscard]] std::uint64_t scrub_reads() const;
  [[nodiscard]] std::uint64_t scrub_writes() const { return scrub_writes_; }
  // The address of an uncorrectable word that scrubbing met since the last call.
  std::optional<std::uint64_t> take_scrub_failure() { return std::exchange(scrub_failure_, std::nullopt); }

  // What a page (4 KiB) may give. Reads: not where errors pend, not where reads disturb more than one access in 1024, not while a disturb is due. Writes: the same with write errors,
  // and not where a cell is stuck.
  struct Rights {
    bool read = true, write = true;
    friend bool operator==(Rights, Rights) = default;
  };
  [[nodiscard]] Rights rights(std::uint64_t page) const;
  // The pages around `page` with its rights, within [first, last].
  struct Span {
    std::uint64_t first, last;
    Rights rights;
  };
  [[nodiscard]] Span span_of(std::uint64_t page, std::uint64_t first, std::uint64_t last) const;
  // Accesses made by those who hold such rights.
  void count_direct(std::uint64_t reads, std::uint64_t writes, std::uint64_t write_bytes);
  // Pages whose rights changed since the last call: [first, last]; nothing if none did.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> take_changed() { return std::exchange(changed_, std::nullopt); }

  struct Counts {
    std::uint64_t injected = 0;  // bits made wrong: the four below
    std::uint64_t write_errors = 0, retention_failures = 0, read_disturbs = 0, stuck_writes = 0;
    std::uint64_t corrected = 0;      // code words put right, at each read and scrub that met them
    std::uint64_t miscorrected = 0;   // code words taken for others, unnoticed
    std::uint64_t uncorrectable = 0;  // code words given up, at each read and scrub that met them
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }
  [[nodiscard]] const EccCodec& codec() const { return *codec_; }
  [[nodiscard]] const StuckCells& stuck() const { return stuck_; }
  [[nodiscard]] const PendingErrors& pending() const { return pending_; }
  // Cells, check bits included.
  [[nodiscard]] std::uint64_t cells() const { return words_ * codec_->bits(); }
  void describe_state(core::StateArchive& archive);

 private:
  static constexpr unsigned most_data_bytes = 64;
  static constexpr double most_direct = 1.0 / 1024;
  struct Word {  // the bits of a code word
    std::uint8_t data[most_data_bytes];
    std::uint64_t check;
  };

  Storage& storage_;
  CellFaultsConfig config_;
  std::unique_ptr<EccCodec> codec_;
  bool coded_;
  unsigned data_bytes_, bits_;
  std::uint64_t words_, macro_cells_;
  double most_write_error_;
  std::uint64_t thinning_seed_, thinned_ = 0, place_seed_, placed_ = 0;
  core::FaultClock write_clock_, read_clock_;
  core::ArrivalClock retention_clock_;
  StuckCells stuck_;
  PendingErrors pending_;
  bool direct_reads_, direct_writes_;
  // Faults of direct accesses that wait for an access that is seen. Those of one quantum fell on words all over its accesses: one after the other strikes, each another
  // macro word than the one before, or the same again after `most_skipped` accesses to it (a loop on one word).
  struct Due {
    static constexpr unsigned most_skipped = 64;
    std::uint64_t count = 0, last_word = ~std::uint64_t{0}, skipped = 0;
    bool strikes(std::uint64_t word);
  };
  Due due_reads_, due_writes_;
  core::SimTime now_, scrubbed_;  // the walker's own clock stands while the memory is not powered
  std::uint64_t scrub_writes_ = 0;
  std::optional<std::uint64_t> scrub_failure_;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> changed_;
  Counts counts_;

  [[nodiscard]] Word intended(std::uint64_t word) const;
  [[nodiscard]] Word held(std::uint64_t word) const;  // by the cells
  [[nodiscard]] bool bit(const Word& word, unsigned position) const;
  // Decodes what the cells hold; `word` is then what a reader gets.
  Decoded decode(std::uint64_t number, Word& word) const;
  // The words of [first, end) with errors, ascending: a list of its own, since who goes through it changes them.
  [[nodiscard]] std::vector<std::uint64_t> pending_in(std::uint64_t first, std::uint64_t end) const;
  void count(const Decoded& decoded, std::uint64_t number, const Word& word, Outcome& outcome);
  void set_pending(std::uint64_t word, PendingErrors::Positions positions);
  // A cell flips by itself; false if it is stuck.
  bool flip(std::uint64_t word, unsigned position);
  void invert(std::uint64_t word, unsigned position);  // in the store
  // A place of [0, count), drawn.
  std::uint64_t drawn_place(std::uint64_t count);
  // Whether a write error strikes a cell that should go from `from` to `to`.
  bool fails(bool from, bool to);

  Outcome write_coded(std::uint64_t address, const std::uint8_t* data, std::uint64_t length);
  void write_plain(std::uint64_t address, const std::uint8_t* data, std::uint64_t length);
  // Drives a code word to `to`; `struck` are positions where a write error may be.
  void drive(std::uint64_t word, const Word& from, const Word& to, std::span<const unsigned> struck);
  // Writes what a decoder corrected back into its cells, where the write may fail.
  void write_back(std::uint64_t word, const Word& before, const Word& after);
  void sense(std::uint64_t address, std::uint64_t length);
  void scrub_until(core::SimTime until);
  void scrub_words(std::uint64_t first, std::uint64_t end);
  [[nodiscard]] std::uint64_t walked(core::SimTime time) const;  // words of code since the start
  void change(std::uint64_t first_page, std::uint64_t last_page);
  void change_all();
};

}  // namespace spinvp::memory
