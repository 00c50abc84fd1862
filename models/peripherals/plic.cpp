#include "models/peripherals/plic.h"

#include <algorithm>
#include <bit>

namespace spinvp::peripherals {

namespace {

template <typename Bits>
bool bit(const Bits& bits, std::uint64_t source) {
  return ((bits[source / 32] >> (source % 32)) & 1) != 0;
}

template <typename Bits>
void set_bit(Bits& bits, std::uint64_t source, bool value) {
  const std::uint32_t mask = std::uint32_t{1} << (source % 32);
  bits[source / 32] = value ? bits[source / 32] | mask : bits[source / 32] & ~mask;
}

core::RegisterSpec enable_word(unsigned word) {
  return {.name = "ENABLE" + std::to_string(word),
          .offset = 0x2000 + 4 * word,
          .text = "of one context: sources " + std::to_string(32 * word) + " to " + std::to_string(32 * word + 31) + " may interrupt it",
          .count = Plic::most_contexts,
          .stride = 0x80};
}

constexpr std::uint64_t highest_priority = 7;

}  // namespace

const core::Schema& PlicConfig::schema() {
  static const core::Schema schema = core::Schema::of<PlicConfig>();
  return schema;
}

Plic::Plic(const sc_core::sc_module_name& name, core::Simulation& simulation, const PlicConfig&)
    : RegisterDevice(name, simulation, "plic", 0x4000000, core::Frequency::from_si(1e9), core::Violation::ignore),
      priority_(bank_, {.name = "PRIORITY",
                        .offset = 0,
                        .text = "of one source (index 0 is no source)",
                        .fields = {{"PRIORITY", 0, 3, "0 never interrupts, 7 is the highest"}},
                        .count = sources + 1}),
      pending_register_(
          bank_,
          {.name = "PENDING", .offset = 0x1000, .access = core::Access::read_only, .text = "bit b of word w: source 32 w + b is pending", .count = words}),
      enable_{{{bank_, enable_word(0)}, {bank_, enable_word(1)}, {bank_, enable_word(2)}, {bank_, enable_word(3)}}},
      threshold_(bank_, {.name = "THRESHOLD",
                         .offset = 0x200000,
                         .text = "of one context",
                         .fields = {{"THRESHOLD", 0, 3, "only higher priorities interrupt"}},
                         .count = most_contexts,
                         .stride = 0x1000}),
      claim_(bank_, {.name = "CLAIM",
                     .offset = 0x200004,
                     .text = "of one context: a read claims the best pending source (0: none), a write completes it",
                     .fields = {{"SOURCE", 0, 10, "the source's number"}},
                     .count = most_contexts,
                     .stride = 0x1000}) {
  static_assert(words == 4, "one register an enable word");
  priority_.on_write_at([this](unsigned source, std::uint64_t, std::uint64_t value) {
    priority_.set(source == 0 ? 0 : value & highest_priority, source);
    update();
  });
  pending_register_.on_read_at([this](unsigned word) { return pending(word); });
  pending_register_.on_peek([this](unsigned word) { return pending(word); });
  for (unsigned word = 0; word < words; ++word)
    enable_[word].on_write_at([this, word](unsigned context, std::uint64_t, std::uint64_t value) {
      // Only bits of sources that exist hold a one.
      std::uint64_t exist = 0;
      for (unsigned b = 0; b < 32; ++b)
        if (const unsigned source = 32 * word + b; source >= 1 && source <= sources) exist |= std::uint64_t{1} << b;
      enable_[word].set(value & exist, context);
      update();
    });
  threshold_.on_write_at([this](unsigned context, std::uint64_t, std::uint64_t value) {
    threshold_.set(value & highest_priority, context);
    update();
  });
  claim_.on_read_at([this](unsigned context) { return claim(context); });
  claim_.on_peek([this](unsigned context) { return best(context); });
  claim_.on_write_at([this](unsigned context, std::uint64_t, std::uint64_t source) {
    claim_.set(0, context);
    complete(context, source);
  });
}

void Plic::on_platform(const core::PlatformView& view) {
  lines_.resize(std::min<std::size_t>(2 * view.harts.size(), most_contexts));
  for (std::size_t context = 0; context < lines_.size(); ++context)
    lines_[context].bind(*view.harts[context / 2], context % 2 == 0 ? core::machine_external : core::supervisor_external);
  update();
}

void Plic::set_level(unsigned source, bool level) {
  if (source < 1 || source > sources) return;
  set_bit(level_, source, level);
  if (level && !bit(claimed_, source)) set_bit(latched_, source, true);
  update();
}

unsigned Plic::best(unsigned context) const {
  unsigned winner = 0;
  std::uint64_t priority = 0;
  for (unsigned word = 0; word < words; ++word)
    for (std::uint32_t open = pending(word) & static_cast<std::uint32_t>(enable_[word].get(context)); open != 0; open &= open - 1) {
      const unsigned source = 32 * word + static_cast<unsigned>(std::countr_zero(open));
      if (priority_.get(source) > priority) {
        priority = priority_.get(source);
        winner = source;
      }
    }
  return winner;
}

unsigned Plic::claim(unsigned context) {
  const unsigned source = best(context);
  if (source == 0) return 0;
  set_bit(latched_, source, false);
  set_bit(claimed_, source, true);
  update();
  return source;
}

void Plic::complete(unsigned context, std::uint64_t source) {
  if (source < 1 || source > sources || ((enable_[source / 32].get(context) >> (source % 32)) & 1) == 0) return;
  set_bit(claimed_, source, false);
  if (bit(level_, source)) set_bit(latched_, source, true);
  update();
}

void Plic::update() {
  for (unsigned context = 0; context < lines_.size(); ++context) {
    const unsigned source = best(context);
    lines_[context].set(source != 0 && priority_.get(source) > threshold_.get(context));
  }
}

void Plic::on_reset() {
  RegisterDevice::on_reset();
  latched_ = claimed_ = {};  // levels belong to the devices
  update();
}

void Plic::describe_state(core::StateArchive& archive) {
  RegisterDevice::describe_state(archive);
  archive.item("latched", latched_);
  archive.item("level", level_);
  archive.item("claimed", claimed_);
  if (archive.reading()) update();
}

static const core::DeviceRegistration registration = core::register_device<Plic, PlicConfig>("plic", "platform-level interrupt controller, SiFive layout");

}  // namespace spinvp::peripherals
