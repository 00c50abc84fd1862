#include "models/memory/cell_faults.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "models/core/error.h"
#include "models/core/random_bits.h"

namespace spinvp::memory {

using core::SimTime;

namespace {

enum Stream : std::uint64_t { write_stream = 1, thinning_stream, read_stream, retention_stream, place_stream, stuck_stream };

std::uint64_t stream(std::uint64_t seed, Stream number) { return core::random_bits(core::random_bits(seed, 0), number); }

void check_share(const std::string& owner, const char* field, double value) {
  if (!(value >= 0 && value <= 1)) throw core::InputError(fmt::format("{}.faults.{}: {} is not allowed: a number from 0 to 1", owner, field, value));
}

const technology::CellErrorRates& checked(const technology::CellErrorRates& rates, const std::string& owner) {
  check_share(owner, "write_0_to_1", rates.write_0_to_1);
  check_share(owner, "write_1_to_0", rates.write_1_to_0);
  check_share(owner, "read_disturb", rates.read_disturb);
  check_share(owner, "stuck", rates.stuck);
  if (!(rates.retention_loss.si() >= 0))
    throw core::InputError(fmt::format("{}.faults.retention_loss: {} Hz is not allowed: a frequency of at least 0", owner, rates.retention_loss.si()));
  return rates;
}

std::unique_ptr<EccCodec> fitting_codec(const CellFaultsConfig& config, const std::string& owner) {
  auto codec = make_codec(config.ecc);
  if (config.macro_word_bytes % codec->data_bytes() != 0)
    throw core::InputError(fmt::format("{}.ecc: {} guards {} bits, words of {} bits are not allowed: a multiple of it", owner, codec->name(),
                                       codec->data_bits(), 8 * config.macro_word_bytes));
  if (config.scrub_interval > SimTime() && codec->check_bits() == 0)
    throw core::InputError(fmt::format("{}.scrub_interval: without a code there is nothing to scrub with, 0s is allowed with ecc: none", owner));
  return codec;
}

}  // namespace

CellFaults::CellFaults(Storage& storage, const CellFaultsConfig& config, const std::string& owner)
    : storage_(storage),
      config_(config),
      codec_(fitting_codec(config, owner)),
      coded_(codec_->check_bits() != 0),
      data_bytes_(codec_->data_bytes()),
      bits_(codec_->bits()),
      words_(storage.size() / data_bytes_),
      macro_cells_(std::uint64_t{config.macro_word_bytes} / data_bytes_ * bits_),
      most_write_error_(std::max(checked(config.rates, owner).write_0_to_1, config.rates.write_1_to_0)),
      thinning_seed_(stream(config.seed, thinning_stream)),
      place_seed_(stream(config.seed, place_stream)),
      write_clock_(most_write_error_, stream(config.seed, write_stream)),
      read_clock_(config.rates.read_disturb, stream(config.seed, read_stream)),
      retention_clock_(config.rates.retention_loss * static_cast<double>(words_ * bits_), stream(config.seed, retention_stream)),
      stuck_(words_, bits_, config.rates.stuck, stream(config.seed, stuck_stream)),
      pending_(data_bytes_),
      direct_reads_(config.rates.read_disturb * static_cast<double>(macro_cells_) <= most_direct),
      direct_writes_(most_write_error_ * bits_ <= most_direct) {
  replaced(0, storage.size());  // stuck cells show in what the memory begins with
}

CellFaults::Word CellFaults::intended(std::uint64_t word) const {
  Word w;
  std::memcpy(w.data, storage_.read(word * data_bytes_), data_bytes_);
  w.check = codec_->encode(w.data);
  return w;
}

CellFaults::Word CellFaults::held(std::uint64_t word) const {
  Word w = intended(word);
  for (const unsigned position : pending_.of(word)) flip_bit(*codec_, w.data, w.check, position);
  return w;
}

bool CellFaults::bit(const Word& word, unsigned position) const {
  if (position >= codec_->data_bits()) return ((word.check >> (position - codec_->data_bits())) & 1u) != 0;
  return ((word.data[position / 8] >> (position % 8)) & 1u) != 0;
}

Decoded CellFaults::decode(std::uint64_t number, Word& word) const {
  word = held(number);
  const Decoded decoded = codec_->decode(word.data, word.check);
  correct(*codec_, decoded, word.data, word.check);
  return decoded;
}

void CellFaults::count(const Decoded& decoded, std::uint64_t number, const Word& word, Outcome& outcome) {
  if (decoded.outcome == Decoded::Outcome::uncorrectable) {
    ++counts_.uncorrectable;
    if (!outcome.uncorrectable) outcome.uncorrectable = number * data_bytes_;
    return;
  }
  if (decoded.outcome == Decoded::Outcome::corrected) ++outcome.corrected;
  if (std::memcmp(word.data, storage_.read(number * data_bytes_), data_bytes_) != 0)
    ++counts_.miscorrected;
  else
    ++counts_.corrected;
}

void CellFaults::change(std::uint64_t first_page, std::uint64_t last_page) {
  if (changed_)
    changed_ = {std::min(changed_->first, first_page), std::max(changed_->second, last_page)};
  else
    changed_ = {first_page, last_page};
}

void CellFaults::change_all() { change(0, (storage_.size() - 1) / PendingErrors::page_bytes); }

void CellFaults::set_pending(std::uint64_t word, PendingErrors::Positions positions) {
  if (!pending_.set(word, std::move(positions))) return;
  const std::uint64_t page = word * data_bytes_ / PendingErrors::page_bytes;
  change(page, page);
}

bool CellFaults::flip(std::uint64_t word, unsigned position) {
  if (!stuck_.empty() && stuck_.at(word, position) != nullptr) return false;
  ++counts_.injected;
  if (coded_) {
    if (pending_.toggle(word, position)) {
      const std::uint64_t page = word * data_bytes_ / PendingErrors::page_bytes;
      change(page, page);
    }
    return true;
  }
  invert(word, position);
  return true;
}

std::uint64_t CellFaults::drawn_place(std::uint64_t count) {
  // The upper half of a product of 128 bits: even to 2^-64.
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{core::random_bits(place_seed_, placed_++)} * count) >> 64);
}

bool CellFaults::fails(bool from, bool to) {
  if (from == to) return false;
  const double rate = to ? config_.rates.write_0_to_1 : config_.rates.write_1_to_0;
  return rate >= most_write_error_ || core::random_unit(thinning_seed_, thinned_++) * most_write_error_ <= rate;
}

// --- accesses that are seen ---

CellFaults::Outcome CellFaults::read(std::uint64_t address, std::uint8_t* data, std::uint64_t length) {
  Outcome outcome;
  if (length == 0) return outcome;
  std::memcpy(data, storage_.read(address), length);
  const std::uint64_t first = address / data_bytes_, end = (address + length - 1) / data_bytes_ + 1;
  if (pending_.any(first, end)) {
    std::uint64_t last_macro_word = ~std::uint64_t{0};
    for (const std::uint64_t number : pending_in(first, end)) {
      const Word before = held(number);
      Word word;
      const Decoded decoded = decode(number, word);
      count(decoded, number, word, outcome);
      const std::uint64_t base = number * data_bytes_, from = std::max(base, address), to = std::min(base + data_bytes_, address + length);
      std::memcpy(data + (from - address), word.data + (from - base), to - from);
      if (!config_.write_back || decoded.outcome != Decoded::Outcome::corrected) continue;
      write_back(number, before, word);
      if (base / config_.macro_word_bytes != last_macro_word) ++outcome.written_back;
      last_macro_word = base / config_.macro_word_bytes;
    }
  }
  if (read_clock_.rate() > 0) sense(address, length);
  return outcome;
}

void CellFaults::sense(std::uint64_t address, std::uint64_t length) {
  const std::uint64_t first = address / config_.macro_word_bytes, end = (address + length - 1) / config_.macro_word_bytes + 1;
  const auto strike = [&](std::uint64_t cell) {
    if (flip(first * (macro_cells_ / bits_) + cell / bits_, static_cast<unsigned>(cell % bits_))) ++counts_.read_disturbs;
  };
  if (due_reads_.strikes(first)) {
    strike(drawn_place((end - first) * macro_cells_));
    if (due_reads_.count == 0) change_all();
  }
  read_clock_.pass((end - first) * macro_cells_, strike);
}

CellFaults::Outcome CellFaults::write(std::uint64_t address, const std::uint8_t* data, std::uint64_t length) {
  if (length == 0) return {};
  if (coded_) return write_coded(address, data, length);
  write_plain(address, data, length);
  return {};
}

void CellFaults::write_plain(std::uint64_t address, const std::uint8_t* data, std::uint64_t length) {
  std::uint8_t* const store = storage_.write(address, length);
  std::vector<std::uint64_t> failed;
  const auto candidate = [&](std::uint64_t cell) {
    const auto byte_bit = [&](const std::uint8_t* bytes) { return ((bytes[cell / 8] >> (cell % 8)) & 1u) != 0; };
    if (fails(byte_bit(store), byte_bit(data))) failed.push_back(cell);
  };
  if (due_writes_.strikes(address / config_.macro_word_bytes)) {
    candidate(drawn_place(8 * length));
    if (due_writes_.count == 0) change_all();
  }
  write_clock_.pass(8 * length, candidate);
  std::memcpy(store, data, length);
  std::sort(failed.begin(), failed.end());
  failed.erase(std::unique(failed.begin(), failed.end()), failed.end());
  for (const std::uint64_t cell : failed) store[cell / 8] = static_cast<std::uint8_t>(store[cell / 8] ^ (1u << (cell % 8)));
  counts_.write_errors += failed.size();
  counts_.injected += failed.size();
  if (stuck_.empty()) return;
  for (const StuckBit& cell : stuck_.of(address / data_bytes_, (address + length - 1) / data_bytes_ + 1)) {
    if (cell.cell / 8 < address || cell.cell / 8 >= address + length) continue;
    std::uint8_t& byte = store[cell.cell / 8 - address];
    const auto mask = static_cast<std::uint8_t>(1u << (cell.cell % 8));
    if (((byte & mask) != 0) == cell.value) continue;
    byte ^= mask;
    ++counts_.stuck_writes;
    ++counts_.injected;
  }
}

std::uint64_t CellFaults::merged(std::uint64_t address, std::uint64_t length) const {
  if (!coded_ || length == 0) return 0;
  const bool one_word = address / data_bytes_ == (address + length - 1) / data_bytes_;
  const bool partial_first = address % data_bytes_ != 0 || (one_word && length < data_bytes_);
  const bool partial_last = !one_word && (address + length) % data_bytes_ != 0;
  return (partial_first ? 1u : 0u) + (partial_last ? 1u : 0u);
}

CellFaults::Outcome CellFaults::write_coded(std::uint64_t address, const std::uint8_t* data, std::uint64_t length) {
  Outcome outcome;
  const std::uint64_t first = address / data_bytes_, end = (address + length - 1) / data_bytes_ + 1, cells = (end - first) * bits_;
  outcome.merged = merged(address, length);
  std::vector<std::uint64_t> struck;
  if (due_writes_.strikes(address / config_.macro_word_bytes)) {
    struck.push_back(drawn_place(cells));
    if (due_writes_.count == 0) change_all();
  }
  write_clock_.pass(cells, [&](std::uint64_t cell) { struck.push_back(cell); });
  if (struck.empty() && !pending_.any(first, end) && (stuck_.empty() || stuck_.of(first, end).empty())) {
    std::memcpy(storage_.write(address, length), data, length);
    return outcome;
  }
  std::sort(struck.begin(), struck.end());
  struck.erase(std::unique(struck.begin(), struck.end()), struck.end());
  // Words with something to look at: all others are copied alone.
  std::vector<std::uint64_t> numbers;
  for (const std::uint64_t cell : struck) numbers.push_back(first + cell / bits_);
  for (auto at = pending_.words().lower_bound(first); at != pending_.words().end() && at->first < end; ++at) numbers.push_back(at->first);
  if (!stuck_.empty())
    for (const StuckBit& cell : stuck_.of(first, end)) numbers.push_back(cell.cell / bits_);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  struct Driven {
    std::uint64_t number;
    Word before, after;
    bool stopped;
  };
  std::vector<Driven> driven;
  driven.reserve(numbers.size());
  for (const std::uint64_t number : numbers) {
    const std::uint64_t base = number * data_bytes_, from = std::max(base, address), to = std::min(base + data_bytes_, address + length);
    Driven& word = driven.emplace_back(Driven{number, held(number), {}, false});
    word.after = word.before;
    if (to - from < data_bytes_ && !pending_.of(number).empty()) {
      const Decoded decoded = decode(number, word.after);
      count(decoded, number, word.after, outcome);
      if (decoded.outcome == Decoded::Outcome::uncorrectable && config_.uncorrectable_is_error) {
        word.stopped = true;
        word.after = intended(number);
        continue;
      }
    }
    std::memcpy(word.after.data + (from - base), data + (from - address), to - from);
    word.after.check = codec_->encode(word.after.data);
  }
  std::memcpy(storage_.write(address, length), data, length);
  std::vector<unsigned> here;
  auto next = struck.begin();
  for (const Driven& word : driven) {
    here.clear();
    for (; next != struck.end() && first + *next / bits_ == word.number; ++next) here.push_back(static_cast<unsigned>(*next % bits_));
    if (word.stopped)
      std::memcpy(storage_.write(word.number * data_bytes_, data_bytes_), word.after.data, data_bytes_);
    else
      drive(word.number, word.before, word.after, here);
  }
  return outcome;
}

void CellFaults::drive(std::uint64_t number, const Word& from, const Word& to, std::span<const unsigned> struck) {
  PendingErrors::Positions wrong;
  for (const unsigned position : struck) {
    if (!fails(bit(from, position), bit(to, position))) continue;
    if (!stuck_.empty() && stuck_.at(number, position) != nullptr) continue;
    wrong.push_back(static_cast<std::uint16_t>(position));
    ++counts_.write_errors;
    ++counts_.injected;
  }
  if (!stuck_.empty())
    for (const StuckBit& cell : stuck_.of(number, number + 1)) {
      const auto position = static_cast<unsigned>(cell.cell % bits_);
      if (bit(to, position) == cell.value) continue;
      wrong.push_back(static_cast<std::uint16_t>(position));
      ++counts_.stuck_writes;
      ++counts_.injected;
    }
  std::sort(wrong.begin(), wrong.end());
  std::memcpy(storage_.write(number * data_bytes_, data_bytes_), to.data, data_bytes_);
  set_pending(number, std::move(wrong));
}

// --- loaders and debuggers ---

std::uint64_t CellFaults::peek(std::uint64_t address, std::uint8_t* data, std::uint64_t length) const {
  if (length == 0) return 0;
  std::memcpy(data, storage_.read(address), length);
  const std::uint64_t end = (address + length - 1) / data_bytes_ + 1;
  const auto& words = pending_.words();
  for (auto at = words.lower_bound(address / data_bytes_); at != words.end() && at->first < end; ++at) {
    Word word;
    const std::uint64_t base = at->first * data_bytes_, from = std::max(base, address), to = std::min(base + data_bytes_, address + length);
    if (decode(at->first, word).outcome == Decoded::Outcome::uncorrectable && config_.uncorrectable_is_error) return from - address;
    std::memcpy(data + (from - address), word.data + (from - base), to - from);
  }
  return length;
}

void CellFaults::replaced(std::uint64_t address, std::uint64_t length) {
  if (length == 0) return;
  const std::uint64_t first = address / data_bytes_, end = (address + length - 1) / data_bytes_ + 1;
  std::vector<std::uint64_t> covered;
  const auto& words = pending_.words();
  for (auto at = words.lower_bound(first); at != words.end() && at->first < end; ++at)
    if (at->first * data_bytes_ >= address && (at->first + 1) * data_bytes_ <= address + length) covered.push_back(at->first);
  for (const std::uint64_t number : covered) set_pending(number, {});
  if (stuck_.empty()) return;
  for (const StuckBit& cell : stuck_.of(first, end)) {
    const std::uint64_t number = cell.cell / bits_;
    const auto position = static_cast<std::uint16_t>(cell.cell % bits_);
    if (!coded_) {
      if (bit(intended(number), position) != cell.value) invert(number, position);
      continue;
    }
    PendingErrors::Positions wrong = pending_.of(number);
    std::erase(wrong, position);
    if (bit(intended(number), position) != cell.value) wrong.insert(std::lower_bound(wrong.begin(), wrong.end(), position), position);
    set_pending(number, std::move(wrong));
  }
}

void CellFaults::invert(std::uint64_t word, unsigned position) {
  std::uint8_t& byte = *storage_.write(word * data_bytes_ + position / 8, 1);
  byte = static_cast<std::uint8_t>(byte ^ (1u << (position % 8)));
}

// --- time ---

void CellFaults::advance(SimTime now, bool powered) {
  const auto walk_to = [&](SimTime moment) {
    if (powered && config_.scrub_interval > SimTime() && moment > now_) scrub_until(scrubbed_ + (moment - now_));
    now_ = std::max(now_, moment);
  };
  while (retention_clock_.next() <= now) {
    walk_to(retention_clock_.next());
    const std::uint64_t cell = drawn_place(words_ * bits_);
    if (flip(cell / bits_, static_cast<unsigned>(cell % bits_))) ++counts_.retention_failures;
    retention_clock_.advance();
  }
  walk_to(now);
}

std::uint64_t CellFaults::walked(SimTime time) const {
  // At an even pace in macro words, of code words each.
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t macro_words = storage_.size() / config_.macro_word_bytes;
  return static_cast<std::uint64_t>(Wide{time.ps()} * macro_words / config_.scrub_interval.ps()) * (macro_cells_ / bits_);
}

std::uint64_t CellFaults::scrub_reads() const { return config_.scrub_interval > SimTime() ? walked(scrubbed_) / (macro_cells_ / bits_) : 0; }

void CellFaults::scrub_until(SimTime until) {
  const SimTime from = scrubbed_;
  scrubbed_ = until;
  if (pending_.empty() && read_clock_.rate() <= 0) return;
  const std::uint64_t first = walked(from), end = walked(until);
  // More than one whole pass meets the same words again: one is enough, nothing new came in between, but each pass senses.
  if (read_clock_.rate() > 0)
    read_clock_.pass((end - first) * bits_, [&](std::uint64_t cell) {
      if (flip((first + cell / bits_) % words_, static_cast<unsigned>(cell % bits_))) ++counts_.read_disturbs;
    });
  if (end - first >= words_) return scrub_words(0, words_);
  const std::uint64_t a = first % words_, b = end % words_;
  if (a <= b) return scrub_words(a, b);
  scrub_words(a, words_);
  scrub_words(0, b);
}

void CellFaults::scrub_words(std::uint64_t first, std::uint64_t end) {
  for (const std::uint64_t number : pending_in(first, end)) {
    const Word before = held(number);
    Word after;
    Outcome outcome;
    const Decoded decoded = decode(number, after);
    count(decoded, number, after, outcome);
    if (outcome.uncorrectable && !scrub_failure_) scrub_failure_ = outcome.uncorrectable;
    if (decoded.outcome != Decoded::Outcome::corrected) continue;
    ++scrub_writes_;
    write_back(number, before, after);
  }
}

void CellFaults::write_back(std::uint64_t number, const Word& before, const Word& after) {
  std::vector<unsigned> struck;
  write_clock_.pass(bits_, [&](std::uint64_t cell) { struck.push_back(static_cast<unsigned>(cell)); });
  drive(number, before, after, struck);
}

std::vector<std::uint64_t> CellFaults::pending_in(std::uint64_t first, std::uint64_t end) const {
  std::vector<std::uint64_t> numbers;
  for (auto at = pending_.words().lower_bound(first); at != pending_.words().end() && at->first < end; ++at) numbers.push_back(at->first);
  return numbers;
}

// --- direct access ---

bool CellFaults::Due::strikes(std::uint64_t word) {
  if (count == 0) return false;
  if (word == last_word && ++skipped < most_skipped) return false;
  last_word = word;
  skipped = 0;
  --count;
  return true;
}

CellFaults::Rights CellFaults::rights(std::uint64_t page) const {
  Rights r{direct_reads_ && due_reads_.count == 0, direct_writes_ && due_writes_.count == 0};
  if (pending_.page_pending(page)) return {false, false};
  if (r.write && !stuck_.empty()) {
    constexpr std::uint64_t page_bytes = PendingErrors::page_bytes;
    r.write = stuck_.of(page * page_bytes / data_bytes_, (page + 1) * page_bytes / data_bytes_).empty();
  }
  return r;
}

CellFaults::Span CellFaults::span_of(std::uint64_t page, std::uint64_t first, std::uint64_t last) const {
  const Rights r = rights(page);
  Span span{page, page, r};
  while (span.first > first && rights(span.first - 1) == r) --span.first;
  while (span.last < last && rights(span.last + 1) == r) ++span.last;
  return span;
}

void CellFaults::count_direct(std::uint64_t reads, std::uint64_t writes, std::uint64_t write_bytes) {
  const bool free_before = due_reads_.count == 0 && due_writes_.count == 0;
  read_clock_.pass(reads * macro_cells_, [&](std::uint64_t) { ++due_reads_.count; });
  write_clock_.pass(coded_ ? writes * bits_ : 8 * write_bytes, [&](std::uint64_t) { ++due_writes_.count; });
  if (free_before && (due_reads_.count > 0 || due_writes_.count > 0)) change_all();
}

void CellFaults::describe_state(core::StateArchive& archive) {
  write_clock_.describe_state(archive);
  read_clock_.describe_state(archive);
  retention_clock_.describe_state(archive);
  pending_.describe_state(archive);
  archive.item("faults_thinned", thinned_);
  archive.item("faults_placed", placed_);
  for (auto [name, due] : {std::pair{"reads", &due_reads_}, {"writes", &due_writes_}}) {
    archive.item(fmt::format("faults_due_{}", name), due->count);
    archive.item(fmt::format("faults_due_{}_word", name), due->last_word);
    archive.item(fmt::format("faults_due_{}_skipped", name), due->skipped);
  }
  archive.item("faults_now", now_);
  archive.item("faults_scrubbed", scrubbed_);
  archive.item("faults_scrub_writes", scrub_writes_);
  archive.item("faults_counts", counts_);
  if (archive.reading()) change_all();
}

}  // namespace spinvp::memory
