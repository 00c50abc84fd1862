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

#include <array>
#include <cstdint>
#include <vector>

#include "models/core/state.h"
#include "models/memory/bank_calendar.h"
#include "models/memory/dram_address.h"

namespace spinvp::memory {

struct DramBurst {
  std::uint64_t address = 0, length = 0;
  std::uint64_t row_bytes = 0, stride = 0;  // as core::Transfer
  bool write = false;
  [[nodiscard]] bool contiguous() const { return row_bytes == 0 || row_bytes >= length; }
};

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

 private:
  static constexpr std::uint64_t no_row = ~std::uint64_t{0};
  static constexpr std::uint64_t longest_whole = 4096;  // bytes of a burst that no refresh cuts
  // In picoseconds. `after_read`, `after_write`: from a column command to the precharge. `write_to_read`: from the end of a write's slot to the read command.
  struct Times {
    std::uint64_t access, burst, ccd_l, rcd_read, rcd_write, rp, ras, rc, cl, cwl, rrd_s, rrd_l, faw, after_read, after_write, write_to_read, read_to_write,
        interface;
  };
  struct Bank {
    std::uint64_t activate = 0;   // the last one
    std::uint64_t precharge = 0;  // row open: earliest; closed: from when on the bank can be activated
    std::uint64_t refresh = 0;    // the number of the refresh before its activate
    std::uint64_t row = no_row;
  };
  // The last four activates of a rank.
  struct Activates {
    std::array<std::uint64_t, 4> at{};
    std::uint64_t refresh = 0;
    std::uint32_t next = 0, last_group = 0, count = 0, unused = 0;
    // Adds one, at `earliest` or when the others and `after_refresh` allow it; returns when.
    std::uint64_t next_at(std::uint64_t earliest, std::uint32_t group, std::uint64_t after_refresh, const Times& t);
  };
  struct Visit {
    // Of one row of a bank. first, last: position in the lane's order. busy: from the first to the last of those accesses that another row of the bank waits for in the same burst:
    // those of one block, since the others are reordered around it.
    std::uint32_t bank, activates, slot, lane, group, row, first, last, busy;
  };
  // The same for all groups of a row at once, while a burst is planned. `seen`: groups, in the order in which they were (four bits each).
  struct RowUse {
    std::uint32_t lane, slot, row;
    std::uint32_t seen = 0, groups_seen = 0;
    std::uint64_t order = 0;
    bool in_turn = false;  // the last accesses were a whole turn at least: they ended at `end` with `end_group`
    std::uint32_t end = 0, end_group = 0, busy = 0;
  };
  struct GroupUse {
    std::uint32_t first, last, busy;
  };
  // Accesses that follow each other in one lane, in the lane's own count.
  struct LaneRun {
    std::uint32_t lane;
    std::uint64_t first, end;
  };

  // One row of one slot in all banks of all lanes, opened by a burst that covered it: a contiguous burst inside it hits everywhere, and is served without a look at each bank.
  struct Line {
    std::uint64_t row = no_row, refresh = 0;
    std::uint64_t ready = 0;  // the last of its activates
  };

  Times base_;
  std::uint64_t access_bytes_, interleave_, refi_ = 0, rfc_ = 0;
  unsigned lanes_, groups_, ranks_, banks_per_group_, access_shift_, group_shift_, bank_shift_;
  bool open_page_;
  DramAddressMap map_;
  BankCalendar calendar_;
  std::uint64_t line_accesses_ = 0;                  // 0: the order of the address's bits has no such lines
  std::vector<Line> lines_;                          // by slot
  std::vector<std::uint64_t> line_precharge_;        // by slot, lane: earliest precharge after the bursts that were served by the line
  std::vector<Bank> banks_;                          // by slot, lane, group
  std::vector<Activates> activates_;                 // by rank, lane
  std::vector<std::uint64_t> read_end_, write_end_;  // of the last slots on each lane
  BankSet wrote_last_, used_;                        // lanes whose last burst was a write; that had one at all

  // Of the burst at hand.
  std::vector<LaneRun> runs_;  // of a contiguous one
  std::vector<Visit> visits_;
  std::uint32_t rows_used_ = 0;
  std::vector<RowUse> rows_;                                   // that many are in use
  std::vector<GroupUse> uses_;                                 // by row, group
  std::vector<std::uint32_t> latest_;                          // by slot, lane: the last of rows_ in it, if that is one of this burst
  std::vector<std::uint32_t> turns_;                           // of each lane: whole turns over the groups; what is beside them is in group_work_
  std::vector<std::uint32_t> work_, group_work_;               // of each lane: accesses, by group too
  std::vector<std::uint64_t> span_, step_;                     // of each lane: accesses, by group too; slot in time and from one access to the next
  std::vector<std::pair<std::uint32_t, Bank>> changed_banks_;  // by opening rows, with what was before
  std::vector<std::pair<std::uint32_t, Activates>> changed_activates_;
  std::vector<BankRound> rounds_;
  BankSet touched_;
  unsigned touched_lanes_ = 0;

  [[nodiscard]] Times times(unsigned divider) const;
  std::uint64_t plan(const DramBurst& burst, const Times& t);
  std::uint64_t plan_rows(const DramBurst& burst, const Times& t);
  std::uint64_t plan_lanes(std::uint64_t first, std::uint64_t end, const Times& t);
  void use_run(const LaneRun& run, std::uint32_t position);
  void use_row(std::uint32_t lane, std::uint64_t local, std::uint32_t accesses, std::uint32_t position, std::uint32_t most_busy);
  void begin_rows();
  void make_visits_of_runs();
  void make_visits();
  [[nodiscard]] std::uint64_t span() const;
  [[nodiscard]] std::uint64_t length_before_refresh(const DramBurst& burst, std::uint64_t at, const Times& t) const;
  DramService serve_planned(const DramBurst& burst, std::uint64_t accesses, core::SimTime at, core::SimTime now, const Times& t, unsigned divider);
  void set_spans(const Times& t, bool by_group);
  [[nodiscard]] std::uint64_t slot_of_line(std::uint64_t access) const { return access / line_accesses_ & (lines_.size() - 1); }
  [[nodiscard]] std::uint64_t row_of_line(std::uint64_t access) const { return access / line_accesses_ / lines_.size(); }
  [[nodiscard]] bool hits_line(std::uint64_t first, std::uint64_t end, std::uint64_t start, std::uint64_t span, bool write, const Times& t) const;
  void note_line(std::uint64_t access);
  // Opens what is closed and finds the start, from `start` on, where bus and turning allow it.
  std::uint64_t start_with_rows(const DramBurst& burst, std::uint64_t at, std::uint64_t start, std::uint64_t turn, std::uint64_t& span, const Times& t,
                                DramService& result);
  void close_pages(const Times& t);
  std::uint64_t open_rows(std::uint64_t at, std::uint64_t refresh, bool write, const Times& t, DramService& result);
  [[nodiscard]] std::uint64_t refreshes_before(std::uint64_t ps) const { return refi_ == 0 ? 0 : ps / refi_; }
  [[nodiscard]] std::uint64_t awake_after(std::uint64_t refresh) const { return refresh == 0 ? 0 : refresh * refi_ + rfc_; }
  void undo_rows();
  [[nodiscard]] bool is_unused(std::uint64_t refresh) const;
  [[nodiscard]] std::uint64_t turned(bool write, const Times& t) const;
};

}  // namespace spinvp::memory
