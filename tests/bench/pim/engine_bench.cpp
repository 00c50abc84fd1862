// Multiply-accumulates a second of the PIM's engines in fp32, by family, semantics, mapping and vector width: CPU time, the best of several rounds, on
// sequences as DOT commands make them (accumulators over 25 steps, normal operands). `--jobs N`: so many threads on independent subarrays, wall time, too.
//   lane-private: every lane has its own multiplier; scalar: all lanes share one, whose zero bits take no step
//   step          every row step on the bits, cells driven and flips counted exactly; `core` without the transposition of the operands' words
//   fast          the host's arithmetic, flips estimated from samples, which are part of the time
#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <latch>
#include <thread>
#include <vector>

#include <systemc>

#include "models/pim/fast_engine.h"
#include "models/pim/step_engine.h"

namespace {

using namespace spinvp::pim;

constexpr std::uint32_t lanes = 1024, steps = 25;
constexpr unsigned work_rows = 256;

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

// Word 0 accumulates, words 1 + 2 j and 2 + 2 j are the operands of step j.
class Sequence {
 public:
  Sequence(std::uint64_t seed, bool scalar) : scalar_(scalar) {
    const auto number = [&] {
      float sum = -6;
      for (int i = 0; i < 12; ++i) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        sum += static_cast<float>(seed >> 40) * 0x1p-24f;
      }
      return std::bit_cast<std::uint32_t>(sum);
    };
    for (std::uint32_t word = 1; word <= 2 * steps; ++word) {
      const auto plane = store_.plane(0, word);
      if (scalar && word % 2 == 0)
        std::ranges::fill(plane, number());
      else
        std::ranges::generate(plane, number);
    }
  }
  void run(ArithmeticEngine& engine) {
    const LaneRange all{0, 0, lanes};
    store_.fill(all, 0, 0);
    for (std::uint32_t j = 0; j < steps; ++j) {
      const WordOperands words{0, 1 + 2 * j, 2 + 2 * j};
      (void)engine.execute(ArithmeticOperation::multiply_accumulate, store_, all, words,
                           scalar_ ? std::optional(store_.plane(0, words.source_b)[0]) : std::nullopt);
    }
  }
  [[nodiscard]] std::span<const std::uint32_t> operand(std::uint32_t word) const { return store_.plane(0, word); }

 private:
  bool scalar_;
  SubarrayStore store_{Geometry{1, lanes, 2 * steps + 1, 2}};
};

// Million multiply-accumulates a second of CPU time.
template <typename Round>
double best_rate(double macs_a_round, Round&& round) {
  round();
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    int repeats = 0;
    const double begin = thread_seconds();
    double spent = 0;
    do {
      round();
      ++repeats;
      spent = thread_seconds() - begin;
    } while (spent < 0.02);
    best = std::max(best, macs_a_round * repeats / spent * 1e-6);
  }
  return best;
}

constexpr double macs = double{lanes} * steps;

struct Floor {
  const char* family;
  double step, aim;
};
constexpr Floor floors[] = {{"sot", 10, 30}, {"nor", 3, 3}};
constexpr double fast_floor = 300;

std::string against(double rate, double floor) {
  char text[48];
  std::snprintf(text, sizeof text, "%5.2f x floor of %g M/s", rate / floor, floor);
  return text;
}

std::vector<VectorWidth> widths() {
  std::vector<VectorWidth> all;
  for (const VectorWidth width : {VectorWidth::portable, VectorWidth::avx2, VectorWidth::avx512})
    if (width <= widest_vectors()) all.push_back(width);
  return all;
}

void step_lines(const LogicFamily& family, Semantics semantics, bool scalar) {
  const auto programs = std::make_shared<ProgramSet>(family, FloatArithmetic{fp32, semantics, Rounding::nearest_even}, work_rows);
  const RunnableProgram& program = programs->program(FloatOperation::multiply_accumulate, scalar);
  Sequence sequence(3, scalar);
  // Steps of the mean scalar.
  StepCounts counts;
  std::vector<std::uint64_t> guards;
  for (std::uint32_t j = 0; j < steps; ++j) {
    guards.push_back(scalar ? scalar_guards(fp32, sequence.operand(2 + 2 * j)[0]) : ~std::uint64_t{0});
    counts += program.counts(guards.back());
  }
  const auto mean = [](std::uint64_t halves) { return static_cast<unsigned long long>(halves / (2 * steps)); };
  std::printf("%-8s %-9s %-12s %llu reads, %llu writes, %llu searches, %llu NORs, %llu inits, %u work rows\n", family.name.c_str(),
              semantics == Semantics::ieee ? "ieee" : "published", scalar ? "scalar" : "lane-private", mean(counts.reads), mean(counts.writes),
              mean(counts.searches), mean(counts.nors), mean(counts.inits), static_cast<unsigned>(program.program().work_rows));
  for (const VectorWidth width : widths()) {
    StepEngine engine(programs, Geometry{1, lanes, 2 * steps + 1, 2}, width);
    const double rate = best_rate(macs, [&] { sequence.run(engine); });
    Subarray rows(programs->rows(), lanes);
    rows.load_words(ProgramSet::placement.a, 32, 0, sequence.operand(1));
    rows.load_words(ProgramSet::placement.b, 32, 0, sequence.operand(2));
    const double core = best_rate(macs, [&] {
      for (const std::uint64_t open : guards) (void)rows.run(program, 0, lanes, open, width);
    });
    const auto* floor = std::ranges::find_if(floors, [&](const Floor& f) { return f.family == family.name; });
    std::printf("  step %-9s %8.2f M/s (core %8.2f)  %s\n", name_of(width), rate, core,
                floor != std::end(floors) ? against(rate, floor->step).c_str() : "no floor");
  }
  for (const VectorWidth width : widths()) {
    FastEngine engine(programs, width);
    const double rate = best_rate(macs, [&] { sequence.run(engine); });
    const HostValues values(programs->arithmetic(), width);
    std::vector<std::uint32_t> d(lanes);
    const double bare = best_rate(macs, [&] {
      std::ranges::fill(d, 0u);
      for (std::uint32_t j = 0; j < steps; ++j)
        values.run(FloatOperation::multiply_accumulate, d.data(), sequence.operand(1 + 2 * j).data(), sequence.operand(2 + 2 * j).data(), lanes);
    });
    std::printf("  fast %-9s %8.2f M/s (values alone %8.2f)  %s\n", name_of(width), rate, bare, against(rate, fast_floor).c_str());
  }
}

// Threads share nothing: each has its own programs, engine and store.
void job_lines(const LogicFamily& family, bool step, unsigned jobs) {
  double single = 0;
  for (unsigned n = 1; n <= jobs; ++n) {
    double best = 0;
    for (int round = 0; round < 3; ++round) {
      std::latch start(n + 1);
      std::vector<std::thread> threads;
      constexpr int repeats_fast = 400, repeats_step = 12;
      const int repeats = step ? repeats_step : repeats_fast;
      for (unsigned t = 0; t < n; ++t)
        threads.emplace_back([&, t] {
          const auto programs = std::make_shared<ProgramSet>(family, FloatArithmetic{}, work_rows);
          std::unique_ptr<ArithmeticEngine> engine;
          if (step)
            engine = std::make_unique<StepEngine>(programs, Geometry{1, lanes, 2 * steps + 1, 2});
          else
            engine = std::make_unique<FastEngine>(programs);
          Sequence sequence(t, false);
          sequence.run(*engine);
          start.arrive_and_wait();
          for (int i = 0; i < repeats; ++i) sequence.run(*engine);
        });
      start.arrive_and_wait();
      const auto begin = std::chrono::steady_clock::now();
      for (std::thread& thread : threads) thread.join();
      const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      best = std::max(best, n * repeats * macs / seconds * 1e-6);
    }
    if (n == 1) single = best;
    std::printf("  %-8s %s %2u jobs %9.2f M/s together, %5.2f x one\n", family.name.c_str(), step ? "step" : "fast", n, best, best / single);
  }
}

}  // namespace

int sc_main(int argc, char** argv) {
  unsigned jobs = 0;
  for (int i = 1; i + 1 < argc; ++i)
    if (std::strcmp(argv[i], "--jobs") == 0) jobs = static_cast<unsigned>(std::atoi(argv[i + 1]));
  std::vector<std::string> names = {"sot", "nor", "aritpim", "sram"};
  if (argc > 1 && argv[argc - 1][0] >= 'a') names = {argv[argc - 1]};
  for (const std::string& name : names) {
    const LogicFamily& family = logic_family(name);
    for (const Semantics semantics : {Semantics::ieee, Semantics::published})
      for (const bool scalar : {false, true}) step_lines(family, semantics, scalar);
    if (jobs > 0)
      for (const bool step : {true, false}) job_lines(family, step, jobs);
  }
  return 0;
}
