#include "platform/debug/target_description.h"

#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "platform/debug/register_numbers.h"

namespace spinvp::platform {

namespace {

constexpr std::array<std::string_view, 32> x_names = {"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                                      "a6",   "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
constexpr std::array<std::string_view, 32> f_names = {"ft0", "ft1", "ft2", "ft3", "ft4",  "ft5",  "ft6", "ft7", "fs0",  "fs1", "fa0",
                                                      "fa1", "fa2", "fa3", "fa4", "fa5",  "fa6",  "fa7", "fs2", "fs3",  "fs4", "fs5",
                                                      "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11"};

struct Csr {
  unsigned number;
  std::string name;
};

// The privileged manual's tables 2.2 to 2.5, those that a hart of ours may have.
std::vector<Csr> standard_csrs() {
  std::vector<Csr> all = {
      {0xc00, "cycle"},    {0xc01, "time"},      {0xc02, "instret"}, {0x100, "sstatus"}, {0x104, "sie"},     {0x105, "stvec"},      {0x106, "scounteren"},
      {0x140, "sscratch"}, {0x141, "sepc"},      {0x142, "scause"},  {0x143, "stval"},   {0x144, "sip"},     {0x180, "satp"},       {0x300, "mstatus"},
      {0x301, "misa"},     {0x302, "medeleg"},   {0x303, "mideleg"}, {0x304, "mie"},     {0x305, "mtvec"},   {0x306, "mcounteren"}, {0x320, "mcountinhibit"},
      {0x30a, "menvcfg"},  {0x340, "mscratch"},  {0x341, "mepc"},    {0x342, "mcause"},  {0x343, "mtval"},   {0x344, "mip"},        {0xb00, "mcycle"},
      {0xb02, "minstret"}, {0xf11, "mvendorid"}, {0xf12, "marchid"}, {0xf13, "mimpid"},  {0xf14, "mhartid"}, {0xf15, "mconfigptr"}, {0x7a0, "tselect"}};
  for (unsigned i = 0; i < 4; i += 2) all.push_back({0x3a0 + i, fmt::format("pmpcfg{}", i)});
  for (unsigned i = 0; i < 16; ++i) all.push_back({0x3b0 + i, fmt::format("pmpaddr{}", i)});
  return all;
}

std::string reg(std::string_view name, unsigned number, std::string_view type) {
  return fmt::format("<reg name=\"{}\" bitsize=\"{}\" type=\"{}\" regnum=\"{}\"/>\n", name, 8 * register_number::bytes(number), type, number);
}

}  // namespace

std::string target_description(const std::function<bool(unsigned)>& has_csr) {
  std::string xml =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n<architecture>riscv:rv64</architecture>\n"
      "<feature name=\"org.gnu.gdb.riscv.cpu\">\n";
  for (unsigned i = 0; i < 32; ++i) xml += reg(x_names[i], register_number::x + i, i == 1 ? "code_ptr" : i >= 2 && i <= 4 ? "data_ptr" : "int");
  xml += reg("pc", register_number::pc, "code_ptr");
  xml += "</feature>\n<feature name=\"org.gnu.gdb.riscv.fpu\">\n";
  for (unsigned i = 0; i < 32; ++i) xml += reg(f_names[i], register_number::f + i, "ieee_double");
  xml += reg("fflags", register_number::fflags, "int") + reg("frm", register_number::frm, "int") + reg("fcsr", register_number::fcsr, "int");
  xml += "</feature>\n<feature name=\"org.gnu.gdb.riscv.csr\">\n";
  for (const Csr& csr : standard_csrs())
    if (has_csr(csr.number)) xml += reg(csr.name, register_number::csr + csr.number, "int");
  return xml + "</feature>\n</target>\n";
}

}  // namespace spinvp::platform
