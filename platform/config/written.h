// What a user wrote, before anybody asked whether it makes sense: the first of the two stages of a configuration.
//
// A file becomes a flat list of settings in the order of the file. Each carries the keys that lead to it and where every one of them stands, so that a
// later check can point at the very word that is wrong. Nothing is interpreted here: values are texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spinvp::platform {

// A place in a file, or an option of the command line. Lines and columns count from 1; line 0: the source has none (`--set a=b`).
struct Where {
  std::string source;
  int line = 0, column = 0;
  // `file:3:7`, or the option as it was given.
  [[nodiscard]] std::string text() const;
};

struct Key {
  std::string name;
  Where where;
};

// What stands behind the last key: a text, nothing at all (`key:`), a list, or a map without entries.
enum class ValueKind { scalar, nothing, sequence, empty_map };

struct Setting {
  std::vector<Key> keys;
  ValueKind kind = ValueKind::scalar;
  std::string value;
  Where where;  // of the value

  // The keys joined by dots, the first `count` of them if that is given.
  [[nodiscard]] std::string path(std::size_t count = std::string::npos) const;
};

// One source of settings. Later layers override earlier ones.
struct Layer {
  std::string source;
  std::vector<Setting> settings;
};

// Reads YAML. Refused, with file, line and column: syntax errors, a key that stands twice in a map, the merge key `<<`, tags, a key that is not a
// text or holds a dot, more than one document, a list as the whole document. Anchors and aliases are followed. Throws core::InputError.
Layer read_yaml(std::string_view text, const std::string& source);

// The same from a file; throws core::FileError if it cannot be read.
Layer read_yaml_file(const std::string& path);

// `devices.uart0.base=0x10000000`, one layer an option. Throws core::InputError with status 64 if there is no `=` or no path.
Layer read_option(const std::string& assignment, const std::string& option = "--set");

}  // namespace spinvp::platform
