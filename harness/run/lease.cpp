#include "run/lease.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <random>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/disk.h"
#include "core/file.h"
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

/// Nothing where there is none. One that is being written has no token yet. Throws SystemError.
std::optional<Found> look(const fs::path& file) {
  struct stat status {};
  if (disk::stat(file, status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw SystemError(file.string(), "cannot be looked at: " + reason());
  }
  Found found;
  found.renewed = seconds(status.st_mtim);
  try {
    std::istringstream in(read_file(file));
    in >> found.token >> found.owner;
  } catch (const SystemError&) {
    throw;
  } catch (const Error&) {  // gone by now
    return std::nullopt;
  }
  return found;
}

/// What time it is where the file lies.
double now_at(const fs::path& file, const std::string& token) {
  const fs::path probe = file.string() + ".now." + token;
  const Descriptor made(disk::open(probe, O_WRONLY | O_CREAT));
  struct stat status {};
  const bool known = made.get() >= 0 && disk::touch(probe) == 0 && disk::stat(probe, status) == 0;
  const std::string why = known ? "" : reason();
  disk::remove(probe);
  if (!known) throw SystemError(file.string(), "cannot be written: " + why);
  return seconds(status.st_mtim);
}

/// Whether the holder has died here: nobody on this machine has the lock that it took.
bool has_died_here(const fs::path& file, const Found& found) {
  if (found.owner != owner(found.token)) return false;
  const Descriptor opened(disk::open(file, O_RDONLY));
  return opened.get() >= 0 && disk::lock(opened.get(), file) == 0;
}

bool is_dead(const fs::path& file, const Found& found, double dead_after) {
  if (!found.token.empty() && has_died_here(file, found)) return true;
  return now_at(file, random_token()) - found.renewed > dead_after;
}

bool is_the_one(const fs::path& file, const Found& wanted) {
  try {
    const auto found = look(file);
    return found && found->token == wanted.token;
  } catch (const SystemError&) {
    return false;
  }
}

/// Moves a dead lease away; of those that try only one can. False where it was another's by then.
bool bury(const fs::path& file, const Found& dead, const std::string& token) {
  const fs::path grave = file.string() + ".dead." + token;
  if (disk::rename(file, grave) != 0) return errno == ENOENT;
  const bool right = is_the_one(grave, dead);
  if (!right) disk::link(grave, file);  // back where it was, unless there is a newer one by now
  disk::remove(grave);
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
  Descriptor made(disk::open(file, O_WRONLY | O_CREAT | O_EXCL));
  if (made.get() < 0 && errno == EEXIST) return std::nullopt;
  if (made.get() < 0) throw SystemError(file.string(), "cannot be created: " + reason());
  disk::lock(made.get(), file);  // where nothing can be locked the time alone tells
  const std::string text = fmt::format("{} {}\n", token, owner(token));
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = disk::write(made.get(), rest, file);
    if (written < 0) {
      const std::string why = reason();
      disk::remove(file);
      throw SystemError(file.string(), "cannot be written: " + why);
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  return Lease(file, token, std::move(made));
}

Lease::~Lease() {
  try {
    if (lock_.get() >= 0 && is_ours()) disk::remove(file_);
  } catch (const Error&) {
    return;  // left behind: dead, since nobody has its lock
  }
}

bool Lease::is_ours() const { return has_lease(file_.parent_path(), token_); }

bool Lease::renew() {
  try {
    return is_ours() && disk::touch(file_) == 0;
  } catch (const Error&) {
    return false;
  }
}

bool is_leased(const fs::path& folder, double dead_after_seconds) {
  const fs::path file = folder / lease_file;
  const auto found = look(file);
  return found && !is_dead(file, *found, dead_after_seconds);
}

Holder holder_of(const fs::path& folder, double dead_after_seconds) {
  const fs::path file = folder / lease_file;
  std::optional<Found> found;
  try {
    found = look(file);
    if (!found) return Holder::nobody;
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
