#include "platform/debug/connection.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "models/core/error.h"

namespace spinvp::platform {

Connection::Connection(std::uint16_t port) {
  const auto fail = [&] {
    const int error = errno;
    if (listener_ >= 0) ::close(listener_);
    throw core::FileError(fmt::format("--gdb {}: cannot listen on 127.0.0.1: {}; 0 takes a free port", port, std::strerror(error)));
  };
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) fail();
  const int yes = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 1) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail();
  port_ = ntohs(address.sin_port);
}

Connection::~Connection() {
  close();
  ::close(listener_);
}

bool Connection::accept() {
  if (connected()) return true;
  client_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (!connected()) return false;
  const int yes = 1;
  setsockopt(client_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return true;
}

std::string Connection::read() {
  std::string bytes;
  std::string buffer(4096, '\0');
  while (connected()) {
    const ssize_t got = recv(client_, buffer.data(), buffer.size(), 0);
    if (got > 0)
      bytes.append(buffer, 0, static_cast<std::size_t>(got));
    else if (got < 0 && errno == EINTR)
      continue;
    else if (got < 0 && errno == EAGAIN)
      break;
    else
      close();
  }
  return bytes;
}

bool Connection::write(std::string_view bytes) {
  while (connected() && !bytes.empty()) {
    const ssize_t sent = send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      pollfd room{client_, POLLOUT, 0};
      poll(&room, 1, -1);  // a signal only makes it try again
    } else if (errno != EINTR) {
      close();
    }
  }
  return connected();
}

void Connection::close() {
  if (client_ >= 0) ::close(client_);
  client_ = -1;
}

// The signal is blocked between the look at `interrupted` and the sleep, so none is missed.
bool Connection::await(const volatile std::sig_atomic_t& interrupted) const {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  if (interrupted == 0) {
    pollfd waiting{connected() ? client_ : listener_, POLLIN, 0};
    ppoll(&waiting, 1, nullptr, &before);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return interrupted == 0;
}

}  // namespace spinvp::platform
