#include "models/pim/float_parts.h"

namespace spinvp::pim {

Word widened(Assembler& as, ConstBits bits, std::size_t width) {
  Word word = as.copy(bits);
  while (word.size() < width) word.push_back(as.constant(false));
  return word;
}

void mark(Assembler& as, Gate gate, Bit& flag) { as.assign(gate, flag, true); }

void normalise(Assembler& as, Bits p, Bits exponent, unsigned stages) {
  Word shifted(stages);
  for (unsigned k = stages; k-- > 0;) {
    const unsigned distance = 1u << k;
    if (distance >= p.size()) {
      shifted[k] = as.constant(false);
      continue;
    }
    Gate gate = as.when_zero(p.last(distance));
    shifted[k] = as.bit_of(gate);
    as.shift_up(gate, p, distance);
  }
  as.subtract(exponent, shifted, as.constant(false));
}

void shift_down_sticky(Assembler& as, Bits p, ConstBits distance, Bit& sticky) {
  const unsigned stages = std::min<unsigned>(bits_for(p.size()), static_cast<unsigned>(distance.size()));
  for (unsigned k = 0; k < stages; ++k) {
    const unsigned step = 1u << k;
    const std::size_t lost = std::min<std::size_t>(step, p.size());
    const Bit out = as.any(p.first(lost));
    Gate gate = as.when(distance[k]);
    as.or_into(gate, sticky, out);
    as.shift_down(gate, p, static_cast<unsigned>(lost));
  }
  if (stages == distance.size()) return;
  const Bit far = as.any(distance.subspan(stages)), out = as.any(p);
  Gate gate = as.when(far);
  as.or_into(gate, sticky, out);
  as.assign(gate, p, false);
}

Word align_by_searches(Assembler& as, ConstBits s, ConstBits distance) {
  Word aligned = as.constant(0, static_cast<unsigned>(s.size()));
  for (std::size_t k = 0; k < s.size(); ++k) {
    if (bits_for(k) > distance.size()) break;
    Gate gate = as.when_equal(distance, k);
    as.assign(gate, Bits(aligned).first(s.size() - k), s.subspan(k));
  }
  return aligned;
}

}  // namespace spinvp::pim
