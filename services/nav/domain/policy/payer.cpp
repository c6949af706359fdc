#include "services/nav/domain/policy/payer.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"

namespace navkeeper::nav::policy {
namespace {

using money::Decimal;
using money::Rounding;

constexpr std::array kTypes{
    ExpenseType::kManagement,     ExpenseType::kAdministration, ExpenseType::kCustody,
    ExpenseType::kStakingService, ExpenseType::kNetwork,        ExpenseType::kTransferAgent,
    ExpenseType::kAudit,          ExpenseType::kLegal,          ExpenseType::kTrustees,
    ExpenseType::kListing,        ExpenseType::kIndexLicence,   ExpenseType::kInsurance,
    ExpenseType::kRegistration,   ExpenseType::kOffering,       ExpenseType::kOrganization,
    ExpenseType::kInterest,       ExpenseType::kTaxes,          ExpenseType::kAcquiredFund,
    ExpenseType::kBrokerage,      ExpenseType::kCreditFacility, ExpenseType::kExtraordinary,
};

std::string where_of(ExpenseType type) { return "payer of " + std::string(describe(type)); }

}  // namespace

std::string_view describe(ExpenseType type) {
  switch (type) {
    case ExpenseType::kManagement:
      return "management fee";
    case ExpenseType::kAdministration:
      return "administration fees";
    case ExpenseType::kCustody:
      return "custody fees";
    case ExpenseType::kStakingService:
      return "staking service fees";
    case ExpenseType::kNetwork:
      return "network fees";
    case ExpenseType::kTransferAgent:
      return "transfer agent fees";
    case ExpenseType::kAudit:
      return "audit fees";
    case ExpenseType::kLegal:
      return "legal fees";
    case ExpenseType::kTrustees:
      return "trustee fees";
    case ExpenseType::kListing:
      return "listing fees";
    case ExpenseType::kIndexLicence:
      return "index licence fees";
    case ExpenseType::kInsurance:
      return "insurance";
    case ExpenseType::kRegistration:
      return "registration and filing fees";
    case ExpenseType::kOffering:
      return "offering costs";
    case ExpenseType::kOrganization:
      return "organization costs";
    case ExpenseType::kInterest:
      return "interest";
    case ExpenseType::kTaxes:
      return "taxes";
    case ExpenseType::kAcquiredFund:
      return "acquired fund fees and expenses";
    case ExpenseType::kBrokerage:
      return "brokerage and portfolio transaction costs";
    case ExpenseType::kCreditFacility:
      return "credit facility costs";
    case ExpenseType::kExtraordinary:
      return "litigation and extraordinary expenses";
  }
  ENSURE(false);
}

std::optional<ExpenseType> parse_expense_type(std::string_view words) {
  for (const ExpenseType type : kTypes) {
    if (describe(type) == words) return type;
  }
  return std::nullopt;
}

std::span<const ExpenseType> expense_types() { return kTypes; }

std::string_view describe(Payer payer) {
  switch (payer) {
    case Payer::kFund:
      return "fund";
    case Payer::kAdviser:
      return "adviser";
  }
  ENSURE(false);
}

std::optional<Payer> parse_payer(std::string_view word) {
  for (const Payer payer : {Payer::kFund, Payer::kAdviser}) {
    if (describe(payer) == word) return payer;
  }
  return std::nullopt;
}

PayerTable::PayerTable(std::vector<PayerRule> rules, time::Date inception)
    : rules_(std::move(rules)), inception_(inception) {}

base::Checked<PayerTable> PayerTable::of(std::vector<PayerRule> rules, time::Date inception) {
  return base::checked([&] {
    std::sort(rules.begin(), rules.end(), [](const PayerRule& a, const PayerRule& b) {
      return std::tuple(a.type, a.from) < std::tuple(b.type, b.from);
    });
    for (const ExpenseType type : kTypes) {
      std::optional<time::Date> next_day = inception;  // the first day not ruled yet; nothing: ruled for ever
      bool is_first = true;
      for (const PayerRule& rule : rules) {
        if (rule.type != type) continue;
        const std::string where = where_of(type) + " from " + rule.from.to_string();
        if (rule.to && *rule.to < rule.from) base::refuse(where, "ends before it begins");
        if (type == ExpenseType::kManagement && rule.payer == Payer::kAdviser)
          base::refuse(where, "the adviser does not pay its own fee: waive it");
        if (is_first && rule.from < inception) next_day = rule.from;
        if (!next_day || rule.from < *next_day) base::refuse(where, "overlaps the rule before it");
        if (rule.from > *next_day) base::refuse(where, "leaves a gap from " + next_day->to_string());
        next_day = rule.to ? std::optional(*rule.to + 1) : std::nullopt;
        is_first = false;
      }
      if (next_day) base::refuse(where_of(type), "is not ruled from " + next_day->to_string());
    }
    return PayerTable(std::move(rules), inception);
  });
}

base::Checked<PayerTable> PayerTable::unitary(std::span<const ExpenseType> not_covered,
                                              time::Date inception) {
  std::vector<PayerRule> rules;
  for (const ExpenseType type : kTypes) {
    const auto listed = std::count(not_covered.begin(), not_covered.end(), type);
    if (listed > 1) return base::Refusal{std::string(describe(type)), "is listed twice as not covered"};
    if (listed == 1 && type == ExpenseType::kManagement)
      return base::Refusal{std::string(describe(type)), "is the unitary fee itself, not an exclusion"};
    const bool is_funds = listed == 1 || type == ExpenseType::kManagement;
    rules.push_back({type, is_funds ? Payer::kFund : Payer::kAdviser, inception, std::nullopt});
  }
  return of(std::move(rules), inception);
}

base::Checked<Payer> PayerTable::payer(ExpenseType type, time::Date date) const {
  for (const PayerRule& rule : rules_) {
    if (rule.type == type && rule.from <= date && (!rule.to || date <= *rule.to)) return rule.payer;
  }
  return base::Refusal{where_of(type),
                       date.to_string() + " is before the fund's inception " + inception_.to_string()};
}

base::Checked<IncurredBooking> book_incurred(const PayerTable& payers, const IncurredExpense& expense) {
  return base::checked([&] {
    const std::string where = "expense '" + expense.name + "'";
    if (!is_account_name(expense.name)) base::refuse(where, "is no name of an account");
    Decimal amount = expense.amount;
    if (expense.coins) {
      if (!expense.amount.is_zero()) base::refuse(where, "has both an amount and coins");
      if (!expense.coins->quantity.is_positive()) base::refuse(where, "quantity is not positive");
      if (!expense.coins->price.is_positive()) base::refuse(where, "price is not positive");
      if (!expense.is_charged_to_fund)
        base::refuse(where, "is paid with the fund's coins but not charged to it");
      amount = money::multiply(expense.coins->quantity, expense.coins->price, kDollarDecimals,
                               Rounding::kHalfEven);
    } else {
      if (!amount.is_positive()) base::refuse(where, "amount is not positive");
      if (amount.scale() > kDollarDecimals) base::refuse(where, "amount has more than two decimals");
    }
    IncurredBooking booking;
    booking.payer = base::value_or_refuse(payers.payer(expense.type, expense.date));
    if (booking.payer == Payer::kFund || expense.is_charged_to_fund) {
      EntryDraft entry = entry_on(expense.date, expense.source_id, expense.name);
      entry.debit(expense_account(expense.name), kDollars, amount)
          .credit(payable_account(expense.name), kDollars, amount);
      if (booking.payer == Payer::kAdviser) {
        entry.debit(kAdviserReceivable, kDollars, amount)
            .credit(reimbursed_account(expense.name), kDollars, amount);
      }
      booking.entry = std::move(entry);
    }
    if (expense.coins) {
      booking.delivery =
          CoinDelivery{expense.coins->asset, expense.coins->quantity, amount, DeliveryCause::kExpense};
    }
    return booking;
  });
}

std::string expense_account(std::string_view name) { return "Expenses:Fees:" + std::string(name); }
std::string payable_account(std::string_view name) { return "Liabilities:Fees payable:" + std::string(name); }
std::string reimbursed_account(std::string_view name) {
  return "Expenses:Reimbursed by adviser:" + std::string(name);
}

void settle_with_adviser(EntryDraft& entry, AdviserStanding& standing) {
  const Decimal change = sum_of(entry, kAdviserReceivable, kDollars);
  const Decimal set_off = change.is_negative() ? Decimal{} : std::min(change, standing.returned);
  const Decimal beyond =
      change.is_negative() ? std::max(-change - standing.receivable, Decimal{}) : Decimal{};
  const Decimal moved = set_off - beyond;  // from the receivable to the payable
  if (moved.is_zero()) {
    standing.receivable += change;
    return;
  }
  std::erase_if(entry.postings,
                [](const DraftPosting& posting) { return posting.account == kAdviserReceivable; });
  entry.debit(kAdviserReceivable, kDollars, change - moved).debit(kReturnedToAdviser, kDollars, moved);
  standing.receivable += change - moved;
  standing.returned -= moved;
}

std::string fee_receivable_account(std::string_view name) {
  return "Assets:Fees receivable:" + std::string(name);
}

void settle_fees(EntryDraft& entry, std::map<std::string, FeeStanding>& standings) {
  const std::string prefix = payable_account("");
  std::map<std::string, Decimal> changes;
  for (const DraftPosting& posting : entry.postings) {
    if (posting.commodity == kDollars && posting.account.starts_with(prefix))
      changes[posting.account.substr(prefix.size())] += posting.amount;
  }
  for (const auto& [fee, change] : changes) {
    FeeStanding& standing = standings[fee];
    // To the receivable instead of the payable.
    const Decimal moved = change.is_negative() ? -std::min(-change, standing.receivable)
                                               : std::max(change - standing.payable, Decimal{});
    standing.payable -= change - moved;
    standing.receivable += moved;
    if (moved.is_zero()) continue;
    const std::string account = prefix + fee;
    std::erase_if(entry.postings, [&](const DraftPosting& posting) {
      return posting.commodity == kDollars && posting.account == account;
    });
    entry.debit(account, kDollars, change - moved).debit(fee_receivable_account(fee), kDollars, moved);
  }
}

}  // namespace navkeeper::nav::policy
