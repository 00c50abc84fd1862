#include "platform/soc/elf_image.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <gelf.h>

#include "models/core/error.h"
#include "platform/report/files.h"

namespace spinvp::platform {

namespace {

class Parser {
 public:
  Parser(std::string_view content, const std::string& name) : content_(content), image_{name, 0, {}, {}, content_hash(content)} {
    elf_version(EV_CURRENT);
    elf_.reset(elf_memory(content_.data(), content_.size()));
  }

  ElfImage parse() {
    read_header();
    read_segments();
    read_symbols();
    return std::move(image_);
  }

 private:
  struct End {
    void operator()(Elf* elf) const { elf_end(elf); }
  };
  std::string content_;
  ElfImage image_;
  std::unique_ptr<Elf, End> elf_;

  [[noreturn]] void fail(const std::string& what) const { throw core::InputError(image_.path + ": " + what); }

  void read_header() {
    GElf_Ehdr header;
    if (elf_ == nullptr || elf_kind(elf_.get()) != ELF_K_ELF) fail("is not an ELF file; allowed is a 64-bit RISC-V executable");
    if (gelf_getehdr(elf_.get(), &header) == nullptr) fail("the ELF header is cut off or damaged");
    if (gelf_getclass(elf_.get()) != ELFCLASS64) fail("is not a 64-bit ELF; allowed is a 64-bit RISC-V executable");
    if (header.e_ident[EI_DATA] != ELFDATA2LSB) fail("is big-endian; allowed is a little-endian RISC-V executable");
    if (header.e_machine != EM_RISCV) fail(fmt::format("is for machine {}; allowed is RISC-V ({})", header.e_machine, EM_RISCV));
    if (header.e_type != ET_EXEC) fail(fmt::format("has ELF type {}; allowed is an executable at fixed addresses (ET_EXEC, {})", header.e_type, ET_EXEC));
    image_.entry = header.e_entry;
  }

  void read_segments() {
    std::size_t count = 0;
    if (elf_getphdrnum(elf_.get(), &count) != 0) fail("the table of segments is damaged");
    for (std::size_t i = 0; i < count; ++i) {
      GElf_Phdr header;
      if (gelf_getphdr(elf_.get(), static_cast<int>(i), &header) == nullptr)
        fail(fmt::format("segment {} cannot be read: the table of segments is cut off", i));
      if (header.p_type == PT_LOAD && header.p_memsz != 0) add_segment(i, header);
    }
    if (image_.segments.empty()) fail("has no segment to load; allowed is an executable with at least one");
    auto& segments = image_.segments;
    std::sort(segments.begin(), segments.end(), [](const auto& a, const auto& b) { return a.address < b.address; });
    for (std::size_t i = 1; i < segments.size(); ++i)
      if (segments[i].address < segments[i - 1].end())
        fail(fmt::format("segments at {:#x} and {:#x} overlap; allowed are disjoint ones", segments[i - 1].address, segments[i].address));
    const auto holds_entry = [&](const ElfImage::Segment& s) { return image_.entry >= s.address && image_.entry < s.end(); };
    if (std::none_of(segments.begin(), segments.end(), holds_entry)) fail(fmt::format("the entry {:#x} lies in no segment", image_.entry));
  }

  void add_segment(std::size_t i, const GElf_Phdr& header) {
    if (header.p_offset > content_.size() || header.p_filesz > content_.size() - header.p_offset)
      fail(fmt::format("segment {} ends beyond the file: {} bytes at offset {} of {}", i, header.p_filesz, header.p_offset, content_.size()));
    if (header.p_filesz > header.p_memsz) fail(fmt::format("segment {} has {} bytes in the file but only {} in memory", i, header.p_filesz, header.p_memsz));
    if (header.p_paddr + header.p_memsz < header.p_paddr) fail(fmt::format("segment {} at {:#x} wraps around the end of the address space", i, header.p_paddr));
    image_.segments.push_back({header.p_paddr, header.p_memsz, content_.substr(header.p_offset, header.p_filesz)});
  }

  // A damaged symbol table only costs the symbols.
  void read_symbols() {
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf_.get(), section)) != nullptr;) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) == nullptr || header.sh_type != SHT_SYMTAB || header.sh_entsize == 0) continue;
      Elf_Data* data = elf_getdata(section, nullptr);
      if (data == nullptr) continue;
      for (int i = 0; i < static_cast<int>(std::min<std::uint64_t>(data->d_size / header.sh_entsize, 1u << 20)); ++i) {
        GElf_Sym symbol;
        if (gelf_getsym(data, i, &symbol) == nullptr) break;
        const char* name = elf_strptr(elf_.get(), header.sh_link, symbol.st_name);
        const bool global = GELF_ST_BIND(symbol.st_info) != STB_LOCAL;
        if (name == nullptr || *name == '\0' || symbol.st_shndx == SHN_UNDEF) continue;
        if (global)
          image_.symbols.insert_or_assign(name, symbol.st_value);
        else
          image_.symbols.emplace(name, symbol.st_value);
      }
    }
  }
};

}  // namespace

std::optional<std::uint64_t> ElfImage::symbol(const std::string& name) const {
  const auto found = symbols.find(name);
  return found == symbols.end() ? std::nullopt : std::optional(found->second);
}

ElfImage parse_elf(std::string_view content, const std::string& name) { return Parser(content, name).parse(); }

ElfImage read_elf(const std::string& file, const std::string& name) { return parse_elf(read_file(file), name); }

}  // namespace spinvp::platform
