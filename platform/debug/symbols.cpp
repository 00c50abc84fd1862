#include "platform/debug/symbols.h"

#include <algorithm>
#include <cstdlib>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fmt/format.h>
#include <gelf.h>

namespace spinvp::platform {

namespace {

// The range of a sorted, disjoint list that holds the address.
template <typename Range>
const Range* find(const std::vector<Range>& ranges, std::uint64_t address) {
  const auto after = std::upper_bound(ranges.begin(), ranges.end(), address, [](std::uint64_t at, const Range& range) { return at < range.start; });
  if (after == ranges.begin() || !std::prev(after)->holds(address)) return nullptr;
  return &*std::prev(after);
}

// A symbol as the table has it.
struct Entry {
  NamedRange range;
  unsigned rank = 0;  // the lower, the better the name
};

// Sorted and made disjoint: of one address the best name, and no range beyond the next one's start. What has no size ends where its section or the next begins.
std::vector<NamedRange> disjoint(std::vector<Entry> entries, const std::vector<SectionRange>& sections) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.range.start != b.range.start ? a.range.start < b.range.start : a.rank < b.rank; });
  std::vector<NamedRange> ranges;
  for (Entry& entry : entries) {
    if (!ranges.empty() && ranges.back().start == entry.range.start) {
      ranges.back().end = std::max(ranges.back().end, entry.range.end);
      continue;
    }
    ranges.push_back(std::move(entry.range));
  }
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    NamedRange& range = ranges[i];
    const bool sized = range.end > range.start;
    const SectionRange* section = find(sections, range.start);
    if (!sized) range.end = section != nullptr ? section->end : range.start + 1;
    if (i + 1 < ranges.size()) range.end = std::min(range.end, ranges[i + 1].start);
  }
  return ranges;
}

std::string plain_path(std::string path) {
  while (path.starts_with("./")) path.erase(0, 2);
  return path;
}

// A register plus an offset.
bool is_register_offset(const Dwarf_Op& op, unsigned& reg, std::int64_t& offset) {
  if (op.atom >= DW_OP_breg0 && op.atom <= DW_OP_breg31) {
    reg = op.atom - DW_OP_breg0;
    offset = static_cast<std::int64_t>(op.number);
    return true;
  }
  if (op.atom != DW_OP_bregx || op.number > 31) return false;
  reg = static_cast<unsigned>(op.number);
  offset = static_cast<std::int64_t>(op.number2);
  return true;
}

}  // namespace

struct Symbols::Files {
  Elf* elf = nullptr;
  Dwarf* dwarf = nullptr;
  Dwarf_CFI* cfi = nullptr;  // of `dwarf`
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  ~Files() {
    if (dwarf != nullptr) dwarf_end(dwarf);
    if (elf != nullptr) elf_end(elf);
  }
};

Symbols::Symbols(std::string elf) : content_(std::move(elf)), files_(std::make_unique<Files>()) {
  elf_version(EV_CURRENT);
  files_->elf = elf_memory(content_.data(), content_.size());
  if (files_->elf == nullptr || elf_kind(files_->elf) != ELF_K_ELF) return;
  read_sections();
  read_symbols();
  files_->dwarf = dwarf_begin_elf(files_->elf, DWARF_C_READ, nullptr);
  if (files_->dwarf != nullptr) files_->cfi = dwarf_getcfi(files_->dwarf);
}

Symbols::~Symbols() = default;

void Symbols::read_sections() {
  std::size_t names = 0;
  const bool has_names = elf_getshdrstrndx(files_->elf, &names) == 0;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(files_->elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || (header.sh_flags & SHF_ALLOC) == 0 || header.sh_size == 0) continue;
    if ((header.sh_flags & SHF_TLS) != 0 && header.sh_type == SHT_NOBITS) continue;  // a template's size, no memory
    const char* name = has_names ? elf_strptr(files_->elf, names, header.sh_name) : nullptr;
    SectionRange range;
    range.start = header.sh_addr;
    range.end = header.sh_addr + header.sh_size;
    range.name = name != nullptr ? name : "";
    range.writable = (header.sh_flags & SHF_WRITE) != 0;
    range.executable = (header.sh_flags & SHF_EXECINSTR) != 0;
    if (range.end > range.start) sections_.push_back(std::move(range));
  }
  std::size_t segments = 0;
  if (sections_.empty() && elf_getphdrnum(files_->elf, &segments) == 0)
    for (std::size_t i = 0; i < segments; ++i) {
      GElf_Phdr header;
      if (gelf_getphdr(files_->elf, static_cast<int>(i), &header) == nullptr || header.p_type != PT_LOAD || header.p_memsz == 0) continue;
      SectionRange range;
      range.start = header.p_vaddr;
      range.end = header.p_vaddr + header.p_memsz;
      range.name = fmt::format("segment {}", i);
      range.writable = (header.p_flags & PF_W) != 0 || header.p_flags == 0;
      range.executable = (header.p_flags & PF_X) != 0 || header.p_flags == 0;
      if (range.end > range.start) sections_.push_back(std::move(range));
    }
  std::sort(sections_.begin(), sections_.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  for (std::size_t i = 0; i + 1 < sections_.size(); ++i) sections_[i].end = std::min(sections_[i].end, sections_[i + 1].start);
}

void Symbols::read_symbols() {
  std::vector<Entry> functions, objects;
  for (Elf_Scn* section = nullptr; (section = elf_nextscn(files_->elf, section)) != nullptr;) {
    GElf_Shdr header;
    if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) continue;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr) continue;
    constexpr std::uint64_t most_symbols = 1u << 20;
    for (int i = 0; i < static_cast<int>(std::min<std::uint64_t>(data->d_size / header.sh_entsize, most_symbols)); ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, i, &symbol) == nullptr) break;
      const char* name = elf_strptr(files_->elf, header.sh_link, symbol.st_name);
      if (name == nullptr || *name == '\0' || *name == '$' || *name == '.' || symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) continue;
      const unsigned type = GELF_ST_TYPE(symbol.st_info), binding = GELF_ST_BIND(symbol.st_info);
      if (symbol.st_value + symbol.st_size < symbol.st_value) continue;
      const SectionRange* place = find(sections_, symbol.st_value);
      const Entry entry{{symbol.st_value, symbol.st_value + symbol.st_size, name},
                        (type == STT_NOTYPE ? 4u : 0u) + (binding == STB_GLOBAL ? 0u
                                                          : binding == STB_WEAK ? 1u
                                                                                : 2u)};
      // Assembly seldom says that a label is a function; its local labels are none.
      if (type == STT_FUNC || (type == STT_NOTYPE && binding == STB_GLOBAL && place != nullptr && place->executable))
        functions.push_back(entry);
      else if (type == STT_OBJECT && symbol.st_size != 0)
        objects.push_back(entry);
    }
  }
  functions_ = disjoint(std::move(functions), sections_);
  objects_ = disjoint(std::move(objects), sections_);
}

const NamedRange* Symbols::function_at(std::uint64_t address) const { return find(functions_, address); }
const NamedRange* Symbols::object_at(std::uint64_t address) const { return find(objects_, address); }
const SectionRange* Symbols::section_at(std::uint64_t address) const { return find(sections_, address); }

std::optional<Symbols::Line> Symbols::line_at(std::uint64_t address) const {
  if (files_->dwarf == nullptr) return std::nullopt;
  Dwarf_Die unit;
  Dwarf_Line* line = nullptr;
  if (dwarf_addrdie(files_->dwarf, address, &unit) != nullptr) line = dwarf_getsrc_die(&unit, address);
  // No table of addresses: every unit is asked.
  Dwarf_Off at = 0, next = 0;
  std::size_t header_bytes = 0;
  while (line == nullptr && dwarf_nextcu(files_->dwarf, at, &next, &header_bytes, nullptr, nullptr, nullptr) == 0) {
    if (dwarf_offdie(files_->dwarf, at + header_bytes, &unit) != nullptr) line = dwarf_getsrc_die(&unit, address);
    at = next;
  }
  int number = 0;
  const char* file = line != nullptr ? dwarf_linesrc(line, nullptr, nullptr) : nullptr;
  if (file == nullptr || dwarf_lineno(line, &number) != 0 || number == 0) return std::nullopt;
  return Line{plain_path(file), number};
}

std::optional<Symbols::Line> Symbols::definition_of(const NamedRange& function) const {
  struct Search {
    std::uint64_t entry;
    std::optional<Line> found;
  } search{function.start, std::nullopt};
  Dwarf_Die unit;
  if (files_->dwarf != nullptr && dwarf_addrdie(files_->dwarf, function.start, &unit) != nullptr)
    dwarf_getfuncs(
        &unit,
        [](Dwarf_Die* die, void* argument) {
          Search& wanted = *static_cast<Search*>(argument);
          Dwarf_Addr entry = 0;
          int line = 0;
          const char* file = nullptr;
          if (dwarf_entrypc(die, &entry) != 0 || entry != wanted.entry) return static_cast<int>(DWARF_CB_OK);
          if ((file = dwarf_decl_file(die)) != nullptr && dwarf_decl_line(die, &line) == 0) wanted.found = Line{plain_path(file), line};
          return static_cast<int>(DWARF_CB_ABORT);
        },
        &search, 0);
  return search.found ? search.found : line_at(function.start);
}

std::string Symbols::code_text(std::uint64_t address) const {
  const NamedRange* function = function_at(address);
  if (function == nullptr) return fmt::format("{:#x}", address);
  if (const auto line = line_at(address)) return fmt::format("{} ({}:{})", function->name, line->file, line->line);
  return address == function->start ? function->name : fmt::format("{}+{:#x}", function->name, address - function->start);
}

std::string Symbols::data_text(std::uint64_t address) const {
  const SectionRange* section = section_at(address);
  const NamedRange* object = object_at(address);
  if (object == nullptr && section != nullptr && section->executable) object = function_at(address);
  std::string text;
  if (object != nullptr) text = address == object->start ? object->name : fmt::format("{}+{:#x}", object->name, address - object->start);
  if (section != nullptr) text += (text.empty() ? "" : " in ") + section->name;
  return text;
}

std::optional<FrameRules> Symbols::frame_rules(std::uint64_t pc) const {
  if (files_->cfi == nullptr) return std::nullopt;
  Dwarf_Frame* found = nullptr;
  if (dwarf_cfi_addrframe(files_->cfi, pc, &found) != 0) return std::nullopt;
  const std::unique_ptr<Dwarf_Frame, decltype(&std::free)> frame(found, &std::free);
  FrameRules rules;
  Dwarf_Op* ops = nullptr;
  std::size_t count = 0;
  if (dwarf_frame_cfa(frame.get(), &ops, &count) != 0 || count != 1 || !is_register_offset(ops[0], rules.cfa_register, rules.cfa_offset)) return std::nullopt;
  for (unsigned reg = 1; reg < 32; ++reg) {
    if (reg == 2) continue;  // the caller's stack pointer is the canonical frame address
    Dwarf_Op memory[3];
    if (dwarf_frame_register(frame.get(), static_cast<int>(reg), memory, &ops, &count) != 0) return std::nullopt;
    FrameRules::Rule& rule = rules.registers[reg];
    if (count == 0)
      rule.kind = ops == nullptr ? FrameRules::Kind::same : FrameRules::Kind::undefined;
    else if (ops[0].atom == DW_OP_call_frame_cfa && (count == 1 || (count == 2 && ops[1].atom == DW_OP_plus_uconst)))
      rule = {FrameRules::Kind::in_memory, count == 1 ? 0 : static_cast<std::int64_t>(ops[1].number)};
    else
      return std::nullopt;
  }
  return rules;
}

}  // namespace spinvp::platform
