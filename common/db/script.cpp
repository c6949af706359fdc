#include "common/db/script.h"

#include <libpq-fe.h>

#include "common/base/ensure.h"
#include "common/db/connection.h"
#include "common/db/migrations.h"
#include "common/db/pqxx_access.h"
#include "common/db/roles.h"

namespace navkeeper::db {
namespace {

std::string first_row(const PGresult* result) {
  std::string text;
  for (int column = 0; column < PQnfields(result); ++column) {
    if (column > 0) text += ", ";
    text += PQfname(result, column);
    text +=
        PQgetisnull(result, 0, column) != 0 ? " is null" : std::string("=") + PQgetvalue(result, 0, column);
  }
  return text.empty() ? "a row without columns" : text;
}

void replace_all(std::string& text, const std::string& word, const std::string& by) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size()))
    text.replace(at, word.size(), by);
}

}  // namespace

std::string run_script(Transaction& transaction, const std::string& sql) {
  PGconn* handle = transaction.implementation().borrowed->connection().handle();
  if (handle == nullptr || PQsendQuery(handle, sql.c_str()) != 1)
    throw base::Unavailable(std::string("database: ") + PQerrorMessage(handle));
  std::string row;
  std::string message;
  std::string state;
  bool failed = false;
  while (PGresult* result = PQgetResult(handle)) {
    const auto status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK) {
      if (row.empty() && PQntuples(result) > 0) row = first_row(result);
    } else if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY && !failed) {
      failed = true;
      message = PQresultErrorMessage(result);
      if (const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE)) state = field;
    }
    PQclear(result);
  }
  if (failed) mapped([&] { throw pqxx::sql_error(message, sql, state.empty() ? nullptr : state.c_str()); });
  return row;
}

std::string fill_in(std::string text, const std::string& service) {
  replace_all(text, "@SERVICE@", service);
  replace_all(text, "@ROLE@", service_role(service));
  return text;
}

const std::string& embedded_text(const std::string& path) {
  for (const SqlFile& file : embedded_sql()) {
    if (file.path == path) return file.text;
  }
  ENSURE(false && "an SQL file that was not embedded");
}

}  // namespace navkeeper::db
