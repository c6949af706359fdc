#pragma once
// WriteBatch: statements that need no answer, sent together in one round trip. For the writes of a batch that
// makes many small transactions. Values are quoted by libpqxx, never pasted; $1, $2, ... stand for them as in
// query(). Included by *_store.cpp only, like pqxx_access.h.
#include <string>
#include <string_view>
#include <vector>

#include "common/db/pqxx_access.h"

namespace navkeeper::db {

class WriteBatch {
 public:
  explicit WriteBatch(Transaction& transaction) : transaction_(transaction) {}

  /// Adds one statement, without a semicolon at its end.
  template <class... Parameters>
  WriteBatch& add(std::string_view sql, const Parameters&... parameters) {
    append(sql, {literal(parameters)...});
    return *this;
  }
  /// Adds a statement as it stands: its values came through value() and row(). In add() a "$1" inside of such
  /// a value would be taken for a place.
  WriteBatch& raw(std::string_view sql) {
    text_ += sql;
    text_ += ";\n";
    return *this;
  }
  template <class T>
  std::string value(const T& one) {
    return literal(one);
  }
  /// "('a', '1')" for VALUES.
  template <class... Parameters>
  std::string row(const Parameters&... parameters) {
    std::string text = "(";
    for (const std::string& value : std::vector<std::string>{literal(parameters)...})
      text += (text.size() == 1 ? "" : ", ") + value;
    return text + ")";
  }

  /// Runs all of it, in order, and empties the batch. Throws as query() does; nothing after the statement
  /// that failed was run.
  void run();

 private:
  template <class T>
  std::string literal(const T& value) {
    const auto given = detail::parameter(value);
    if constexpr (std::is_same_v<std::remove_cv_t<decltype(given)>, detail::Nullable>) {
      return given.text ? quoted(*given.text) : "NULL";
    } else {
      return quoted(pqxx::to_string(given));
    }
  }
  std::string quoted(const std::string& text);
  /// Puts the literals in their places.
  void append(std::string_view sql, const std::vector<std::string>& literals);

  Transaction& transaction_;
  std::string text_;
};

}  // namespace navkeeper::db
