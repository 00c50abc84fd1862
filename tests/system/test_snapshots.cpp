// A run that goes on from a snapshot ends as the unbroken one: --save-at, --snapshot, --restore.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sys/stat.h>
#include <catch2/catch.hpp>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "program.h"

using namespace spinvp::test;

namespace {

using Arguments = std::vector<std::string>;

struct Bench {
  Scratch scratch;
  std::string snapshot = scratch.path("snapshot");
  [[nodiscard]] Outcome run(const Arguments& what, const std::string& out, const Arguments& more = {}) const {
    Arguments all = {"run", "--out", scratch.path(out)};
    all.insert(all.end(), what.begin(), what.end());
    all.insert(all.end(), more.begin(), more.end());
    return spinvp::test::spinvp(all);
  }
  [[nodiscard]] Outcome save(const Arguments& what, const std::string& marker, const std::string& out = "saving") const {
    return run(what, out, {"--save-at", marker, "--snapshot", snapshot});
  }
  [[nodiscard]] Outcome restore(const Arguments& what, const std::string& out = "restored", const Arguments& more = {}) const {
    Arguments all = {"--restore", snapshot};
    all.insert(all.end(), more.begin(), more.end());
    return run(what, out, all);
  }
  [[nodiscard]] nlohmann::json result(const std::string& out) const { return comparable_report(scratch.path(out)); }
};

struct Case {
  std::string name;
  Arguments arguments;
  std::string marker;
};

// The whole report counts, and with its hashes every file beside it.
void check_equal(const Bench& bench, const Case& c) {
  INFO(c.name << " at " << c.marker);
  const Outcome unbroken = bench.run(c.arguments, "unbroken");
  const Outcome saving = bench.save(c.arguments, c.marker);
  INFO(saving.err);
  REQUIRE(saving.status == unbroken.status);
  REQUIRE(saving.err.find("snapshot: ") != std::string::npos);
  const Outcome restored = bench.restore(c.arguments);
  INFO(restored.err);
  CHECK(restored.status == unbroken.status);
  const auto expected = bench.result("unbroken");
  CHECK(bench.result("saving") == expected);
  const auto found = bench.result("restored");
  CHECK(found == expected);
  for (const auto& [key, value] : expected.items()) CHECK(found[key] == value);
  // What was written before the marker is not written again.
  CHECK(unbroken.out.ends_with(restored.out));
}

}  // namespace

TEST_CASE("A restored run of every app ends with the report of the unbroken one") {
  const Bench bench;
  const std::string lines = bench.scratch.file("lines", "10us hello\\n\n5ms two words\\n\n9ms quit\\n\n");
  const std::vector<Case> cases = {
      {"hello", {"--app", "hello"}, "function:main"},
      {"echo", {"--app", "echo", "--uart", lines}, "function:uart_get"},
      {"bringup", {"--app", "bringup"}, "bringup/markers"},
      {"harts", {"--app", "harts", "--set", "harts.count=4"}, "function:harts_wait"},
      {"infer", {"--app", "infer"}, "infer"},
      {"train_lenet", {"--app", "train_lenet", "--steps", "3"}, "forward@2"},
      {"train_lenet_pim", {"--app", "train_lenet_pim", "--steps", "2"}, "forward@2"},
      {"train_transformer", {"--app", "train_transformer", "--steps", "2"}, "backward@2"},
      {"transformer_block_pim", {"--app", "transformer_block_pim", "--steps", "2"}, "update"},
      {"runner", {"--network", "lenet5", "--mode", "training", "--steps", "3", "--batch", "4", "--data", "real"}, "train"},
  };
  for (const Case& c : cases) check_equal(bench, c);
  // Each app that comes with the program stands above.
  for (const auto& entry : std::filesystem::directory_iterator(SPINVP_FIRMWARE_FOLDER))
    if (entry.path().extension() == ".elf") CHECK(std::any_of(cases.begin(), cases.end(), [&](const Case& c) { return c.name == entry.path().stem(); }));
}

TEST_CASE("What a platform remembers goes on in a restored run") {
  const Bench bench;
  const Arguments lenet = {"--app", "train_lenet", "--steps", "2"};
  const auto with = [&](std::initializer_list<const char*> settings) {
    Arguments all = lenet;
    for (const char* setting : settings) all.insert(all.end(), {"--set", setting});
    return all;
  };
  check_equal(bench, {"approximately timed", with({"transport=at"}), "backward"});
  check_equal(bench, {"caches", with({"harts.instruction_cache.size=4KiB", "harts.data_cache.size=4KiB"}), "update"});
  check_equal(bench, {"caches, in the midst of a slice", with({"harts.instruction_cache.size=4KiB", "harts.data_cache.size=4KiB"}), "function:main"});
  check_equal(bench, {"short quantum", with({"quantum=100ns"}), "update"});
  check_equal(bench, {"no direct access", with({"dmi=false"}), "update"});
  check_equal(
      bench, {"cells that err", with({"devices.onchip.faults.write_0_to_1=1e-6", "devices.onchip.ecc=secded", "devices.onchip.scrub_interval=1ms"}), "update"});
}

TEST_CASE("A line of the UART that comes at the very time of the snapshot comes once") {
  const Bench bench;
  const std::string lines = bench.scratch.file("lines", "10us hello\\n\n10us more\\n\n20us quit\\n\n");
  check_equal(bench, {"echo", {"--app", "echo", "--uart", lines}, "function:external_interrupt"});
}

// Of several harts one is often in the midst of an access to the bus.
TEST_CASE("A function that is met at a moment that is not quiescent changes nothing of the run") {
  const Bench bench;
  const Arguments app = {"--app", "harts", "--set", "harts.count=3", "--set", "quantum=100ns"};
  REQUIRE(bench.run(app, "unbroken").status == 0);
  const Outcome saving = bench.save(app, "function:harts_main");
  INFO(saving.err);
  CHECK(saving.err.find("not quiescent: hart0: an instruction waits for the bus") != std::string::npos);
  CHECK(bench.result("saving") == bench.result("unbroken"));
}

TEST_CASE("Several runs go on from one snapshot, and one of them can be saved again") {
  const Bench bench;
  const Arguments app = {"--app", "train_lenet", "--steps", "3"};
  REQUIRE(bench.run(app, "unbroken").status == 0);
  REQUIRE(bench.save(app, "forward").status == 0);
  const std::string first = contents(bench.snapshot);
  // What only looks on, or comes from outside after the marker, may be another.
  const std::string profile = bench.scratch.path("profile");
  CHECK(bench.restore(app, "profiled", {"--profile", profile}).status == 0);
  CHECK(bench.result("profiled") == bench.result("unbroken"));
  CHECK(contents(profile).find("train_step") != std::string::npos);
  CHECK(bench.restore(app, "short", {"--max-time", "2ms"}).status == 76);
  // On to a later marker, from there to the end.
  CHECK(bench.restore(app, "second", {"--save-at", "forward@2", "--snapshot", bench.snapshot}).status == 0);
  CHECK(contents(bench.snapshot) != first);
  CHECK(bench.result("second") == bench.result("unbroken"));
  CHECK(bench.restore(app).status == 0);
  CHECK(bench.result("restored") == bench.result("unbroken"));
}

TEST_CASE("What-ifs hold from the snapshot on: later kernels are those of a run that was so from the start, what came before keeps its time and its joules") {
  const Bench bench;
  const Arguments app = {"--app", "train_lenet", "--steps", "2"};
  REQUIRE(bench.save(app, "forward@2").status == 0);
  const auto before = bench.result("saving");
  const auto narrow = [&](const char* how) {
    return Arguments{how, "devices.npu.rows=16", how, "devices.npu.element_leakage=9uW", how, "harts.energy.simple=99pJ"};
  };
  const Outcome outcome = bench.restore(app, "what_if", narrow("--what-if"));
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  const auto found = bench.result("what_if");
  REQUIRE(bench.run(app, "from_start", narrow("--set")).status == 0);
  const auto from_start = bench.result("from_start");
  CHECK(found["config"] == from_start["config"]);
  const auto& kernels = found["kernels"];
  REQUIRE(kernels.size() == before["kernels"].size());
  const auto cycles = [](const nlohmann::json& of, std::size_t i) { return of["kernels"][i]["compute_cycles"].get<std::uint64_t>(); };
  std::size_t earlier = 0, slower = 0;
  while (earlier < kernels.size() && kernels[earlier] == before["kernels"][earlier]) slower += cycles(from_start, earlier) > cycles(before, earlier), ++earlier;
  CHECK(slower > 3);  // the first step has the array that was saved
  for (std::size_t i = earlier; i < kernels.size(); ++i) CHECK(cycles(found, i) == cycles(from_start, i));
  CHECK(earlier < kernels.size() / 2);
  // The joules of the first half are still priced as they were.
  CHECK(found["totals"]["energy_j"] > before["totals"]["energy_j"]);
  CHECK(found["totals"]["energy_j"] < from_start["totals"]["energy_j"]);
  std::istringstream csv(contents(bench.scratch.path("what_if/power.csv")));
  std::string line;
  std::getline(csv, line);
  const double bin = 10e-6, simulated = found["simulated_s"];
  double joules = 0;
  for (double time = 0, watts = 0; std::getline(csv, line);) {
    REQUIRE(std::sscanf(line.c_str(), "%lf,%lf", &time, &watts) == 2);
    joules += watts * std::min(bin, simulated - time);
  }
  CHECK(joules == Approx(found["totals"]["energy_j"].get<double>()).epsilon(1e-6));
  bool told = false;
  for (const auto& warning : found["warnings"]) told |= warning.get<std::string>().find("devices.npu.rows: 16 in place of") != std::string::npos;
  CHECK(told);

  const auto refused = [&](const Arguments& more, int status, const std::string& words) {
    const Outcome wrong = bench.restore(app, "refused", more);
    INFO(wrong.err);
    CHECK(wrong.status == status);
    CHECK(wrong.err.find(words) != std::string::npos);
  };
  refused({"--what-if", "devices.npu.cores=2"}, 65, "devices.npu.cores cannot change at a snapshot, whose state depends on it; allowed: devices.npu.");
  refused({"--what-if", "devices.npu.rows=0"}, 65, "--what-if devices.npu.rows=0");
  refused({"--what-if", "seed=2"}, 65, "seed cannot change");
  CHECK(bench.run(app, "refused", {"--what-if", "quantum=1us"}).status == 64);
}

TEST_CASE("The same run writes the same snapshot") {
  const Bench bench;
  const Arguments app = {"--app", "train_lenet", "--steps", "1"};
  REQUIRE(bench.save(app, "update").status == 0);
  const std::string first = contents(bench.snapshot);
  REQUIRE(bench.save(app, "update").status == 0);
  CHECK(contents(bench.snapshot) == first);
}

TEST_CASE("MRAM that came from an image goes on from a snapshot") {
  const Bench bench;
  const Arguments app = {"--app", "train_lenet", "--steps", "1", "--nvm-image", bench.scratch.path("image")};
  REQUIRE(bench.run(app, "first").status == 0);
  const std::string image = contents(bench.scratch.path("image"));
  REQUIRE(bench.save(app, "update").status == 0);
  const auto expected = bench.result("saving");
  // The image is now another than the one that the saved run began with.
  REQUIRE(bench.restore(app).status == 0);
  CHECK(bench.result("restored") == expected);
}

TEST_CASE("A snapshot of another run is refused, and the difference is named") {
  const Bench bench;
  const Arguments app = {"--app", "train_lenet", "--steps", "1"};
  REQUIRE(bench.save(app, "update").status == 0);
  const auto refused = [&](const Arguments& what, const std::string& words) {
    const Outcome outcome = bench.restore(what, "refused");
    INFO(outcome.err);
    CHECK(outcome.status == 65);
    CHECK(outcome.error_lines() == 1);
    CHECK(outcome.err.find(words) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(bench.scratch.path("refused")));
  };
  refused({"--app", "train_lenet", "--steps", "1", "--set", "quantum=1us"}, "config.quantum is \"1us\" here, \"10us\" in the snapshot");
  refused({"--app", "train_lenet", "--steps", "1", "--set", "devices.npu.rows=8"}, "config.devices.npu.rows is 8 here");
  refused({"--app", "train_lenet", "--steps", "1", "--seed", "2"}, "config.seed is 2 here, 1 in the snapshot");
  refused({"--app", "train_lenet", "--steps", "2"}, "run.steps is 2 here, 1 in the snapshot");
  refused({"--app", "hello"}, "inputs.firmware is ");
  // Another build of the program, if only by a byte that changes nothing.
  const std::string program = bench.scratch.path("spinvp");
  std::filesystem::copy_file(SPINVP_PROGRAM, program);
  std::ofstream(program, std::ios::app) << '\n';
  const Outcome rebuilt = run_program(program, {"run", "--firmware", SPINVP_FIRMWARE_FOLDER "/train_lenet.elf", "--steps", "1", "--restore", bench.snapshot,
                                                "--out", bench.scratch.path("refused")});
  CHECK(rebuilt.status == 65);
  CHECK(rebuilt.err.find("does not fit this run: program is ") != std::string::npos);
  std::string other = contents(bench.snapshot);
  const auto damaged = [&](const std::string& content, const std::string& words) {
    (void)bench.scratch.file("snapshot", content);
    refused(app, words);
  };
  std::string wrong = other;
  wrong[wrong.size() / 2] ^= 1;
  damaged(wrong, "is damaged");
  for (const std::size_t length : {0u, 7u, 40u, 5000u}) damaged(other.substr(0, length), "allowed is a snapshot that `spinvp run --snapshot` wrote");
  other[8] = 9;
  damaged(other, "has format 9, this program reads format 1");
  // A file with the right checksum that this program never wrote.
  for (const std::string about : {"", "null", "{}", R"({"identity":{},"facts":{}})", R"({"identity":null,"facts":{"time_ps":1}})"}) {
    const auto number = [](std::uint64_t value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
    const std::string content = other.substr(0, 8) + std::string("\1\0\0\0", 4) + number(about.size()) + about + number(0) + number(0);
    damaged(content + number(XXH3_64bits(content.data(), content.size())), "does not say what it belongs to");
  }
  std::filesystem::remove(bench.snapshot);
  CHECK(bench.restore(app).status == 74);
  CHECK(bench.run(app, "refused", {"--restore", bench.scratch.path("")}).status == 74);
  // Neither is a pipe read without end, nor replaced by a file.
  REQUIRE(::mkfifo(bench.snapshot.c_str(), 0600) == 0);
  CHECK(bench.restore(app).status == 74);
  CHECK(bench.save(app, "update").status == 74);
  CHECK(std::filesystem::is_fifo(bench.snapshot));
}

TEST_CASE("A marker that gives no snapshot says why, and costs the run nothing else") {
  const Bench bench;
  const auto no_snapshot = [&](const Arguments& what, const std::string& marker, const std::string& words) {
    const Outcome outcome = bench.save(what, marker);
    INFO(marker << ": " << outcome.err);
    CHECK(outcome.status == 65);
    CHECK(outcome.err.find(words) != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(bench.snapshot));
    return outcome;
  };
  no_snapshot({"--app", "train_lenet", "--steps", "1"}, "eval", "the firmware opened no such region; it opened train, train/forward");
  no_snapshot({"--app", "train_lenet", "--steps", "1"}, "forward@2", "the region was opened 1 times only");
  no_snapshot({"--app", "hello"}, "step", "the firmware opened no region");
  no_snapshot({"--app", "hello"}, "function:no_such", "the firmware has no function of that name");
  no_snapshot({"--app", "hello"}, "function:trap_dispatch", "the function was never called");
  CHECK(bench.result("saving")["exit"]["reason"] == "finished");
  for (const Arguments& wrong : std::vector<Arguments>{{"--save-at", "step"},
                                                       {"--snapshot", bench.snapshot},
                                                       {"--save-at", "step@0", "--snapshot", bench.snapshot},
                                                       {"--save-at", "", "--snapshot", bench.snapshot},
                                                       {"--save-at", "step", "--snapshot", bench.snapshot, "--gdb"},
                                                       {"--restore", bench.snapshot, "--check-memory"}}) {
    const Outcome outcome = bench.run({"--app", "hello"}, "usage", wrong);
    INFO(wrong.front() << ": " << outcome.err);
    CHECK(outcome.status == 64);
  }
  CHECK(bench.run({"--app", "hello"}, "io", {"--save-at", "step", "--snapshot", bench.scratch.path("none/snapshot")}).status == 74);
}
