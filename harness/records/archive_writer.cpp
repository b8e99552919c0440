#include "records/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <utility>

#include "gapbench/error.h"

namespace gapbench::records {
namespace {

la_ssize_t append(archive*, void* bytes, const void* piece, std::size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(piece), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

void ArchiveWriter::Free::operator()(archive* a) const { archive_write_free(a); }

ArchiveWriter::ArchiveWriter(std::string place, ArchiveKind kind)
    : place_(std::move(place)), archive_(archive_write_new()) {
  archive* a = archive_.get();
  if (kind == ArchiveKind::zip) {
    check(archive_write_set_format_zip(a));
    check(archive_write_zip_set_compression_store(a));
    check(archive_write_set_bytes_in_last_block(a, 1));  // no padding
  } else {
    check(archive_write_add_filter_gzip(a));
    check(archive_write_set_filter_option(a, "gzip", "timestamp", nullptr));
    check(archive_write_set_format_pax_restricted(a));
  }
  check(archive_write_open(a, &bytes_, nullptr, append, nullptr));
}

void ArchiveWriter::add(const std::string& name, const std::string& content) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(),
                                                                       archive_entry_free);
  constexpr int permissions = 0644;
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), permissions);
  archive_entry_set_mtime(entry.get(), 0, 0);
  check(archive_write_header(archive_.get(), entry.get()));
  if (archive_write_data(archive_.get(), content.data(), content.size()) < 0) check(ARCHIVE_FATAL);
}

std::string ArchiveWriter::finish() {
  check(archive_write_close(archive_.get()));
  return std::move(bytes_);
}

void ArchiveWriter::check(int code) const {
  if (code != ARCHIVE_OK) throw Error(place_, archive_error_string(archive_.get()));
}

}  // namespace gapbench::records
