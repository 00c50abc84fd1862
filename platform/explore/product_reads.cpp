#include "platform/explore/product_reads.h"

#include <array>
#include <cstring>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>

#include "models/npu/job.h"
#include "models/npu/plan.h"

namespace spinvp::platform {

namespace {

using workloads::compiler::ProductReads;

// Slots of scratch that hold blocks of one operand; the least recently used one gives way.
class Store {
 public:
  explicit Store(std::uint64_t slots) : slots_(slots) {}
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

class Side {
 public:
  Side(const npu::Operand& operand, const npu::Slots& slots) : operand_(operand), store_(slots.count), in_place_(slots.count == 0) {}
  void use(std::uint64_t block, npu::Range products, npu::Range outer, npu::Range k) {
    if (in_place_ || !store_.loads(block)) return;
    const auto [known, first] = bytes_.try_emplace(block, 0);
    if (first) known->second = operand_.region(products, outer, k).bytes(operand_.tensor());
    loaded_ += known->second;
  }
  [[nodiscard]] std::uint64_t bytes() const { return in_place_ ? operand_.tensor().bytes() : loaded_; }

 private:
  const npu::Operand& operand_;
  Store store_;
  bool in_place_;
  std::uint64_t loaded_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> bytes_;  // of each block
};

ProductReads walked(const npu::PlanLimits& limits, const npu::Limits& checks, const spinvp_npu_descriptor& product, bool a_on_chip, bool b_on_chip,
                    bool c_on_chip) {
  const auto job = npu::check(product, checks);
  if (!job) return ProductReads{};
  const auto& matrix = std::get<npu::MatrixJob>(job->work);
  npu::PlanLimits here = limits;
  here.a_in_place = a_on_chip;
  here.b_in_place = b_on_chip;
  here.c_in_place = c_on_chip;
  const auto plan = npu::plan(matrix, here);
  if (!plan) return ProductReads{matrix.a.tensor().bytes(), matrix.b.tensor().bytes()};
  Side a(matrix.a, plan->a), b(matrix.b, plan->b);
  for (std::uint64_t i = 0; i < plan->steps(); ++i) {
    const npu::Step step = plan->step(i);
    b.use(plan->b_block(step), plan->b_products(step), step.n, step.k);
    a.use(plan->a_block(step), plan->a_products(step), step.m, step.k);
  }
  return ProductReads{a.bytes(), b.bytes()};
}

}  // namespace

workloads::compiler::ReadsOf product_reads(const npu::NpuConfig& config) {
  // Networks repeat their products, and a search over memories asks for the same ones again.
  using Key = std::array<char, sizeof(spinvp_npu_descriptor) + 1>;
  auto known = std::make_shared<std::map<Key, ProductReads>>();
  return
      [limits = config.plan_limits(), checks = config.limits(), known](const spinvp_npu_descriptor& product, bool a_on_chip, bool b_on_chip, bool c_on_chip) {
        spinvp_npu_descriptor bare = product;
        bare.flags &= ~(SPINVP_NPU_EPILOGUE | SPINVP_NPU_PHANTOM);
        Key key;
        std::memcpy(key.data(), &bare, sizeof bare);
        key.back() = static_cast<char>((a_on_chip ? 1 : 0) | (b_on_chip ? 2 : 0) | (c_on_chip ? 4 : 0));
        const auto [entry, fresh] = known->try_emplace(key);
        if (fresh) entry->second = walked(limits, checks, bare, a_on_chip, b_on_chip, c_on_chip);
        return entry->second;
      };
}

}  // namespace spinvp::platform
