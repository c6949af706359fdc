#include "services/nav/domain/policy/entry_draft.h"

#include <algorithm>
#include <map>
#include <utility>

namespace navkeeper::nav::policy {
namespace {

constexpr std::size_t kNameLengthMax = 64;

}  // namespace

EntryDraft& EntryDraft::debit(std::string account, std::string_view commodity, const money::Decimal& amount) {
  if (!amount.is_zero()) postings.push_back({std::move(account), std::string(commodity), amount});
  return *this;
}

EntryDraft& EntryDraft::credit(std::string account, std::string_view commodity,
                               const money::Decimal& amount) {
  return debit(std::move(account), commodity, -amount);
}

EntryDraft entry_on(time::Date date, std::string source_id, std::string description) {
  return {date, date, date, std::move(source_id), std::move(description), {}};
}

bool balances(const EntryDraft& entry) {
  std::map<std::string_view, money::Decimal> sums;
  for (const DraftPosting& posting : entry.postings) sums[posting.commodity] += posting.amount;
  return std::all_of(sums.begin(), sums.end(), [](const auto& sum) { return sum.second.is_zero(); });
}

money::Decimal sum_of(const EntryDraft& entry, std::string_view account, std::string_view commodity) {
  money::Decimal sum;
  for (const DraftPosting& posting : entry.postings) {
    if (posting.account == account && posting.commodity == commodity) sum += posting.amount;
  }
  return sum;
}

bool is_account_name(std::string_view name) {
  if (name.empty() || name.size() > kNameLengthMax || name.front() == ' ' || name.back() == ' ') return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                          c == '-' || c == '_' || c == '.' || c == '+';
    if (!is_plain && (c != ' ' || name[i - 1] == ' ')) return false;
  }
  return true;
}

}  // namespace navkeeper::nav::policy
