#include "models/peripherals/clint.h"

#include <algorithm>

namespace spinvp::peripherals {

using core::SimTime;

const core::Schema& ClintConfig::schema() {
  static const core::Schema schema = core::Schema::of<ClintConfig>();
  return schema;
}

Clint::Clint(const sc_core::sc_module_name& name, core::Simulation& simulation, const ClintConfig&)
    : RegisterDevice(name, simulation, "clint", 0x10000, core::Frequency::from_si(1e9), core::Violation::ignore),
      msip_(bank_, {.name = "MSIP",
                    .offset = 0,
                    .text = "machine software interrupt of one hart",
                    .fields = {{"PENDING", 0, 1, "the interrupt is pending"}},
                    .count = most_harts}),
      mtimecmp_(bank_, {.name = "MTIMECMP",
                        .offset = 0x4000,
                        .width = 8,
                        .reset = ~std::uint64_t{0},
                        .text = "the timer interrupt of one hart is pending while MTIME is at least this",
                        .count = most_harts}),
      mtime_(bank_, {.name = "MTIME", .offset = 0xbff8, .width = 8, .text = "ticks of the time base (10 MHz)"}) {
  msip_.on_write_at([this](unsigned hart, std::uint64_t, std::uint64_t value) {
    msip_.set(hart < harts_.size() ? value & 1 : 0, hart);
    if (hart < harts_.size()) harts_[hart].software.set((value & 1) != 0);
  });
  mtimecmp_.on_read_at([this](unsigned hart) { return hart < harts_.size() ? mtimecmp_.get(hart) : 0; });
  mtimecmp_.on_peek([this](unsigned hart) { return hart < harts_.size() ? mtimecmp_.get(hart) : 0; });
  mtimecmp_.on_write_at([this](unsigned, std::uint64_t, std::uint64_t) { update(); });
  mtime_.on_read([this] { return mtime(); });
  mtime_.on_peek([this](unsigned) { return mtime(); });
  mtime_.on_write([this](std::uint64_t, std::uint64_t value) {
    offset_ = value - core::now() / tick_;
    update();
  });

  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&change_);
  sc_core::sc_spawn([this] { update(); }, "timer", &options);
}

void Clint::on_platform(const core::PlatformView& view) {
  tick_ = SimTime::from(1.0 / core::Frequency::from_si(view.mtime_hz));
  harts_.resize(std::min<std::size_t>(view.harts.size(), most_harts));
  for (std::size_t hart = 0; hart < harts_.size(); ++hart) {
    harts_[hart].software.bind(*view.harts[hart], core::machine_software);
    harts_[hart].timer.bind(*view.harts[hart], core::machine_timer);
  }
  update();
}

SimTime Clint::after(std::uint64_t ticks) const {
  const std::uint64_t current = core::now() / tick_, last = SimTime::never() / tick_;
  return ticks >= last - current ? SimTime::never() : tick_ * (current + ticks);
}

void Clint::update() {
  // A partial write of MTIME merges with what it reads.
  const std::uint64_t time = mtime();
  mtime_.set(time);
  SimTime next = SimTime::never();
  for (std::size_t hart = 0; hart < harts_.size(); ++hart) {
    const std::uint64_t compare = mtimecmp_.get(static_cast<unsigned>(hart));
    const bool pending = time >= compare;
    harts_[hart].timer.set(pending);
    const SimTime rise = pending ? SimTime::never() : after(compare - time);
    harts_[hart].timer.announce_rise(rise);
    // 0 - time: ticks until MTIME wraps, where a level falls.
    next = std::min(next, pending && compare != 0 ? after(0 - time) : rise);
  }
  change_.cancel();
  if (next != SimTime::never()) change_.notify(core::to_sc(next - core::now()));
}

void Clint::on_reset() {
  RegisterDevice::on_reset();
  offset_ = 0;
  for (Lines& lines : harts_) lines.software.set(false);
  update();
}

void Clint::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  archive.item("offset", offset_);
  if (!archive.reading()) return;
  for (std::size_t hart = 0; hart < harts_.size(); ++hart) harts_[hart].software.set(msip_.get(static_cast<unsigned>(hart)) != 0);
  update();
}

static const core::DeviceRegistration registration = core::register_device<Clint, ClintConfig>("clint", "timer and software interrupts, SiFive CLINT layout");

}  // namespace spinvp::peripherals
