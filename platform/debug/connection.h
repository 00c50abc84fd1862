// A TCP port of this machine alone, for one client at a time.
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <string_view>

namespace spinvp::platform {

class Connection {
 public:
  // Listens on 127.0.0.1; port 0: a free one. Throws core::FileError if that cannot be.
  explicit Connection(std::uint16_t port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] bool connected() const { return client_ >= 0; }
  // Takes a client that waits to be taken; whether there is one now.
  bool accept();
  // What has arrived; closes when the client is gone.
  std::string read();
  // False, and closed, when the client is gone.
  bool write(std::string_view bytes);
  void close();
  // Sleeps until there is something to accept or to read, or a signal comes whose handler sets `interrupted`. True: it is not set.
  bool await(const volatile std::sig_atomic_t& interrupted) const;

 private:
  int listener_ = -1, client_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace spinvp::platform
