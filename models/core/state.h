// Saving and restoring a model's state at a quiescent moment.
//
// A model describes its state once, in `void describe_state(StateArchive&)`: one call a member. The same description writes and reads, so the two can never disagree. Every
// item carries its name and size; reading an archive of another shape throws InputError naming the item.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace spinvp::core {

class StateArchive {
 public:
  // An archive that collects state.
  StateArchive() = default;
  // An archive that gives back what `bytes` hold.
  explicit StateArchive(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)), reading_(true) {}

  [[nodiscard]] bool reading() const { return reading_; }
  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

  template <typename T>
  void item(std::string_view name, T& value) {
    static_assert(std::is_trivially_copyable_v<T>, "state items are plain values; give containers to the overloads below");
    raw(name, &value, sizeof(T));
  }
  template <typename T>
  void item(std::string_view name, std::vector<T>& values) {
    static_assert(std::is_trivially_copyable_v<T>);
    std::uint64_t count = values.size();
    item(name, count);
    if (reading_) {
      expect(name, count, sizeof(T));
      values.resize(count);
    }
    raw(name, values.data(), count * sizeof(T));
  }
  void item(std::string_view name, std::string& value);
  // Elements that `describe(element)` describes one after the other.
  template <typename Container, typename Describe>
  void list(std::string_view name, Container& elements, Describe&& describe) {
    std::uint64_t count = elements.size();
    item(name, count);
    if (reading_) {
      expect(name, count, 1);
      elements.resize(count);
    }
    for (auto& element : elements) describe(element);
  }
  // What stands here is of this shape and never changes it: `count` must be the same.
  void shape(std::string_view name, std::uint64_t count);
  // Nothing may be left over of an archive that was read.
  [[nodiscard]] bool exhausted() const { return position_ == bytes_.size(); }
  // `length` bytes at `data` (a fixed-size memory).
  void raw(std::string_view name, void* data, std::size_t length);

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t position_ = 0;
  bool reading_ = false;
  // Refuses a count that the rest of the archive cannot hold, before memory is asked for.
  void expect(std::string_view name, std::uint64_t count, std::uint64_t each) const;
};

}  // namespace spinvp::core
