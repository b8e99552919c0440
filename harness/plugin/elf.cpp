#include "plugin/elf.h"

#include <elf.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstring>

namespace gapbench::plugin {
namespace {

using File = std::span<const unsigned char>;

// Whether [offset, offset + size) lies inside the file, without overflow.
bool holds(File file, std::uint64_t offset, std::uint64_t size) {
  return offset <= file.size() && size <= file.size() - offset;
}

template <class T>
T at(File file, std::uint64_t offset) {
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

std::string cut_off(File file, const char* what) {
  return fmt::format("is cut off: its {} lie beyond the end of the file ({} bytes)", what,
                     file.size());
}

std::optional<std::string> header_damage(File file) {
  if (file.size() < SELFMAG || std::memcmp(file.data(), ELFMAG, SELFMAG) != 0) {
    return "is not a shared library";
  }
  if (!holds(file, 0, sizeof(Elf64_Ehdr))) return cut_off(file, "headers");
  const auto header = at<Elf64_Ehdr>(file, 0);
#ifdef __x86_64__
  constexpr auto machine = EM_X86_64;
#else
  constexpr auto machine = EM_AARCH64;
#endif
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != machine) {
    return "is a library for another kind of machine";
  }
  if (header.e_type != ET_DYN) return "is not a shared library";
  if (header.e_phentsize != sizeof(Elf64_Phdr) ||
      (header.e_shnum > 0 && header.e_shentsize != sizeof(Elf64_Shdr))) {
    return "is damaged: its header tables have entries of a wrong size";
  }
  return std::nullopt;
}

std::optional<std::string> segment_damage(File file, const Elf64_Ehdr& header) {
  if (!holds(file, header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr))) {
    return cut_off(file, "headers");
  }
  bool dynamic = false;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(file, header.e_phoff + i * sizeof(Elf64_Phdr));
    dynamic = dynamic || segment.p_type == PT_DYNAMIC;
    if (!holds(file, segment.p_offset, segment.p_filesz)) return cut_off(file, "segments");
  }
  if (!dynamic) return "is damaged: it has no dynamic section";
  return std::nullopt;
}

std::optional<std::string> section_damage(File file, const Elf64_Ehdr& header) {
  if (!holds(file, header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr))) {
    return cut_off(file, "section headers");
  }
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto section = at<Elf64_Shdr>(file, header.e_shoff + i * sizeof(Elf64_Shdr));
    // Sections without bytes in the file (.bss) may name any place.
    if (section.sh_type == SHT_NOBITS) continue;
    if (!holds(file, section.sh_offset, section.sh_size)) return cut_off(file, "sections");
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> library_damage(File file) {
  if (auto damage = header_damage(file)) return damage;
  const auto header = at<Elf64_Ehdr>(file, 0);
  if (auto damage = segment_damage(file, header)) return damage;
  return section_damage(file, header);
}

std::string_view symbol_names(File file) {
  const auto header = at<Elf64_Ehdr>(file, 0);
  const auto section = [&](std::uint64_t i) {
    return at<Elf64_Shdr>(file, header.e_shoff + i * sizeof(Elf64_Shdr));
  };
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto symbols = section(i);
    if (symbols.sh_type != SHT_DYNSYM || symbols.sh_link >= header.e_shnum) continue;
    const auto names = section(symbols.sh_link);
    if (names.sh_type != SHT_STRTAB) continue;
    return {reinterpret_cast<const char*>(file.data()) + names.sh_offset, names.sh_size};
  }
  return {};
}

}  // namespace gapbench::plugin
