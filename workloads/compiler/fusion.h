// Joins kernels: chains of maps, maps into the reductions that read them, maps into the epilogue of the product that they follow. The bits stay: a tensor that no longer goes through memory
// is rounded where its type is narrower than a register.
//
// A producer moves to its consumer's place, since what the consumer reads beside it may come later; so it may only join its first reader. Its result is still written where others read it,
// but not by a product or by a reduction, which have no room for it.
#pragma once

#include "workloads/compiler/draft.h"

namespace spinvp::workloads::compiler {

void fuse(Draft& draft);

// The program as the command takes it: as few axes as may be, at least one; a product's epilogue has the axes of its result.
Program as_commanded(const Kernel& kernel);
// Whether registers, constants, steps, streams and axes suffice.
bool fits(const Kernel& kernel);

}  // namespace spinvp::workloads::compiler
