#include "common/db/roles.h"

#include <libpq-fe.h>

#include "common/base/refuse.h"
#include "common/db/connection.h"
#include "common/db/pqxx_access.h"
#include "common/db/script.h"

namespace navkeeper::db {
namespace {

/// Keeps two initialisations apart; any number that nothing else in the database uses.
constexpr std::int64_t kInitLock = 0x6e61766b31;

}  // namespace

const std::vector<std::string>& service_names() {
  static const std::vector<std::string> kNames{"pricing", "custody",   "staking", "nav",
                                               "risk",    "reporting", "gateway"};
  return kNames;
}

std::string service_role(const std::string& service) { return "navkeeper_" + service; }

std::vector<std::string> login_roles() {
  std::vector<std::string> roles{std::string(kMigratorRole), std::string(kAuditorRole)};
  for (const auto& service : service_names()) roles.push_back(service_role(service));
  return roles;
}

void create_roles_and_schemas(Pool& administrator) {
  administrator.transact([&](Transaction& transaction) {
    query(transaction, "SELECT pg_advisory_xact_lock($1)", kInitLock);
    const auto encoding =
        query(transaction, "SELECT current_setting('server_encoding')")[0][0].as<std::string>();
    if (encoding != "UTF8") base::refuse("database", "its encoding is " + encoding + ", it must be UTF8");
    run_script(transaction, embedded_text("common/roles.sql"));
    for (const auto& service : service_names())
      run_script(transaction, fill_in(embedded_text("common/service.sql"), service));
    run_script(transaction, "SET LOCAL ROLE navkeeper_owner");
    run_script(transaction, embedded_text("common/migration.sql"));
  });
}

void set_password(Pool& administrator, const std::string& role, const std::string& password) {
  administrator.transact([&](Transaction& transaction) {
    PGconn* handle = transaction.implementation().borrowed->connection().handle();
    char* verifier = PQencryptPasswordConn(handle, password.c_str(), role.c_str(), "scram-sha-256");
    if (verifier == nullptr)
      throw base::Unavailable(std::string("database: cannot set a password: ") + PQerrorMessage(handle));
    const std::string text = verifier;
    PQfreemem(verifier);
    auto& work = pqxx_of(transaction);
    mapped([&] { work.exec0("ALTER ROLE " + work.quote_name(role) + " PASSWORD " + work.quote(text)); });
  });
}

}  // namespace navkeeper::db
