#include "services/nav/adapters/text_table.h"

#include <algorithm>

#include "common/base/ensure.h"

namespace navkeeper::nav {

void TextTable::add(std::vector<std::string> row) {
  ENSURE(row.size() == columns_.size());
  rows_.push_back(std::move(row));
}

std::string TextTable::to_string() const {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = columns_[i].title.size();
    for (const auto& row : rows_) width = std::max(width, row[i].size());
    widths.push_back(width);
  }
  std::string text;
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cell_of(i);
      const std::string padding(widths[i] - cell.size(), ' ');
      if (i != 0) out += "  ";
      out += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    text += out + '\n';
  };
  line([&](std::size_t i) { return columns_[i].title; });
  line([&](std::size_t i) { return std::string(widths[i], '-'); });
  for (const auto& row : rows_) line([&](std::size_t i) { return row[i]; });
  return text;
}

std::string grouped(std::string_view decimal) {
  const std::size_t sign = !decimal.empty() && decimal[0] == '-' ? 1 : 0;
  const std::size_t point = std::min(decimal.find('.'), decimal.size());
  for (std::size_t i = sign; i < decimal.size(); ++i) {
    if (i != point && (decimal[i] < '0' || decimal[i] > '9')) return std::string(decimal);
  }
  std::string text(decimal);
  for (std::size_t at = point; at > sign + 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace navkeeper::nav
