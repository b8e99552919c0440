#include "compare/sqlite/database.h"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <fstream>
#include <string_view>

#include "gapbench/error.h"

namespace gapbench::compare {

Database::Database(const std::filesystem::path& file) : name_(file.string()) {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(name_.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK)
    throw Error(name_, std::string("cannot be written: ") + sqlite3_errstr(code));
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
  throw Error(name_, std::string("cannot be written: ") + sqlite3_errmsg(database_.get()));
}

Insert::Insert(Database& database, const std::string& table, std::size_t columns)
    : database_(database) {
  std::string marks;
  for (std::size_t i = 0; i < columns; ++i) marks += i == 0 ? "?" : ", ?";
  const std::string sql = fmt::format("INSERT INTO {} VALUES ({})", table, marks);
  sqlite3_stmt* prepared = nullptr;
  const int code =
      sqlite3_prepare_v2(database.database_.get(), sql.c_str(), -1, &prepared, nullptr);
  statement_.reset(prepared);
  check(code);
}

void Insert::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  throw Error(database_.name_,
              std::string("cannot be written: ") + sqlite3_errmsg(database_.database_.get()));
}

void Insert::row(const std::vector<SqlValue>& values) {
  sqlite3_stmt* statement = statement_.get();
  assert(static_cast<int>(values.size()) == sqlite3_bind_parameter_count(statement));
  int place = 0;
  for (const SqlValue& value : values) {
    ++place;
    switch (value.kind) {
      case SqlValue::Kind::null:
        check(sqlite3_bind_null(statement, place));
        break;
      case SqlValue::Kind::integer:
        check(sqlite3_bind_int64(statement, place, value.integer));
        break;
      case SqlValue::Kind::real:
        check(sqlite3_bind_double(statement, place, value.real));
        break;
      case SqlValue::Kind::text:
        check(sqlite3_bind_text64(statement, place, value.text.data(), value.text.size(),
                                  SQLITE_TRANSIENT, SQLITE_UTF8));
        break;
    }
  }
  check(sqlite3_step(statement));
  check(sqlite3_reset(statement));
}

std::optional<std::int32_t> application_id_of(const std::filesystem::path& file) {
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  std::array<char, 100> header{};
  std::ifstream stream(file, std::ios::binary);
  if (!stream.read(header.data(), header.size())) return std::nullopt;
  if (std::string_view(header.data(), magic.size()) != magic) return std::nullopt;
  std::uint32_t id = 0;  // big-endian, at byte 68 of the header
  for (std::size_t i = 68; i < 72; ++i) id = id << 8 | static_cast<unsigned char>(header[i]);
  return static_cast<std::int32_t>(id);
}

}  // namespace gapbench::compare
