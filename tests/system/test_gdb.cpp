// A run under Debian's gdb-multiarch, in batch mode.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

const std::string hello = std::string(SPINVP_FIRMWARE_FOLDER) + "/hello.elf";

struct Debugged {
  Scratch scratch;
  std::string elf;
  Running run;
  std::string port;

  explicit Debugged(const std::string& firmware = hello, std::vector<std::string> more = {}) : elf(firmware), run(arguments(std::move(more))) {
    const std::string words = "target remote 127.0.0.1:";
    run.await_error(words);
    const std::string shown = run.await_error("\n");
    port = shown.substr(shown.find(words) + words.size());
    port = port.substr(0, port.find('\n'));
  }
  std::vector<std::string> arguments(std::vector<std::string> more) const {
    more.insert(more.begin(), {"run", "--firmware", elf, "--out", scratch.path("out"), "-q", "--gdb", "0"});
    return more;
  }
  std::string gdb(const std::vector<std::string>& commands) {
    std::vector<std::string> words = {"-nx", "-batch", "-iex", "set style enabled off", "-ex", "target remote 127.0.0.1:" + port};
    for (const std::string& command : commands) words.insert(words.end(), {"-ex", command});
    words.push_back(elf);
    const Outcome outcome = run_program("/usr/bin/gdb-multiarch", words);
    INFO(outcome.err);
    return outcome.out + outcome.err;
  }
  // A client of our own.
  int connect_client() const {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return client;
  }
};

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

#define CHECK_HOLDS(text, part) \
  do {                          \
    INFO(text);                 \
    CHECK(holds(text, part));   \
  } while (false)

nlohmann::json undisturbed(const std::string& firmware) {
  const Scratch scratch;
  REQUIRE(spinvp::test::spinvp({"run", "--firmware", firmware, "--out", scratch.path("out"), "-q"}).status == 0);
  return comparable_report(scratch.path("out"));
}

}  // namespace

TEST_CASE("A run whose debugger only continues ends with the report of one without") {
  Debugged d;
  const std::string text = d.gdb({"continue"});
  CHECK_HOLDS(text, "exited normally");
  CHECK(d.run.finish().status == 0);
  CHECK(comparable_report(d.scratch.path("out")) == undisturbed(hello));
}

TEST_CASE("Breakpoints, steps, watchpoints and detaching leave no trace in the report") {
  Debugged d;
  const std::string text = d.gdb({"break main", "continue", "bt", "watch *(long*)($sp & -16)", "stepi", "next", "delete", "detach"});
  CHECK_HOLDS(text, "Breakpoint 1, ");
  CHECK_HOLDS(text, "#0  ");
  CHECK_HOLDS(text, "detached");
  CHECK(d.run.finish().status == 0);
  CHECK(comparable_report(d.scratch.path("out")) == undisturbed(hello));
}

TEST_CASE("GDB reads and writes general, floating and control registers, and memory") {
  Debugged d;
  const std::string text =
      d.gdb({"break main", "continue", "print/x $a5 = 0x1234", "print $fa0.double = 1.5", "print $fa0", "print/x $mscratch = 0xabcd", "info registers fcsr",
             "print/x $mtvec != 0", "set var *(int*)0x80100000 = 77", "print *(int*)0x80100000", "x/1xw 0x2004000", "print *(int*)0x4"});
  CHECK_HOLDS(text, "0x1234");
  CHECK_HOLDS(text, "double = 1.5}");
  CHECK_HOLDS(text, "0xabcd");
  CHECK_HOLDS(text, "fcsr           0x0");
  CHECK_HOLDS(text, "= 77");
  CHECK_HOLDS(text, "0x2004000:\t0xffffffff");  // MTIMECMP at reset, a device register
  CHECK_HOLDS(text, "Cannot access memory at address 0x4");
  CHECK(d.run.finish().status == 0);  // quitting detaches
}

TEST_CASE("A hardware watchpoint shows the old and the new value") {
  Program p(dram);
  p.la(t0, "word")
      .li(t1, 7)(sd(t1, 0, t0))
      .label("stored")
      .li(t0, 0x100000)
      .li(t1, 0x5555)(sw(t1, 0, t0))
      .label("here")
      .jump("here")
      .align(8)
      .label("word")({0, 0});
  const Scratch scratch;
  Debugged d(scratch.file("guest.elf", elf_of(p)));
  const std::string text =
      d.gdb({fmt::format("watch *(long*){:#x}", p.address("word")), "continue", fmt::format("print (long)$pc == {:#x}", p.address("stored")), "continue"});
  CHECK_HOLDS(text, "Old value = 0");
  CHECK_HOLDS(text, "New value = 7");
  CHECK_HOLDS(text, "$1 = 1");
  CHECK(d.run.finish().status == 0);
}

TEST_CASE("Harts are threads, and one steps while the other stands") {
  Debugged d(hello, {"--set", "harts.count=2"});
  const std::string text = d.gdb({"info threads", "set scheduler-locking on", "thread 2", "print $mhartid", "stepi", "stepi", "print (long)$pc - (long)&_start",
                                  "thread 1", "print (long)$pc - (long)&_start", "monitor statistics", "kill"});
  CHECK_HOLDS(text, "(hart0)");
  CHECK_HOLDS(text, "(hart1)");
  CHECK_HOLDS(text, "$1 = 1");
  CHECK_HOLDS(text, "$2 = 8");
  CHECK_HOLDS(text, "$3 = 0");
  CHECK(d.run.finish().status == 130);
}

TEST_CASE("Monitor commands print tables, and reset starts the harts again") {
  Debugged d;
  const std::string text = d.gdb({"break main", "continue", "monitor statistics", "monitor power", "monitor regions", "monitor help", "monitor nonsense",
                                  "monitor reset", "maintenance flush register-cache", "print $pc == (long)&_start", "continue", "delete", "continue"});
  CHECK_HOLDS(text, "instructions");
  CHECK_HOLDS(text, "average power");
  CHECK_HOLDS(text, "(none) *");
  CHECK_HOLDS(text, "'nonsense' is not known; allowed is");
  CHECK_HOLDS(text, "$1 = 1");
  CHECK(d.run.finish().status == 0);
}

TEST_CASE("A debugger that kills ends the run as interrupted, with a report") {
  Debugged d;
  d.gdb({"kill"});
  CHECK(d.run.finish().status == 130);
  CHECK(report(d.scratch.path("out"))["exit"]["reason"] == "interrupted");
}

TEST_CASE("The user's interrupt ends a run that is halted at reset") {
  Debugged d;
  d.run.signal(SIGINT);
  CHECK(d.run.finish().status == 130);
  CHECK(report(d.scratch.path("out"))["exit"]["reason"] == "interrupted");
}

TEST_CASE("A guest that waits for ever under a debugger can be looked at; without one it is a deadlock") {
  Program p(dram);
  p.label("sleep")(wfi).jump("sleep");
  const Scratch scratch;
  Debugged d(scratch.file("guest.elf", elf_of(p)));
  const std::string text = d.gdb({"continue", "print (long)$pc - 0x80000000", "detach"});
  CHECK_HOLDS(text, "nothing is left to happen");
  CHECK_HOLDS(text, "$1 = 4");
  CHECK(d.run.finish().status == 77);
}

TEST_CASE("A crash of the guest is shown to the debugger first") {
  Program p(dram);
  p(nop)(0);
  const Scratch scratch;
  Debugged d(scratch.file("guest.elf", elf_of(p)));
  const std::string text = d.gdb({"continue", "print/x $pc", "continue"});
  CHECK_HOLDS(text, "SIGILL");
  CHECK_HOLDS(text, "0x80000004");
  CHECK(d.run.finish().status == 75);
}

TEST_CASE("The interrupt byte halts a running guest, and a lost client lets it go on") {
  Program p(dram);
  p.label("here").jump("here");
  const Scratch scratch;
  Debugged d(scratch.file("guest.elf", elf_of(p)), {"--max-time", "1s"});
  const int client = d.connect_client();
  const auto await = [&](const std::string& text) {
    std::string seen;
    char c;
    while (seen.find(text) == std::string::npos) {
      REQUIRE(read(client, &c, 1) == 1);
      seen += c;
    }
  };
  const auto send_all = [&](const std::string& bytes) { REQUIRE(write(client, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())); };
  send_all("rubbish\xff$$#zz$c#63");
  await("+");
  send_all("\x03");
  await("$T02thread:1;#");
  close(client);
  CHECK(d.run.finish().status == 76);
}

TEST_CASE("A port that is no port is wrong usage, one that is taken is refused before anything is written") {
  const Scratch scratch;
  CHECK(spinvp::test::spinvp({"run", "--app", "hello", "--gdb", "70000", "--out", scratch.path("out")}).status == 64);
  Debugged d;
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "hello", "--gdb", d.port, "--out", scratch.path("out")});
  CHECK(outcome.status == 74);
  CHECK(outcome.error_lines() == 1);
  CHECK_FALSE(std::filesystem::exists(scratch.path("out")));
  d.run.signal(SIGINT);
  d.run.finish();
}
