// The same bare-metal ELF on QEMU's virt machine and on ours: equal UART output, equal exit code.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;

namespace {

// Its serial line on stdout. The time limit is of the host and only there so that a guest that hangs does not stay behind.
Outcome qemu(const std::string& guest) {
  return run_program("/bin/sh",
                     {"-c", "exec timeout 100 qemu-system-riscv64 -machine virt -bios none -nographic -no-reboot -kernel \"$0\" < /dev/null", guest});
}

void same_on_both(const std::string& name, int status) {
  const std::string guest = std::string(SPINVP_VIRT_GUESTS) + "/" + name + ".elf";
  const Outcome theirs = qemu(guest);
  INFO(theirs.err);
  REQUIRE(theirs.status != 127);  // qemu-system-riscv64 is missing: tools/install-dependencies.sh test
  const Scratch scratch;
  const Outcome ours = spinvp::test::spinvp({"-q", "run", "--firmware", guest, "--out", scratch.path("out")});
  INFO(ours.err);
  CHECK(ours.out == theirs.out);
  CHECK(ours.out.find("done\n") != std::string::npos);
  CHECK(theirs.status == status);
  CHECK(ours.status == status);
}

}  // namespace

TEST_CASE("UART, CLINT and PLIC behave as on QEMU's virt machine") { same_on_both("devices", 0); }
TEST_CASE("Traps, user mode, memory protection and the failure code are those of QEMU's virt machine") { same_on_both("traps", 42); }
