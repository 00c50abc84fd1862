#include "qemu_user.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "models/core/error.h"

namespace spinvp::conformance {
namespace {

constexpr int not_started = 127;
constexpr rlim_t cpu_seconds = 60;  // a program that does not end is a difference, not a hang

// The file of one executable; gone at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder != nullptr ? folder : "/tmp") + "/spinvp-conformance-XXXXXX";
    const int file = ::mkstemp(path_.data());
    if (file < 0) throw core::FileError(path_ + ": cannot be created: " + std::strerror(errno));
    bool ok = ::fchmod(file, 0700) == 0;
    for (std::size_t done = 0; ok && done < content.size();) {
      const ssize_t n = ::write(file, content.data() + done, content.size() - done);
      ok = n > 0;
      done += ok ? static_cast<std::size_t>(n) : 0;
    }
    ::close(file);
    if (!ok) throw core::FileError(path_ + ": cannot be written");
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

Ending run_on_qemu(const std::string& qemu, const std::string& elf) {
  const TemporaryFile file(elf);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw core::FileError("a pipe cannot be made");
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{cpu_seconds, cpu_seconds}, no_core{0, 0};
    ::setrlimit(RLIMIT_CPU, &limit);
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execlp(qemu.c_str(), qemu.c_str(), "-cpu", "rv64,zba=true,zbb=true,zbs=true", file.path().c_str(), static_cast<char*>(nullptr));
    ::_exit(not_started);
  }
  ::close(ends[1]);
  Ending ending;
  std::uint8_t buffer[65536];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) ending.output.insert(ending.output.end(), buffer, buffer + n);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_started)
    throw core::FileError(qemu + ": cannot be started; install qemu-user (tools/install-dependencies.sh test)");
  if (WIFSIGNALED(status)) ending.trouble = "ended by signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")";
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) ending.trouble = "exit status " + std::to_string(WEXITSTATUS(status));
  return ending;
}

}  // namespace spinvp::conformance
