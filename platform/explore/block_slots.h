// Slots that hold blocks of one operand in the NPU's scratch; the least recently used one gives way, as in models/npu/matrix_execution.h.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

namespace spinvp::platform {

class BlockSlots {
 public:
  explicit BlockSlots(std::uint64_t slots) : slots_(slots) {}
  // Whether the block must be loaded.
  bool loads(std::uint64_t block) {
    const auto found = where_.find(block);
    if (found != where_.end()) {
      order_.splice(order_.end(), order_, found->second);
      return false;
    }
    if (order_.size() == slots_) {
      where_.erase(order_.front());
      order_.pop_front();
    }
    where_[block] = order_.insert(order_.end(), block);
    return true;
  }

 private:
  std::uint64_t slots_;
  std::list<std::uint64_t> order_;
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> where_;
};

}  // namespace spinvp::platform
