// Which bytes a box touches, how they travel, and where they lie in the image: against plain enumeration.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "models/pim/operand_box.h"
#include "tests/unit/pim/reference_float.h"

using namespace spinvp::pim;

namespace {

// Visits the words of a box: address by the definition, and place in the image by the plan.
template <typename Use>
void for_each_word(std::uint64_t address, const std::vector<Dimension>& dimensions, const BoxPlan& plan, Use&& use) {
  std::vector<std::uint32_t> digit(dimensions.size(), 0);
  while (true) {
    std::uint64_t at = address;
    std::int64_t word = plan.origin;
    for (std::size_t i = 0; i < digit.size(); ++i) {
      at += static_cast<std::uint64_t>(dimensions[i].stride * digit[i]);
      word += plan.word_strides[i] * digit[i];
    }
    use(at, word);
    std::size_t i = digit.size();
    while (i > 0 && ++digit[i - 1] == dimensions[i - 1].extent) digit[--i] = 0;
    if (i == 0) return;
  }
}

// The plan's transfers touch exactly the words of the box, and the image holds each where the strides say.
void check_plan(std::uint64_t address, const std::vector<Dimension>& dimensions) {
  const auto plan = plan_box(address, dimensions);
  REQUIRE(plan);
  std::map<std::int64_t, std::uint64_t> image;  // word of the image -> address
  std::set<std::uint64_t> travelled;
  std::uint64_t bytes = 0;
  for_each_piece(*plan, 0, [&](const BoxPiece& piece) {
    REQUIRE(piece.at == bytes);
    for (std::uint64_t row = 0; row < piece.rows; ++row)
      for (std::uint64_t b = 0; b < piece.row_bytes; b += 4) {
        image[static_cast<std::int64_t>((piece.at + row * piece.row_bytes + b) / 4)] = piece.address + row * piece.stride + b;
        travelled.insert(piece.address + row * piece.stride + b);
      }
    bytes += piece.row_bytes * piece.rows;
    return true;
  });
  CHECK(bytes == plan->bytes);
  std::set<std::uint64_t> named;
  std::uint64_t wrong = 0;
  for_each_word(address, dimensions, *plan, [&](std::uint64_t at, std::int64_t word) {
    named.insert(at);
    const auto place = image.find(word);
    if (place == image.end() || place->second != at) ++wrong;
  });
  CHECK(wrong == 0);
  CHECK(named == travelled);
}

}  // namespace

TEST_CASE("a word that all lanes share travels once") {
  const std::vector<Dimension> dimensions = {{10, 0}, {32, 0}, {24, 0}};
  check_plan(0x1000, dimensions);
  CHECK(plan_box(0x1000, dimensions)->bytes == 4);
}

TEST_CASE("the windows of a convolution merge into the one run that they cover") {
  // 32 images of 28 x 28, windows of 5 x 5 over 24 x 24 outputs, shared by 10 channels.
  const std::vector<Dimension> dimensions = {{10, 0}, {32, 784 * 4}, {24, 28 * 4}, {24, 4}, {5, 28 * 4}, {5, 4}};
  const auto plan = plan_box(0x80000000, dimensions);
  CHECK(plan->bytes == 32 * 784 * 4);
  CHECK(plan->rows.empty());
  check_plan(0x80000000, dimensions);
}

TEST_CASE("a column of a matrix is one strided transfer of single words") {
  const std::vector<Dimension> dimensions = {{50, 320 * 4}};
  const auto plan = plan_box(0x100, dimensions);
  REQUIRE(plan->rows.size() == 1);
  CHECK(plan->run_bytes == 4);
  CHECK(plan->bytes == 200);
  int pieces = 0;
  for_each_piece(*plan, 0, [&](const BoxPiece& piece) {
    ++pieces;
    CHECK((piece.address == 0x100 && piece.rows == 50 && piece.row_bytes == 4 && piece.stride == 1280));
    return true;
  });
  CHECK(pieces == 1);
}

TEST_CASE("negative strides count down from the base address") {
  const std::vector<Dimension> dimensions = {{5, -20}, {5, -4}};
  const auto plan = plan_box(0x1000, dimensions);
  CHECK(plan->low == 0x1000 - 96);
  CHECK(plan->bytes == 100);
  CHECK(plan->origin == 24);
  check_plan(0x1000, dimensions);
}

TEST_CASE("a box that leaves the address space has no plan") {
  CHECK_FALSE(plan_box(0x10, std::vector<Dimension>{{5, -8}}));
  CHECK(plan_box(0x20, std::vector<Dimension>{{5, -8}}));
  CHECK_FALSE(plan_box(0xfffffffffffffff8, std::vector<Dimension>{{3, 4}}));
  CHECK(plan_box(0xfffffffffffffff8, std::vector<Dimension>{{2, 4}}));
}

TEST_CASE("any box travels without a word that it does not name") {
  reference::Draw draw(11);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Dimension> dimensions;
    const std::uint32_t count = 1 + draw.below(5);
    for (std::uint32_t i = 0; i < count; ++i)
      dimensions.push_back({1 + draw.below(5), 4 * (static_cast<std::int64_t>(draw.below(40)) - 15) * (draw.below(3) == 0 ? 10 : 1)});
    check_plan(0x100000, dimensions);
  }
}
