#pragma once
// Aligned text tables for people: a header, a rule, the rows; numbers to the right, text to the left.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace navkeeper::runtime {

enum class Align { kLeft, kRight };

struct Column {
  std::string title;
  Align align = Align::kLeft;
};

class Table {
 public:
  explicit Table(std::vector<Column> columns);
  /// As many cells as columns (ENSURE). Control characters in them are shown as "?".
  Table& row(std::vector<std::string> cells);
  std::size_t rows() const { return rows_.size(); }
  /// Every line ends with a line end and has no blanks before it.
  std::string to_string() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// How many columns of a terminal the UTF-8 text takes: one a code point, none for combining marks, two for
/// the wide ones of East Asia and for emoji. Bytes that are not UTF-8 count one each.
std::size_t display_width(std::string_view text);

}  // namespace navkeeper::runtime
