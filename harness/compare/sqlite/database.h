// A thin layer over SQLite: values in, errors as exceptions.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gapbench::compare {

/// Marks a file as written by `gapbench export` ("gapb"); PRAGMA application_id shows it.
inline constexpr std::int32_t sqlite_application_id = 0x67617062;

/// What a column may hold.
struct SqlValue {
  enum class Kind { null, integer, real, text };

  SqlValue() = default;
  SqlValue(double value) : kind(Kind::real), real(value) {}
  SqlValue(std::int64_t value) : kind(Kind::integer), integer(value) {}
  SqlValue(std::uint64_t value) : SqlValue(static_cast<std::int64_t>(value)) {}
  SqlValue(bool value) : SqlValue(std::int64_t{value ? 1 : 0}) {}
  SqlValue(std::string value) : kind(Kind::text), text(std::move(value)) {}
  SqlValue(const char* value) : SqlValue(std::string(value)) {}
  template <class T>
  SqlValue(const std::optional<T>& value) : SqlValue(value ? SqlValue(*value) : SqlValue()) {}

  Kind kind = Kind::null;
  double real = 0;  ///< NaN is stored as NULL
  std::int64_t integer = 0;
  std::string text;
};

class Database {
 public:
  /// Creates the file. Throws Error that names it.
  explicit Database(const std::filesystem::path& file);

  /// One or more statements without results. Throws Error.
  void run(const std::string& sql);

 private:
  friend class Insert;
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close(database); }
  };

  std::string name_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// "INSERT INTO table VALUES (?, ...)", prepared once. The database must outlive it.
class Insert {
 public:
  Insert(Database& database, const std::string& table, std::size_t columns);

  /// As many values as there are columns.
  void row(const std::vector<SqlValue>& values);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  void check(int code);

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// The application id in the header of an SQLite file; nothing for a file of another kind.
std::optional<std::int32_t> application_id_of(const std::filesystem::path& file);

}  // namespace gapbench::compare
