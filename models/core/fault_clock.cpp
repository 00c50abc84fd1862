#include "models/core/fault_clock.h"

#include "models/core/exact_math.h"
#include "models/core/plain_log.h"
#include "models/core/random_bits.h"

namespace spinvp::core {

namespace {
// Far enough for any run, and a sum of two of them still fits 64 bits.
constexpr std::uint64_t forever = std::uint64_t{1} << 62;

std::uint64_t whole(double x) { return x >= static_cast<double>(forever) ? forever : static_cast<std::uint64_t>(x < 0 ? 0 : x); }
}  // namespace

FaultClock::FaultClock(double rate, std::uint64_t seed) : rate_(rate), log_keep_(rate > 0 && rate < 1 ? exact::log1p(-rate) : 0), seed_(random_bits(seed, 0)) {
  wait_ = draw();
}

std::uint64_t FaultClock::draw() {
  if (rate_ <= 0) return forever;
  if (rate_ >= 1) return 0;
  return whole(plain_log(random_unit(seed_, drawn_++)) / log_keep_);
}

void FaultClock::describe_state(StateArchive& archive) {
  archive.item("fault_drawn", drawn_);
  archive.item("fault_wait", wait_);
}

ArrivalClock::ArrivalClock(Frequency rate, std::uint64_t seed) : rate_per_ps_(rate.si() * 1e-12), seed_(random_bits(seed, 0)) { advance(); }

void ArrivalClock::advance() {
  if (next_ == SimTime::never()) return;
  const std::uint64_t span = rate_per_ps_ > 0 ? whole(-plain_log(random_unit(seed_, drawn_++)) / rate_per_ps_) : forever;
  next_ = span >= forever - next_.ps() ? SimTime::never() : next_ + SimTime::ps(span);
}

void ArrivalClock::describe_state(StateArchive& archive) {
  archive.item("arrivals_drawn", drawn_);
  archive.item("arrival_next", next_);
}

}  // namespace spinvp::core
