// Posted writes against a controller that is stepped cycle by cycle, and against queueing theory.
#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <deque>
#include <map>
#include <optional>

#include "models/memory/bank_ports.h"

using namespace spinvp::memory;
using spinvp::core::SimTime;

namespace {

struct Random {
  std::uint64_t state;
  std::uint64_t below(std::uint64_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % limit;
  }
  double uniform() { return (static_cast<double>(below(1u << 30)) + 0.5) / (1u << 30); }
};

struct Burst {
  std::uint64_t at;
  bool write;
  std::vector<BankWord> words;
};

std::vector<BankRound> rounds_for(const Burst& burst, unsigned banks, std::uint64_t cycle) {
  std::vector<std::uint32_t> work(banks);
  for (const BankWord& w : burst.words) ++work[w.bank];
  std::vector<BankRound> rounds;
  rounds_of(work, SimTime::ps(cycle), rounds);
  return rounds;
}

// What the model says: the start of a read, the end of a posted write, in order.
std::vector<std::uint64_t> modelled(const BankPorts::Shape& shape, const std::vector<Burst>& bursts, std::uint64_t read_cycle, std::uint64_t write_cycle) {
  BankPorts ports(shape);
  std::vector<std::uint64_t> answers;
  for (const Burst& b : bursts) {
    const SimTime at = SimTime::ps(b.at), c = SimTime::ps(write_cycle);
    const SimTime answer = b.write ? ports.post(at, b.words, c, at) : ports.read(at, rounds_for(b, shape.banks, read_cycle), b.words, c, at);
    answers.push_back(answer.ps());
  }
  return answers;
}

// One bank and its controller, a step a cycle: committed jobs in order of their commitment, queued writes when there is none.
class SteppedBank {
 public:
  SteppedBank(std::uint64_t entries, std::uint64_t drain, std::uint64_t read_cycle, std::uint64_t write_cycle)
      : entries_(entries), drain_(drain), read_cycle_(read_cycle), write_cycle_(write_cycle) {}

  void begin(std::uint64_t cycle) {  // what is written leaves the queue, what waits enters
    while (!queue_.empty() && queue_.front().end && *queue_.front().end <= cycle) queue_.pop_front();
    note_entries(cycle);
  }
  void arrive(std::size_t id, const Burst& burst, std::uint64_t cycle) {
    if (burst.write) {
      for (const BankWord& w : burst.words) queue_.push_back({w.word, id, false, {}});
      while (queue_.size() - entries_ > committed() && queue_.size() > entries_) commit(committed() + drain_);
      note_entries(cycle);
      return;
    }
    for (const BankWord& w : burst.words)
      for (std::size_t i = queue_.size(); i-- > 0;)
        if (queue_[i].word == w.word) {
          commit(i + 1);
          break;
        }
    jobs_.push_back({false, id, burst.words.size() * read_cycle_});
  }
  void start(std::uint64_t cycle) {
    if (busy_until_ > cycle) return;
    if (jobs_.empty()) {
      if (committed() == queue_.size() || committed() >= entries_) return;
      commit(committed() + 1);
    }
    const Job job = jobs_.front();
    jobs_.pop_front();
    busy_until_ = cycle + job.length;
    if (job.write) {
      auto oldest = std::find_if(queue_.begin(), queue_.end(), [](const Word& w) { return !w.end; });
      oldest->end = busy_until_;
    } else {
      answers[job.id] = cycle;
    }
  }
  [[nodiscard]] bool idle() const { return queue_.empty() && jobs_.empty(); }
  std::map<std::size_t, std::uint64_t> answers;

 private:
  struct Word {
    std::uint64_t word;
    std::size_t id;
    bool committed;
    std::optional<std::uint64_t> end;
  };
  struct Job {
    bool write;
    std::size_t id;
    std::uint64_t length;
  };
  std::uint64_t entries_, drain_, read_cycle_, write_cycle_, busy_until_ = 0;
  std::deque<Word> queue_;
  std::deque<Job> jobs_;

  [[nodiscard]] std::size_t committed() const {
    return static_cast<std::size_t>(std::count_if(queue_.begin(), queue_.end(), [](const Word& w) { return w.committed; }));
  }
  void commit(std::size_t count) {
    for (std::size_t i = 0; i < std::min(count, queue_.size()); ++i) {
      if (queue_[i].committed) continue;
      queue_[i].committed = true;
      jobs_.push_back({true, 0, write_cycle_});
    }
  }
  void note_entries(std::uint64_t cycle) {
    for (std::size_t i = 0; i < std::min<std::size_t>(entries_, queue_.size()); ++i)
      if (i + 1 == queue_.size() || queue_[i + 1].id != queue_[i].id) answers.try_emplace(queue_[i].id, cycle);
  }
};

std::vector<std::uint64_t> stepped(const BankPorts::Shape& shape, const std::vector<Burst>& bursts, std::uint64_t read_cycle, std::uint64_t write_cycle) {
  const std::uint64_t drain = shape.drain_words == 0 ? (shape.queue_words + 1) / 2 : shape.drain_words;
  std::vector<SteppedBank> banks(shape.banks, SteppedBank(shape.queue_words, drain, read_cycle, write_cycle));
  std::size_t next = 0;
  for (std::uint64_t cycle = 0; next < bursts.size() || !std::ranges::all_of(banks, &SteppedBank::idle); ++cycle) {
    for (SteppedBank& bank : banks) bank.begin(cycle);
    for (; next < bursts.size() && bursts[next].at == cycle; ++next) banks[bursts[next].words[0].bank].arrive(next, bursts[next], cycle);
    for (SteppedBank& bank : banks) bank.start(cycle);
  }
  std::vector<std::uint64_t> answers(bursts.size());
  for (const SteppedBank& bank : banks)
    for (const auto& [id, cycle] : bank.answers) answers[id] = cycle;
  return answers;
}

// Bank times as a table of cycles, where reads of several banks begin together and posted words go their own ways.
class Table {
 public:
  Table(const BankPorts::Shape& shape, std::uint64_t read_cycle, std::uint64_t write_cycle)
      : shape_(shape), read_cycle_(read_cycle), write_cycle_(write_cycle), queues_(shape.banks), reads_(shape.banks), writes_(shape.banks) {
    for (auto* table : {&reads_, &writes_})
      for (auto& row : *table) row.resize(horizon);
  }
  std::uint64_t answer(const Burst& b) {
    for (std::uint64_t cycle = drained_; cycle < b.at; ++cycle)
      for (unsigned bank = 0; bank < shape_.banks; ++bank) {
        auto& q = queues_[bank];
        if (q.booked < q.words.size() && earliest(q) <= cycle && fits(write_table(bank), cycle, write_cycle_)) place(bank, cycle);
      }
    drained_ = std::max(drained_, b.at);
    return b.write ? post(b) : read(b);
  }
  static constexpr std::size_t horizon = 20000;

 private:
  struct Word {
    std::uint64_t word, entered, end;
  };
  struct Queue {
    std::vector<Word> words;  // all there ever were
    std::size_t booked = 0;
  };
  using Row = std::vector<bool>;
  BankPorts::Shape shape_;
  std::uint64_t read_cycle_, write_cycle_, drained_ = 0;
  std::vector<Queue> queues_;
  std::vector<Row> reads_, writes_;

  Row& write_table(unsigned bank) { return shape_.separate_ports ? writes_[bank] : reads_[bank]; }
  static bool fits(const Row& row, std::uint64_t at, std::uint64_t length) {
    for (std::uint64_t t = at; t < at + length; ++t)
      if (row.at(t)) return false;
    return true;
  }
  static std::uint64_t earliest(const Queue& q) { return std::max(q.words[q.booked].entered, q.booked > 0 ? q.words[q.booked - 1].end : 0); }
  void place(unsigned bank, std::uint64_t at) {
    Queue& q = queues_[bank];
    std::fill_n(write_table(bank).begin() + static_cast<std::ptrdiff_t>(at), write_cycle_, true);
    q.words[q.booked++].end = at + write_cycle_;
  }
  void commit(unsigned bank, std::uint64_t from) {
    std::uint64_t at = std::max(from, earliest(queues_[bank]));
    while (!fits(write_table(bank), at, write_cycle_)) ++at;
    place(bank, at);
  }
  std::uint64_t post(const Burst& b) {
    std::uint64_t entered = b.at;
    std::vector<bool> seen(shape_.banks);
    for (const BankWord& w : b.words) queues_[w.bank].words.push_back({w.word, b.at, ~0ull});
    for (const BankWord& w : b.words) {
      if (seen[w.bank]) continue;
      seen[w.bank] = true;
      Queue& q = queues_[w.bank];
      // The word `entries` before the last has to be written for the last one to enter.
      while (q.words.size() > shape_.queue_words && q.booked < q.words.size() - shape_.queue_words)
        for (std::uint64_t i = 0; i < shape_.drain_words && q.booked < q.words.size(); ++i) commit(w.bank, b.at);
      for (std::size_t i = 0; i < q.words.size(); ++i)
        if (i >= shape_.queue_words && q.words[i].entered == b.at) q.words[i].entered = std::max(b.at, q.words[i - shape_.queue_words].end);
      entered = std::max(entered, q.words.back().entered);
    }
    return entered;
  }
  std::uint64_t read(const Burst& b) {
    std::uint64_t start = b.at;
    for (const BankWord& w : b.words) {
      Queue& q = queues_[w.bank];
      for (std::size_t i = q.words.size(); i-- > 0;) {
        if (q.words[i].word != w.word || q.words[i].end <= b.at) continue;
        while (q.booked <= i) commit(w.bank, b.at);
        start = std::max(start, q.words[i].end);
        break;
      }
    }
    std::vector<std::uint64_t> work(shape_.banks);
    for (const BankWord& w : b.words) work[w.bank] += read_cycle_;
    const auto all_fit = [&] {
      for (unsigned bank = 0; bank < shape_.banks; ++bank)
        if (!fits(reads_[bank], start, work[bank])) return false;
      return true;
    };
    while (!all_fit()) ++start;
    for (unsigned bank = 0; bank < shape_.banks; ++bank) std::fill_n(reads_[bank].begin() + static_cast<std::ptrdiff_t>(start), work[bank], true);
    return start;
  }
};

}  // namespace

TEST_CASE("bursts to single banks wait as long as behind a controller that is stepped cycle by cycle") {
  Random random{5};
  for (int trial = 0; trial < 400; ++trial) {
    const std::uint64_t read_cycle = 1 + random.below(5), write_cycle = 1 + random.below(7), queue = 1 + random.below(6), spacing = 1 + random.below(8);
    const BankPorts::Shape shape{2, false, queue, random.below(queue + 1)};
    std::vector<Burst> bursts;
    for (std::uint64_t at = 0; bursts.size() < 60; at += random.below(spacing + 1)) {
      Burst b{at, random.below(2) == 0, {}};
      const unsigned bank = static_cast<unsigned>(random.below(2));
      const std::uint64_t first = random.below(6), count = 1 + random.below(random.below(4) == 0 ? 9 : 2);
      for (std::uint64_t i = 0; i < count; ++i) b.words.push_back({bank, 2 * (first + i) + bank});
      bursts.push_back(b);
    }
    INFO("trial " << trial << ": queue " << queue << ", drain " << shape.drain_words << ", cycles " << read_cycle << " and " << write_cycle);
    REQUIRE(modelled(shape, bursts, read_cycle, write_cycle) == stepped(shape, bursts, read_cycle, write_cycle));
  }
}

TEST_CASE("bursts over several banks start where a table of bank times says, on one port and on two") {
  Random random{6};
  for (int trial = 0; trial < 200; ++trial) {
    const unsigned banks = 2 + static_cast<unsigned>(random.below(4));
    const std::uint64_t read_cycle = 1 + random.below(4), write_cycle = 1 + random.below(6), queue = 1 + random.below(5), spacing = 1 + random.below(12);
    const BankPorts::Shape shape{banks, random.below(3) == 0, queue, 1 + random.below(queue)};
    Table table(shape, read_cycle, write_cycle);
    std::vector<Burst> bursts;
    std::vector<std::uint64_t> expected;
    for (std::uint64_t at = 0; bursts.size() < 60; at += random.below(spacing + 1)) {
      Burst b{at, random.below(2) == 0, {}};
      const std::uint64_t first = random.below(20), count = 1 + random.below(3ull * banks);
      for (std::uint64_t i = 0; i < count; ++i) b.words.push_back({static_cast<unsigned>((first + i) % banks), first + i});
      bursts.push_back(b);
      expected.push_back(table.answer(b));
    }
    INFO("trial " << trial);
    REQUIRE(modelled(shape, bursts, read_cycle, write_cycle) == expected);
  }
}

namespace {
// The mean wait of reads, in units of the cycles below: one bank, Poisson reads and writes.
struct Waits {
  double read, any;
};
Waits mean_waits(BankPorts::Shape shape, double read_share, double write_share, double read_cycle, double write_cycle) {
  BankPorts ports(shape);
  Random random{11};
  const double rate = read_share / read_cycle + write_share / write_cycle, reads_of_all = read_share / read_cycle / rate;
  const SimTime r = SimTime::ps(static_cast<std::uint64_t>(read_cycle)), w = SimTime::ps(static_cast<std::uint64_t>(write_cycle));
  const BankRound read{consecutive(0, 1, 1), r}, write{consecutive(0, 1, 1), w};
  double time = 0, read_wait = 0, wait = 0;
  std::uint64_t reads = 0, number = 0;
  while (number < 400000) {
    time += -std::log(random.uniform()) / rate;
    const SimTime at = SimTime::ps(static_cast<std::uint64_t>(time));
    const BankWord word{0, number++};
    SimTime start;
    if (random.uniform() < reads_of_all) {
      start = ports.read(at, {&read, 1}, {&word, 1}, w, at);
      read_wait += static_cast<double>((start - at).ps());
      ++reads;
    } else {
      start = ports.posts_writes() ? ports.post(at, {&word, 1}, w, at) : ports.write(at, {&write, 1}, at);
    }
    wait += static_cast<double>((start - at).ps());
  }
  return {read_wait / static_cast<double>(reads), wait / static_cast<double>(number)};
}
}  // namespace

TEST_CASE("with priority the mean wait of a read is Cobham's, without queues it is Pollaczek's and Khinchine's") {
  constexpr double read_cycle = 2000, write_cycle = 10000;
  for (const double w : {0.1, 0.3, 0.6}) {
    const double r = 0.3, residual = (r * read_cycle + w * write_cycle) / 2;
    INFO("writes take " << w);
    // The mean of 400000 waits that hang together over a busy period is good to some parts in a hundred at a load of 0.9.
    CHECK(mean_waits({1, false, 1024, 1}, r, w, read_cycle, write_cycle).read == Approx(residual / (1 - r)).epsilon(0.02));
    CHECK(mean_waits({1, false, 0, 0}, r, w, read_cycle, write_cycle).any == Approx(residual / (1 - r - w)).epsilon(w > 0.5 ? 0.1 : 0.02));
    // On ports of their own reads meet reads alone.
    CHECK(mean_waits({1, true, 8, 4}, r, w, read_cycle, write_cycle).read == Approx(r * read_cycle / 2 / (1 - r)).epsilon(0.02));
  }
}

TEST_CASE("a full queue takes a word each write cycle, and reads wait for a whole drain") {
  // Four entries, cycle 10, drains of two. Words 0 to 3 enter at once; word 0 begins with the first cycle.
  BankPorts ports({1, false, 4, 2});
  const SimTime c = SimTime::ps(10), zero;
  std::vector<BankWord> words;
  for (std::uint64_t i = 0; i < 10; ++i) words.push_back({0, i});
  // Ten words: the last enters when word 5 is written, six cycles from the start.
  CHECK(ports.post(zero, words, c, zero) == SimTime::ps(60));
  // Three drains are six words: a read of something else comes after them and before the four that are left.
  const BankRound one{consecutive(0, 1, 1), SimTime::ps(3)};
  const BankWord other{0, 99}, last{0, 9};
  CHECK(ports.read(zero, {&one, 1}, {&other, 1}, c, zero) == SimTime::ps(60));
  // A read of the last word waits for the four: they begin at 63.
  CHECK(ports.read(SimTime::ps(61), {&one, 1}, {&last, 1}, c, zero) == SimTime::ps(63 + 40));
}

TEST_CASE("a saved state continues as the original") {
  Random random{9};
  BankPorts one({3, true, 3, 2}), other({3, true, 3, 2});
  const SimTime c = SimTime::ps(7);
  const auto step = [&](BankPorts& ports, Random& r, std::uint64_t at) {
    Burst b{at, r.below(2) == 0, {{static_cast<unsigned>(r.below(3)), r.below(9)}}};
    const SimTime t = SimTime::ps(at);
    return b.write ? ports.post(t, b.words, c, t) : ports.read(t, rounds_for(b, 3, 4), b.words, c, t);
  };
  for (std::uint64_t at = 0; at < 100; at += 2) (void)step(one, random, at);
  spinvp::core::StateArchive save;
  one.describe_state(save);
  spinvp::core::StateArchive load(save.bytes());
  other.describe_state(load);
  Random twin = random;
  for (std::uint64_t at = 100; at < 200; at += 2) CHECK(step(one, random, at) == step(other, twin, at));
}
