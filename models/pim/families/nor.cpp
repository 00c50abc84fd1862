// The `nor` family: FloatPIM's memristor NOR, output rows set twelve at a time (its full adder: 12 gates + 1 initialisation), content search near the array whose
// hits pick the lanes. Our full adder takes 9 two-input gates.
#include "models/pim/families/nor_assembler.h"
#include "models/pim/logic_family.h"

namespace spinvp::pim {

namespace {

constexpr std::size_t init_batch = 12;

std::optional<PublishedCount> published_count(FloatOperation operation, FloatFormat format, bool full_array) {
  using namespace published;
  // Each step drives one output cell of a lane. Of 13 steps of the adder one sets the outputs of the other 12; the closed forms do not tell them apart.
  const auto count = [](const StepCounts& steps) {
    return PublishedCount{steps, steps, 0, "published: closed forms of FloatPIM, ISCA 2019 (fact sheet 3.1, read in two independent digests)",
                          static_cast<double>(steps.nors) / 2 * init_batch / (init_batch + 1)};
  };
  const StepCounts multiply = full_array ? nor_multiply_full_array(format) : nor_multiply(format);
  switch (operation) {
    case FloatOperation::multiply: return count(multiply);
    case FloatOperation::add:
    case FloatOperation::subtract: return count(nor_add(format));
    case FloatOperation::multiply_accumulate: return count(multiply + nor_add(format));
    default: return std::nullopt;
  }
}

const FamilyRegistration registration(
    {.name = "nor",
     .text = "memristor NOR as in FloatPIM: batched initialisation, content search",
     .cell = "memristor",
     .assembler = [](const AssemblerOptions& o) { return std::make_unique<NorAssembler>(o.name, o.windows, o.most_rows, init_batch, true); },
     .published = published_count});

}  // namespace
}  // namespace spinvp::pim
