#include "models/peripherals/power_manager.h"

#include <algorithm>

namespace spinvp::peripherals {

using core::Access;

namespace {

constexpr double joules_per_nanojoule = 1e-9;

std::uint64_t nanojoules(double joules) { return static_cast<std::uint64_t>(joules / joules_per_nanojoule + 0.5); }

std::uint64_t nanoseconds_now() { return core::now().ps() / 1000; }

core::RegisterSpec name_register(unsigned word) {
  return {.name = "NAME" + std::to_string(word),
          .offset = 0x28 + 8 * word,
          .width = 8,
          .access = Access::read_only,
          .text = "characters " + std::to_string(8 * word) + " to " + std::to_string(8 * word + 7) +
                  " of the selected domain's name, the first in the lowest byte"};
}

const std::vector<core::RegisterField>& error_fields() {
  static const std::vector<core::RegisterField> fields = {{"REFUSED", 0, 1, "the component refuses to leave the state on"},
                                                          {"BAD_VALUE", 1, 1, "no such domain, state or divider"}};
  return fields;
}

}  // namespace

const core::Schema& PowerManagerConfig::schema() {
  static const core::Schema schema = core::Schema::of<PowerManagerConfig>();
  return schema;
}

PowerManager::PowerManager(const sc_core::sc_module_name& name, core::Simulation& simulation, const PowerManagerConfig&)
    : RegisterDevice(name, simulation, "power_manager", 0x1000),
      domain_count_(bank_, {.name = "DOMAIN_COUNT", .offset = 0x00, .access = Access::read_only, .text = "number of domains, at most 32"}),
      select_(bank_, {.name = "SELECT", .offset = 0x04, .text = "domain whose name and energy are read; 0xFFFFFFFF: all components together"}),
      latch_(bank_, {.name = "LATCH", .offset = 0x08, .access = Access::write_only, .text = "any write takes a snapshot of all energies and of the time"}),
      error_(bank_,
             {.name = "ERROR", .offset = 0x0c, .access = Access::write_one_to_clear, .text = "what went wrong since it was cleared", .fields = error_fields()}),
      energy_(bank_, {.name = "ENERGY_NJ",
                      .offset = 0x10,
                      .width = 8,
                      .access = Access::read_only,
                      .text = "energy of the selected domain in the snapshot, in nanojoules"}),
      latch_time_(bank_,
                  {.name = "LATCH_TIME_NS", .offset = 0x18, .width = 8, .access = Access::read_only, .text = "simulated time of the snapshot in nanoseconds"}),
      time_(bank_, {.name = "TIME_NS", .offset = 0x20, .width = 8, .access = Access::read_only, .text = "simulated time in nanoseconds"}),
      name_{{{bank_, name_register(0)}, {bank_, name_register(1)}, {bank_, name_register(2)}, {bank_, name_register(3)}}},
      enable_(bank_, {.name = "ENABLE", .offset = 0x48, .text = "which errors interrupt", .fields = error_fields()}),
      state_(bank_, {.name = "STATE",
                     .offset = 0x100,
                     .text = "power state of one domain",
                     .fields = {{"STATE", 0, 2, "0 on, 1 clock gated, 2 retention, 3 off"}},
                     .count = most_domains}),
      divider_(bank_, {.name = "DIVIDER",
                       .offset = 0x180,
                       .reset = 1,
                       .text = "clock divider of one domain",
                       .fields = {{"DIVIDER", 0, 9, "1 to 256"}},
                       .count = most_domains}) {
  set_interrupt(line_);
  const auto serve = [](core::Register& reg, auto value) {
    reg.on_read_at(value);
    reg.on_peek(value);
  };
  serve(domain_count_, [this](unsigned) -> std::uint64_t { return domains_.size(); });
  serve(energy_, [this](unsigned) { return selected_energy(); });
  serve(latch_time_, [this](unsigned) { return latched_ns_; });
  serve(time_, [](unsigned) { return nanoseconds_now(); });
  for (unsigned word = 0; word < name_.size(); ++word) serve(name_[word], [this, word](unsigned) { return name_word(word); });
  serve(state_, [this](unsigned d) -> std::uint64_t { return d < domains_.size() ? static_cast<std::uint64_t>(domains_[d]->power_state()) : 0; });
  serve(divider_, [this](unsigned d) -> std::uint64_t { return d < domains_.size() ? domains_[d]->clock().divider() : 1; });
  latch_.on_write([this](std::uint64_t, std::uint64_t) { latch(); });
  error_.on_write([this](std::uint64_t, std::uint64_t) { update(); });
  enable_.on_write([this](std::uint64_t, std::uint64_t value) {
    enable_.set(value & 3);
    update();
  });
  state_.on_write_at([this](unsigned domain, std::uint64_t, std::uint64_t value) { set_state(domain, value); });
  divider_.on_write_at([this](unsigned domain, std::uint64_t, std::uint64_t value) { set_divider(domain, value); });
}

void PowerManager::on_platform(const core::PlatformView& view) {
  domains_.assign(view.components.begin(), view.components.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(view.components.size(), most_domains)));
  if (view.components.size() > most_domains)
    simulation().warn(name(), fmt::format("{} components, of which firmware can switch and measure the first {} alone", view.components.size(), most_domains));
}

void PowerManager::latch() {
  const core::SimTime now = core::now();
  for (std::size_t d = 0; d < domains_.size(); ++d) latched_nj_[d] = nanojoules(simulation().energy.energy_until(domains_[d]->id(), now));
  latched_nj_.back() = nanojoules(simulation().energy.energy_until(now));
  latched_ns_ = nanoseconds_now();
}

void PowerManager::set_state(unsigned domain, std::uint64_t state) {
  if (domain >= domains_.size() || state >= core::power_state_names.size()) {
    log_guest_error("power state {} for domain {}: states are 0 to 3, there are {} domains", state, domain, domains_.size());
    return report_error("BAD_VALUE");
  }
  core::Component& component = *domains_[domain];
  const auto target = static_cast<core::PowerState>(state);
  if (target != component.power_state() && target != core::PowerState::on && !component.can_power_down()) {
    log_guest_error("{} refuses to go {}", component.name(), core::power_state_names[state]);
    return report_error("REFUSED");
  }
  component.set_power_state(target);
}

void PowerManager::set_divider(unsigned domain, std::uint64_t divider) {
  if (domain >= domains_.size() || divider < 1 || divider > largest_divider) {
    log_guest_error("clock divider {} for domain {}: dividers are 1 to {}, there are {} domains", divider, domain, largest_divider, domains_.size());
    return report_error("BAD_VALUE");
  }
  domains_[domain]->clock().set_divider(static_cast<unsigned>(divider));
}

std::uint64_t PowerManager::selected_energy() const {
  const std::uint64_t selected = select_.get();
  if (selected == all_domains) return latched_nj_.back();
  return selected < domains_.size() ? latched_nj_[selected] : 0;
}

std::uint64_t PowerManager::name_word(unsigned word) const {
  const std::uint64_t selected = select_.get();
  const std::string text = selected == all_domains ? "total" : selected < domains_.size() ? domains_[selected]->basename() : "";
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 8 && 8 * word + i < text.size(); ++i) value |= std::uint64_t{static_cast<std::uint8_t>(text[8 * word + i])} << (8 * i);
  return value;
}

void PowerManager::report_error(const char* field) {
  error_.set_field(field, 1);
  update();
}

void PowerManager::update() { line_.set((error_.get() & enable_.get()) != 0); }

void PowerManager::on_reset() {
  RegisterDevice::on_reset();
  latched_nj_ = {};
  latched_ns_ = 0;
  update();
}

void PowerManager::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  archive.item("latched_nj", latched_nj_);
  archive.item("latched_ns", latched_ns_);
  if (archive.reading()) update();
}

static const core::DeviceRegistration registration =
    core::register_device<PowerManager, PowerManagerConfig>("power_manager", "power states, clock dividers and energy counters of all components");

}  // namespace spinvp::peripherals
