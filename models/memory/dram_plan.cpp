#include "models/memory/dram_plan.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace spinvp::memory {

DramPlan::DramPlan(const technology::DramDataSheet& sheet, const DramAddressMap& map)
    : map_(map),
      lanes_(sheet.lanes()),
      groups_(sheet.bank_groups),
      access_shift_(static_cast<unsigned>(std::countr_zero(sheet.access_bytes()))),
      group_shift_(static_cast<unsigned>(std::countr_zero(sheet.bank_groups))),
      shape_of_(lanes_),
      pieces_(lanes_),
      latest_(std::size_t{sheet.ranks} * sheet.banks_per_group * lanes_),
      work_(lanes_),
      group_work_(std::size_t{lanes_} * groups_),
      walked_(lanes_) {}

std::uint64_t DramPlan::make(const DramBurst& burst) {
  const std::uint64_t first = burst.address >> access_shift_, end = ((burst.address + burst.length - 1) >> access_shift_) + 1;
  if (burst.contiguous()) return map_.turn() > groups_ ? walk(burst) : make_runs(first, end);
  return !walks_everything_ && make_pieces(burst) ? burst.length >> access_shift_ : walk(burst);
}

void DramPlan::begin(Kind kind) {
  kind_ = kind;
  shapes_.clear();
  touched_.reset();
  std::fill(shape_of_.begin(), shape_of_.end(), untouched);
}

std::uint64_t DramPlan::make_runs(std::uint64_t first, std::uint64_t end) {
  begin(Kind::run);
  std::uint32_t shape = 0;
  map_.for_each_lane(first, end, [&](std::uint32_t lane, std::uint64_t from, std::uint64_t to) {
    const auto accesses = static_cast<std::uint32_t>(to - from);
    const auto is_like = [&](const Shape& s) { return s.run == from && s.accesses == accesses && !walks_everything_; };
    if (shapes_.empty() || !is_like(shapes_[shape])) {
      shape = static_cast<std::uint32_t>(std::find_if(shapes_.begin(), shapes_.end(), is_like) - shapes_.begin());
      if (shape == shapes_.size()) shapes_.push_back({lane, accesses, (accesses + groups_ - 1) >> group_shift_, from});
    }
    shape_of_[lane] = static_cast<std::uint16_t>(shape);
    touched_.set(lane);
  });
  return end - first;
}

// Rows of whole accesses that do not overlap. False: there are too many pieces.
bool DramPlan::make_pieces(const DramBurst& burst) {
  const std::uint64_t in_access = (std::uint64_t{1} << access_shift_) - 1, stripe = map_.stripe_accesses();
  if (((burst.address | burst.row_bytes | burst.stride) & in_access) != 0 || burst.stride < burst.row_bytes || burst.length % burst.row_bytes != 0)
    return false;
  if (map_.turn() > groups_ || stripe == 0) return false;
  const std::uint64_t first = burst.address >> access_shift_, stride = burst.stride >> access_shift_, length = burst.row_bytes >> access_shift_;
  const std::uint64_t rows = burst.length / burst.row_bytes, phases = stripe / std::gcd(stride, stripe);
  period_ = stride * phases / lanes_;
  if (phases > most_phases || period_ > 0xffffffffu || (period_ & (groups_ - 1)) != 0) return false;
  begin(Kind::pieces);
  for (Pieces& p : pieces_) p.count = 0;
  bool fits = true;
  for (std::uint64_t phase = 0; phase < std::min(phases, rows); ++phase) {
    const auto times = static_cast<std::uint32_t>((rows - phase - 1) / phases + 1);
    const std::uint64_t from = first + phase * stride;
    map_.for_each_lane(from, from + length, [&](std::uint32_t lane, std::uint64_t run, std::uint64_t end) {
      Pieces& p = pieces_[lane];
      if (p.count == most_pieces) {
        fits = false;
        return;
      }
      p.of[p.count++] = {run, static_cast<std::uint32_t>(end - run), times};
      touched_.set(lane);
    });
  }
  if (fits) set_shapes_of_pieces();
  return fits;
}

void DramPlan::set_shapes_of_pieces() {
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    const Pieces& p = pieces_[lane];
    if (p.count == 0) continue;
    std::size_t shape = shapes_.size();
    while (shape-- > 0)
      if (pieces_[shapes_[shape].lane] == p) break;
    if (shape < shapes_.size()) {
      shape_of_[lane] = static_cast<std::uint16_t>(shape);
      continue;
    }
    shape_of_[lane] = static_cast<std::uint16_t>(shapes_.size());
    Shape& mine = shapes_.emplace_back();
    mine.lane = lane;
    std::array<std::uint32_t, most_groups> work{};
    for (std::uint32_t i = 0; i < p.count; ++i) {
      mine.accesses += p.of[i].length * p.of[i].times;
      const std::uint32_t first = map_.group(p.of[i].first);
      for (std::uint32_t j = 0; j < groups_; ++j) work[(first + j) & (groups_ - 1)] += p.of[i].times * of_group(p.of[i].length, j);
    }
    mine.in_one_group = *std::max_element(work.begin(), work.begin() + groups_);
  }
}

// No row is met twice.
void DramPlan::visits_of_run(const Shape& shape, std::vector<Visit>& visits) const {
  const std::uint64_t row_accesses = map_.row_accesses(), piece = map_.piece_accesses();
  const std::uint64_t first_local = shape.run, end = first_local + shape.accesses;
  std::uint32_t position = 0;
  for (std::uint64_t local = first_local; local < end;) {
    const auto accesses = static_cast<std::uint32_t>(std::min(end, (local | (row_accesses - 1)) + 1) - local), mask = groups_ - 1;
    const std::uint32_t row = map_.row(local), slot = map_.slot(local), group = map_.group(local);
    const auto to_boundary = static_cast<std::uint32_t>(piece >= row_accesses ? row_accesses : piece - (local & (piece - 1)));
    const auto in_block = static_cast<std::uint32_t>(piece >> group_shift_);
    const bool alone = accesses == end - first_local;  // no other row of its bank follows, and nobody asks how long it is busy
    for (std::uint32_t j = 0; j < std::min(groups_, accesses); ++j) {
      const std::uint32_t each = of_group(accesses, j), first = position + j;
      std::uint32_t together = 1;
      if (!alone) {
        const std::uint32_t before = std::min(each, of_group(to_boundary, j));
        together = std::max({before, std::min(each - before, in_block), 1u});
      }
      visits.push_back({(slot << group_shift_) + ((group + j) & mask), (group + j) & mask, row, first, first + ((each - 1) << group_shift_),
                        (together - 1) << group_shift_});
    }
    position += accesses;
    local += accesses;
  }
}

std::uint32_t DramPlan::most_busy() const {
  const std::uint64_t row = map_.turn() > groups_ ? groups_ : map_.row_accesses(), block = std::min(map_.piece_accesses(), row);
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(block, groups_) - groups_);
}

// One piece inside a block: each row meets the same groups in the same order.
void DramPlan::visits_of_piece(const Piece& piece, std::vector<Visit>& visits) const {
  const std::uint32_t mask = groups_ - 1, group = map_.group(piece.first), met = std::min(groups_, piece.length), longest = most_busy();
  const std::uint64_t row_accesses = map_.row_accesses();
  std::array<Visit, most_groups> of_one{};
  for (std::uint32_t j = 0; j < met; ++j) {
    const std::uint32_t g = (group + j) & mask, further = (piece.length - 1 - j) & ~mask;
    of_one[j] = {g, g, 0, j, j + further, std::min(longest, further)};
  }
  std::uint64_t at = piece.first;
  for (std::uint32_t done = 0; done < piece.times;) {
    const auto room = static_cast<std::uint32_t>((at | (row_accesses - 1)) - at);
    const std::uint32_t times = room < period_ ? 1 : std::min(piece.times - done, room / static_cast<std::uint32_t>(period_) + 1);
    const std::uint32_t bank = map_.slot(at) << group_shift_, row = map_.row(at), first = done * piece.length, last = first + (times - 1) * piece.length;
    const std::size_t begin = visits.size();
    visits.resize(begin + met);
    for (std::uint32_t j = 0; j < met; ++j) {
      const Visit& v = of_one[j];
      visits[begin + j] = {bank + v.bank, v.group, row, first + v.first, last + v.last, v.busy};
    }
    done += times;
    at += times * period_;
  }
}

// known_groups: 0, or what groups_ is.
template <unsigned known_groups>
void DramPlan::visits_of_pieces(std::size_t lane, std::vector<Visit>& visits) const {
  const Pieces& p = pieces_[lane];
  const std::uint64_t row_accesses = map_.row_accesses(), block = std::min(map_.piece_accesses(), row_accesses);
  if (p.count == 1 && (p.of[0].first & (block - 1)) + p.of[0].length <= block) return visits_of_piece(p.of[0], visits);
  const std::uint32_t groups = known_groups != 0 ? known_groups : groups_, mask = groups - 1, longest = most_busy();
  struct Progress {
    std::uint64_t at = 0;              // the next access
    std::uint32_t done = 0, part = 0;  // times; accesses of the next time that lay in the row before
    std::uint32_t before = 0;          // position in its turn
  };
  std::array<Progress, most_pieces> progress;
  std::uint32_t turn = 0;  // accesses of all pieces once
  for (std::uint32_t i = 0; i < p.count; ++i) {
    progress[i] = {p.of[i].first, 0, 0, turn};
    turn += p.of[i].length;
  }
  constexpr std::uint32_t never = ~0u;
  std::array<GroupUse, most_groups> row;
  // `times` times accesses from `first` on, the first time at `position`.
  const auto add = [&](std::uint64_t first, std::uint32_t length, std::uint32_t position, std::uint32_t times) {
    in_blocks(first, length, [&](std::uint64_t from, std::uint32_t accesses) {
      const std::uint32_t group = map_.group(from), at = position + static_cast<std::uint32_t>(from - first), last = at + (times - 1) * turn;
      for (std::uint32_t j = 0; j < groups && j < accesses; ++j) {
        GroupUse& use = row[(group + j) & mask];
        const std::uint32_t further = (accesses - 1 - j) & ~mask;
        use.first = std::min(use.first, at + j);
        use.last = std::max(use.last, last + j + further);
        use.busy = std::max(use.busy, std::min(longest, further));
      }
    });
  };
  for (;;) {
    std::uint64_t lowest = ~std::uint64_t{0};
    for (std::uint32_t i = 0; i < p.count; ++i)
      if (progress[i].done < p.of[i].times) lowest = std::min(lowest, progress[i].at);
    if (lowest == ~std::uint64_t{0}) return;
    const std::uint64_t end = (lowest | (row_accesses - 1)) + 1;
    std::fill_n(row.begin(), groups, GroupUse{never, 0, 0});
    for (std::uint32_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.of[i];
      Progress& now = progress[i];
      const auto position = [&] { return now.done * turn + now.before + now.part; };
      if (now.done == piece.times || now.at >= end) continue;
      if (now.part > 0) {
        const auto rest = static_cast<std::uint32_t>(std::min<std::uint64_t>(piece.length - now.part, end - now.at));
        add(now.at, rest, position(), 1);
        now.at += rest;
        now.part += rest;
        if (now.part < piece.length) continue;
        now.at += period_ - piece.length;
        now.part = 0;
        ++now.done;
      }
      if (now.done < piece.times && now.at + piece.length <= end) {
        const auto room = static_cast<std::uint32_t>(end - piece.length - now.at);
        const std::uint32_t times = room < period_ ? 1 : std::min(piece.times - now.done, room / static_cast<std::uint32_t>(period_) + 1);
        add(now.at, piece.length, position(), times);
        now.at += times * period_;
        now.done += times;
      }
      if (now.done < piece.times && now.at < end) {
        const auto head = static_cast<std::uint32_t>(end - now.at);
        add(now.at, head, position(), 1);
        now.at = end;
        now.part = head;
      }
    }
    // In the order of their first access: mostly that of the groups, from the first one's on.
    const std::uint32_t bank = map_.slot(lowest) << group_shift_, number = map_.row(lowest), group = map_.group(lowest);
    const std::size_t begin = visits.size();
    for (std::uint32_t j = 0; j < groups; ++j) {
      const std::uint32_t g = (group + j) & mask;
      if (row[g].first == never) continue;
      visits.push_back({bank + g, g, number, row[g].first, row[g].last, row[g].busy});
      for (std::size_t i = visits.size() - 1; i > begin && visits[i].first < visits[i - 1].first; --i) std::swap(visits[i], visits[i - 1]);
    }
  }
}

void DramPlan::visits_of(const Shape& shape, std::vector<Visit>& visits) const {
  if (kind_ == Kind::run) return visits_of_run(shape, visits);
  if (kind_ == Kind::pieces) return groups_ == 4 ? visits_of_pieces<4>(shape.lane, visits) : visits_of_pieces<0>(shape.lane, visits);
  visits.insert(visits.end(), walked_[shape.lane].begin(), walked_[shape.lane].end());
}

}  // namespace spinvp::memory
