#include "models/riscv/semihosting.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::riscv {
namespace {

using u64 = std::uint64_t;

constexpr u64 minus_one = ~u64{0};
constexpr std::size_t chunk = 1 << 16;
// Of ":semihosting-features": magic, then SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR.
constexpr std::string_view features("SHFB\x03", 5);
constexpr u64 application_exit = 0x20026;  // ADP_Stopped_ApplicationExit

enum Operation : u64 {
  sys_open = 0x01,
  sys_close = 0x02,
  sys_writec = 0x03,
  sys_write0 = 0x04,
  sys_write = 0x05,
  sys_read = 0x06,
  sys_readc = 0x07,
  sys_iserror = 0x08,
  sys_istty = 0x09,
  sys_seek = 0x0a,
  sys_flen = 0x0c,
  sys_tmpnam = 0x0d,
  sys_remove = 0x0e,
  sys_rename = 0x0f,
  sys_clock = 0x10,
  sys_time = 0x11,
  sys_errno = 0x13,
  sys_get_cmdline = 0x15,
  sys_heapinfo = 0x16,
  sys_exit = 0x18,
  sys_exit_extended = 0x20,
  sys_elapsed = 0x30,
  sys_tickfreq = 0x31,
};

}  // namespace

Semihosting::Semihosting(Host host) : host_(std::move(host)), handles_(1) {}

Semihosting::~Semihosting() {
  for (const Handle& open : handles_)
    if (open.kind == Kind::file) host_.files->close(open.file);
}

bool Semihosting::has_open_files() const {
  return std::any_of(handles_.begin(), handles_.end(), [](const Handle& open) { return open.kind == Kind::file; });
}

void Semihosting::describe_state(core::StateArchive& archive) {
  archive.list("handles", handles_, [&](Handle& handle) {
    std::uint8_t kind = static_cast<std::uint8_t>(handle.kind);
    archive.item("kind", kind);
    if (kind >= static_cast<std::uint8_t>(Kind::file)) throw core::InputError("snapshot: item 'kind': no handle that can be restored");
    handle.kind = Kind{kind};
    archive.item("position", handle.position);
  });
  if (handles_.empty() || handles_.size() > most_handles + 1) throw core::InputError("snapshot: item 'handles': too few or too many");
  archive.item("error", error_);
}

u64 Semihosting::fail(int error) {
  error_ = static_cast<u64>(error);
  return minus_one;
}

bool Semihosting::words(u64 block, u64* values, std::size_t count) {
  if (host_.read(block, values, count * sizeof(u64))) return true;
  fail(EFAULT);
  host_.complain(fmt::format("semihosting: the parameters at {:#x} lie outside memory", block));
  return false;
}

// Of `length` bytes and a zero that need not be there; a zero within would end the name elsewhere than the guest says.
std::optional<std::string> Semihosting::path(u64 address, u64 length) {
  if (length > longest_path) return fail(ENAMETOOLONG), std::nullopt;
  std::string text(length, '\0');
  if (!host_.read(address, text.data(), text.size())) return fail(EFAULT), std::nullopt;
  if (text.find('\0') != std::string::npos) return fail(EINVAL), std::nullopt;
  return text;
}

Semihosting::Handle* Semihosting::handle(u64 number) {
  if (number < handles_.size() && handles_[number].kind != Kind::closed) return &handles_[number];
  fail(EBADF);
  return nullptr;
}

u64 Semihosting::open(u64 block) {
  std::array<u64, 3> p{};  // name, mode, length
  if (!words(block, p.data(), 3)) return minus_one;
  const auto name = path(p[0], p[2]);
  if (!name) return minus_one;
  if (p[1] > 11) return fail(EINVAL);
  std::size_t place = 1;
  while (place < handles_.size() && handles_[place].kind != Kind::closed) ++place;
  if (place > most_handles) return fail(EMFILE);
  Handle made;
  if (*name == ":tt") {
    made.kind = p[1] < 4 ? Kind::input : Kind::output;
  } else if (*name == ":semihosting-features") {
    if (p[1] > 1) return fail(EACCES);
    made.kind = Kind::features;
  } else {
    if (host_.files == nullptr) return fail(EACCES);
    const auto mode = p[1] < 4 ? HostFiles::Mode::read : p[1] < 8 ? HostFiles::Mode::write : HostFiles::Mode::append;
    made.file = host_.files->open(*name, mode, (p[1] & 2) != 0);
    if (made.file < 0) return fail(-made.file);
    made.kind = Kind::file;
  }
  if (place == handles_.size()) handles_.emplace_back();
  handles_[place] = made;
  return place;
}

u64 Semihosting::close(u64 block) {
  u64 number = 0;
  if (!words(block, &number, 1)) return minus_one;
  Handle* const open = handle(number);
  if (open == nullptr) return minus_one;
  if (open->kind == Kind::file) host_.files->close(open->file);
  *open = Handle{};
  return 0;
}

// Returns how many bytes were not written.
u64 Semihosting::write(u64 block) {
  std::array<u64, 3> p{};  // handle, address, length
  if (!words(block, p.data(), 3)) return minus_one;
  const Handle* const to = handle(p[0]);
  if (to == nullptr) return minus_one;
  if (to->kind != Kind::output && to->kind != Kind::file) return fail(EBADF), p[2];
  std::string text;
  u64 left = p[2];
  while (left != 0) {
    text.resize(std::min<u64>(left, chunk));
    if (!host_.read(p[1] + (p[2] - left), text.data(), text.size())) return fail(EFAULT), left;
    std::int64_t done = static_cast<std::int64_t>(text.size());
    if (to->kind == Kind::output)
      host_.console(text);
    else
      done = host_.files->write(to->file, text.data(), text.size());
    if (done < 0) return fail(static_cast<int>(-done)), left;
    left -= static_cast<u64>(done);
    if (static_cast<std::size_t>(done) < text.size()) return fail(EFBIG), left;
  }
  return 0;
}

// A console gives a line at most, waits for its first character alone, and stops where nothing more is there.
std::int64_t Semihosting::read_some(Handle& from, char* data, std::size_t size) {
  if (from.kind == Kind::file) return host_.files->read(from.file, data, size);
  if (from.kind == Kind::features) {
    const std::size_t got = from.position < features.size() ? features.copy(data, size, from.position) : 0;
    from.position += got;
    return static_cast<std::int64_t>(got);
  }
  if (from.kind != Kind::input) return -EBADF;
  std::size_t got = 0;
  while (got < size && host_.input) {
    const auto character = host_.input();
    if (!character) break;
    data[got++] = *character;
    if (*character == '\n' || *character == '\r') break;
  }
  return static_cast<std::int64_t>(got);
}

// Returns how many bytes were not read: all of them at the end.
u64 Semihosting::read(u64 block) {
  std::array<u64, 3> p{};  // handle, address, length
  if (!words(block, p.data(), 3)) return minus_one;
  Handle* const from = handle(p[0]);
  if (from == nullptr) return minus_one;
  std::string text;
  u64 left = p[2];
  while (left != 0) {
    text.resize(std::min<u64>(left, chunk));
    const std::int64_t got = read_some(*from, text.data(), text.size());
    if (got < 0) return fail(static_cast<int>(-got)), left;
    if (!host_.write(p[1] + (p[2] - left), text.data(), static_cast<std::size_t>(got))) return fail(EFAULT), left;
    left -= static_cast<u64>(got);
    if (static_cast<std::size_t>(got) < text.size()) break;
  }
  return left;
}

u64 Semihosting::seek(u64 block) {
  std::array<u64, 2> p{};
  if (!words(block, p.data(), 2)) return minus_one;
  Handle* const in = handle(p[0]);
  if (in == nullptr) return minus_one;
  if (in->kind == Kind::features) return in->position = p[1], 0;
  if (in->kind != Kind::file) return fail(ESPIPE);
  const std::int64_t result = host_.files->seek(in->file, p[1]);
  return result < 0 ? fail(static_cast<int>(-result)) : 0;
}

u64 Semihosting::length(u64 block) {
  u64 number = 0;
  if (!words(block, &number, 1)) return minus_one;
  const Handle* const of = handle(number);
  if (of == nullptr) return minus_one;
  if (of->kind == Kind::features) return features.size();
  if (of->kind != Kind::file) return fail(ESPIPE);
  const std::int64_t result = host_.files->length(of->file);
  return result < 0 ? fail(static_cast<int>(-result)) : static_cast<u64>(result);
}

u64 Semihosting::temporary_name(u64 block) {
  std::array<u64, 3> p{};  // buffer, number, its length
  if (!words(block, p.data(), 3)) return minus_one;
  const std::string name = fmt::format("tmp-{:03}", p[1] & 0xff);
  if (p[2] < name.size() + 1) return fail(EINVAL);
  return host_.write(p[0], const_cast<char*>(name.c_str()), name.size() + 1) ? 0 : fail(EFAULT);
}

u64 Semihosting::command_line(u64 block) {
  std::array<u64, 2> p{};  // buffer, its length, which becomes the text's
  if (!words(block, p.data(), 2)) return minus_one;
  std::string text = host_.command_line;
  if (p[1] < text.size() + 1) return fail(EINVAL);
  u64 size = text.size();
  if (!host_.write(p[0], text.data(), text.size() + 1) || !host_.write(block + sizeof(u64), &size, sizeof size)) return fail(EFAULT);
  return 0;
}

u64 Semihosting::write_text(u64 address) {
  std::string text;
  char character = 0;
  while (text.size() < longest_text && host_.read(address + text.size(), &character, 1) && character != '\0') text += character;
  host_.console(text);
  return 0;
}

u64 Semihosting::remove(u64 block) {
  std::array<u64, 2> p{};
  if (!words(block, p.data(), 2)) return minus_one;
  const auto name = path(p[0], p[1]);
  if (!name) return minus_one;
  if (host_.files == nullptr) return fail(EACCES);
  const int result = host_.files->remove(*name);
  return result < 0 ? fail(-result) : 0;
}

u64 Semihosting::rename(u64 block) {
  std::array<u64, 4> p{};
  if (!words(block, p.data(), 4)) return minus_one;
  const auto from = path(p[0], p[1]), to = path(p[2], p[3]);
  if (!from || !to) return minus_one;
  if (host_.files == nullptr) return fail(EACCES);
  const int result = host_.files->rename(*from, *to);
  return result < 0 ? fail(-result) : 0;
}

// Reason and code. Another reason than an application's end is a failure.
u64 Semihosting::exit(u64 block) {
  std::array<u64, 2> p{};
  if (!words(block, p.data(), 2)) p = {0, 1};
  host_.finish(p[0] == application_exit ? p[1] : std::max<u64>(p[1], 1));
  return 0;
}

// Heap and stack: the image's linker script knows them, the platform does not. Zeros say so.
u64 Semihosting::heap(u64 block) {
  u64 target = 0;
  if (!words(block, &target, 1)) return minus_one;
  std::array<u64, 4> none{};
  return host_.write(target, none.data(), sizeof none) ? 0 : fail(EFAULT);
}

u64 Semihosting::call(u64 operation, u64 parameter) {
  u64 value = 0;
  switch (operation) {
    case sys_open: return open(parameter);
    case sys_close: return close(parameter);
    case sys_writec: {
      char character = 0;
      if (host_.read(parameter, &character, 1)) host_.console(std::string_view(&character, 1));
      return 0;
    }
    case sys_write0: return write_text(parameter);
    case sys_write: return write(parameter);
    case sys_read: return read(parameter);
    case sys_readc: {
      const auto character = host_.input ? host_.input() : std::nullopt;
      if (!character && host_.starve) host_.starve();
      return character ? static_cast<unsigned char>(*character) : minus_one;
    }
    case sys_iserror: return words(parameter, &value, 1) && static_cast<std::int64_t>(value) >= 0 ? 0 : 1;
    case sys_istty: {
      if (!words(parameter, &value, 1)) return minus_one;
      const Handle* const of = handle(value);
      return of == nullptr ? minus_one : of->kind == Kind::input || of->kind == Kind::output ? 1 : 0;
    }
    case sys_seek: return seek(parameter);
    case sys_flen: return length(parameter);
    case sys_tmpnam: return temporary_name(parameter);
    case sys_remove: return remove(parameter);
    case sys_rename: return rename(parameter);
    case sys_clock: return host_.now().ps() / 10'000'000'000;  // centiseconds
    case sys_time: return host_.now().ps() / 1'000'000'000'000;
    case sys_errno: return error_;
    case sys_get_cmdline: return command_line(parameter);
    case sys_heapinfo: return heap(parameter);
    case sys_exit:
    case sys_exit_extended: return exit(parameter);
    case sys_elapsed: value = host_.now().ps() / 1000; return host_.write(parameter, &value, sizeof value) ? 0 : fail(EFAULT);
    case sys_tickfreq: return ticks_a_second;
    default: host_.complain(fmt::format("semihosting: operation {:#x} is not known", operation)); return fail(ENOSYS);
  }
}

}  // namespace spinvp::riscv
