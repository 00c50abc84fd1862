#include "models/riscv/float_operations.h"

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;
using S = SoftFloat<Binary32>;
using D = SoftFloat<Binary64>;

u64 sign_extended(u64 word) { return static_cast<u64>(static_cast<std::int64_t>(static_cast<std::int32_t>(word))); }
u64 zero_extended(u64 word) { return word & 0xffffffff; }

}  // namespace

u64 soft_operation(Operation operation, Rounding mode, u64 ra, u64 rb, u64 rc, unsigned& flags) {
  const u64 a = unbox(ra), b = unbox(rb), c = unbox(rc);
  const auto boxed = [](u64 single) { return box(static_cast<std::uint32_t>(single)); };
  switch (operation) {
    using enum Operation;
    case fadd_s: return boxed(S::add(a, b, mode, flags));
    case fsub_s: return boxed(S::subtract(a, b, mode, flags));
    case fmul_s: return boxed(S::multiply(a, b, mode, flags));
    case fdiv_s: return boxed(S::divide(a, b, mode, flags));
    case fsqrt_s: return boxed(S::square_root(a, mode, flags));
    case fmadd_s: return boxed(S::fused_multiply_add(a, b, c, mode, flags));
    case fmsub_s: return boxed(S::fused_multiply_add(a, b, c ^ S::sign_mask, mode, flags));
    case fnmsub_s: return boxed(S::fused_multiply_add(a ^ S::sign_mask, b, c, mode, flags));
    case fnmadd_s: return boxed(S::fused_multiply_add(a ^ S::sign_mask, b, c ^ S::sign_mask, mode, flags));
    case fadd_d: return D::add(ra, rb, mode, flags);
    case fsub_d: return D::subtract(ra, rb, mode, flags);
    case fmul_d: return D::multiply(ra, rb, mode, flags);
    case fdiv_d: return D::divide(ra, rb, mode, flags);
    case fsqrt_d: return D::square_root(ra, mode, flags);
    case fmadd_d: return D::fused_multiply_add(ra, rb, rc, mode, flags);
    case fmsub_d: return D::fused_multiply_add(ra, rb, rc ^ D::sign_mask, mode, flags);
    case fnmsub_d: return D::fused_multiply_add(ra ^ D::sign_mask, rb, rc, mode, flags);
    case fnmadd_d: return D::fused_multiply_add(ra ^ D::sign_mask, rb, rc ^ D::sign_mask, mode, flags);
    case fcvt_w_s: return S::to_integer(a, 32, true, mode, flags);
    case fcvt_wu_s: return S::to_integer(a, 32, false, mode, flags);
    case fcvt_l_s: return S::to_integer(a, 64, true, mode, flags);
    case fcvt_lu_s: return S::to_integer(a, 64, false, mode, flags);
    case fcvt_w_d: return D::to_integer(ra, 32, true, mode, flags);
    case fcvt_wu_d: return D::to_integer(ra, 32, false, mode, flags);
    case fcvt_l_d: return D::to_integer(ra, 64, true, mode, flags);
    case fcvt_lu_d: return D::to_integer(ra, 64, false, mode, flags);
    case fcvt_s_w: return boxed(S::from_integer(sign_extended(ra), true, mode, flags));
    case fcvt_s_wu: return boxed(S::from_integer(zero_extended(ra), false, mode, flags));
    case fcvt_s_l: return boxed(S::from_integer(ra, true, mode, flags));
    case fcvt_s_lu: return boxed(S::from_integer(ra, false, mode, flags));
    case fcvt_d_w: return D::from_integer(sign_extended(ra), true, mode, flags);
    case fcvt_d_wu: return D::from_integer(zero_extended(ra), false, mode, flags);
    case fcvt_d_l: return D::from_integer(ra, true, mode, flags);
    case fcvt_d_lu: return D::from_integer(ra, false, mode, flags);
    case fcvt_s_d: return boxed(narrow(ra, mode, flags));
    case fcvt_d_s: return widen(a, flags);
    default: return 0;
  }
}

}  // namespace spinvp::riscv
