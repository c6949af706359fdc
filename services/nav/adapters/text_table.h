#pragma once
// Aligned tables for people; numbers to the right, grouped by thousands.
#include <string>
#include <string_view>
#include <vector>

namespace navkeeper::nav {

class TextTable {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  void add(std::vector<std::string> row);
  std::size_t size() const { return rows_.size(); }
  std::string to_string() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// "1234567.89" as "1,234,567.89"; what is no plain decimal is given back as it is.
std::string grouped(std::string_view decimal);

}  // namespace navkeeper::nav
