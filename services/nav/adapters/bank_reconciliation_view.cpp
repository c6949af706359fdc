// The books against the bank as people and the NAV's check see it.
#include <algorithm>

#include "common/base/ensure.h"
#include "common/db/pqxx_access.h"
#include "common/json/write.h"
#include "common/runtime/table.h"
#include "services/nav/adapters/bank_store.h"
#include "services/nav/adapters/grouped.h"

namespace navkeeper::nav {
namespace {

std::string gaps_in_words(const std::vector<StatementGap>& gaps) {
  std::string text;
  for (const StatementGap& gap : gaps)
    text += (text.empty() ? "no statement of account " : ", of account ") + gap.account + " of " +
            gap.from.to_string() + (gap.from == gap.to ? "" : " to " + gap.to.to_string());
  return text;
}

/// "C-1 578011.74 (due 2026-03-17)" of each.
std::string open_in_words(const StoredReconciliation& stored) {
  std::string text;
  for (const std::size_t i : stored.result.open) {
    const cash::BookMovement& order = stored.input.book[i];
    text += (text.empty() ? "" : ", ") + order.id + " " + order.amount.to_string() + " (due " +
            order.settled.to_string() + ")";
  }
  return text;
}

/// Orders whose dollars are at the bank and whose settlement nobody recorded.
std::vector<const cash::BookMovement*> unrecorded_in(const StoredReconciliation& stored) {
  std::vector<const cash::BookMovement*> found;
  for (const cash::Match& match : stored.result.matches) {
    for (const std::size_t i : match.book) {
      if (stored.input.book[i].is_open) found.push_back(&stored.input.book[i]);
    }
  }
  return found;
}

}  // namespace

Check check_of_no_bank() {
  return {"cash_against_bank", CheckStatus::kUnavailable, "no bank account of the fund is known"};
}

Check check_bank(db::Transaction& transaction, const FundDefinition& fund, time::Date date) {
  Check check = check_of_no_bank();
  if (db::query(transaction, "SELECT FROM cash_proposal WHERE fund_id = $1 AND kind = 'bank_account' LIMIT 1",
                fund.id)
          .empty())
    return check;
  const auto stored = load_reconciliation(transaction, fund.id, date);
  if (!stored) {
    check.detail = "no statement of every account was imported by " + date.to_string();
    return check;
  }
  const time::Calendar* const bank = time::Calendar::find(fund.bank_calendar);
  ENSURE(bank != nullptr);
  const time::Date due = bank->previous_business_day(date);
  if (stored->as_of < due) {
    check.detail = "the last statement is of " + stored->as_of.to_string() + ", that of " + due.to_string() +
                   " is missing";
    return check;
  }
  if (!stored->gaps.empty()) {
    check.detail = gaps_in_words(stored->gaps) + " was imported";
    return check;
  }
  const cash::Reconciliation& result = stored->result;
  check.status = result.agrees() ? CheckStatus::kPassed : CheckStatus::kFailed;
  check.detail = "on " + stored->as_of.to_string() + " the bank has " + result.bank.to_string() +
                 ", the books " + result.books.to_string() + " settled" +
                 (result.open.empty() ? "" : ", of it not settled yet: " + open_in_words(*stored)) + "; " +
                 (result.agrees() ? std::string("no break")
                                  : std::to_string(result.breaks.size()) + " breaks, the oldest of " +
                                        result.breaks.front().since.to_string());
  return check;
}

namespace {

std::string parts_of(const StoredReconciliation& stored, const cash::Break& one) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  for (const std::size_t i : one.bank) {
    const cash::BankMovement& line = stored.input.bank[i];
    add("bank " + line.account + " " + line.statement + " line " + std::to_string(line.line) + ": " +
        line.amount.to_string() + (line.text.empty() ? "" : " " + line.text));
  }
  for (const std::size_t i : one.book) {
    const cash::BookMovement& entry = stored.input.book[i];
    add("books " + entry.kind + " " + entry.source + ":" + entry.id +
        (entry.is_open   ? ", open"
         : entry.is_part ? ", settled " + entry.settled.to_string()
                         : "") +
        ": " + entry.amount.to_string());
  }
  return text;
}

void write_order(json::Writer& out, const cash::BookMovement& order) {
  out.begin_object().member("order", order.id).member("due", order.settled.to_string());
  out.member("amount", order.amount).end_object();
}

}  // namespace

std::string reconciliation_json(const model::FundId& fund, const StoredReconciliation& stored) {
  json::Writer out;
  out.begin_object().member("fund", fund.value()).member("as_of", stored.as_of.to_string());
  out.member("bank", stored.result.bank).member("books", stored.result.books);
  out.member("difference", stored.result.difference()).member("agrees", stored.agrees());
  out.key("agreed_through");
  if (stored.agreed_through)
    out.string(stored.agreed_through->to_string());
  else
    out.null();
  out.key("statements").begin_array();
  for (const StoredStatement& one : stored.last)
    out.begin_object()
        .member("account", one.account)
        .member("id", one.id)
        .member("to", one.to.to_string())
        .end_object();
  out.end_array().key("gaps").begin_array();
  for (const StatementGap& gap : stored.gaps)
    out.begin_object()
        .member("account", gap.account)
        .member("from", gap.from.to_string())
        .member("to", gap.to.to_string())
        .end_object();
  out.end_array().key("matched").begin_object();
  for (const cash::MatchedBy by : {cash::MatchedBy::kPerson, cash::MatchedBy::kReference,
                                   cash::MatchedBy::kAmountAndDay, cash::MatchedBy::kAmountAndDays})
    out.member(describe(by), static_cast<std::int64_t>(
                                 std::count_if(stored.result.matches.begin(), stored.result.matches.end(),
                                               [&](const cash::Match& one) { return one.by == by; })));
  out.end_object().member("not_settled", stored.result.not_settled).key("open").begin_array();
  for (const std::size_t i : stored.result.open) write_order(out, stored.input.book[i]);
  out.end_array().key("not_recorded").begin_array();
  for (const cash::BookMovement* order : unrecorded_in(stored)) write_order(out, *order);
  out.end_array().key("breaks").begin_array();
  for (const cash::Break& one : stored.result.breaks) {
    out.begin_object().member("type", describe(one.type)).member("since", one.since.to_string());
    out.member("age_days", one.age_days).member("bucket", cash::age_bucket(one.age_days));
    out.member("difference", one.difference).member("what", parts_of(stored, one)).end_object();
  }
  return out.end_array().end_object().take();
}

std::string reconciliation_table(const StoredReconciliation& stored) {
  std::string text =
      "On " + stored.as_of.to_string() + " the bank has " + grouped(stored.result.bank.to_fixed(2)) +
      ", the books " + grouped(stored.result.books.to_fixed(2)) + " settled; " +
      std::to_string(stored.result.matches.size()) + " matched, " +
      std::to_string(stored.result.breaks.size()) + " breaks" +
      (stored.agreed_through ? " since " + stored.agreed_through->to_string() + ", through which all agreed"
                             : "") +
      ".\n";
  if (!stored.gaps.empty())
    text += "MISSING: " + gaps_in_words(stored.gaps) + "; what the bank did there nobody has seen.\n";
  if (!stored.result.open.empty())
    text += "Of it not settled yet and not expected: " + open_in_words(stored) + ".\n";
  for (const cash::BookMovement* order : unrecorded_in(stored))
    text += "At the bank, and not recorded as settled (navkeeper orders settle): " + order->id + " " +
            grouped(order->amount.to_fixed(2)) + ", due " + order->settled.to_string() + ".\n";
  if (stored.result.breaks.empty()) return text;
  using runtime::Align;
  runtime::Table table(
      {{"break"}, {"since"}, {"age, days", Align::kRight}, {"bank less books", Align::kRight}, {"what"}});
  for (const cash::Break& one : stored.result.breaks)
    table.row({std::string(describe(one.type)), one.since.to_string(),
               std::string(cash::age_bucket(one.age_days)), grouped(one.difference.to_fixed(2)),
               parts_of(stored, one)});
  return text + table.to_string();
}

}  // namespace navkeeper::nav
