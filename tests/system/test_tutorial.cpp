// docs/tutorials/add-a-device.md: what it shows is what is built, and it does what it says.
#include <catch2/catch.hpp>
#include <sstream>

#include "tests/system/program.h"

namespace spinvp::test {

TEST_CASE("The tutorial's device is instantiated by YAML, answers its firmware and books its energy") {
  const Scratch scratch;
  const std::string folder = SPINVP_TUTORIAL_FOLDER "/add-a-device";
  const Outcome outcome =
      run_program(SPINVP_TUTORIAL_PROGRAM, {"run", "-q", "--config", folder + "/soc.yaml", "--firmware", SPINVP_TUTORIAL_APP, "--out", scratch.path("out")});
  INFO(outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "checksum 335805f6, limit reached\n");
  const auto device = report(scratch.path("out"))["components"]["checksum0"];
  CHECK(device["type"] == "checksum");
  // 16 bytes of 0.3 pJ.
  CHECK(device["dynamic_j"].get<double>() == Approx(16 * 0.3e-12));
}

TEST_CASE("The tutorial's device is in the lists and in the generated header") {
  const std::string config = SPINVP_TUTORIAL_FOLDER "/add-a-device/soc.yaml";
  const auto header = run_program(SPINVP_TUTORIAL_PROGRAM, {"registers", "--format", "c", "--config", config}).out;
  CHECK(header.find("CHECKSUM_LIMIT") != std::string::npos);
  CHECK(header.find("CHECKSUM0_BASE") != std::string::npos);
  CHECK(run_program(SPINVP_TUTORIAL_PROGRAM, {"list", "devices"}).out.find("checksum") != std::string::npos);
}

TEST_CASE("The tutorial's page shows its files as they are, and the device has under 60 lines") {
  const std::string folder = SPINVP_TUTORIAL_FOLDER;
  const std::string page = contents(folder + "/add-a-device.md");
  for (const std::string file : {"checksum.cpp", "soc.yaml", "checksum_app.c", "CMakeLists.txt"}) {
    INFO(file << ": run tools/fill-tutorial.sh");
    CHECK(page.find(contents(folder + "/add-a-device/" + file)) != std::string::npos);
  }
  const std::string device = contents(folder + "/add-a-device/checksum.cpp");
  CHECK(std::count(device.begin(), device.end(), '\n') < 60);
}

namespace {

// Runs the commands of a page and looks for the lines shown below each in what it prints.
void check_page(const std::string& name, std::size_t commands_shown) {
  const Scratch scratch;
  const std::string folder = SPINVP_TUTORIAL_FOLDER;
  std::istringstream page(contents(folder + "/" + name));
  std::string line, printed;
  std::size_t commands = 0, compared = 0;
  while (std::getline(page, line)) {
    if (line.starts_with("    $ build/spinvp ")) {
      std::vector<std::string> arguments;
      std::istringstream words(line.substr(19));
      for (std::string word; words >> word;) {
        if (word.starts_with("docs/tutorials")) word = folder + word.substr(14);
        if (word.starts_with("out/")) word = scratch.path("out");
        arguments.push_back(word);
      }
      const Outcome outcome = spinvp(arguments);
      INFO(line << ": " << outcome.err);
      CHECK(outcome.status == 0);
      printed = outcome.out + outcome.err;
      ++commands;
    } else if (line.starts_with("    ") && line != "    ...") {
      INFO(line << " is not in: " << printed);
      CHECK(printed.find(line.substr(4)) != std::string::npos);
      ++compared;
    }
  }
  CHECK(commands == commands_shown);
  CHECK(compared > 10);
}

}  // namespace

TEST_CASE("The page about bringing a network prints what it shows") { check_page("bring-a-network.md", 4); }
TEST_CASE("The page about training a transformer prints what it shows") { check_page("train-a-transformer.md", 3); }

}  // namespace spinvp::test
