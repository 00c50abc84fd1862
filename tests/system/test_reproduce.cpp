// `spinvp reproduce`: the contract's keys, and the page of docs/fidelity.md that it printed.
#include <catch2/catch.hpp>

#include "program.h"

using namespace spinvp::test;

TEST_CASE("reproduce gives one document whose claims have the contract's keys") {
  const Outcome outcome = spinvp::test::spinvp({"reproduce", "all", "--json"});
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  const auto document = nlohmann::json::parse(outcome.out);
  CHECK(document["schema"] == "spinvp-reproduce/1");
  REQUIRE(document["claims"].size() > 100);
  for (const auto& claim : document["claims"]) {
    for (const char* key : {"source", "claim", "regime", "boundary", "published", "computed", "low", "high", "assumptions", "spread"})
      CHECK(claim.contains(key));
    CHECK(claim["computed"].is_number());
    CHECK(claim["spread"].is_object());
  }
  for (const auto& constant : document["constants"]) {
    INFO(constant.dump());
    const std::string source = constant["source"];
    CHECK((source.starts_with("published:") || source.starts_with("derived:") || source.starts_with("assumed:")));
  }
  CHECK(spinvp::test::spinvp({"reproduce", "pim", "--json"}).out == outcome.out);
}

TEST_CASE("An unknown headline is wrong usage") { CHECK(spinvp::test::spinvp({"reproduce", "everything"}).status == 64); }

// To renew: put what `spinvp reproduce pim` prints between the lines of the code block.
TEST_CASE("docs/fidelity.md holds what reproduce prints") {
  const std::string page = contents(SPINVP_DOCS_FOLDER "/fidelity.md"), printed = spinvp::test::spinvp({"reproduce", "pim"}).out;
  REQUIRE(printed.find("\nVerdict\n") != std::string::npos);
  CHECK(page.find("```text\n" + printed + "```\n") != std::string::npos);
}
