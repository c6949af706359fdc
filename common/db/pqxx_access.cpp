#include "common/db/pqxx_access.h"

#include <array>
#include <cstdint>
#include <string>

#include "common/db/connection.h"
#include "common/money/overflow.h"

namespace navkeeper::db {
namespace {

/// The name in the first pair of double quotes after `before`: pqxx 6 keeps only the message of the server.
std::string quoted_after(const std::string& message, std::string_view before) {
  const auto at = message.find(before);
  if (at == std::string::npos) return {};
  const auto open = message.find('"', at);
  if (open == std::string::npos) return {};
  const auto close = message.find('"', open + 1);
  return close == std::string::npos ? std::string() : message.substr(open + 1, close - open - 1);
}

std::string first_line(const std::string& message) {
  std::string line = message.substr(0, message.find('\n'));
  constexpr std::string_view kPrefix = "ERROR:  ";
  return line.rfind(kPrefix, 0) == 0 ? line.substr(kPrefix.size()) : line;
}

[[noreturn]] void rethrow_sql(const pqxx::sql_error& error) {
  using Kind = ConstraintViolation::Kind;
  const std::string message = error.what();
  std::string state = error.sqlstate();
  // libpqxx 6 drops the state of some errors that the server did give one.
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) state = "42501";
  if (state.empty() && message.rfind("ERROR:", 0) == 0) state = "XX000";
  const std::string said = first_line(message);
  if (state == "40001" || state == "40P01") throw Retryable(said);
  if (state == "55P03")
    throw LockTimeout("the store is busy with the same rows for somebody else; try again (" + said + ")");
  if (state == "23505") throw ConstraintViolation(said, Kind::kUnique, quoted_after(message, "constraint"));
  if (state == "23503")
    throw ConstraintViolation(said, Kind::kForeignKey, quoted_after(message, "constraint"));
  if (state == "23514") throw ConstraintViolation(said, Kind::kCheck, quoted_after(message, "constraint"));
  if (state == "23P01")
    throw ConstraintViolation(said, Kind::kExclusion, quoted_after(message, "constraint"));
  if (state == "23502") throw ConstraintViolation(said, Kind::kNotNull, quoted_after(message, "column"));
  const std::string kind = state.substr(0, 2);
  // 08P01 is a message of ours that the server could not read, such as a COPY value of another type than its
  // column.
  if (state == "08P01") throw SqlError(said + " (" + state + ")", state);
  // No state at all: libpq made the error itself, because the connection broke.
  if (state.empty() || kind == "08" || kind == "53" || kind == "57" || kind == "58" || state == "25P03")
    throw base::Unavailable("database: " + said);
  throw SqlError(said + " (" + state + ")", state);
}

}  // namespace

pqxx::transaction_base& pqxx_of(Transaction& transaction) { return *transaction.implementation().work; }

void rethrow_mapped() {
  try {
    throw;
  } catch (const pqxx::in_doubt_error& error) {
    throw base::InDoubt(std::string("database: the connection broke during COMMIT: ") + error.what());
  } catch (const pqxx::broken_connection& error) {
    throw base::Unavailable("database: " + first_line(error.what()));
  } catch (const pqxx::statement_completion_unknown& error) {
    throw base::InDoubt("database: " + first_line(error.what()));
  } catch (const pqxx::transaction_rollback& error) {
    throw Retryable(first_line(error.what()));
  } catch (const pqxx::sql_error& error) {
    rethrow_sql(error);
  }
}

money::Decimal decimal_of_numeric(const char text[]) {
  if (const auto parsed = money::Decimal::parse(text)) return *parsed;
  // Wider than what Decimal::parse accepts from outside, but a Decimal may be: products have up to 76
  // decimals.
  std::array<std::uint64_t, 4> limbs{};
  bool negative = false;
  int scale = 0;
  bool after_point = false;
  const char* at = text;
  if (*at == '-') {
    negative = true;
    ++at;
  }
  if (*at == '\0') throw pqxx::conversion_error("not a numeric: " + std::string(text));
  for (; *at != '\0'; ++at) {
    if (*at == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (*at < '0' || *at > '9') throw pqxx::conversion_error("not a numeric: " + std::string(text));
    unsigned __int128 carry = static_cast<unsigned>(*at - '0');
    for (auto& limb : limbs) {
      const unsigned __int128 product = static_cast<unsigned __int128>(limb) * 10 + carry;
      limb = static_cast<std::uint64_t>(product);
      carry = product >> 64;
    }
    if (after_point) ++scale;
    if (carry != 0 || scale > money::Decimal::kScaleMax)
      throw pqxx::conversion_error("a numeric too wide for a decimal: " + std::string(text));
  }
  return money::Decimal::from_limbs(limbs, negative, scale);
}

}  // namespace navkeeper::db
