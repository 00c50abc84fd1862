#include "items.h"

namespace spinvp::conformance {

Item ItemDraw::control() {
  static constexpr std::uint8_t conditions[] = {0, 1, 4, 5, 6, 7};
  Item item;
  item.skip = static_cast<std::uint8_t>(random_.below(4));
  item.rd = static_cast<std::uint8_t>(destination());
  switch (random_.below(10)) {
    case 0: item.kind = Item::Kind::jump; break;
    case 1: item.kind = Item::Kind::compressed_jump; break;
    case 2:
      item.kind = Item::Kind::jump_register;
      item.rs1 = static_cast<std::uint8_t>(free());
      item.odd_target = random_.one_in(4);
      break;
    case 3:
      item.kind = Item::Kind::compressed_jump_register;
      item.rs1 = static_cast<std::uint8_t>(free());
      item.rd = reserved_.holds(1) ? 0 : static_cast<std::uint8_t>(random_.below(2));
      break;
    case 4:
    case 5:
      item.kind = Item::Kind::compressed_branch;
      item.funct3 = static_cast<std::uint8_t>(random_.below(2));
      item.rs1 = static_cast<std::uint8_t>(any_small());
      break;
    default:
      item.kind = Item::Kind::branch;
      item.funct3 = random_.pick(conditions);
      item.rs1 = static_cast<std::uint8_t>(any());
      item.rs2 = static_cast<std::uint8_t>(any());
  }
  return item;
}

}  // namespace spinvp::conformance
