// Why a descriptor, or what it names, is not carried out.
#pragma once

#include <cstdint>
#include <string>

namespace spinvp::npu {

struct Refusal {
  std::uint32_t status = 0;  // enum spinvp_npu_status
  std::string message;
};

}  // namespace spinvp::npu
