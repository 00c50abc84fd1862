// Jobs that do not depend on each other, on all cores. Results must not depend on the order in which they run.
#pragma once

#include <cstddef>
#include <functional>

namespace spinvp::platform {

// Calls job(0) to job(jobs - 1), each once, and returns when all are done. Throws what the first of them (by number) threw.
void in_parallel(std::size_t jobs, const std::function<void(std::size_t)>& job);

}  // namespace spinvp::platform
