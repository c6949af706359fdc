#include "common/db/write_batch.h"

#include "common/base/ensure.h"

namespace navkeeper::db {

std::string WriteBatch::quoted(const std::string& text) {
  return mapped([&] { return pqxx_of(transaction_).quote(text); });
}

void WriteBatch::append(std::string_view sql, const std::vector<std::string>& literals) {
  constexpr std::size_t kTen = 10;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const bool is_place = sql[i] == '$' && i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9';
    if (!is_place) {
      text_ += sql[i];
      continue;
    }
    std::size_t number = 0;
    while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9')
      number = number * kTen + static_cast<std::size_t>(sql[++i] - '0');
    ENSURE(number >= 1 && number <= literals.size());
    text_ += literals[number - 1];
  }
  text_ += ";\n";
}

void WriteBatch::run() {
  if (text_.empty()) return;
  const std::string text = std::move(text_);
  text_.clear();
  mapped([&] { pqxx_of(transaction_).exec(text); });
}

}  // namespace navkeeper::db
