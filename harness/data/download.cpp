#include "data/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "gapbench/error.h"

namespace gapbench::data {
namespace {

namespace fs = std::filesystem;

/// The file that a transfer grows. Locked, so that two fetches do not write into each other.
class PartFile {
 public:
  explicit PartFile(const fs::path& path)
      : fd_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
    if (fd_ < 0) throw Error(path.string(), "cannot be written: " + reason(errno));
    if (flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      const int code = errno;
      close(fd_);
      throw Error(path.string(), code == EWOULDBLOCK ? "another fetch is at work on it"
                                                     : "cannot be locked here: " + reason(code));
    }
    struct stat status {};
    fstat(fd_, &status);
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() { close(fd_); }

  std::uint64_t size() const { return size_; }

  bool clear() {
    size_ = 0;
    return ftruncate(fd_, 0) == 0;
  }

  /// Returns false on failure; failure() tells why.
  bool append(const char* bytes, std::size_t count) {
    while (count > 0) {
      const ssize_t written = pwrite(fd_, bytes, count, static_cast<off_t>(size_));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        failure_ = reason(errno);
        return false;
      }
      bytes += written;
      count -= static_cast<std::size_t>(written);
      size_ += static_cast<std::uint64_t>(written);
    }
    return true;
  }
  const std::string& failure() const { return failure_; }

 private:
  static std::string reason(int code) { return std::generic_category().message(code); }

  int fd_;
  std::uint64_t size_ = 0;
  std::string failure_;
};

/// One request for the rest of a file.
class Transfer {
 public:
  Transfer(const std::string& url, PartFile& part, const std::string& name,
           const Progress& progress)
      : url_(url),
        part_(part),
        name_(name),
        progress_(progress),
        start_(part.size()),
        handle_(curl_easy_init(), &curl_easy_cleanup) {
    if (handle_ == nullptr) throw Error(url, "cannot be fetched: libcurl does not start");
    configure();
  }

  CURLcode perform() { return curl_easy_perform(handle_.get()); }

  long status() const {
    long code = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &code);
    return code;
  }
  std::uint64_t total() const { return total_; }
  std::string reason(CURLcode code) const {
    return message_[0] != '\0' ? message_.data() : curl_easy_strerror(code);
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  void configure() {
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https,file");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, 30L);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // a minute without a byte is a broken connection
    set(CURLOPT_LOW_SPEED_TIME, 60L);
    set(CURLOPT_USERAGENT, "gapbench");
    set(CURLOPT_ERRORBUFFER, message_.data());
    // A range and not RESUME_FROM: the answer to a server that ignores it is then ours to choose.
    if (start_ > 0) set(CURLOPT_RANGE, fmt::format("{}-", start_).c_str());
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_bytes);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
    set(CURLOPT_XFERINFODATA, this);
  }

  /// A file: URL has no status and always honours the range.
  bool is_rest() const { return start_ > 0 && (status() == 206 || status() == 0); }

  static std::size_t on_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& t = *static_cast<Transfer*>(self);
    if (!t.started_) {
      t.started_ = true;
      if (!t.is_rest()) {
        t.start_ = 0;
        if (!t.part_.clear()) return 0;
      }
    }
    return t.part_.append(bytes, size * count) ? size * count : 0;
  }

  static int on_progress(void* self, curl_off_t total, curl_off_t /*now*/, curl_off_t /*up_total*/,
                         curl_off_t /*up*/) {
    auto& t = *static_cast<Transfer*>(self);
    if (!t.started_) return 0;
    t.total_ = total > 0 ? t.start_ + static_cast<std::uint64_t>(total) : 0;
    if (t.progress_ && t.part_.size() != t.told_) t.progress_(t.name_, t.part_.size(), t.total_);
    t.told_ = t.part_.size();
    return 0;
  }

  const std::string& url_;
  PartFile& part_;
  const std::string& name_;
  const Progress& progress_;
  std::uint64_t start_;
  std::uint64_t total_ = 0;
  std::uint64_t told_ = 0;
  bool started_ = false;
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
};

bool has_digest(const fs::path& path, const RemoteFile& file) {
  return hash_file(file.digest, path) == file.expected;
}

[[noreturn]] void refuse(const std::string& url, const Transfer& transfer, CURLcode code,
                         const PartFile& part) {
  if (!part.failure().empty()) throw Error(url, "cannot be stored: " + part.failure());
  if (code == CURLE_HTTP_RETURNED_ERROR) {
    throw Error(url, fmt::format("the server answered {}; --url names another place to fetch from",
                                 transfer.status()));
  }
  if (part.size() == 0) throw Error(url, "cannot be fetched: " + transfer.reason(code));
  const std::string of = transfer.total() == 0 ? "" : fmt::format(" of {}", transfer.total());
  throw Error(url,
              fmt::format("broke off after {}{} bytes ({}); run the same command again to resume",
                          part.size(), of, transfer.reason(code)));
}

}  // namespace

void download(const std::string& url, const RemoteFile& file, const fs::path& part_path,
              const Progress& progress) {
  PartFile part(part_path);
  if (part.size() > 0 && has_digest(part_path, file)) return;
  {
    Transfer transfer(url, part, file.name, progress);
    CURLcode code = transfer.perform();
    constexpr long range_not_satisfiable = 416;
    if (code == CURLE_HTTP_RETURNED_ERROR && transfer.status() == range_not_satisfiable) {
      part.clear();  // what is there is no beginning of the file
      Transfer again(url, part, file.name, progress);
      code = again.perform();
      if (code != CURLE_OK) refuse(url, again, code, part);
    } else if (code != CURLE_OK) {
      refuse(url, transfer, code, part);
    }
  }
  const std::string found = hash_file(file.digest, part_path);
  if (found == file.expected) return;
  fs::remove(part_path);
  throw Error(url,
              fmt::format("has {} {}, expected {}; removed, fetch it again",
                          file.digest == Digest::md5 ? "MD5" : "SHA-256", found, file.expected));
}

}  // namespace gapbench::data
