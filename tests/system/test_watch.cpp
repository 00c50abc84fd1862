// What a run shows of the guest and lets in: the UART's other end, the instruction trace, the log of registers, semihosting.
#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "program.h"

using namespace spinvp::test;

namespace {

// stdin of the programs that run while it lives.
class StandardInput {
 public:
  explicit StandardInput(const std::string& file) : before_(dup(STDIN_FILENO)) {
    const int open_file = open(file.c_str(), O_RDONLY);
    dup2(open_file, STDIN_FILENO);
    close(open_file);
  }
  ~StandardInput() {
    dup2(before_, STDIN_FILENO);
    close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

std::string lines_of(const std::string& text, const std::string& part) {
  std::istringstream in(text);
  std::string line, found;
  while (std::getline(in, line))
    if (line.find(part) != std::string::npos) found += line + "\n";
  return found;
}

}  // namespace

TEST_CASE("Timed lines reach the UART at their times, and two runs of them are equal") {
  const Scratch scratch;
  const std::string input = scratch.file("input.txt", "# a comment\n100us hello\\n\n1ms two\\x20words\\r\n2ms quit\\n\n");
  for (const char* out : {"a", "b"}) {
    const Outcome outcome = spinvp::test::spinvp({"run", "--app", "echo", "--uart", input, "--out", scratch.path(out)});
    CHECK(outcome.status == 0);
    CHECK(outcome.out == "ready\necho: hello\necho: two words\n");
  }
  CHECK(comparable_report(scratch.path("a")) == comparable_report(scratch.path("b")));
  CHECK(report(scratch.path("a"))["simulated_s"].get<double>() >= 2e-3);
}

TEST_CASE("A guest that waits for input is a deadlock once no timed line is left") {
  const Scratch scratch;
  const std::string input = scratch.file("input.txt", "1ms hello\\n\n");
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "echo", "--uart", input, "--out", scratch.path("out")});
  CHECK(outcome.status == 77);
  CHECK(outcome.out == "ready\necho: hello\n");
}

TEST_CASE("With --uart stdio the guest reads stdin, to its end, and without it nothing") {
  const Scratch scratch;
  const StandardInput input(scratch.file("keys", "one\ntwo\n"));
  CHECK(spinvp::test::spinvp({"run", "--app", "echo", "--out", scratch.path("out")}).out == "ready\n");
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "echo", "--uart", "stdio", "--out", scratch.path("out")});
  CHECK(outcome.out == "ready\necho: one\necho: two\n");
  CHECK(outcome.status == 77);
}

TEST_CASE("A pseudo-terminal is the UART's other end, and a guest that waits for it is no deadlock") {
  const Scratch scratch;
  // The path comes on stderr, which goes to a file here; a shell is the user at the other end.
  const std::string script = std::string(SPINVP_PROGRAM) + " run --app echo --uart pty --out " + scratch.path("out") + " 2> " + scratch.path("err") +
                             " & until grep -q /dev/ " + scratch.path("err") + "; do :; done; tty=$(sed -n 's/UART: //p' " + scratch.path("err") +
                             "); exec 3<> $tty; read -r a <&3; printf 'hi\\n' >&3; read -r b <&3; printf 'quit\\n' >&3; wait $!; echo \"$?|$a|$b\"";
  const Outcome outcome = run_program("/bin/bash", {"-c", script});
  CHECK(outcome.out == "0|ready|echo: hi\n");
}

TEST_CASE("Wrong lines of timed input are named, and a file that is not there is an error of files") {
  const Scratch scratch;
  const auto run = [&](const std::string& uart) { return spinvp::test::spinvp({"run", "--app", "echo", "--uart", uart, "--out", scratch.path("out")}); };
  const std::string input = scratch.file("input.txt", "1ms a\nsoon b\n");
  const Outcome outcome = run(input);
  CHECK(outcome.status == 65);
  CHECK(outcome.err.substr(0, input.size() + 3) == input + ":2:");
  CHECK(outcome.error_lines() == 1);
  CHECK(run(scratch.path("none")).status == 74);
}

TEST_CASE("An instruction trace has the form of Spike's commit log, and the run is the same with it") {
  const Scratch scratch;
  const std::string trace = scratch.path("trace.log");
  const auto run = [&](std::vector<std::string> more, const std::string& out) {
    std::vector<std::string> arguments = {"run", "--app", "bringup", "--out", scratch.path(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return spinvp::test::spinvp(arguments);
  };
  const Outcome plain = run({}, "plain"), traced = run({"--trace-instructions", trace}, "traced");
  CHECK(plain.status == 0);
  CHECK(traced.out == plain.out);
  CHECK(comparable_report(scratch.path("traced")) == comparable_report(scratch.path("plain")));
  std::istringstream lines(contents(trace));
  std::string first;
  std::getline(lines, first);
  CHECK(first.substr(0, 32) == "core   0: 3 0x0000000080000000 (");
  CHECK(spinvp::test::spinvp({"run", "--app", "hello", "--trace-instructions", scratch.path("no/where"), "--out", scratch.path("x")}).status == 74);
}

TEST_CASE("The log of registers names device, register, fields and pc, and only of the device that was asked for") {
  const Scratch scratch;
  const Outcome outcome = spinvp::test::spinvp({"run", "--app", "hello", "--log-registers", "uart0", "--out", scratch.path("out")});
  CHECK(outcome.status == 0);
  const std::string log = contents(scratch.path("out/registers.log"));
  CHECK(lines_of(log, "write  uart0.LCR = 0x83 (WORD 0x3, STOP 0x0, PARITY 0x0, BREAK 0x0, DLAB 0x1)  hart0  pc 0x8000") != "");
  CHECK(lines_of(log, "plic").empty());
  CHECK(outcome.err.find("registers.log") != std::string::npos);
  const Outcome all = spinvp::test::spinvp({"run", "--app", "hello", "--log-registers", "--out", scratch.path("all")});
  CHECK(lines_of(contents(scratch.path("all/registers.log")), "plic") != "");
  const Outcome wrong = spinvp::test::spinvp({"run", "--app", "hello", "--log-registers", "nothing", "--out", scratch.path("out")});
  CHECK(wrong.status == 65);
  CHECK(wrong.err.find("uart0") != std::string::npos);
}

TEST_CASE("Semihosting serves console, exit and the files of one folder") {
  const Scratch scratch;
  std::filesystem::create_directory(scratch.path("host"));
  std::filesystem::create_symlink("/etc/hostname", scratch.path("host/link"));
  const Outcome outcome = spinvp::test::spinvp(
      {"run", "--firmware", SPINVP_SEMIHOSTED, "--host-dir", scratch.path("host"), "--uart", scratch.file("key", "1ms k\n"), "--out", scratch.path("out")});
  CHECK(outcome.out == "hello from semihosting\nread back: 99 bottles\noutside: refused\n");
  CHECK(outcome.status == 3);
  CHECK(contents(scratch.path("host/made.txt")) == "99 bottles\n");
  CHECK_FALSE(std::filesystem::exists(scratch.path("outside.txt")));
}

TEST_CASE("Semihosting has no files without a folder, and nothing at all unless it is asked for") {
  const Scratch scratch;
  const Outcome console =
      spinvp::test::spinvp({"run", "--firmware", SPINVP_SEMIHOSTED, "--semihosting", "--uart", scratch.file("key", "1ms k\n"), "--out", scratch.path("out")});
  CHECK(console.out == "hello from semihosting\nno files: 1\n");
  CHECK(console.status == 7);
  CHECK(spinvp::test::spinvp({"run", "--firmware", SPINVP_SEMIHOSTED, "--semihosting", "--out", scratch.path("out")}).status == 77);  // a key that cannot come
  const Outcome off = spinvp::test::spinvp({"run", "--firmware", SPINVP_SEMIHOSTED, "--max-time", "1ms", "--out", scratch.path("out")});
  CHECK(off.out.empty());
  CHECK(off.status >= 75);
  CHECK(spinvp::test::spinvp({"run", "--firmware", SPINVP_SEMIHOSTED, "--host-dir", scratch.path("none"), "--out", scratch.path("out")}).status == 74);
}
