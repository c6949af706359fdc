#pragma once
// How a *_store.cpp gets at libpqxx; nobody else includes this. Errors come out as errors.h says.
//
//   const pqxx::result rows = db::query(transaction, "SELECT seq, amount FROM entry WHERE fund_id = $1",
//   fund); const auto amount = rows[0]["amount"].as<money::Decimal>(); const std::size_t changed =
//   db::execute(transaction, "INSERT INTO entry (...) VALUES ($1, $2)", fund, amount);
//
// Parameters and columns may be, besides what libpqxx knows (integers, strings, bool): money::Decimal
// (numeric, exact), time::Instant (bigint, nanoseconds since 1970), time::Date (date), model::Uuid (uuid),
// base::Bytes (bytea), base::Strong<...>. Parameters also: std::string_view, the names of model/id.h (text;
// read with name_of), and std::optional<T> of any of these, nothing being null (read with optional_of). Money
// never passes as a double: a numeric outside Decimal's range is a conversion error.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/bytes.h"
#include "common/base/strong.h"
#include "common/db/transaction.h"
#include "common/model/uuid.h"
#include "common/money/decimal.h"
#include "common/time/date.h"
#include "common/time/instant.h"

namespace navkeeper::db {

/// The transaction as libpqxx sees it. Use query() and execute() where they suffice: what is thrown by
/// libpqxx directly is mapped only inside Pool::transact or with mapped().
pqxx::transaction_base& pqxx_of(Transaction& transaction);

/// Throws what errors.h says for the libpqxx exception being handled; any other exception is thrown on as it
/// is.
[[noreturn]] void rethrow_mapped();

/// A numeric as the server writes it. Throws pqxx::conversion_error for NaN, an infinity, and what is wider
/// than a Decimal.
money::Decimal decimal_of_numeric(const char text[]);

template <class Use>
auto mapped(Use&& use) {
  try {
    return use();
  } catch (const pqxx::failure&) {
    rethrow_mapped();
  } catch (const pqxx::internal_error&) {
    rethrow_mapped();
  }
}

namespace detail {
inline std::string parameter(std::string_view text) { return std::string(text); }
inline std::string parameter(const std::string& text) { return text; }
inline std::string parameter(const char* text) { return text; }
template <class T>
requires std::is_arithmetic_v<T> T parameter(T number) {
  static_assert(!std::is_floating_point_v<T> || std::is_same_v<T, double>);
  return number;
}
inline std::int64_t parameter(time::Instant instant) { return instant.ns(); }
template <class T>
requires std::is_class_v<T>
auto parameter(const T& value) {
  if constexpr (requires { value.value(); }) {
    return parameter(value.value());
  } else {
    return pqxx::string_traits<T>::to_string(value);
  }
}
/// libpqxx reads a null char pointer as NULL; the text lives as long as this.
struct Nullable {
  std::optional<std::string> text;
};
template <class T>
Nullable parameter(const std::optional<T>& value) {
  if (!value) return {};
  return {pqxx::to_string(parameter(*value))};
}
inline Nullable parameter(std::nullopt_t) { return {}; }
}  // namespace detail

/// Runs one statement with its parameters $1, $2, ...
template <class... Parameters>
pqxx::result query(Transaction& transaction, const std::string& sql, const Parameters&... parameters) {
  return mapped([&] { return pqxx_of(transaction).exec_params(sql, detail::parameter(parameters)...); });
}

/// The same with a text that the program repeats many times: the session keeps its plan.
template <class... Parameters>
pqxx::result query_planned(Transaction& transaction, const std::string& sql,
                           const Parameters&... parameters) {
  return mapped([&] {
    pqxx::transaction_base& work = pqxx_of(transaction);
    const std::string name = "query_" + std::to_string(std::hash<std::string>{}(sql));
    work.conn().prepare(name, sql);  // nothing where the session has it
    return work.exec_prepared(name, detail::parameter(parameters)...);
  });
}

/// As query(); gives the number of rows that were changed.
template <class... Parameters>
std::size_t execute(Transaction& transaction, const std::string& sql, const Parameters&... parameters) {
  return query(transaction, sql, parameters...).affected_rows();
}

/// A column that holds one of our names (model::FundId, AssetId, PairId, ...), well formed since we wrote it.
template <class Name>
Name name_of(const pqxx::field& field) {
  return Name::literal(field.as<std::string>());
}

/// A column's value, or nothing when it is null.
template <class T>
std::optional<T> optional_of(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return field.as<T>();
}

}  // namespace navkeeper::db

namespace pqxx {

template <>
struct string_traits<navkeeper::db::detail::Nullable> {
  static constexpr const char* name() noexcept { return "nullable"; }
  static constexpr bool has_null() noexcept { return true; }
  static bool is_null(const navkeeper::db::detail::Nullable& value) { return !value.text.has_value(); }
  static std::string to_string(const navkeeper::db::detail::Nullable& value) { return *value.text; }
};

template <>
struct string_traits<navkeeper::money::Decimal> {
  static constexpr const char* name() noexcept { return "decimal"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const navkeeper::money::Decimal&) { return false; }
  [[noreturn]] static navkeeper::money::Decimal null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], navkeeper::money::Decimal& value) {
    value = navkeeper::db::decimal_of_numeric(text);
  }
  static std::string to_string(const navkeeper::money::Decimal& value) { return value.to_string(); }
};

template <>
struct string_traits<navkeeper::base::Bytes> {
  static constexpr const char* name() noexcept { return "bytes"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const navkeeper::base::Bytes&) { return false; }
  [[noreturn]] static navkeeper::base::Bytes null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], navkeeper::base::Bytes& value) {
    const std::string_view hex(text);
    const auto bytes = hex.substr(0, 2) == "\\x" ? navkeeper::base::from_hex(hex.substr(2)) : std::nullopt;
    if (!bytes) throw conversion_error("not a bytea in hexadecimal");
    value = *bytes;
  }
  static std::string to_string(const navkeeper::base::Bytes& value) {
    return "\\x" + navkeeper::base::to_hex(value);
  }
};

template <>
struct string_traits<navkeeper::time::Instant> {
  using Value = navkeeper::time::Instant;
  static constexpr const char* name() noexcept { return "instant"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const Value&) { return false; }
  [[noreturn]] static Value null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], Value& value) {
    std::int64_t ns = 0;
    string_traits<std::int64_t>::from_string(text, ns);
    value = Value::from_ns(ns);
  }
  static std::string to_string(const Value& value) { return std::to_string(value.ns()); }
};

template <>
struct string_traits<navkeeper::time::Date> {
  using Value = navkeeper::time::Date;
  static constexpr const char* name() noexcept { return "date"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const Value&) { return false; }
  [[noreturn]] static Value null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], Value& value) {
    const auto date = Value::parse(text);
    if (!date) throw conversion_error("not a date: " + std::string(text));
    value = *date;
  }
  static std::string to_string(const Value& value) { return value.to_string(); }
};

template <>
struct string_traits<navkeeper::model::Uuid> {
  using Value = navkeeper::model::Uuid;
  static constexpr const char* name() noexcept { return "uuid"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const Value&) { return false; }
  [[noreturn]] static Value null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], Value& value) {
    const auto uuid = Value::parse(text);
    if (!uuid) throw conversion_error("not a uuid: " + std::string(text));
    value = *uuid;
  }
  static std::string to_string(const Value& value) { return value.to_string(); }
};

template <class Tag, class T>
struct string_traits<navkeeper::base::Strong<Tag, T>> {
  using Strong = navkeeper::base::Strong<Tag, T>;
  static constexpr const char* name() noexcept { return "identifier"; }
  static constexpr bool has_null() noexcept { return false; }
  static bool is_null(const Strong&) { return false; }
  [[noreturn]] static Strong null() { internal::throw_null_conversion(name()); }
  static void from_string(const char text[], Strong& value) {
    T inner{};
    string_traits<T>::from_string(text, inner);
    value = Strong(std::move(inner));
  }
  static std::string to_string(const Strong& value) { return string_traits<T>::to_string(value.value()); }
};

}  // namespace pqxx
