#include "platform/report/power_csv.h"

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "platform/report/significant_digits.h"

namespace spinvp::platform {
namespace {

// Whole picoseconds of up to a second, and power within 1e-9 of itself: half the size of all 17 digits.
constexpr int time_digits = 12, power_digits = 10;

// `,<power>`. A component that rests has the same power in many bins: its text is made once.
class Field {
 public:
  char* write(char* out, double power) {
    if (power != power_) {
      power_ = power;
      length_ = static_cast<std::size_t>(write_number(text_.data() + 1, power, power_digits) - text_.data());
    }
    std::memcpy(out, text_.data(), text_.size());  // whole: a copy of fixed length
    return out + length_;
  }
  static constexpr std::size_t longest = longest_number + 1;

 private:
  double power_ = std::numeric_limits<double>::quiet_NaN();
  std::array<char, longest> text_{','};
  std::size_t length_ = 0;
};

}  // namespace

void write_power_csv(std::ostream& out, const core::EnergyAccount& energy, const PowerTrace& trace) {
  out << "time_s,total_w";
  for (std::uint32_t i = 0; i < energy.components(); ++i) out << ',' << energy.component_name({i});
  out << '\n';
  std::vector<Field> fields(energy.components() + 1);  // the total's first
  const std::size_t longest_row = longest_number + Field::longest * fields.size() + 1;
  std::string rows(64 * 1024 + longest_row, '\0');
  char* end = rows.data();
  const auto flush = [&] {
    out.write(rows.data(), end - rows.data());
    end = rows.data();
  };
  PowerTrace::Bin bin;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    trace.read(i, bin);
    end = write_number(end, bin.time_s, time_digits);
    end = fields[0].write(end, bin.total_w);
    for (std::size_t c = 0; c < bin.components_w.size(); ++c) end = fields[c + 1].write(end, bin.components_w[c]);
    *end++ = '\n';
    if (rows.data() + rows.size() - end < static_cast<std::ptrdiff_t>(longest_row)) flush();
  }
  flush();
}

}  // namespace spinvp::platform
