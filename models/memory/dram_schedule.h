// When the banks and buses of a DRAM serve a burst: all of its commands in one computation, no event a beat. Pure C++; dram.h is its device.
//
// A burst's accesses (address map: dram_address.h) fall on lanes, n_k on lane k. Its lanes start together: column commands of every lane follow each other without a gap from s on,
// one each t_ccd (a lane whose accesses crowd into one bank group: the longer of n_k t_ccd_s and (n_g - 1) t_ccd_l + t_ccd_s). The last data are there at
//   s + max_k (span of lane k) + t_cl (writing t_cwl) + interface latency
// s is the earliest time such that
//   rows      each access finds its row open: a *hit* at once; a *miss* (bank closed) t_rcd after an activate; a *conflict* (another row open) t_rp + t_rcd after a precharge, which waits
//             for t_ras, t_rtp or t_wr of what was before. Activates keep t_rc in a bank, t_rrd in a rank, and four a t_faw. They run ahead while the bus is still
//             busy for others; the i-th access of a lane may be i t_ccd later, so s >= ready_i - i t_ccd
//   turning   a read is t_cwl + t_burst + t_wtr_l after the last write of its lane, a write t_rtw after the last read (these never run ahead)
//   bus       the lanes are free (bank_calendar.h: the earliest gap, in order of arrival)
//   refresh   [s, s + span) meets no refresh. All lanes are refreshed together, at k t_refi for t_rfc, k = 1, 2, ...; rows are closed after it. No event: the number of the refresh
//             before a time is its quotient by t_refi, and a row is open only if it was opened since
// A burst of more than 4 KiB that meets a refresh is cut: as much as there is time for before it, the rest behind it. A shorter one that does not fit between two refreshes begins behind
// one and is stretched by t_refi / (t_refi - t_rfc).
//
// Open-page policy: rows stay open until another row, or a refresh, closes them. Closed-page: a bank's last column command of a burst precharges it.
//
// What is left out: command bus, power-down exits, switching between ranks (t_rtrs), postponed or per-bank refresh, and reordering: bursts change rows in the order in which they
// arrive at the model. Within a burst, accesses are reordered over bank groups as needed.
#pragma once

#include <cstdint>
#include <vector>

#include "models/core/state.h"
#include "models/memory/bank_calendar.h"
#include "models/memory/dram_banks.h"
#include "models/memory/dram_plan.h"

namespace spinvp::memory {

struct DramService {
  core::SimTime start, done;  // first column command (without conflicts and others: the arrival); last data at the requester
  std::uint64_t accesses = 0, misses = 0, conflicts = 0, turnarounds = 0;
  [[nodiscard]] std::uint64_t hits() const { return accesses - misses - conflicts; }
  [[nodiscard]] std::uint64_t activates() const { return misses + conflicts; }
};

class DramSchedule {
 public:
  DramSchedule(const technology::DramDataSheet& sheet, DramOrder order, std::uint64_t interleave, std::uint64_t size, bool open_page);

  // A burst that arrives at `at`, when the kernel's time is `now`. A clock slowed by `divider` stretches all but refresh.
  DramService serve(const DramBurst& burst, core::SimTime at, core::SimTime now, unsigned divider = 1);
  // Direct accesses in sum (bank_calendar.h): bus time alone, as a stream that turns over the lanes. Returns the waiting.
  core::SimTime direct(std::uint64_t bytes, core::SimTime from, core::SimTime to, core::SimTime now, unsigned divider = 1);

  // All rows are closed (the memory left its working state).
  void close_rows();
  // As new, with nothing booked.
  void clear(core::SimTime now);
  void describe_state(core::StateArchive& archive);
  [[nodiscard]] core::SimTime access_time(unsigned divider = 1) const { return core::SimTime::ps(base_.access * divider); }
  [[nodiscard]] std::size_t booked() const { return calendar_.size(); }

  // Computes each lane and each row of a burst by itself, from the start on: the same results at greater cost, for tests.
  void walk_everything();
  // Classes of lanes of the last burst (dram_banks.h).
  [[nodiscard]] std::size_t classes() const { return banks_.classes(); }

 private:
  static constexpr std::uint64_t longest_whole = 4096;  // bytes of a burst that no refresh cuts

  DramTimes base_;
  std::uint64_t access_bytes_, interleave_, refi_ = 0, rfc_ = 0;
  unsigned lanes_, rank_shift_;
  bool open_page_;
  DramBanks banks_;
  BankCalendar calendar_;
  std::vector<std::uint64_t> read_end_, write_end_;  // of the last slots on each lane
  BankSet wrote_last_, used_;                        // lanes whose last burst was a write; that had one at all

  // Of the burst at hand.
  struct Lanes {
    DramBanks::Part part;
    std::uint64_t step;                   // from one access to the next
    std::size_t first_visit, last_visit;  // of visits_, one past the last
  };
  struct ChangedBank {
    DramBank* bank;
    DramBank before;
  };
  struct ChangedActivates {
    DramActivates* activates;
    DramActivates before;
  };
  DramPlan plan_;
  std::vector<std::uint64_t> span_;  // of each shape, of the undivided clock: slot in time
  std::vector<std::uint64_t> lane_span_;
  std::vector<BankRound> rounds_;
  std::uint64_t whole_span_ = 0;
  std::vector<DramPlan::Visit> visits_;
  std::vector<Lanes> touched_parts_;
  std::vector<ChangedBank> changed_banks_;  // by opening rows, with what was before
  std::size_t banks_changed_ = 0;
  std::vector<ChangedActivates> changed_activates_;

  std::uint64_t plan(const DramBurst& burst, unsigned divider);
  [[nodiscard]] std::uint64_t crowded_span(const DramPlan::Shape& shape) const;
  [[nodiscard]] std::uint64_t length_before_refresh(const DramBurst& burst, std::uint64_t earliest, const DramTimes& t) const;
  DramService serve_planned(const DramBurst& burst, std::uint64_t accesses, core::SimTime at, core::SimTime now, const DramTimes& t, unsigned divider);
  void find_visits();
  // Opens what is closed and finds the start, from `start` on, where bus and turning allow it.
  std::uint64_t start_with_rows(const DramBurst& burst, std::uint64_t at, std::uint64_t start, std::uint64_t turn, std::uint64_t& span, const DramTimes& t,
                                DramService& result);
  struct Opening {
    std::uint64_t at, refresh, divider, rcd, after;
  };
  struct Opened {
    std::uint64_t rows = 0, conflicts = 0;
  };
  void open_rows_of(const Lanes& lanes, const Opening& opening, const DramTimes& t, std::uint64_t& start, Opened& opened);
  std::uint64_t open_rows(std::uint64_t at, std::uint64_t refresh, bool write, const DramTimes& t, DramService& result);
  void undo_rows();
  void book_columns(std::uint64_t start, std::uint64_t after, const DramTimes& t);
  [[nodiscard]] std::uint64_t refreshes_before(std::uint64_t ps) const { return refi_ == 0 ? 0 : ps / refi_; }
  [[nodiscard]] std::uint64_t awake_after(std::uint64_t refresh) const { return refresh == 0 ? 0 : refresh * refi_ + rfc_; }
  [[nodiscard]] bool is_unused(std::uint64_t refresh) const;
  [[nodiscard]] std::uint64_t turned(bool write, const DramTimes& t) const;
};

}  // namespace spinvp::memory
