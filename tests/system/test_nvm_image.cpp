// What MRAM holds outlives the program: --nvm-image.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;
using namespace spinvp::riscv::test;

namespace {

constexpr u64 finisher = 0x100000, uart = 0x10000000, onchip = 0x2000000000, second = 0x2100000000;

// Counts its runs in a word of non-volatile memory and ends with that number as code.
Program counts_runs(u64 address = onchip + 0x12340) {
  Program p(dram);
  p.li(t0, address)(lw(a0, 0, t0))(addi(a0, a0, 1))(sw(a0, 0, t0))(slli(a0, a0, 16));
  p.li(t1, 0x3333)(add(a0, a0, t1)).li(t0, finisher)(sw(a0, 0, t0)).label("here").jump("here");
  return p;
}

// Stores 7 where the counter lies, says so, and goes on for ever.
Program stores_and_stays() {
  Program p(dram);
  p.li(t0, onchip + 0x12340).li(t1, 7)(sw(t1, 0, t0)).li(t0, uart).li(t1, 'A')(store(0, t1, 0, t0)).li(t1, '\n')(store(0, t1, 0, t0));
  p.label("here").jump("here");
  return p;
}

struct Bench {
  Scratch scratch;
  std::string counter = scratch.file("counter.elf", elf_of(counts_runs())), stays = scratch.file("stays.elf", elf_of(stores_and_stays()));
  [[nodiscard]] std::vector<std::string> arguments(const std::string& elf, const std::string& image, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {"run", "--firmware", elf, "--out", scratch.path("out"), "--nvm-image", scratch.path(image)};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  [[nodiscard]] Outcome run(const std::string& elf, const std::string& image, const std::vector<std::string>& more = {}) const {
    return spinvp::test::spinvp(arguments(elf, image, more));
  }
};

nlohmann::json artifact(const nlohmann::json& report, const std::string& role) {
  for (const auto& a : report["artifacts"])
    if (a["role"] == role) return a;
  return nullptr;
}

}  // namespace

TEST_CASE("Firmware finds in MRAM what an earlier run left there") {
  const Bench b;
  CHECK(b.run(b.counter, "image").status == 1);
  const auto first = report(b.scratch.path("out"));
  CHECK(artifact(first, "nvm-image").is_null());
  CHECK(b.run(b.counter, "image").status == 2);
  const auto later = report(b.scratch.path("out"));
  CHECK(artifact(later, "nvm-image")["path"] == b.scratch.path("image"));
  CHECK(artifact(later, "nvm-image")["hash"] == artifact(first, "nvm-output")["hash"]);
  CHECK(artifact(later, "nvm-output")["hash"] != artifact(first, "nvm-output")["hash"]);
  CHECK(b.run(b.counter, "image").status == 3);
  // A single page of 64 MiB.
  CHECK(contents(b.scratch.path("image")).size() < 4096 + 200);
  // Without the option, or with another file, it begins from nothing.
  CHECK(b.run(b.counter, "other").status == 1);
  CHECK(contents(b.scratch.path("other")) != contents(b.scratch.path("image")));
}

TEST_CASE("The same runs from the same image give the same bytes") {
  const Bench b;
  REQUIRE(b.run(b.counter, "image").status == 1);
  const std::string start = contents(b.scratch.path("image"));
  nlohmann::json reports[2];
  std::string images[2];
  for (int i = 0; i < 2; ++i) {
    (void)b.scratch.file("image", start);
    REQUIRE(b.run(b.counter, "image").status == 2);
    reports[i] = comparable_report(b.scratch.path("out"));
    images[i] = contents(b.scratch.path("image"));
  }
  CHECK(reports[0] == reports[1]);
  CHECK(images[0] == images[1]);
}

TEST_CASE("A run that reaches its time limit, or that the user ends, saves what MRAM holds") {
  const Bench b;
  CHECK(b.run(b.stays, "limited", {"--max-time", "1ms"}).status == 76);
  CHECK(b.run(b.counter, "limited").status == 8);
  Running run(b.arguments(b.stays, "interrupted", {"--max-time", "none"}));
  run.await("A\n");
  run.signal(SIGINT);
  CHECK(run.finish().status == 130);
  CHECK(b.run(b.counter, "interrupted").status == 8);
}

TEST_CASE("A run that is killed leaves the image that was there") {
  const Bench b;
  REQUIRE(b.run(b.counter, "image").status == 1);
  const std::string before = contents(b.scratch.path("image"));
  Running run(b.arguments(b.stays, "image", {"--max-time", "none"}));
  run.await("A\n");
  run.signal(SIGKILL);
  CHECK(run.finish().status == 128 + SIGKILL);
  CHECK(contents(b.scratch.path("image")) == before);
}

TEST_CASE("An image that is no regular file is refused before the run") {
  const Bench b;
  REQUIRE(::mkfifo(b.scratch.path("pipe").c_str(), 0600) == 0);
  const Outcome outcome = b.run(b.counter, "pipe");
  CHECK(outcome.status == 74);
  CHECK(outcome.error_lines() == 1);
  CHECK(outcome.err.find("is no regular file") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(b.scratch.path("out")));
}

TEST_CASE("An image that cannot be written in the end does not cost the run its report") {
#ifdef __SANITIZE_ADDRESS__
  // SystemC's coroutines leave AddressSanitizer with wrong bounds of the stack: an exception behind the simulation is then reported as an error, falsely (its own warning says so).
  WARN("not run under AddressSanitizer");
  return;
#endif
  const Bench b;
  std::filesystem::create_directory(b.scratch.path("gone"));
  Running run(b.arguments(b.stays, "gone/image", {"--max-time", "none"}));
  run.await("A\n");
  std::filesystem::remove_all(b.scratch.path("gone"));
  run.signal(SIGINT);
  CHECK(run.finish().status == 74);
  const auto r = report(b.scratch.path("out"));
  CHECK(r["exit"]["reason"] == "interrupted");
  CHECK(artifact(r, "nvm-output").is_null());
}

TEST_CASE("An image that is damaged, cut off or of another platform is refused, and left as it is") {
  const Bench b;
  REQUIRE(b.run(b.counter, "image").status == 1);
  const std::string whole = contents(b.scratch.path("image"));
  std::string damaged = whole;
  damaged[whole.size() / 2] ^= 1;
  for (const std::string& bad : {damaged, whole.substr(0, whole.size() - 1), whole.substr(0, 30), std::string(), std::string("my thesis\n")}) {
    const std::string path = b.scratch.file("bad", bad);
    const Outcome outcome = spinvp::test::spinvp({"run", "--firmware", b.counter, "--out", b.scratch.path("new"), "--nvm-image", path});
    CHECK(outcome.status == 65);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.starts_with(path + ": "));
    CHECK(contents(path) == bad);
    CHECK_FALSE(std::filesystem::exists(b.scratch.path("new")));
  }
  for (const char* set : {"devices.onchip.technology=stt", "devices.onchip.size=32MiB"}) {
    const Outcome outcome = b.run(b.counter, "image", {"--set", set});
    CHECK(outcome.status == 65);
    CHECK(outcome.error_lines() == 1);
    CHECK(contents(b.scratch.path("image")) == whole);
  }
}

TEST_CASE("A platform whose on-chip memory is SRAM has no image") {
  const Bench b;
  const Outcome outcome = b.run(b.counter, "image", {"--set", "devices.onchip.technology=sram"});
  CHECK(outcome.status == 65);
  CHECK(outcome.error_lines() == 1);
  CHECK(outcome.err.find("sram, which keeps nothing") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(b.scratch.path("image")));
}

TEST_CASE("An image holds each non-volatile memory by its name") {
  const Bench b;
  const std::string config = b.scratch.file("two.yaml",
                                            "devices:\n  log: {type: onchip_memory, base: 0x21_0000_0000, size: 1MiB, banks: 4, technology: stt}\n  fast: "
                                            "{type: onchip_memory, base: 0x22_0000_0000, size: "
                                            "1MiB, banks: 4, technology: sram}\n");
  const std::string other = b.scratch.file("other.elf", elf_of(counts_runs(second)));
  CHECK(b.run(b.counter, "image", {"--config", config}).status == 1);
  CHECK(b.run(other, "image", {"--config", config}).status == 1);
  CHECK(b.run(b.counter, "image", {"--config", config}).status == 2);
  CHECK(b.run(other, "image", {"--config", config}).status == 2);
  // The default platform has one of the two.
  CHECK(b.run(b.counter, "image").status == 65);
}

TEST_CASE("An image that cannot be written gives 74 before anything runs") {
  const Bench b;
  for (const std::string& path : {std::string("/proc/image"), b.scratch.path("absent/image"), b.scratch.path("")}) {
    const Outcome outcome = spinvp::test::spinvp({"run", "--firmware", b.counter, "--out", b.scratch.path("out"), "--nvm-image", path});
    CHECK(outcome.status == 74);
    CHECK(outcome.error_lines() == 1);
    CHECK_FALSE(std::filesystem::exists(b.scratch.path("out")));
  }
}
