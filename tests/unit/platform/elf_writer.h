// Writes small ELF files byte by byte, right ones and wrong ones.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace spinvp::test {

struct ElfWriter {
  Elf64_Ehdr header{};
  std::vector<std::pair<Elf64_Phdr, std::string>> segments;
  std::vector<std::pair<std::string, std::uint64_t>> symbols;

  ElfWriter() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = 243;  // RISC-V
    header.e_version = EV_CURRENT;
    header.e_entry = 0x80000000;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
  }
  ElfWriter& segment(std::uint64_t address, const std::string& bytes, std::uint64_t memory_size = 0) {
    Elf64_Phdr p{};
    p.p_type = PT_LOAD;
    p.p_vaddr = p.p_paddr = address;
    p.p_filesz = bytes.size();
    p.p_memsz = memory_size == 0 ? bytes.size() : memory_size;
    segments.emplace_back(p, bytes);
    return *this;
  }

  [[nodiscard]] std::string bytes() const {
    Elf64_Ehdr h = header;
    h.e_phnum = static_cast<Elf64_Half>(segments.size());
    h.e_phoff = segments.empty() ? 0 : sizeof h;
    std::string table, contents;
    const std::uint64_t data_start = sizeof h + segments.size() * sizeof(Elf64_Phdr);
    for (auto [p, data] : segments) {
      if (p.p_offset == 0) p.p_offset = data_start + contents.size();
      append(table, p);
      contents += data;
    }
    std::string file, tail;
    if (!symbols.empty()) {
      // Sections: null, .symtab, .strtab.
      std::string names(1, '\0'), entries(sizeof(Elf64_Sym), '\0');
      for (const auto& [name, value] : symbols) {
        Elf64_Sym s{};
        s.st_name = static_cast<Elf64_Word>(names.size());
        s.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT);
        s.st_shndx = SHN_ABS;
        s.st_value = value;
        append(entries, s);
        names += name + '\0';
      }
      while (contents.size() % 8 != 0) contents += '\0';
      Elf64_Shdr null{}, symtab{}, strtab{};
      symtab.sh_type = SHT_SYMTAB;
      symtab.sh_offset = data_start + contents.size();
      symtab.sh_size = entries.size();
      symtab.sh_entsize = sizeof(Elf64_Sym);
      symtab.sh_link = 2;
      strtab.sh_type = SHT_STRTAB;
      strtab.sh_offset = symtab.sh_offset + entries.size();
      strtab.sh_size = names.size();
      contents += entries + names;
      while (contents.size() % 8 != 0) contents += '\0';
      h.e_shoff = data_start + contents.size();
      h.e_shnum = 3;
      append(tail, null);
      append(tail, symtab);
      append(tail, strtab);
    }
    append(file, h);
    return file + table + contents + tail;
  }

 private:
  template <typename T>
  static void append(std::string& to, const T& value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
};

}  // namespace spinvp::test
