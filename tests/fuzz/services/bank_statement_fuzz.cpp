// Whatever bytes come: statements that foot, or one refusal with a rule.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/ensure.h"
#include "services/nav/adapters/bank_statement_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace navkeeper;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto& read : {nav::read_bank_statements(text), nav::read_camt053(text), nav::read_bai2(text)}) {
    if (read.has_error()) {
      ENSURE(!read.error().rule.empty());
      continue;
    }
    ENSURE(!read->empty());
  }
  const auto checked = nav::read_bank_statements(text);
  if (checked.has_error()) return 0;
  for (const nav::cash::BankStatement& statement : *checked) {
    money::Decimal balance = statement.opening;
    for (const nav::cash::StatementLine& line : statement.lines) balance += line.amount;
    ENSURE(balance == statement.closing);
  }
  return 0;
}
