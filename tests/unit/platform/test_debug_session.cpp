// GDB's commands against a target of two harts and a little memory: answers, resumes, and whatever a broken client may send.
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "platform/debug/register_numbers.h"
#include "platform/debug/session.h"
#include "platform/debug/target_description.h"

using namespace spinvp::platform;
using spinvp::riscv::Watch;
using Next = Session::Next;

namespace {

class FakeTarget : public DebugTarget {
 public:
  std::map<std::pair<unsigned, unsigned>, std::uint64_t> registers;
  std::string memory = std::string(64, '\0');  // from address 0x1000
  std::set<std::uint64_t> breakpoints;
  std::vector<Watch> watches;

  [[nodiscard]] unsigned harts() const override { return 2; }
  std::string hart_text(unsigned hart) override { return hart == 0 ? "first" : "second"; }
  std::string description() override { return "<target/>"; }
  std::optional<std::uint64_t> read_register(unsigned hart, unsigned number) override {
    if (number == register_number::fcsr) return std::nullopt;
    return registers[{hart, number}];
  }
  bool write_register(unsigned hart, unsigned number, std::uint64_t value) override {
    registers[{hart, number}] = value;
    return number != register_number::fcsr;
  }
  std::string read_memory(std::uint64_t address, std::size_t size) override {
    return address < 0x1000 || address >= 0x1040 ? std::string() : memory.substr(address - 0x1000, size);
  }
  bool write_memory(std::uint64_t address, const std::string& bytes) override {
    if (address < 0x1000 || address + bytes.size() > 0x1040) return false;
    memory.replace(address - 0x1000, bytes.size(), bytes);
    return true;
  }
  void insert_breakpoint(std::uint64_t address) override { breakpoints.insert(address); }
  void remove_breakpoint(std::uint64_t address) override { breakpoints.erase(address); }
  void insert_watch(const Watch& watch) override { watches.push_back(watch); }
  void remove_watch(const Watch&) override { watches.clear(); }
  std::string monitor(std::string_view command) override { return std::string(command) + "\n"; }
};

struct Bench {
  FakeTarget target;
  Session session{target};
  std::string ask(std::string_view packet) {
    const auto outcome = session.handle(packet);
    CHECK(outcome.next == Next::stay);
    return outcome.answers.empty() ? "" : outcome.answers.back();
  }
};

}  // namespace

TEST_CASE("A debugger's registers are little-endian, of the hart that Hg names") {
  Bench b;
  CHECK(b.ask("Hg2") == "OK");
  CHECK(b.ask("P20=efcdab8967452301") == "OK");
  CHECK(b.target.registers[{1, register_number::pc}] == 0x0123456789abcdef);
  CHECK(b.ask("p20") == "efcdab8967452301");
  CHECK(b.ask("p44") == "xxxxxxxx");  // fcsr: not now
  CHECK(b.ask("g").size() == 16 * 65);
  CHECK(b.ask("Hg3") == "E02");
}

TEST_CASE("A debugger's memory reads end where nobody answers, writes are whole or refused") {
  Bench b;
  CHECK(b.ask("M1000,2:abcd") == "OK");
  CHECK(b.ask("X1002,1:#") == "OK");
  CHECK(b.ask("m1000,4") == "abcd2300");
  CHECK(b.ask("m103c,100") == "00000000");
  CHECK(b.ask("m0,4") == "E02");
  CHECK(b.ask("M103f,2:abcd") == "E02");
  CHECK(b.ask("m1000,ffffffffffffffff").size() == 128);
}

TEST_CASE("Breakpoints and watchpoints reach the target with their kinds") {
  Bench b;
  CHECK(b.ask("Z0,80000000,2") == "OK");
  CHECK(b.target.breakpoints == std::set<std::uint64_t>{0x80000000});
  CHECK(b.ask("z1,80000000,4") == "OK");
  CHECK(b.target.breakpoints.empty());
  CHECK(b.ask("Z2,1000,8") == "OK");
  CHECK(b.ask("Z3,1000,1") == "OK");
  CHECK(b.ask("Z4,1000,4") == "OK");
  CHECK(b.target.watches == std::vector<Watch>{{0x1000, 0x1007, false, true}, {0x1000, 0x1000, true, false}, {0x1000, 0x1003, true, true}});
  CHECK(b.ask("Z2,ffffffffffffffff,8") == "E02");
}

TEST_CASE("vCont gives each hart the first action that names it, and the others stand") {
  Bench b;
  CHECK(b.session.handle("vCont;s:2").next == Next::resume);
  CHECK(b.session.paces() == std::vector<Pace>{Pace::stand, Pace::step});
  CHECK(b.session.hart_to_halt() == 1);  // the last stop's hart stands
  CHECK(b.session.handle("vCont;s:1;c").next == Next::resume);
  CHECK(b.session.paces() == std::vector<Pace>{Pace::step, Pace::run});
  CHECK(b.session.handle("c").next == Next::resume);
  CHECK(b.session.paces() == std::vector<Pace>{Pace::run, Pace::run});
}

TEST_CASE("A stop names its hart, its signal and what was watched") {
  Bench b;
  CHECK(b.session.stopped({.hart = 1, .signal = 5, .breakpoint = true, .watch = {}}) == "T05thread:2;swbreak:;");
  CHECK(b.ask("qC") == "QC2");
  CHECK(b.session.stopped({.hart = 0, .signal = 5, .breakpoint = false, .watch = {{0x1004, {0x1000, 0x1007, false, true}}}}) == "T05thread:1;watch:1004;");
}

TEST_CASE("Threads, monitor commands and ends of a debugging session") {
  Bench b;
  CHECK(b.ask("qfThreadInfo") == "m1,2");
  CHECK(b.ask("qThreadExtraInfo,2") == "7365636f6e64");
  const auto monitor = b.session.handle("qRcmd,61");
  CHECK(monitor.answers == std::vector<std::string>{"O610a", "OK"});
  CHECK(b.session.handle("D").next == Next::detach);
  CHECK(b.session.handle("k").next == Next::kill);
}

TEST_CASE("A broken client gets errors and empty answers, and nothing changes") {
  Bench b;
  for (const char* packet : {"",
                             "m",
                             "m1000",
                             "m1000,",
                             "mx,1",
                             "m1000,1x",
                             "M1000,1",
                             "M1000,1:a",
                             "M1000,2:ab",
                             "X1000,5:a",
                             "P",
                             "P1",
                             "P1=",
                             "P1=xyz",
                             "p",
                             "pzz",
                             "pffffffff",
                             "P11111111111111111=00",
                             "G00",
                             "H",
                             "Hg",
                             "Hgzz",
                             "Hx1",
                             "Z",
                             "Z0",
                             "Z0,",
                             "Z0,1000",
                             "Z9,1000,4",
                             "Z2,1000,0",
                             "vCont",
                             "vCont;",
                             "vCont;x",
                             "vCont;c:77",
                             "vCont;;",
                             "qXfer:features:read:",
                             "qXfer:features:read:target.xml:",
                             "qXfer:features:read:other.xml:0,10",
                             "qThreadExtraInfo,",
                             "qRcmd,6",
                             "qRcmd,zz",
                             "T",
                             "Tzz",
                             "cxyz",
                             "\xff\xfe",
                             "QNonStop:1"}) {
    INFO(packet);
    const std::string answer = b.ask(packet);
    CHECK((answer.empty() || answer.front() == 'E'));
  }
  CHECK(b.target.memory == std::string(64, '\0'));
  CHECK(b.target.breakpoints.empty());
  CHECK(b.target.watches.empty());
}

TEST_CASE("The target description names the three features and the registers that are there") {
  const std::string xml = target_description([](unsigned number) { return number == 0x300; });
  for (const char* part : {"org.gnu.gdb.riscv.cpu", "org.gnu.gdb.riscv.fpu", "org.gnu.gdb.riscv.csr", "name=\"mstatus\"", "regnum=\"833\""})
    CHECK(xml.find(part) != std::string::npos);
  CHECK(xml.find("mepc") == std::string::npos);
}
