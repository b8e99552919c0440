// Who is at work on a trial: several runs, on several machines, may share one results folder.
//
// A trial's folder holds a file `lease` while a run is at work on it: a random token, and whose it
// is, as a hash that only the same machine can tell. The holder renews it by touching it. A lease is
// dead when its holder has died on this machine, which a lock on the file tells at once, or when it
// was not renewed for long enough, by the clock of the file system itself: clocks of machines need
// not agree.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/descriptor.h"

namespace gapbench::run {

inline constexpr const char* lease_file = "lease";

/// The name of the environment variable that carries the token to a worker.
inline constexpr const char* lease_variable = "GAPBENCH_LEASE";

class Lease {
 public:
  /// Takes the folder, which must exist; nothing while another run holds it. Throws Error with the
  /// system's reason where no lease can be written.
  static std::optional<Lease> take(const std::filesystem::path& folder, double dead_after_seconds);

  Lease(Lease&&) noexcept = default;
  Lease& operator=(Lease&&) noexcept = default;
  ~Lease();

  /// Says that its holder lives. False where another run has taken it over.
  bool renew();
  bool is_ours() const;
  const std::string& token() const noexcept { return token_; }

 private:
  Lease(std::filesystem::path file, std::string token, Descriptor lock);

  std::filesystem::path file_;  ///< empty: moved from
  std::string token_;
  Descriptor lock_;
};

/// Whether a run holds the folder's lease; one that cannot be read is held.
bool is_leased(const std::filesystem::path& folder, double dead_after_seconds);

enum class Holder { nobody, here, elsewhere };

/// Who is at work on the folder's trial: a run on this machine, or on another. One whose lease cannot
/// be judged (a folder that cannot be written) is held elsewhere.
Holder holder_of(const std::filesystem::path& folder, double dead_after_seconds);

/// Whether the folder's lease has this token.
bool has_lease(const std::filesystem::path& folder, const std::string& token);

}  // namespace gapbench::run
