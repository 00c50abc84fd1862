// Lists on the command line.
#pragma once

#include <string>
#include <vector>

namespace spinvp::platform {

// The texts between commas, empty ones too: the caller says what is allowed.
inline std::vector<std::string> texts_between_commas(const std::string& list) {
  std::vector<std::string> texts(1);
  for (const char c : list)
    if (c == ',')
      texts.emplace_back();
    else
      texts.back() += c;
  return texts;
}

}  // namespace spinvp::platform
