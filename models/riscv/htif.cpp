#include "models/riscv/htif.h"

#include <algorithm>
#include <array>

namespace spinvp::riscv {

void Htif::answer() {
  std::uint64_t none = 0, done = 1;
  host_.write(tohost_, &none, sizeof none);
  if (fromhost_ != 0) host_.write(fromhost_, &done, sizeof done);
}

void Htif::system_call(std::uint64_t block) {
  constexpr std::uint64_t write_number = 64, most_bytes = 1 << 20;
  std::array<std::uint64_t, 4> words{};  // number, file, buffer, length
  if (!host_.read(block, words.data(), sizeof words)) return host_.complain("tohost: the request lies outside memory");
  std::uint64_t result = ~std::uint64_t{0};
  if (words[0] == write_number && (words[1] == 1 || words[1] == 2)) {
    std::string text(static_cast<std::size_t>(std::min(words[3], most_bytes)), '\0');
    if (host_.read(words[2], text.data(), text.size())) {
      host_.console(text);
      result = text.size();
    }
  } else {
    host_.complain("tohost: system call " + std::to_string(words[0]) + " is not supported");
  }
  host_.write(block, &result, sizeof result);
}

void Htif::after_store() {
  std::uint64_t value = 0;
  if (!host_.read(tohost_, &value, sizeof value) || value == 0) return;
  if (value >> 48 == 0x0101) {
    const char c = static_cast<char>(value & 0xff);
    host_.console(std::string_view(&c, 1));
    return answer();
  }
  if (value >> 48 != 0) {
    host_.complain("tohost: device " + std::to_string(value >> 56) + " does not exist");
    return answer();
  }
  if ((value & 1) != 0) return host_.finish(value >> 1);
  system_call(value);
  answer();
}

}  // namespace spinvp::riscv
