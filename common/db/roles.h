#pragma once
// The database's roles: names, and the SQL that makes them (sql/common/).
//
//   navkeeper_owner          owns the schemas and tables; cannot log in
//   navkeeper_migrator       logs in to migrate, acting as the owner
//   navkeeper_<service>      logs in for that service; may do what its own schema's grants say
//   navkeeper_auditor        logs in to read everything
//   navkeeper_administrator  embedded cluster only: its superuser
#include <string>
#include <string_view>
#include <vector>

#include "common/db/pool.h"

namespace navkeeper::db {

inline constexpr std::string_view kAdministratorRole = "navkeeper_administrator";
inline constexpr std::string_view kOwnerRole = "navkeeper_owner";
inline constexpr std::string_view kMigratorRole = "navkeeper_migrator";
inline constexpr std::string_view kAuditorRole = "navkeeper_auditor";

/// pricing, custody, staking, nav, risk, reporting, gateway: the services with a schema and a role, in the
/// order in which they migrate.
const std::vector<std::string>& service_names();

/// "navkeeper_nav".
std::string service_role(const std::string& service);

/// Every role that logs in, the administrator aside.
std::vector<std::string> login_roles();

/// Makes what is missing of roles, schemas and their grants; run again it changes nothing. `administrator`
/// may create roles and schemas. Throws base::Refused when the database is not UTF-8.
void create_roles_and_schemas(Pool& administrator);

/// Sets a role's password, sent and stored as a SCRAM-SHA-256 verifier only.
void set_password(Pool& administrator, const std::string& role, const std::string& password);

}  // namespace navkeeper::db
