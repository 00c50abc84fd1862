// Fault processes against their distributions, at fixed seeds: a count lies within four deviations of its mean (missed by chance once in 16,000).
#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <vector>

#include "models/core/error.h"
#include "models/core/exact_math.h"
#include "models/core/random_bits.h"
#include "models/memory/cell_faults.h"

using namespace spinvp;
using namespace spinvp::memory;
using core::Frequency;
using core::SimTime;

namespace {

constexpr std::uint64_t size = 256 << 10;

struct Cells {
  Storage storage{size, "cells"};
  CellFaults faults;
  explicit Cells(const CellFaultsConfig& config) : faults(storage, config, "cells") {}

  void fill(const std::vector<std::uint8_t>& bytes, std::uint64_t burst = 4096) {
    for (std::uint64_t at = 0; at < bytes.size(); at += burst) faults.write(at, bytes.data() + at, std::min<std::uint64_t>(burst, bytes.size() - at));
  }
  std::vector<std::uint8_t> all() {
    std::vector<std::uint8_t> bytes(size);
    for (std::uint64_t at = 0; at < size; at += 4096) faults.read(at, bytes.data() + at, 4096);
    return bytes;
  }
};

CellFaultsConfig with(const char* ecc, const technology::CellErrorRates& rates) {
  CellFaultsConfig config;
  config.ecc = ecc;
  config.rates = rates;
  config.seed = 5;
  return config;
}
technology::CellErrorRates write_errors(double up, double down) {
  technology::CellErrorRates rates;
  rates.write_0_to_1 = up;
  rates.write_1_to_0 = down;
  return rates;
}
technology::CellErrorRates retention(double hertz) {
  technology::CellErrorRates rates;
  rates.retention_loss = Frequency::from_si(hertz);
  return rates;
}

std::vector<std::uint8_t> bytes_of(std::uint8_t value) { return std::vector<std::uint8_t>(size, value); }
std::vector<std::uint8_t> random_bytes(std::uint64_t seed) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(core::random_bits(seed, i));
  return bytes;
}
std::uint64_t differing(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += static_cast<unsigned>(std::popcount(static_cast<unsigned>(a[i] ^ b[i])));
  return bits;
}

// n independent trials of probability p.
void check_binomial(std::uint64_t found, double n, double p) {
  INFO("found " << found << ", expected " << n * p);
  CHECK(std::abs(static_cast<double>(found) - n * p) <= 4 * std::sqrt(n * p * (1 - p)));
}

}  // namespace

TEST_CASE("bits that should flip and do not are their direction's share, and stay as they were") {
  Cells cells(with("none", write_errors(1e-3, 3e-3)));
  cells.fill(bytes_of(0xff));  // all from 0
  CHECK(differing(cells.all(), bytes_of(0xff)) == cells.faults.counts().write_errors);
  check_binomial(cells.faults.counts().write_errors, 8.0 * size, 1e-3);
  const std::uint64_t up = cells.faults.counts().write_errors;
  cells.fill(bytes_of(0));
  check_binomial(cells.faults.counts().write_errors - up, 8.0 * size - static_cast<double>(up), 3e-3);
  CHECK(differing(cells.all(), bytes_of(0)) == cells.faults.counts().write_errors - up);
}

TEST_CASE("a write that flips nothing cannot fail") {
  Cells cells(with("none", write_errors(0.5, 0.5)));
  cells.fill(bytes_of(0));
  CHECK(cells.faults.counts().injected == 0);
  Cells coded(with("secded", write_errors(0.5, 0.5)));
  coded.fill(bytes_of(0));
  CHECK(coded.faults.counts().injected == 0);
}

TEST_CASE("with a code the check bits fail as well, and one wrong bit a word is put right") {
  for (const char* ecc : {"secded", "dec", "tec"}) {
    const double p = 2e-5;
    Cells cells(with(ecc, write_errors(p, p)));
    const auto data = random_bytes(3);
    // Bits that flip: those of the data and those of their check bits, all over zeros (which have check bits of zero).
    std::uint64_t flips = differing(data, bytes_of(0));
    const auto codec = make_codec(ecc);
    for (std::uint64_t at = 0; at < size; at += codec->data_bytes()) flips += static_cast<unsigned>(std::popcount(codec->encode(data.data() + at)));
    cells.fill(data);
    INFO(ecc);
    check_binomial(cells.faults.counts().write_errors, static_cast<double>(flips), p);
    CHECK(cells.faults.counts().write_errors > 5);
    const std::uint64_t wrong_words = cells.faults.pending().words().size();
    CHECK(cells.all() == data);
    const auto& counts = cells.faults.counts();
    CHECK(counts.corrected == wrong_words);
    CHECK(counts.uncorrectable + counts.miscorrected == 0);
    // Written back: met once. (Of so few bits that flip back none fails.)
    CHECK(cells.faults.pending().empty());
    cells.all();
    CHECK(counts.corrected == wrong_words);
    CellFaultsConfig config = with(ecc, write_errors(p, p));
    config.write_back = false;
    Cells left(config);
    left.fill(data);
    left.all();
    left.all();
    CHECK(left.faults.counts().corrected == 2 * wrong_words);
  }
}

TEST_CASE("a read writes back what it corrected: words of the macro are told, stuck cells stay, what cannot be corrected is left alone") {
  technology::CellErrorRates rates;
  rates.stuck = 1e-3;
  Cells stuck(with("tec", rates));
  stuck.fill(random_bytes(1));
  const auto pending = stuck.faults.pending().words();
  REQUIRE(pending.size() > 100);
  std::vector<std::uint8_t> bytes(4096);
  std::uint64_t written = 0, corrected = 0;
  for (std::uint64_t at = 0; at < size; at += 4096) {
    const auto outcome = stuck.faults.read(at, bytes.data(), 4096);
    written += outcome.written_back;
    corrected += outcome.corrected;
  }
  CHECK(written == corrected);  // a code word is a word of the macro
  CHECK(corrected + stuck.faults.counts().uncorrectable >= pending.size());
  CHECK(stuck.faults.pending().words() == pending);

  // Eight code words a word of the macro: 10 ms at 1/s make 0.72 wrong bits a code word, so that many words of the macro have several to correct.
  Cells cells(with("secded", retention(1)));
  cells.fill(random_bytes(2));
  cells.faults.advance(SimTime::us(10000), true);
  std::uint64_t words = 0;
  written = 0;
  for (std::uint64_t at = 0; at < size; at += 64) {
    const auto outcome = cells.faults.read(at, bytes.data(), 64);
    CHECK(outcome.written_back == (outcome.corrected > 0 ? 1 : 0));
    written += outcome.written_back;
    words += outcome.corrected;
  }
  CHECK(words > 2 * written);
  // What is left was given up, or was another word to the decoder without a bit to correct.
  CHECK(cells.faults.pending().words().size() >= cells.faults.counts().uncorrectable);
  CHECK(cells.faults.pending().words().size() < cells.faults.counts().uncorrectable + 10);
}

TEST_CASE("cells at rest flip at their rate, whatever the moments at which somebody looks") {
  // Rate 1/s for 20 ms: expected N (1 - e^(-2 x 0.02)) / 2 cells are wrong, of N = 2^21.
  const double n = 8.0 * size, wrong = -core::exact::expm1(-0.04) / 2;
  Cells once(with("none", retention(1))), often(with("none", retention(1)));
  once.faults.advance(SimTime::us(20000), true);
  for (int i = 1; i <= 1000; ++i) often.faults.advance(SimTime::us(20 * static_cast<std::uint64_t>(i)), true);
  check_binomial(differing(once.all(), bytes_of(0)), n, wrong);
  CHECK(once.all() == often.all());
  // Events: Poisson with mean N x rate x time.
  const double mean = n * 0.02;
  CHECK(std::abs(static_cast<double>(once.faults.counts().retention_failures) - mean) < 4 * std::sqrt(mean));
  CHECK(once.faults.counts().injected == once.faults.counts().retention_failures);
}

TEST_CASE("a write ends a cell's residency: what it covers is right again") {
  Cells cells(with("secded", retention(1)));
  const auto data = random_bytes(4);
  cells.fill(data);
  cells.faults.advance(SimTime::us(20000), true);
  CHECK_FALSE(cells.faults.pending().empty());
  cells.fill(data);
  CHECK(cells.faults.pending().empty());
  CHECK(cells.all() == data);
  CHECK(cells.faults.counts().corrected + cells.faults.counts().uncorrectable == 0);
}

TEST_CASE("words fail as the binomial says, and what fails is given up or taken for another word") {
  for (const char* ecc : {"secded", "dec", "tec"}) {
    const double rate = 1, seconds = std::string(ecc) == "secded" ? 0.01 : 0.004;
    Cells cells(with(ecc, retention(rate)));
    const auto data = random_bytes(5);
    cells.fill(data);
    cells.faults.advance(SimTime::from(core::Time::from_si(seconds)), true);
    const auto read = cells.all();
    const auto& codec = cells.faults.codec();
    const double p = -core::exact::expm1(-2 * rate * seconds) / 2, words = static_cast<double>(size / codec.data_bytes());
    const auto& counts = cells.faults.counts();
    INFO(ecc);
    check_binomial(counts.uncorrectable + counts.miscorrected, words, word_failure(codec.bits(), codec.corrects(), p));
    CHECK(counts.uncorrectable > 0);
    // Words with at least one wrong bit are all seen: an even number of flips aside, that is those that were decoded.
    check_binomial(counts.corrected + counts.uncorrectable + counts.miscorrected, words, word_failure(codec.bits(), 0, p));
    std::uint64_t wrong_words = 0;
    for (std::uint64_t at = 0; at < size; at += codec.data_bytes())
      wrong_words += std::equal(read.begin() + static_cast<std::ptrdiff_t>(at), read.begin() + static_cast<std::ptrdiff_t>(at + codec.data_bytes()),
                                data.begin() + static_cast<std::ptrdiff_t>(at))
                         ? 0
                         : 1;
    // A word given up may hold its errors in the check bits alone.
    CHECK(wrong_words <= counts.uncorrectable + counts.miscorrected);
    CHECK(wrong_words >= counts.miscorrected);
  }
}

TEST_CASE("reads flip cells behind the reader, in the words that they sense") {
  technology::CellErrorRates rates;
  rates.read_disturb = 1e-4;
  Cells cells(with("none", rates));
  const auto before = cells.all();  // itself a read of everything, but what it gives is not disturbed yet
  CHECK(before == bytes_of(0));
  check_binomial(cells.faults.counts().read_disturbs, 8.0 * size, 1e-4);
  // A byte read senses its word of 64 bytes: 512 cells.
  Cells byte(with("none", rates));
  std::uint8_t value = 0;
  for (int i = 0; i < 40000; ++i) byte.faults.read(100, &value, 1);
  check_binomial(byte.faults.counts().read_disturbs, 40000.0 * 512, 1e-4);
  std::vector<std::uint8_t> outside(size);
  byte.faults.peek(0, outside.data(), size);
  std::fill_n(outside.begin() + 64, 64, 0);
  CHECK(outside == bytes_of(0));
}

TEST_CASE("stuck cells are a share of all, keep their value through every write, and a code corrects them") {
  technology::CellErrorRates rates;
  rates.stuck = 1e-4;
  Cells plain(with("none", rates));
  check_binomial(plain.faults.stuck().size(), 8.0 * size, 1e-4);
  for (const std::uint8_t value : std::vector<std::uint8_t>{0xff, 0x00, 0xff}) {
    plain.fill(bytes_of(value), 1000);
    std::uint64_t against = 0;
    const auto bytes = plain.all();
    for (const StuckBit& cell : plain.faults.stuck().of(0, size)) against += cell.value != ((value & 1) != 0) ? 1 : 0;
    CHECK(differing(bytes, bytes_of(value)) == against);
  }
  Cells coded(with("tec", rates));
  coded.fill(random_bytes(1));
  CHECK(coded.all() == random_bytes(1));
  CHECK(coded.faults.counts().corrected > 0);
  // The same map from the same seed.
  Cells again(with("tec", rates));
  REQUIRE(again.faults.stuck().size() == coded.faults.stuck().size());
  // A loader's bytes meet the same cells.
  std::ranges::copy(random_bytes(1), coded.storage.write(0, size));
  coded.faults.replaced(0, size);
  const auto pending = coded.faults.pending().words();
  coded.fill(random_bytes(1));
  CHECK(coded.faults.pending().words() == pending);
}

TEST_CASE("a write of a part reads the word first: what could be corrected is, what could not is left alone") {
  CellFaultsConfig config = with("secded", retention(1));
  Cells cells(config);
  const auto data = random_bytes(6);
  cells.fill(data);
  cells.faults.advance(SimTime::us(10000), true);
  std::uint64_t tried = 0, refused = 0;
  std::vector<std::uint64_t> words;
  for (const auto& [word, wrong] : cells.faults.pending().words()) words.push_back(word);
  for (const std::uint64_t word : words) {
    const std::uint8_t byte = static_cast<std::uint8_t>(~data[word * 8]);
    const auto before = cells.faults.counts();
    const auto outcome = cells.faults.write(word * 8, &byte, 1);
    CHECK(outcome.merged == 1);
    ++tried;
    if (outcome.uncorrectable) {
      ++refused;
      CHECK(*outcome.uncorrectable == word * 8);
      CHECK_FALSE(cells.faults.pending().of(word).empty());
      continue;
    }
    CHECK(cells.faults.pending().of(word).empty());
    if (cells.faults.counts().miscorrected != before.miscorrected) continue;
    std::vector<std::uint8_t> got(8), expected(data.begin() + static_cast<std::ptrdiff_t>(word * 8), data.begin() + static_cast<std::ptrdiff_t>(word * 8 + 8));
    expected[0] = byte;
    cells.faults.read(word * 8, got.data(), 8);
    CHECK(got == expected);
  }
  CHECK(tried > 10000);
  CHECK(refused > 1000);
  // A whole word written needs no reading.
  CHECK(cells.faults.write(64, data.data(), 64).merged == 0);
  CHECK(cells.faults.write(60, data.data(), 16).merged == 2);
}

TEST_CASE("scrubbing makes the residency its interval") {
  // Rate 1/s, 100 ms, SEC-DED. Left alone a bit is wrong with 0.0906: nearly all words fail. Scrubbed every 2 ms, a word fails in one interval with word_failure(72, 1, 0.002) = 9.4e-3,
  // in 50 of them with 1 - (1 - that)^50. A word that failed stays so.
  CellFaultsConfig config = with("secded", retention(1));
  config.scrub_interval = SimTime::us(2000);
  Cells cells(config);
  const auto data = random_bytes(7);
  cells.fill(data);
  // Looked at every 1.25 ms: within a pass, and across the end of one.
  for (int i = 1; i <= 80; ++i) cells.faults.advance(SimTime::us(1250 * static_cast<std::uint64_t>(i)), true);
  CHECK(cells.faults.scrub_reads() == 50 * size / 64);
  CHECK(cells.faults.scrub_writes() > 0);
  const auto read = cells.all();
  std::uint64_t failed = 0;
  for (std::uint64_t at = 0; at < size; at += 8) failed += std::equal(&read[at], &read[at] + 8, &data[at]) ? 0 : 1;
  const double once = word_failure(72, 1, -core::exact::expm1(-2 * 0.002) / 2);
  const double expected = 1 - std::pow(1 - once, 50);
  INFO("failed " << failed << ", expected " << expected * size / 8);
  // Of two or three wrong bits some lie in the check bits alone; words whose data are right although they were given up: C(8, 2) / C(72, 2) of the pairs.
  CHECK(static_cast<double>(failed) == Approx(expected * size / 8).epsilon(0.03));
  CHECK_THROWS_AS(Cells([] {
                    CellFaultsConfig none = with("none", {});
                    none.scrub_interval = SimTime::us(1);
                    return none;
                  }()),
                  core::InputError);
}

TEST_CASE("a look after the end of a pass scrubs the rest of that one and the start of the next, nothing else") {
  CellFaultsConfig config = with("secded", write_errors(1e-3, 1e-3));
  config.scrub_interval = SimTime::us(1000);
  Cells cells(config);
  cells.faults.advance(SimTime::us(750), true);
  cells.fill(random_bytes(9));
  const auto in_quarter = [&](std::uint64_t quarter) {
    const std::uint64_t words = size / 8 / 4;
    const auto& pending = cells.faults.pending().words();
    return std::distance(pending.lower_bound(quarter * words), pending.lower_bound((quarter + 1) * words));
  };
  std::vector<std::ptrdiff_t> before;
  for (std::uint64_t q = 0; q < 4; ++q) before.push_back(in_quarter(q));
  cells.faults.advance(SimTime::us(1250), true);
  // About 36 bits of a word flip: 3.5 % of the 8192 words of a quarter have a wrong bit, a fiftieth of those a second one, which stay.
  for (const std::uint64_t q : {0u, 3u}) CHECK(in_quarter(q) < before[q] / 10);
  for (const std::uint64_t q : {1u, 2u}) CHECK(in_quarter(q) == before[q]);
}

TEST_CASE("the scrubber stands while the memory is off, the cells do not") {
  CellFaultsConfig config = with("secded", retention(1e-3));
  config.scrub_interval = SimTime::us(1000);
  Cells cells(config);
  cells.faults.advance(SimTime::us(5000), true);
  const std::uint64_t reads = cells.faults.scrub_reads();
  cells.faults.advance(SimTime::us(900000), false);  // 0.9 s at 1e-3 / s: a cell is wrong with 9e-4
  CHECK(cells.faults.scrub_reads() == reads);
  const std::uint64_t pending = cells.faults.pending().words().size();
  CHECK(pending > 1000);
  cells.faults.advance(SimTime::us(901000), true);
  CHECK(cells.faults.scrub_reads() == reads + size / 64);
  // What is left had two wrong bits or more: 32,768 words x word_failure(72, 1, 9e-4) = 66 in the mean.
  check_binomial(cells.faults.pending().words().size(), static_cast<double>(size) / 8, word_failure(72, 1, -core::exact::expm1(-2 * 0.9e-3) / 2));
}

TEST_CASE("direct access is given where no fault needs to see it") {
  using Rights = CellFaults::Rights;
  const Rights all{true, true}, none{false, false}, read_only{true, false}, write_only{false, true};
  CHECK(Cells(with("none", write_errors(1e-6, 1e-6))).faults.rights(0) == all);
  // 64 driven cells a write at 2e-5: more than one write in 1024 is struck.
  CHECK(Cells(with("none", write_errors(2e-5, 0))).faults.rights(0) == read_only);
  technology::CellErrorRates disturb;
  disturb.read_disturb = 1e-5;
  CHECK(Cells(with("none", disturb)).faults.rights(0) == write_only);
  // Pages with errors give none, their neighbours do; a write that clears the error gives it back.
  Cells cells(with("secded", retention(1)));
  cells.faults.advance(SimTime::us(10), true);
  REQUIRE_FALSE(cells.faults.pending().empty());
  const std::uint64_t page = cells.faults.pending().pages().begin()->first;
  CHECK(cells.faults.take_changed().has_value());
  CHECK_FALSE(cells.faults.take_changed().has_value());
  CHECK(cells.faults.rights(page) == none);
  const auto span = cells.faults.span_of(page + 1, 0, size / 4096 - 1);
  CHECK((span.first == page + 1 && span.rights == all));
  cells.fill(bytes_of(0));
  CHECK(cells.faults.rights(page) == all);
  CHECK(cells.faults.take_changed().has_value());
  // A page with a stuck cell must see writes.
  technology::CellErrorRates stuck;
  stuck.stuck = 1e-7;
  CellFaultsConfig config = with("none", stuck);
  for (config.seed = 1; Cells(config).faults.stuck().size() != 1;) ++config.seed;
  Cells one(config);
  CHECK(one.faults.rights(one.faults.stuck().of(0, size)[0].cell / 8 / 4096) == read_only);
}

TEST_CASE("faults that fall due among direct accesses strike the next ones that are seen, and none is lost") {
  const double p = 1e-6;
  Cells cells(with("secded", write_errors(p, p)));
  std::uint64_t seen = 0, direct = 0;
  // As a hart: 1000 direct writes a quantum while it may, else one write that the memory sees. Each write there flips all 64 data bits (the check bits of ff are zeros: rows of even weight).
  while (direct < 2'000'000) {
    if (cells.faults.rights(0).write) {
      cells.faults.count_direct(0, 1000, 8000);
      direct += 1000;
    } else {
      // Two words of the macro in turn: two faults in a row do not strike one word.
      const std::vector<std::uint8_t> word(8, seen / 2 % 2 == 0 ? 0xff : 0);
      cells.faults.write(seen % 2 * 64, word.data(), 8);
      ++seen;
    }
  }
  // Candidates: one in a million of 72 driven cells a write; of them 64 / 72 flip in a word that was right before.
  const double candidates = static_cast<double>(direct + seen) * 72 * p;
  INFO("candidates " << candidates << ", errors " << cells.faults.counts().write_errors << ", seen " << seen);
  CHECK(std::abs(static_cast<double>(cells.faults.counts().write_errors) - candidates * 64 / 72) < 4 * std::sqrt(candidates));
  CHECK(static_cast<double>(seen) < 3 * candidates);
}

TEST_CASE("what falls due among the direct accesses of a quantum does not pile up in one word") {
  // A reader that goes through its memory in order, as a hart does: by pointer where it may, else seen. One disturb in 2,000 accesses of 8 bytes, whatever the quantum: 20 rounds leave 0.08
  // flips a word of 64 bytes, and four in one, beyond the code, in one of 600,000.
  technology::CellErrorRates rates;
  rates.read_disturb = 1.0 / 2000 / 542;
  for (const std::uint64_t quantum : {100u, 10'000u}) {
    INFO("accesses a quantum " << quantum);
    Cells cells(with("tec", rates));
    std::vector<std::uint8_t> word(8);
    std::uint64_t counted = 0, uncorrectable = 0;
    for (std::uint64_t access = 0; access < 20 * size / 8; ++access) {
      const std::uint64_t address = access * 8 % size;
      if (cells.faults.rights(address / 4096).read)
        ++counted;
      else
        uncorrectable += cells.faults.read(address, word.data(), 8).uncorrectable ? 1 : 0;
      if (access % quantum != 0) continue;
      cells.faults.count_direct(counted, 0, 0);
      counted = 0;
    }
    CHECK(static_cast<double>(cells.faults.counts().read_disturbs) > 0.7 * 20 * static_cast<double>(size) / 8 / 2000);
    CHECK(uncorrectable == 0);
  }
}

TEST_CASE("faults do not depend on how whole words are cut into bursts") {
  for (const char* ecc : {"none", "secded", "dec"}) {
    Cells a(with(ecc, write_errors(1e-4, 1e-5))), b(with(ecc, write_errors(1e-4, 1e-5)));
    a.fill(random_bytes(8), 4096);
    b.fill(random_bytes(8), 64);
    std::vector<std::uint8_t> x(size), y(size);
    const auto n = a.faults.peek(0, x.data(), size);
    CHECK(b.faults.peek(0, y.data(), size) == n);
    CHECK(x == y);
    CHECK(a.faults.counts().write_errors == b.faults.counts().write_errors);
  }
}

TEST_CASE("a restored memory meets the faults that the saved one would have") {
  technology::CellErrorRates rates = write_errors(1e-4, 2e-4);
  rates.retention_loss = Frequency::from_si(10);
  rates.read_disturb = 1e-6;
  rates.stuck = 1e-5;
  CellFaultsConfig config = with("secded", rates);
  config.scrub_interval = SimTime::us(300);
  const auto work = [](Cells& cells, std::uint64_t from) {
    for (std::uint64_t i = from; i < from + 40; ++i) {
      cells.faults.advance(SimTime::us(25 * i), true);
      const auto data = random_bytes(i);
      cells.faults.write(i * 3001 % size / 2, data.data(), 4001);
      std::vector<std::uint8_t> got(8192);
      cells.faults.read(i * 5003 % size / 2, got.data(), got.size());
      cells.faults.count_direct(100, 100, 400);
    }
  };
  Cells saved(config);
  work(saved, 0);
  core::StateArchive out;
  saved.storage.describe_state(out);
  saved.faults.describe_state(out);
  Cells restored(config);
  core::StateArchive in(out.bytes());
  restored.storage.describe_state(in);
  restored.faults.describe_state(in);
  work(saved, 40);
  work(restored, 40);
  CHECK(restored.faults.pending().words() == saved.faults.pending().words());
  core::StateArchive a, b;
  saved.storage.describe_state(a);
  saved.faults.describe_state(a);
  restored.storage.describe_state(b);
  restored.faults.describe_state(b);
  CHECK(a.bytes() == b.bytes());
  CHECK(saved.faults.counts().retention_failures > 0);
}

TEST_CASE("impossible rates and words that no code fits are refused with field and limit") {
  CHECK_THROWS_WITH(Cells(with("none", write_errors(1.5, 0))), Catch::Contains("cells.faults.write_0_to_1") && Catch::Contains("from 0 to 1"));
  CHECK_THROWS_WITH(Cells(with("none", retention(-1))), Catch::Contains("retention_loss"));
  CellFaultsConfig narrow = with("dec", {});
  narrow.macro_word_bytes = 32;
  CHECK_THROWS_WITH(Cells(narrow), Catch::Contains("dec guards 512 bits"));
}
