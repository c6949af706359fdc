#pragma once
// How a *_store.cpp gets at libpqxx; nobody else includes this. Errors come out as errors.h says.
//
//   const pqxx::result rows = db::query(transaction, "SELECT seq, amount FROM entry WHERE fund_id = $1",
//   fund); const auto amount = rows[0]["amount"].as<money::Decimal>(); const std::size_t changed =
//   db::execute(transaction, "INSERT INTO entry (...) VALUES ($1, $2)", fund, amount);
//
// Parameters and columns may be, besides what libpqxx knows (integers, strings, bool): money::Decimal
// (numeric, exact), base::Bytes (bytea), base::Strong<...> of any of these, std::optional<T> of any of these
// (null), as parameters std::string_view. Money never passes as a double: a numeric outside Decimal's range
// is a conversion error.
#include <cstddef>
#include <optional>
#include <pqxx/pqxx>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/bytes.h"
#include "common/base/strong.h"
#include "common/db/transaction.h"
#include "common/money/decimal.h"

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
template <class T>
requires std::is_class_v<T> std::string parameter(const T& value) {
  return pqxx::string_traits<T>::to_string(value);
}
/// libpqxx reads a null char pointer as NULL; the text lives as long as this.
struct Nullable {
  std::optional<std::string> text;
};
template <class T>
Nullable parameter(const std::optional<T>& value) {
  if (!value) return {};
  if constexpr (std::is_arithmetic_v<T>) {
    return {pqxx::to_string(*value)};
  } else {
    return {parameter(*value)};
  }
}
inline Nullable parameter(std::nullopt_t) { return {}; }
}  // namespace detail

/// Runs one statement with its parameters $1, $2, ...
template <class... Parameters>
pqxx::result query(Transaction& transaction, const std::string& sql, const Parameters&... parameters) {
  return mapped([&] { return pqxx_of(transaction).exec_params(sql, detail::parameter(parameters)...); });
}

/// The same; gives the number of rows that were changed.
template <class... Parameters>
std::size_t execute(Transaction& transaction, const std::string& sql, const Parameters&... parameters) {
  return query(transaction, sql, parameters...).affected_rows();
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
