// A refused device names the equation that fails, the value and what is allowed.
#pragma once

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "models/core/error.h"

template <class Action>
void check_refuses(Action action, const std::vector<std::string>& parts) {
  try {
    action();
  } catch (const spinvp::core::InputError& error) {
    const std::string text = error.what();
    for (const std::string& part : parts) CHECK_THAT(text, Catch::Matchers::Contains(part));
    CHECK_THAT(text, Catch::Matchers::Contains("allowed"));
    CHECK(text.find('\n') == std::string::npos);
    return;
  }
  FAIL("nothing was refused");
}
