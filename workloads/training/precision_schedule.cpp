#include "workloads/training/precision_schedule.h"

#include <charconv>

#include <fmt/format.h>

namespace spinvp::workloads {
namespace {

constexpr unsigned fewest_bits = 2;

// Takes a whole number from the front of `text`.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}
bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

}  // namespace

tl::expected<PrecisionSchedule, std::string> PrecisionSchedule::parse(std::string_view text, unsigned most_bits) {
  PrecisionSchedule schedule;
  const auto wrong = [&](std::string_view entry, const std::string& what) {
    return tl::unexpected(fmt::format("'{}': {}; allowed are entries as 0%:6/8, from which part of the run on, bits forward and backward, {} to {}", entry,
                                      what, fewest_bits, most_bits));
  };
  while (true) {
    text.remove_prefix(std::min(text.size(), text.find_first_not_of(' ')));
    if (text.empty()) return schedule;
    const std::string_view whole = text.substr(0, text.find(' '));
    std::string_view entry = whole;
    text.remove_prefix(whole.size());
    std::uint64_t percent = 0, forward = 0, backward = 0;
    if (!take_number(entry, percent) || !take(entry, "%:") || !take_number(entry, forward) || !take(entry, "/") || !take_number(entry, backward) ||
        !entry.empty())
      return wrong(whole, "not an entry of a schedule");
    if (percent >= 100) return wrong(whole, "begins behind the end of the run");
    if (schedule.entries_.empty() && percent != 0) return wrong(whole, "the first entry must begin at 0%");
    if (!schedule.entries_.empty() && percent <= schedule.entries_.back().percent) return wrong(whole, "does not begin behind the entry before");
    for (const std::uint64_t bits : {forward, backward})
      if (bits < fewest_bits || bits > most_bits) return wrong(whole, fmt::format("{} bits", bits));
    schedule.entries_.push_back({percent, static_cast<unsigned>(forward), static_cast<unsigned>(backward)});
  }
}

std::vector<spinvp_program_precision> PrecisionSchedule::rows(std::uint64_t steps) const {
  std::vector<spinvp_program_precision> rows;
  for (const Entry& entry : entries_) {
    // ceil(percent x steps / 100) without overflow
    const std::uint64_t from = steps / 100 * entry.percent + (steps % 100 * entry.percent + 99) / 100;
    if (!rows.empty() && rows.back().from_step == from) rows.pop_back();
    rows.push_back({from, entry.forward, entry.backward});
  }
  return rows;
}

const spinvp_program_precision& precision_at(const std::vector<spinvp_program_precision>& rows, std::uint64_t step) {
  std::size_t at = 0;
  while (at + 1 < rows.size() && rows[at + 1].from_step <= step) ++at;
  return rows[at];
}

spinvp_program_bits bits_of(const Node& node) {
  return node.phase == Phase::forward || node.attributes.find(recomputed) != nullptr ? SPINVP_BITS_FORWARD : SPINVP_BITS_BACKWARD;
}

}  // namespace spinvp::workloads
