// The rows, activates and precharges of a DRAM, lane by lane, and which lanes are alike.
//
// Lanes whose banks have the same rows open since the same times are one *class*: its first lane stands for all of them, and a burst that asks the same of them is computed once. A burst that
// does not divides the class (divide()); classes that have become equal again are joined (join()). Equal means for whatever comes after the kernel's time: a precharge or an
// activate that is too long ago to hold anybody back is as good as another. So classes cost no accuracy; they only follow that most bursts treat most lanes alike.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "models/core/state.h"
#include "models/memory/dram_plan.h"

namespace spinvp::memory {

// In picoseconds. `after_read`, `after_write`: from a column command to the precharge. `write_to_read`: from the end of a write's slot to the read command.
struct DramTimes {
  explicit DramTimes(const technology::DramDataSheet& sheet);
  // All of them longer: of a slowed clock.
  [[nodiscard]] DramTimes slowed(unsigned divider) const;
  std::uint64_t access, burst, ccd_l, rcd_read, rcd_write, rp, ras, rc, cl, cwl, rrd_s, rrd_l, faw, after_read, after_write, write_to_read, read_to_write,
      interface;
};

struct DramBank {
  static constexpr std::uint64_t no_row = ~std::uint64_t{0};
  std::uint64_t activate = 0;   // the last one
  std::uint64_t precharge = 0;  // row open: earliest; closed: from when on the bank can be activated
  std::uint64_t refresh = 0;    // the number of the refresh before its activate
  std::uint64_t row = no_row;
};

// The last four activates of a rank, the newest last.
struct DramActivates {
  std::array<std::uint64_t, 4> at{};
  std::uint64_t refresh = 0;
  std::uint32_t last_group = 0, count = 0;

  // More of them, after refresh number `after_refresh`; store() puts them back.
  class Sequence {
   public:
    Sequence(const DramActivates& a, std::uint64_t after_refresh, const DramTimes& t) : rrd_s_(t.rrd_s), rrd_l_(t.rrd_l), faw_(t.faw), refresh_(a.refresh) {
      if (a.refresh < after_refresh) {
        refresh_ = after_refresh;  // a refresh takes longer than any distance between activates
        return;
      }
      first_ = a.at[0], second_ = a.at[1], third_ = a.at[2], fourth_ = a.at[3];
      last_group_ = a.last_group, count_ = a.count;
    }
    // Adds one, at `earliest` or when the others allow it; returns when.
    std::uint64_t next_at(std::uint64_t earliest, std::uint32_t group) {
      std::uint64_t when = earliest;
      if (count_ > 0) when = std::max(when, fourth_ + (group == last_group_ ? rrd_l_ : rrd_s_));
      if (count_ >= 4)
        when = std::max(when, first_ + faw_);
      else
        ++count_;
      first_ = second_, second_ = third_, third_ = fourth_, fourth_ = when;
      last_group_ = group;
      return when;
    }
    void store(DramActivates& a) const { a = {{first_, second_, third_, fourth_}, refresh_, last_group_, count_}; }

   private:
    std::uint64_t rrd_s_, rrd_l_, faw_, first_ = 0, second_ = 0, third_ = 0, fourth_ = 0, refresh_;
    std::uint32_t last_group_ = 0, count_ = 0;
  };
};

class DramBanks {
 public:
  explicit DramBanks(const technology::DramDataSheet& sheet);

  // Lanes of one class that a burst asks the same of. `lane` is the first of them and stands for all.
  struct Part {
    std::uint16_t lane, shape, old_class, lanes;
  };
  // Divides the classes by what the plan asks of their lanes; the parts are the classes from now on, in the order of their lanes.
  std::span<const Part> divide(const DramPlan& plan);
  // Joins classes that are equal for whatever comes at `now` or later, after refresh number `refresh`.
  void join(std::uint64_t now, std::uint64_t refresh, const DramTimes& t);
  void walk_everything() { joins_ = false; }

  // Of the class that `lane` stands for; banks by slot and group, activates by rank.
  [[nodiscard]] DramBank* banks(std::size_t lane) { return &banks_[lane * banks_per_lane_]; }
  [[nodiscard]] const DramBank* banks(std::size_t lane) const { return &banks_[lane * banks_per_lane_]; }
  [[nodiscard]] DramActivates* activates(std::size_t lane) { return &activates_[lane * ranks_]; }
  [[nodiscard]] const DramActivates* activates(std::size_t lane) const { return &activates_[lane * ranks_]; }
  [[nodiscard]] std::size_t classes() const { return parts_.size(); }

  void close_rows();
  void clear();
  void describe_state(core::StateArchive& archive);

 private:
  std::size_t lanes_, ranks_, banks_per_lane_;
  bool joins_ = true;
  std::vector<DramBank> banks_;
  std::vector<DramActivates> activates_;
  std::vector<std::uint16_t> class_;  // of each lane: the first lane of its class
  std::vector<Part> parts_;
  [[nodiscard]] bool equal(std::size_t a, std::size_t b, std::uint64_t now, std::uint64_t refresh, const DramTimes& t) const;
};

}  // namespace spinvp::memory
