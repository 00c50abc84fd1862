#include "models/npu/operand_buffer.h"

namespace spinvp::npu {

void OperandBuffer::begin(std::uint64_t capacity) {
  capacity_ = capacity;
  used_ = 0;
  where_.clear();
  spare_.splice(spare_.end(), entries_);
}

Block* OperandBuffer::find(Side side, std::uint64_t block, std::uint64_t step) {
  const auto it = where_.find(key_of(side, block));
  if (it == where_.end()) return nullptr;
  it->second->step = step;
  entries_.splice(entries_.end(), entries_, it->second);
  return &it->second->block;
}

Block* OperandBuffer::take(Side side, std::uint64_t block, std::uint64_t bytes, std::uint64_t step, std::uint64_t at_work) {
  if (bytes > capacity_) return nullptr;
  while (used_ > capacity_ - bytes) {
    const Entry& oldest = entries_.front();
    if (oldest.step >= at_work) return nullptr;
    used_ -= oldest.bytes;
    where_.erase(oldest.key);
    spare_.splice(spare_.begin(), entries_, entries_.begin());
  }
  if (spare_.empty()) spare_.emplace_back();
  entries_.splice(entries_.end(), spare_, spare_.begin());
  Entry& entry = entries_.back();
  entry.key = key_of(side, block);
  entry.bytes = bytes;
  entry.step = step;
  where_[entry.key] = std::prev(entries_.end());
  used_ += bytes;
  return &entry.block;
}

}  // namespace spinvp::npu
