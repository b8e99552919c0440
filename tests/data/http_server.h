// A small HTTP server on loopback for the tests of fetch: one thread, one connection at a time.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace gapbench::data {

struct HttpRequest {
  std::string path;                       ///< "/cifar.tar.gz"
  std::optional<std::uint64_t> range_at;  ///< of "Range: bytes=N-"
};

struct HttpReply {
  int status = 200;
  std::string body = {};
  std::uint64_t range_at = 0;  ///< for status 206: the body is what starts here
  /// Bytes of the body after which the connection is closed.
  std::size_t cut_at = std::numeric_limits<std::size_t>::max();
};

/// Answers until it is destroyed, at most 100 requests, each within 5 seconds.
class HttpServer {
 public:
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  explicit HttpServer(Handler handler)
      : handler_(std::move(handler)), stop_(eventfd(0, EFD_CLOEXEC)), listener_(listen_on_any()) {
    thread_ = std::thread([this] { serve(); });
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer() {
    eventfd_write(stop_, 1);
    thread_.join();
    close(listener_);
    close(stop_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  int listen_on_any() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (fd < 0 || bind(fd, generic, size) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, generic, &size) != 0) {
      throw std::runtime_error("no loopback socket");
    }
    port_ = ntohs(address.sin_port);
    return fd;
  }

  void serve() {
    for (int served = 0; served < 100; ++served) {
      pollfd waits[2] = {{listener_, POLLIN, 0}, {stop_, POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 || waits[1].revents != 0) return;
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const timeval limit{5, 0};
      setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
      answer(connection);
      close(connection);
    }
  }

  void answer(int connection) {
    std::string head;
    char piece[1024];
    while (head.find("\r\n\r\n") == std::string::npos && head.size() < 65536) {
      const ssize_t got = recv(connection, piece, sizeof piece, 0);
      if (got <= 0) return;
      head.append(piece, static_cast<std::size_t>(got));
    }
    HttpRequest request;
    request.path = head.substr(4, head.find(' ', 4) - 4);
    if (const auto at = head.find("Range: bytes="); at != std::string::npos) {
      request.range_at = std::stoull(head.substr(at + 13));
    }
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    send_reply(connection, handler_(request));
  }

  static void send_reply(int connection, const HttpReply& reply) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " x\r\nConnection: close\r\n" +
                       "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    if (reply.status == 206) {
      const std::uint64_t end = reply.range_at + reply.body.size();
      text += "Content-Range: bytes " + std::to_string(reply.range_at) + "-" +
              std::to_string(end - 1) + "/" + std::to_string(end) + "\r\n";
    }
    text += "\r\n" + reply.body.substr(0, std::min(reply.cut_at, reply.body.size()));
    std::size_t sent = 0;
    while (sent < text.size()) {
      const ssize_t n = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return;
      sent += static_cast<std::size_t>(n);
    }
  }

  Handler handler_;
  int stop_;
  std::uint16_t port_ = 0;
  int listener_;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::thread thread_;
};

/// Serves one file's contents everywhere, from where the range asks.
inline HttpReply whole_or_rest(const HttpRequest& request, const std::string& contents) {
  if (!request.range_at) return {.body = contents};
  if (*request.range_at >= contents.size()) return {.status = 416};
  return {.status = 206, .body = contents.substr(*request.range_at), .range_at = *request.range_at};
}

}  // namespace gapbench::data
