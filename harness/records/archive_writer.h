// Archives made in memory, the same bytes from the same files.
#pragma once

#include <memory>
#include <string>

struct archive;

namespace gapbench::records {

enum class ArchiveKind {
  zip,     ///< not compressed
  tar_gz,  ///< pax, without a time of its own
};

/// Holds the whole archive. One thread at a time. Throws Error(place, ...) for what libarchive refuses.
class ArchiveWriter {
 public:
  ArchiveWriter(std::string place, ArchiveKind kind);
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  /// A file that anyone may read, of time 0.
  void add(const std::string& name, const std::string& content);
  /// The archive; nothing can be added afterwards.
  std::string finish();

 private:
  void check(int code) const;

  struct Free {
    void operator()(archive* a) const;
  };

  std::string place_;
  std::string bytes_;
  std::unique_ptr<archive, Free> archive_;
};

}  // namespace gapbench::records
