#include "run/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <random>
#include <system_error>
#include <utility>

#include "core/hash.h"
#include "gapbench/error.h"

namespace gapbench::run {
namespace {

namespace fs = std::filesystem;

std::string reason() { return std::generic_category().message(errno); }

std::string random_token() {
  std::random_device source;
  std::string token;
  for (int i = 0; i < 4; ++i) token += fmt::format("{:08x}", source());
  return token;
}

/// Of this machine since it was started, told by the token alone: names no machine.
std::string owner(const std::string& token) {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string boot;
  in >> boot;
  return hash_bytes(Digest::sha256, boot + token).substr(0, 16);
}

struct Found {
  std::string token;
  std::string owner;
  double renewed = 0;  ///< seconds, by the file system's clock
};

double seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// Nothing where there is none. One that is being written has no token yet.
std::optional<Found> look(const fs::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) return std::nullopt;
  Found found;
  found.renewed = seconds(status.st_mtim);
  std::ifstream in(file);
  in >> found.token >> found.owner;
  return found;
}

/// What time it is where the file lies.
double now_at(const fs::path& file, const std::string& token) {
  const fs::path probe = file.string() + ".now." + token;
  const Descriptor made(open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  struct stat status {};
  const bool known =
      made.get() >= 0 && futimens(made.get(), nullptr) == 0 && fstat(made.get(), &status) == 0;
  unlink(probe.c_str());
  if (!known) throw Error(file.string(), "cannot be written: " + reason());
  return seconds(status.st_mtim);
}

/// A lock that its holder's death ends, where files can be locked; 0 or the reason.
int try_lock(const Descriptor& file) {
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

/// Whether the holder has died here: nobody on this machine has the lock that it took.
bool has_died_here(const fs::path& file, const Found& found) {
  if (found.owner != owner(found.token)) return false;
  const Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return opened.get() >= 0 && try_lock(opened) == 0;
}

bool is_dead(const fs::path& file, const Found& found, double dead_after) {
  if (!found.token.empty() && has_died_here(file, found)) return true;
  return now_at(file, random_token()) - found.renewed > dead_after;
}

/// Moves a dead lease away; of those that try only one can. False where it was another's by then.
bool bury(const fs::path& file, const Found& dead, const std::string& token) {
  const fs::path grave = file.string() + ".dead." + token;
  if (rename(file.c_str(), grave.c_str()) != 0) return errno == ENOENT;
  const auto moved = look(grave);
  const bool right = moved && moved->token == dead.token;
  if (!right) {  // back where it was, unless there is a newer one by now
    std::error_code ignored;
    fs::create_hard_link(grave, file, ignored);
  }
  unlink(grave.c_str());
  return right;
}

}  // namespace

Lease::Lease(fs::path file, std::string token, Descriptor lock)
    : file_(std::move(file)), token_(std::move(token)), lock_(std::move(lock)) {}

std::optional<Lease> Lease::take(const fs::path& folder, double dead_after_seconds) {
  const fs::path file = folder / lease_file;
  const std::string token = random_token();
  if (const auto found = look(file)) {
    if (!is_dead(file, *found, dead_after_seconds) || !bury(file, *found, token)) {
      return std::nullopt;
    }
  }
  Descriptor made(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (made.get() < 0 && errno == EEXIST) return std::nullopt;
  if (made.get() < 0) throw Error(file.string(), "cannot be created: " + reason());
  try_lock(made);  // where nothing can be locked the time alone tells
  const std::string text = fmt::format("{} {}\n", token, owner(token));
  if (write(made.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    const std::string why = reason();
    unlink(file.c_str());
    throw Error(file.string(), "cannot be written: " + why);
  }
  return Lease(file, token, std::move(made));
}

Lease::~Lease() {
  if (lock_.get() >= 0 && is_ours()) unlink(file_.c_str());
}

bool Lease::is_ours() const { return has_lease(file_.parent_path(), token_); }

bool Lease::renew() { return is_ours() && utimensat(AT_FDCWD, file_.c_str(), nullptr, 0) == 0; }

bool is_leased(const fs::path& folder, double dead_after_seconds) {
  const fs::path file = folder / lease_file;
  const auto found = look(file);
  return found && !is_dead(file, *found, dead_after_seconds);
}

Holder holder_of(const fs::path& folder, double dead_after_seconds) {
  const fs::path file = folder / lease_file;
  const auto found = look(file);
  if (!found) return Holder::nobody;
  try {
    if (is_dead(file, *found, dead_after_seconds)) return Holder::nobody;
  } catch (const Error&) {
    return Holder::elsewhere;
  }
  return found->owner == owner(found->token) ? Holder::here : Holder::elsewhere;
}

bool has_lease(const fs::path& folder, const std::string& token) {
  const auto found = look(folder / lease_file);
  return found && found->token == token;
}

}  // namespace gapbench::run
