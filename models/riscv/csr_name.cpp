#include "models/riscv/csr_name.h"

#include <array>
#include <utility>

namespace spinvp::riscv {

std::string csr_name(unsigned number) {
  // Single registers (privileged manual 20211203, tables 2.3 to 2.6), then arrays of them.
  static constexpr auto names = std::to_array<std::pair<unsigned, const char*>>({
      {0x001, "fflags"},    {0x002, "frm"},        {0x003, "fcsr"},     {0x300, "mstatus"},       {0x301, "misa"},       {0x304, "mie"},
      {0x305, "mtvec"},     {0x306, "mcounteren"}, {0x30a, "menvcfg"},  {0x320, "mcountinhibit"}, {0x340, "mscratch"},   {0x341, "mepc"},
      {0x342, "mcause"},    {0x343, "mtval"},      {0x344, "mip"},      {0x7a0, "tselect"},       {0x7a1, "tdata1"},     {0x7a2, "tdata2"},
      {0x7a3, "tdata3"},    {0xb00, "mcycle"},     {0xb02, "minstret"}, {0xc00, "cycle"},         {0xc01, "time"},       {0xc02, "instret"},
      {0xf11, "mvendorid"}, {0xf12, "marchid"},    {0xf13, "mimpid"},   {0xf14, "mhartid"},       {0xf15, "mconfigptr"},
  });
  for (const auto& [csr, name] : names)
    if (csr == number) return name;
  struct Array {
    unsigned first, last, base;  // the element of `first` is called name + base
    const char* name;
  };
  static constexpr auto arrays = std::to_array<Array>({{0x323, 0x33f, 3, "mhpmevent"},
                                                       {0x3a0, 0x3af, 0, "pmpcfg"},
                                                       {0x3b0, 0x3ef, 0, "pmpaddr"},
                                                       {0xb03, 0xb1f, 3, "mhpmcounter"},
                                                       {0xc03, 0xc1f, 3, "hpmcounter"}});
  for (const Array& array : arrays)
    if (number >= array.first && number <= array.last) return array.name + std::to_string(number - array.first + array.base);
  return "unknown";
}

}  // namespace spinvp::riscv
