#pragma once
// WriteBatch: statements that need no answer, sent together in one round trip. For the writes of a batch that
// makes many small transactions. $1, $2, ... stand for values as in query(). Included by *_store.cpp only,
// like pqxx_access.h.
//
// The session keeps the plan of each statement's text, so that a strike is planned once and not once a fund:
// a text is a constant of the program, and what varies is a value (many rows: arrays and unnest). Plans are a
// cache: nothing depends on their being there.
// A plan may be made while a table is all but empty: where one session fills it, the transaction sets
// enable_seqscan off (books_standing_store.cpp, nav_store.cpp), else the server's next ANALYZE makes it anew.
#include <optional>
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
    statements_.push_back({std::string(sql), {text_of(parameters)...}});
    return *this;
  }
  /// A literal, for a statement of query() that is made of many.
  template <class T>
  std::string value(const T& one) {
    const std::optional<std::string> text = text_of(one);
    return text ? quoted(*text) : "NULL";
  }
  /// "('a', '1')" for VALUES.
  template <class... Parameters>
  std::string row(const Parameters&... parameters) {
    std::string text = "(";
    for (const std::string& value : std::vector<std::string>{value(parameters)...})
      text += (text.size() == 1 ? "" : ", ") + value;
    return text + ")";
  }

  /// Runs all of it, in order, and empties the batch. Throws as query() does; nothing after the statement
  /// that failed was run.
  void run();

 private:
  struct Statement {
    std::string sql;
    std::vector<std::optional<std::string>> values;
  };

  template <class T>
  static std::optional<std::string> text_of(const T& value) {
    const auto given = detail::parameter(value);
    if constexpr (std::is_same_v<std::remove_cv_t<decltype(given)>, detail::Nullable>) {
      return given.text;
    } else {
      return pqxx::to_string(given);
    }
  }
  std::string quoted(const std::string& text);

  Transaction& transaction_;
  std::vector<Statement> statements_;
};

/// An array of text, numbers or dates as PostgreSQL reads it: for a value that stands for many rows.
class ArrayText {
 public:
  void add(std::string_view element);
  template <class T>
  requires std::is_integral_v<T>
  void add(T number) { add(std::string_view(std::to_string(number))); }
  /// Empty: "{}".
  std::string text() const { return text_ + "}"; }
  bool empty() const { return text_.size() == 1; }

 private:
  std::string text_ = "{";
};

}  // namespace navkeeper::db
