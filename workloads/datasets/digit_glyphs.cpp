#include "workloads/datasets/digit_glyphs.h"

#include <array>

namespace spinvp::workloads {
namespace {

constexpr PenMove lift(int x, int y) { return {PenMove::Kind::lift, x, y}; }
constexpr PenMove line(int x, int y) { return {PenMove::Kind::line, x, y}; }
constexpr PenMove curve(int control_x, int control_y, int x, int y) { return {PenMove::Kind::curve, x, y, control_x, control_y}; }

constexpr auto zero_round = std::to_array<PenMove>({lift(50, 0), curve(100, 0, 97, 50), curve(100, 100, 50, 100), curve(0, 100, 3, 50), curve(0, 0, 50, 0)});
constexpr auto zero_open = std::to_array<PenMove>({lift(62, 3), curve(10, 0, 5, 52), curve(0, 100, 48, 100), curve(100, 98, 96, 48), curve(92, 2, 40, 4)});

constexpr auto one_plain = std::to_array<PenMove>({lift(50, 0), line(50, 100)});
constexpr auto one_flag = std::to_array<PenMove>({lift(22, 25), curve(45, 18, 55, 0), line(55, 100)});
constexpr auto one_base = std::to_array<PenMove>({lift(25, 22), line(52, 0), line(52, 100), lift(20, 100), line(84, 100)});

constexpr auto two_plain = std::to_array<PenMove>({lift(5, 25), curve(10, 0, 50, 0), curve(96, 0, 92, 30), curve(86, 55, 5, 100), line(98, 100)});
constexpr auto two_loop = std::to_array<PenMove>(
    {lift(8, 20), curve(25, 0, 52, 0), curve(98, 2, 85, 38), curve(70, 70, 30, 95), curve(0, 105, 8, 85), curve(25, 70, 50, 92), curve(70, 105, 98, 90)});

constexpr auto three_round = std::to_array<PenMove>(
    {lift(5, 14), curve(20, 0, 48, 0), curve(94, 0, 90, 24), curve(86, 46, 38, 47), curve(98, 47, 97, 74), curve(92, 100, 48, 100), curve(15, 100, 2, 84)});
constexpr auto three_flat =
    std::to_array<PenMove>({lift(8, 0), line(90, 0), line(42, 42), curve(98, 40, 97, 72), curve(92, 100, 46, 100), curve(18, 100, 3, 86)});

constexpr auto four_closed = std::to_array<PenMove>({lift(70, 100), line(70, 0), line(2, 66), line(98, 66)});
constexpr auto four_open = std::to_array<PenMove>({lift(16, 0), curve(8, 30, 6, 52), line(94, 50), lift(80, 2), curve(76, 60, 72, 100)});

constexpr auto five_plain = std::to_array<PenMove>(
    {lift(94, 0), line(18, 0), line(12, 44), curve(48, 30, 72, 40), curve(98, 52, 95, 72), curve(90, 100, 46, 100), curve(16, 100, 2, 86)});
constexpr auto five_two_strokes = std::to_array<PenMove>({lift(20, 4), line(14, 44), curve(96, 34, 94, 70), curve(90, 102, 6, 96), lift(20, 3), line(92, 0)});

constexpr auto six_round =
    std::to_array<PenMove>({lift(80, 0), curve(8, 22, 4, 70), curve(5, 100, 50, 100), curve(97, 100, 96, 72), curve(94, 46, 52, 46), curve(14, 46, 5, 74)});
constexpr auto six_straight =
    std::to_array<PenMove>({lift(62, 0), curve(30, 36, 8, 64), curve(-4, 100, 48, 100), curve(96, 98, 92, 72), curve(84, 48, 16, 66)});

constexpr auto seven_plain = std::to_array<PenMove>({lift(2, 0), line(97, 0), curve(58, 48, 38, 100)});
constexpr auto seven_bar = std::to_array<PenMove>({lift(4, 2), line(95, 0), line(36, 100), lift(28, 52), line(88, 48)});
constexpr auto seven_serif = std::to_array<PenMove>({lift(4, 18), line(6, 0), line(96, 2), curve(50, 44, 46, 100)});

constexpr auto eight_plain = std::to_array<PenMove>({lift(50, 0), curve(92, 0, 90, 23), curve(88, 44, 50, 47), curve(0, 52, 2, 76), curve(5, 100, 50, 100),
                                                     curve(95, 100, 98, 76), curve(100, 52, 50, 47), curve(12, 44, 10, 23), curve(8, 0, 50, 0)});
constexpr auto eight_crossed = std::to_array<PenMove>(
    {lift(88, 14), curve(62, -6, 30, 4), curve(-8, 22, 40, 46), curve(104, 70, 84, 92), curve(60, 106, 22, 96), curve(-10, 78, 46, 48), curve(86, 34, 88, 14)});

constexpr auto nine_curved =
    std::to_array<PenMove>({lift(95, 30), curve(94, 0, 50, 0), curve(4, 0, 4, 30), curve(6, 55, 48, 55), curve(92, 54, 95, 28), curve(98, 80, 70, 100)});
constexpr auto nine_straight = std::to_array<PenMove>({lift(90, 8), curve(50, -8, 22, 8), curve(-8, 34, 20, 50), curve(60, 60, 90, 10), line(82, 100)});

using Glyph = std::span<const PenMove>;
constexpr std::array<Glyph, 2> zeros{zero_round, zero_open};
constexpr std::array<Glyph, 3> ones{one_plain, one_flag, one_base};
constexpr std::array<Glyph, 2> twos{two_plain, two_loop};
constexpr std::array<Glyph, 2> threes{three_round, three_flat};
constexpr std::array<Glyph, 2> fours{four_closed, four_open};
constexpr std::array<Glyph, 2> fives{five_plain, five_two_strokes};
constexpr std::array<Glyph, 2> sixes{six_round, six_straight};
constexpr std::array<Glyph, 3> sevens{seven_plain, seven_bar, seven_serif};
constexpr std::array<Glyph, 2> eights{eight_plain, eight_crossed};
constexpr std::array<Glyph, 2> nines{nine_curved, nine_straight};
constexpr std::array<std::span<const Glyph>, 10> all_glyphs{zeros, ones, twos, threes, fours, fives, sixes, sevens, eights, nines};

}  // namespace

std::span<const std::span<const PenMove>> digit_glyphs(std::size_t digit) { return all_glyphs.at(digit); }

}  // namespace spinvp::workloads
